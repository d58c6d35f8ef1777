using Landlock.Documents;
using Landlock.Profiles;

namespace Landlocked.Completion;

/// <summary>`landlocked completion SHELL`: what a shell runs when it starts; and what that asks at each Tab.</summary>
internal static class CompletionCommand
{
    /// <summary>The subcommand that the scripts call.</summary>
    public const string Mark = "__complete";

    /// <summary>The shells, each with the file that its user adds a command to.</summary>
    public static (string Option, string Help)[] Shells { get; } =
    [
        ("bash", "~/.bashrc: source <(landlocked completion bash)"),
        ("fish", "config.fish: landlocked completion fish | source"),
        ("powershell", "$PROFILE: landlocked completion powershell | Out-String | Invoke-Expression (the module does that by itself)"),
        ("zsh", "~/.zshrc: source <(landlocked completion zsh), after compinit"),
    ];

    private static string Names { get; } = $"{string.Join(", ", Shells[..^1].Select(shell => shell.Option))} or {Shells[^1].Option}";

    /// <summary>Writes the script of a shell.</summary>
    public static int Script(string[] arguments) => arguments switch
    {
        ["--help" or "-h"] => Output.Print(Help.Lines("completion")),
        // The module has the body as a file.
        ["powershell"] => Output.Print(
            ["Register-ArgumentCompleter -Native -CommandName landlocked -ScriptBlock {", Read("powershell"), "}"]),
        [var shell] when Shells.Any(known => known.Option == shell) => Output.Print([Read(shell)]),
        [] or [_, _, ..] => throw new UsageException($"completion takes the name of a shell: {Names}"),
        [var other] => throw new UsageException($"completion takes the name of a shell, {Names}, not '{PosixText.Printable(other)}'"
            + Suggestion.Question(other, Shells.Select(shell => shell.Option))),
    };

    /// <summary>
    /// Answers a script: a line that says what the shell completes by itself, and for each word a line with it, a tab, and what it does.
    /// </summary>
    public static int Answer(string[] words)
    {
        CompletionAnswer answer = CompletionEngine.Answer(words, Profiles);
        return Output.Print([answer.Kind, .. answer.Words.Where(entry => CompletionEngine.IsPlain(entry.Word))
            .Select(entry => $"{entry.Word}\t{PosixText.Printable(entry.Help)}")]);
    }

    private static string Read(string shell)
    {
        using StreamReader reader = new(typeof(CompletionCommand).Assembly.GetManifestResourceStream(shell)!);
        return reader.ReadToEnd().TrimEnd('\n');
    }

    private static IEnumerable<(string Word, string Help)> Profiles()
    {
        try
        {
            return [.. ProfileOptions.Store().Profiles.DistinctBy(profile => profile.Name)
                .Select(profile => (profile.Name, ProfileText.Summary(profile)))];
        }
        catch (Exception exception) when (exception is PolicyException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
