using System.Text;

namespace Landlock.Documents.Toml;

/// <summary>Text as documents and messages show it: escaped where it would not be seen for what it is.</summary>
internal static class TomlText
{
    private const int LongestShown = 60;

    public static void RequireScalars(string text, string parameter)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        ReadOnlySpan<char> rest = text;
        while (rest.IndexOfAnyInRange('\uD800', '\uDFFF') is var i and >= 0)
        {
            if (!Rune.TryGetRuneAt(text, text.Length - rest.Length + i, out _))
                throw new ArgumentException($"The text {Quoted(text)} has a lone surrogate U+{(int)rest[i]:X4}, which TOML cannot hold.", parameter);
            rest = rest[(i + 2)..];
        }
    }

    /// <summary>The text in quotes on one printable line, cut when it is long.</summary>
    public static string Quoted(string text)
    {
        StringBuilder shown = new();
        int count = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (count++ == LongestShown)
            {
                shown.Append('…');
                break;
            }

            AppendVisible(shown, rune);
        }

        char quote = text.Contains('\'') ? '"' : '\'';
        return $"{quote}{shown}{quote}";
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
        else output.Append(rune.IsBmp ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}");
    }
}
