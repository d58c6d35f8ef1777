namespace Landlocked;

/// <summary>The text of --help, made from the tables, as wide as the terminal.</summary>
internal static class Help
{
    private const int Column = 30, Narrowest = 60, Usual = 80, Widest = 125;

    // What most people need first.
    internal static readonly (string Command, string Meaning)[] Examples =
    [
        ("--read-only /usr -- ls -l /usr", "may read and execute /usr, and nothing else"),
        ("--read-only /usr --read-write . -- make", "may also write to the current directory"),
        ("--explain --read-only /usr -- ./script", "says what was denied, and what would allow it"),
        ("--profile untrusted -- ./script", "a sandbox with a name"),
        ("trace --learn policy.toml -- ./script", "learns a policy, for --policy policy.toml"),
    ];

    internal static readonly (string Code, string Meaning)[] Statuses =
    [
        ("124", "--timeout stopped it"),
        ("125", "the sandbox could not be set up, and nothing was run"),
        ("126", "the command was found and could not be executed"),
        ("127", "the command was not found"),
    ];

    internal const string Purpose = "Runs a command in a Landlock sandbox: everything that the kernel can deny is denied, except what the "
        + "options allow. Options end at '--' or at the command; what follows belongs to the command.";

    /// <summary>The help, line by line.</summary>
    public static IEnumerable<string> Lines()
    {
        yield return $"Usage: {Output.Program} [OPTION...] [--] COMMAND [ARGUMENT...]";
        yield return $"       {Output.Program} help [SUBCOMMAND]";
        yield return "";
        foreach (string line in Wrapped(Purpose, ""))
            yield return line;
        yield return "";
        yield return "Examples:";
        foreach ((string command, string meaning) in Examples)
        {
            yield return $"  {Output.Program} {command}";
            yield return $"      {meaning}";
        }

        foreach (OptionGroup<RunOptions> group in RunOptions.Table)
        {
            yield return "";
            foreach (string line in Wrapped($"{group.Heading}:", "")) yield return line;
            foreach (Option<RunOptions> option in group.Options)
                foreach (string line in Entry(string.Join(", ", option.Names) + Argument(option), option.Help))
                {
                    yield return line;
                }
        }

        yield return "";
        foreach (string line in Wrapped($"Subcommands (as a command of that name: {Output.Program} -- NAME):", "")) yield return line;
        foreach (Subcommand subcommand in Subcommand.Shown)
            foreach (string line in Entry(subcommand.Usage, subcommand.Help)) yield return line;
        yield return "";
        foreach (string line in Wrapped("Exit codes: the command's own; "
            + $"{string.Join("; ", Statuses.Select(code => $"{code.Code} {code.Meaning}"))}.", "            "))
            yield return line;
    }

    /// <summary>The help of a subcommand, or of all that begin with a word.</summary>
    /// <param name="name">Its name, or the first word of several.</param>
    /// <exception cref="UsageException">There is no such subcommand.</exception>
    public static IEnumerable<string> Lines(string name)
    {
        Subcommand[] found = [.. Subcommand.Shown.Where(subcommand => subcommand.Name == name
            || subcommand.Name.StartsWith(name + " ", StringComparison.Ordinal))];
        string[] known = [.. Subcommand.Shown.Select(subcommand => subcommand.Name)];
        return found.Length > 0 ? found.SelectMany(Of)
            : throw new UsageException($"there is no subcommand '{PosixText.Printable(name)}'"
                + Suggestion.Question(name, [.. known, .. Subcommand.FirstWords], otherwise: $"; there are {string.Join(", ", known)}"));

        IEnumerable<string> Of(Subcommand subcommand)
        {
            if (subcommand != found[0]) yield return "";
            foreach (string line in Wrapped($"Usage: {Output.Program} {subcommand.Usage}", "           ")) yield return line;
            yield return "";
            foreach (string line in Wrapped(Sentence(subcommand.Help), "")) yield return line;
            if (subcommand.Options.Length == 0) yield break;
            yield return "";
            foreach ((string option, string help) in subcommand.Options)
                foreach (string line in Entry(option, help)) yield return line;
        }
    }

    /// <summary>What follows the names of an option.</summary>
    public static string Argument<T>(Option<T> option) =>
        option.Choice is { } choice ? $"[={choice}]" : option.Argument is null ? "" : $" {option.Argument}";

    /// <summary>What a subcommand does, as a sentence.</summary>
    public static string Sentence(string help) => $"{char.ToUpperInvariant(help[0])}{help[1..]}.";

    private static int Width() => Math.Clamp(Native.Columns(1) ?? Usual, Narrowest, Widest);

    private static IEnumerable<string> Entry(string left, string right)
    {
        bool fits = left.Length + 2 < Column;
        if (!fits)
            foreach (string line in Wrapped($"  {left}", "        ")) yield return line;
        string before = fits ? $"  {left}" : "";
        foreach (string line in WrappedText.Lines(right, Width() - Column))
        {
            yield return before.PadRight(Column) + line;
            before = "";
        }
    }

    // The first line as it is, the others behind an indent.
    private static IEnumerable<string> Wrapped(string text, string indent) => WrappedText.Lines(text, Width(), indent);
}
