namespace Landlocked.Completion;

/// <summary>What can stand where the cursor is.</summary>
/// <param name="Kind">What the shell completes by itself, and how it goes on.</param>
/// <param name="Words">The words that begin like the one at the cursor, as a whole, and what they do.</param>
internal sealed record CompletionAnswer(string Kind, IEnumerable<(string Word, string Help)> Words)
{
    /// <summary>Nothing that is known: a name that is new.</summary>
    public static CompletionAnswer Nothing { get; } = new("nothing", []);

    /// <summary>Files, behind so many characters of the word at the cursor.</summary>
    public static CompletionAnswer Files(int behind = 0) => new($"files {behind}", []);

    /// <summary>Directories, likewise.</summary>
    public static CompletionAnswer Directories(int behind) => new($"directories {behind}", []);

    /// <summary>Words behind which a blank follows.</summary>
    public static CompletionAnswer Of(IEnumerable<(string Word, string Help)> words) => new("words", words);

    /// <summary>Words that may go on.</summary>
    public static CompletionAnswer Open(IEnumerable<(string Word, string Help)> words) => new("open", words);

    /// <summary>A few words of very many, for a shell that would offer files otherwise.</summary>
    public static CompletionAnswer Examples(IEnumerable<(string Word, string Help)> words) => new("examples", words);

    /// <summary>The command that is run, at a word, or words in its place.</summary>
    public static CompletionAnswer Command(int word, IEnumerable<(string Word, string Help)> words) => new($"command {word}", words);
}
