using System.Globalization;
using System.Text;

namespace Landlock.Text;

/// <summary>
/// Writes names as text of a POSIX shell, which reads it back as exactly that name and nothing else, and which can be printed: no character
/// of it acts on a terminal.
/// </summary>
internal static class ShellText
{
    // Where a command begins, these would be something else.
    private static readonly string[] Reserved =
    [
        "if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until", "for", "in", "select", "function",
        "time", "coproc",
    ];

    /// <summary>
    /// A name as one word: as it is, as 'it'\''s', or as $'new\012line' where a character would not be seen for what it is (bash, zsh, ksh,
    /// busybox; POSIX since 2024).
    /// </summary>
    public static string Word(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (IsPlain(text)) return text;
        if (Glyph.AreSeen(text)) return $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
        StringBuilder quoted = new("$'");
        Span<byte> bytes = stackalloc byte[4];
        for (int i = 0; i < text.Length; i++)
        {
            bool isScalar = Glyph.TryGet(text, i, out Rune rune);
            // Half a pair that stands for no byte is in no name; what it is shown as does not exist either.
            if (!isScalar) Escape(quoted, [text[i] is >= '\uDC80' and <= '\uDCFF' ? (byte)(text[i] - 0xDC00) : (byte)0xFF]);
            else if (!Glyph.IsSeen(rune)) Escape(quoted, bytes[..rune.EncodeToUtf8(bytes)]);
            else quoted.Append(text[i] is '\\' or '\'' ? "\\" : "").Append(rune);
            if (isScalar) i += rune.Utf16SequenceLength - 1;
        }

        return quoted.Append('\'').ToString();
    }

    // Bytes, always by three octal digits: characters by number depend on the locale, and how many hexadecimal digits
    // belong to \x on the shell.
    private static void Escape(StringBuilder quoted, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
            quoted.Append('\\').Append(Convert.ToString(value, 8).PadLeft(3, '0').ToString(CultureInfo.InvariantCulture));
    }

    // "a=b cmd" sets a variable, "%1" names a job, and zsh takes "=cmd" for the path of a command.
    private static bool IsPlain(string text) =>
        text.Length > 0 && text[0] is not ('%' or '=')
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ':' or '=' or '@' or '%' or '+' or ',')
        && !IsAssignment(text) && !Reserved.Contains(text);

    private static bool IsAssignment(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && !char.IsAsciiDigit(text[0]) && text.AsSpan(0, equals).TrimEnd('+').IndexOfAnyExcept(NameCharacters) < 0;
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}
