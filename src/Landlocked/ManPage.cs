using static Landlock.Text.RoffText;

namespace Landlocked;

/// <summary>The manual page, made from the tables that --help is made from (man(7), groff_man_style(7)).</summary>
internal static class ManPage
{
    // The most bytes of a line, as mandoc has it.
    private const int Width = 80;

    /// <summary>The page, line by line.</summary>
    /// <param name="version">Which version it is of.</param>
    public static IEnumerable<string> Lines(string version) =>
    [
        $".TH {Output.Program.ToUpperInvariant()} 1 \"\" \"LandlockPS {Escape(version)}\" \"User Commands\"",
        ".SH NAME", $@"{Output.Program} \- run a command in a Landlock sandbox",
        ".SH SYNOPSIS", ".SY " + Output.Program, @"[\fIOPTION\fR...] [\-\-] \fICOMMAND\fR [\fIARGUMENT\fR...]", ".YS",
        .. Subcommand.Shown.SelectMany(subcommand => (string[])[".SY " + Output.Program, .. Filled(subcommand.Usage), ".YS"]),
        ".SH DESCRIPTION", .. Filled(Help.Purpose),
        ".SH OPTIONS",
        .. RunOptions.Table.SelectMany(group => (string[])[.. Heading(group.Heading), .. group.Options.SelectMany(option =>
            Entry($"{string.Join(", ", option.Names)}{Help.Argument(option)}", option.Help))]),
        ".SH SUBCOMMANDS", Escape($"As a command of that name: {Output.Program} -- NAME."),
        .. Subcommand.Shown.SelectMany(subcommand => (string[])[".SS " + Escape(subcommand.Name), .. Filled(Help.Sentence(subcommand.Help)),
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
        ? [".SS " + Escape(heading[..open]), .. Filled(Help.Sentence(heading[(open + 2)..^1]))] : [".SS " + Escape(heading)];

    private static IEnumerable<string> Entry(string tag, string text) => [".TP", @"\fB" + Escape(tag) + @"\fR", .. Filled(text)];

    // The end of a line is a blank to the reader.
    private static IEnumerable<string> Filled(string text) =>
        WrappedText.Lines(Escape(text), Width - 2).Select(line => line.StartsWith('.') ? @"\&" + line : line);
}
