namespace Landlocked;

/// <summary>The text of --help, made from the tables.</summary>
internal static class Help
{
    private const int Column = 30;
    private const int Width = 125;

    /// <summary>The help, line by line.</summary>
    public static IEnumerable<string> Lines()
    {
        yield return $"Usage: {Output.Program} [OPTION...] [--] COMMAND [ARGUMENT...]";
        foreach (Subcommand subcommand in Subcommand.Shown)
            yield return $"       {Output.Program} {subcommand.Usage}";
        yield return "";
        yield return "Runs a command in a Landlock sandbox: everything that the kernel can deny is denied, but for what the options allow.";
        yield return "Options end at '--' or at the command; what follows belongs to the command.";
        foreach (OptionGroup<RunOptions> group in RunOptions.Table)
        {
            yield return "";
            yield return $"{group.Heading}:";
            foreach (Option<RunOptions> option in group.Options)
                foreach (string line
                    in Entry(string.Join(", ", option.Names) + (option.Choice is { } choice ? $"[={choice}]"
                        : option.Argument is null ? "" : $" {option.Argument}"), option.Help))
                {
                    yield return line;
                }
        }

        yield return "";
        yield return "Subcommands (as a command of that name: landlocked -- NAME):";
        foreach (Subcommand subcommand in Subcommand.Shown)
            foreach (string line in Entry(subcommand.Usage, subcommand.Help)) yield return line;
        yield return "";
        yield return "Exit codes: the command's own; 124 it was stopped by --timeout;";
        yield return "            125 the sandbox could not be set up and nothing was run; 126 the command cannot be executed; "
            + "127 it does not exist.";
    }

    private static IEnumerable<string> Entry(string left, string right)
    {
        bool fits = left.Length + 2 < Column;
        if (!fits) yield return $"  {left}";
        string before = fits ? $"  {left}" : "";
        for (string rest = right; rest.Length > 0; before = "")
        {
            int end = rest.Length <= Width ? rest.Length : rest.LastIndexOf(' ', Width);
            if (end <= 0) end = rest.Length;
            yield return before.PadRight(Column) + rest[..end];
            rest = rest[end..].TrimStart(' ');
        }
    }
}
