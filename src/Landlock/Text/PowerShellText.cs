using System.Globalization;
using System.Text;

namespace Landlock.Text;

/// <summary>
/// Writes names as text of PowerShell, which its parser reads back as exactly that name and nothing else, and which can be printed: no
/// character of it acts on a terminal.
/// </summary>
internal static class PowerShellText
{
    private static readonly string[] Beginnings = ["/", "./", "../"];

    /// <summary>A name as an argument of a command: bare where it can only be read as itself, otherwise as <see cref="Literal"/>.</summary>
    public static string Argument(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsPlain(text) ? text : Literal(text);
    }

    /// <summary>A name as a string in quotes: 'it''s', or "new`u{a}line" where a character would not be seen for what it is.</summary>
    public static string Literal(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder quoted = new(text.Length + 8);
        if (Glyph.AreSeen(text))
        {
            quoted.Append('\'');
            foreach (char c in text) quoted.Append(c, IsSingleQuote(c) ? 2 : 1);
            return quoted.Append('\'').ToString();
        }

        quoted.Append('"');
        for (int i = 0; i < text.Length; i++)
        {
            bool isScalar = Glyph.TryGet(text, i, out Rune rune);
            if (!isScalar || !Glyph.IsSeen(rune))
                quoted.Append(CultureInfo.InvariantCulture, $"`u{{{(isScalar ? rune.Value : text[i]):x}}}");
            else quoted.Append(IsSpecial(text[i]) ? "`" : "").Append(rune);
            if (isScalar) i += rune.Utf16SequenceLength - 1;
        }

        return quoted.Append('"').ToString();
    }

    // What begins with a digit or a dot may be a number, and with a dash, of which there are several, a parameter.
    private static bool IsPlain(string text) =>
        text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] == '_'
            || Array.Exists(Beginnings, beginning => text.StartsWith(beginning, StringComparison.Ordinal)))
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '+' or ':' or '=' or '%');

    // To PowerShell typographic quotes are quotes, and each of a kind ends what another one began.
    private static bool IsSingleQuote(char c) => c is '\'' or (>= '\u2018' and <= '\u201B');

    private static bool IsSpecial(char c) => c is '`' or '$' or '"' or (>= '\u201C' and <= '\u201E');
}
