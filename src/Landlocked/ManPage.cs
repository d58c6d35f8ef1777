namespace Landlocked;

/// <summary>The manual page, made from the tables that --help is made from (man(7), groff_man_style(7)).</summary>
internal static class ManPage
{
    /// <summary>The page, line by line.</summary>
    /// <param name="version">Which version it is of.</param>
    public static IEnumerable<string> Lines(string version) =>
    [
        $".TH {Output.Program.ToUpperInvariant()} 1 \"\" \"LandlockPS {Text(version)}\" \"User Commands\"",
        ".SH NAME", $@"{Output.Program} \- run a command in a Landlock sandbox",
        ".SH SYNOPSIS", ".SY " + Output.Program, @"[\fIOPTION\fR...] [\-\-] \fICOMMAND\fR [\fIARGUMENT\fR...]", ".YS",
        .. Subcommand.Shown.SelectMany(subcommand => (string[])[".SY " + Output.Program, Text(subcommand.Usage), ".YS"]),
        ".SH DESCRIPTION", Text(Help.Purpose),
        ".SH OPTIONS",
        .. RunOptions.Table.SelectMany(group => (string[])[.. Heading(group.Heading), .. group.Options.SelectMany(option =>
            Entry($"{string.Join(", ", option.Names)}{Help.Argument(option)}", option.Help))]),
        ".SH SUBCOMMANDS", Text($"As a command of that name: {Output.Program} -- NAME."),
        .. Subcommand.Shown.SelectMany(subcommand => (string[])[".SS " + Text(subcommand.Name), Text(Help.Sentence(subcommand.Help)),
            .. subcommand.Options.SelectMany(option => Entry(option.Option, option.Help))]),
        ".SH EXIT STATUS",
        .. Help.Statuses.SelectMany(code => Entry(code.Code, code.Meaning)),
        ".SH ENVIRONMENT", "Set for the command:",
        .. Entry("LANDLOCKPS_SANDBOX", "the names of the sandboxes that it is in, as in work>web"),
        .. Entry("LANDLOCKPS_SANDBOX_FILE", "a file that says what the sandbox was started with"),
        ".SH EXAMPLES",
        .. Help.Examples.SelectMany(example => Entry($"{Output.Program} {example.Command}", example.Meaning)),
        ".SH SEE ALSO", ".BR landlock (7),", ".BR setpriv (1),", ".BR strace (1)",
    ];

    // What a heading explains stands beneath it.
    private static string[] Heading(string heading) => heading.IndexOf(" (", StringComparison.Ordinal) is > 0 and var open
        ? [".SS " + Text(heading[..open]), Text(Help.Sentence(heading[(open + 2)..^1]))] : [".SS " + Text(heading)];

    private static IEnumerable<string> Entry(string tag, string text) => [".TP", @"\fB" + Text(tag) + @"\fR", Text(text)];

    // A backslash begins an escape, a dash is one that can be copied, and a point or a quote at the beginning would make a request.
    private static string Text(string text)
    {
        string escaped = text.Replace(@"\", @"\e", StringComparison.Ordinal).Replace("-", @"\-", StringComparison.Ordinal)
            .Replace("'", @"\(aq", StringComparison.Ordinal).Replace("~", @"\(ti", StringComparison.Ordinal)
            .Replace("^", @"\(ha", StringComparison.Ordinal).Replace("`", @"\(ga", StringComparison.Ordinal);
        return escaped is ['.', ..] ? @"\&" + escaped : escaped;
    }
}
