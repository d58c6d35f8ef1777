using System.Management.Automation;
using System.Text;
using System.Text.RegularExpressions;

namespace LandlockPS.Running;

/// <summary>
/// Text from inside a sandbox, for the terminal: line ends, tabs and colours stay, everything else that a terminal would
/// act on is shown escaped.
/// </summary>
internal static partial class TerminalText
{
    /// <summary>Ends every colour.</summary>
    public const string PlainColours = "\u001b[0m";

    /// <summary>Text of several lines.</summary>
    public static string Lines(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        StringBuilder shown = new(text.Length);
        int next = 0;
        foreach (Match kept in Kept().Matches(text))
        {
            shown.Append(PosixText.Printable(text[next..kept.Index])).Append(kept.Value == "\r\n" ? "\n" : kept.Value);
            next = kept.Index + kept.Length;
        }

        return next == 0 ? PosixText.Printable(text) : shown.Append(PosixText.Printable(text[next..])).ToString();
    }

    /// <summary>Text of one line, without colours.</summary>
    public static string Line(string? text) => PosixText.Printable(text ?? "");

    /// <summary>Whether a shown text has colours.</summary>
    public static bool IsColoured(string shown) => shown.Contains('\u001b', StringComparison.Ordinal);

    /// <summary>A record of progress.</summary>
    public static ProgressRecord Progress(ProgressRecord record) =>
        new(record.ActivityId, Something(record.Activity), Something(record.StatusDescription))
        {
            CurrentOperation = Line(record.CurrentOperation),
            ParentActivityId = record.ParentActivityId,
            PercentComplete = record.PercentComplete,
            SecondsRemaining = record.SecondsRemaining,
            RecordType = record.RecordType,
        };

    // The engine takes no empty one.
    private static string Something(string? text) => Line(text) is { Length: > 0 } shown ? shown : " ";

    // Colours and weights; not 5, 6 and 8, which blink and hide.
    [GeneratedRegex(@"\r?\n|\t|\x1b\[(?:(?:0|1|2|3|4|7|9|2[1-9]|3[0-79]|4[0-79]|9[0-7]|10[0-7]|[34]8;5;[0-9]{1,3}|[34]8;2;[0-9]{1,"
        + @"3};[0-9]{1,3};[0-9]{1,3})(?:;|(?=m)))*m")]
    private static partial Regex Kept();
}
