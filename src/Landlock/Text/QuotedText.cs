using System.Globalization;
using System.Text;

namespace Landlock.Text;

/// <summary>Text in quotes, as messages and documents show it: escaped where it would not be seen for what it is.</summary>
internal static class QuotedText
{
    private const int LongestShown = 60;

    /// <summary>The text in quotes on one printable line, cut when it is long.</summary>
    public static string Of(string text)
    {
        char quote = text.Contains('\'') ? '"' : '\'';
        return $"{quote}{Visible(text, LongestShown)}{quote}";
    }

    /// <summary>The text on one printable line, cut when it is longer than so many characters.</summary>
    public static string Visible(string text, int longest)
    {
        StringBuilder shown = new();
        int count = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (count++ == longest)
            {
                shown.Append('…');
                break;
            }

            AppendVisible(shown, rune);
        }

        return shown.ToString();
    }

    /// <summary>Appends the text as a basic string of TOML.</summary>
    public static void AppendString(StringBuilder output, string text)
    {
        output.Append('"');
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\') output.Append('\\');
            AppendVisible(output, rune);
        }

        output.Append('"');
    }

    private static void AppendVisible(StringBuilder output, Rune rune)
    {
        string? escape = rune.Value switch
        {
            '\b' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\f' => "\\f",
            '\r' => "\\r",
            _ => null,
        };
        if (escape is not null) output.Append(escape);
        else if (Glyph.IsSeen(rune)) output.Append(rune);
        else if (rune.IsBmp) output.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
        else output.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
    }
}
