using System.Text;

namespace Landlock.Text;

/// <summary>Text in a manual page (groff_char(7), "Portability" in groff_man_style(7)).</summary>
internal static class RoffText
{
    /// <summary>
    /// Text that is shown as it is: a backslash begins an escape, signs would be typographic ones that cannot be copied, and a point or
    /// a quote at the beginning would make a request.
    /// </summary>
    public static string Escape(string text)
    {
        StringBuilder escaped = new(text.StartsWith('.') ? @"\&" : "");
        foreach (char letter in text)
        {
            _ = letter switch
            {
                '\\' => escaped.Append(@"\e"),
                '-' => escaped.Append(@"\-"),
                '\'' => escaped.Append(@"\(aq"),
                '~' => escaped.Append(@"\(ti"),
                '^' => escaped.Append(@"\(ha"),
                '`' => escaped.Append(@"\(ga"),
                _ => escaped.Append(letter),
            };
        }

        return escaped.ToString();
    }
}
