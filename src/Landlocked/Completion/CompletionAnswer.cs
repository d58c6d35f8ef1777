namespace Landlocked.Completion;

/// <summary>What can stand where the cursor is.</summary>
/// <param name="Kind">What the shell completes by itself, and how it goes on.</param>
/// <param name="Words">The words that begin like the one at the cursor, as a whole.</param>
internal sealed record CompletionAnswer(string Kind, IEnumerable<string> Words)
{
    /// <summary>Files.</summary>
    public static CompletionAnswer Files { get; } = new("files", []);

    /// <summary>Directories.</summary>
    public static CompletionAnswer Directories { get; } = new("directories", []);

    /// <summary>Nothing that is known: a number, a name that is new.</summary>
    public static CompletionAnswer Nothing { get; } = new("nothing", []);

    /// <summary>Words behind which a blank follows.</summary>
    public static CompletionAnswer Of(IEnumerable<string> words) => new("words", words);

    /// <summary>Words that may go on.</summary>
    public static CompletionAnswer Open(IEnumerable<string> words) => new("open", words);

    /// <summary>The command that is run, at a word, or words in its place.</summary>
    public static CompletionAnswer Command(int word, IEnumerable<string> words) => new($"command {word}", words);
}
