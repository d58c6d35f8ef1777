using System.Buffers;
using System.Text;

namespace Landlock.Kernel;

/// <summary>
/// Converts between the byte strings of the kernel (paths, arguments, environment) and .NET strings without losing a byte.
/// </summary>
/// <remarks>
/// Valid UTF-8 becomes ordinary text. A byte that is not part of valid UTF-8 becomes the lone surrogate U+DC00 + byte
/// (Python's "surrogateescape", PEP 383), which no valid text contains, so every byte string survives a round trip.
/// </remarks>
public static class PosixText
{
    /// <summary>Decodes the bytes of a path, argument or environment entry.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        StringBuilder? text = null;
        int valid = 0;
        for (int i = 0; i < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[i..], out _, out int length) == OperationStatus.Done)
            {
                i += length;
                continue;
            }

            text ??= new StringBuilder(bytes.Length);
            text.Append(Encoding.UTF8.GetString(bytes[valid..i]));
            text.Append((char)(0xDC00 + bytes[i]));
            valid = ++i;
        }

        if (text is null) return Encoding.UTF8.GetString(bytes);
        return text.Append(Encoding.UTF8.GetString(bytes[valid..])).ToString();
    }

    /// <summary>The same as <see cref="Encode"/>, with a terminating NUL.</summary>
    internal static byte[] Terminated(string text)
    {
        byte[] bytes = Encode(text);
        Array.Resize(ref bytes, bytes.Length + 1);
        return bytes;
    }

    /// <summary>Encodes text to the bytes that the kernel sees, without a terminating NUL.</summary>
    /// <exception cref="ArgumentException">The text contains NUL, or a surrogate that stands for no byte.</exception>
    public static byte[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Contains('\0')) throw new ArgumentException($"The text '{text.Replace("\0", "\\0", StringComparison.Ordinal)}' contains a NUL character, which no path, argument or environment entry can hold.", nameof(text));
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return Encoding.UTF8.GetBytes(text);

        ArrayBufferWriter<byte> bytes = new(text.Length * 3);
        for (int i = 0; i < text.Length; i++)
        {
            if (Rune.TryGetRuneAt(text, i, out Rune rune))
            {
                bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
                i += rune.Utf16SequenceLength - 1;
            }
            else if (text[i] is >= '\uDC80' and <= '\uDCFF')
            {
                bytes.GetSpan(1)[0] = (byte)(text[i] - 0xDC00);
                bytes.Advance(1);
            }
            else
            {
                throw new ArgumentException($"The text has a lone surrogate U+{(int)text[i]:X4} at index {i}, which stands for no byte.", nameof(text));
            }
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Text that is safe to print on one line: control characters, newlines, what turns the direction of text, and undecodable bytes are shown escaped.</summary>
    public static string Printable(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder? shown = null;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool escape = char.IsControl(c) || c is '\u2028' or '\u2029' || TurnsDirection(c) || (c is >= '\uDC80' and <= '\uDCFF' && (i == 0 || !char.IsHighSurrogate(text[i - 1])));
            if (escape) shown ??= new StringBuilder(text, 0, i, text.Length + 8);
            if (!escape) shown?.Append(c);
            else if (c == '\n') shown!.Append("\\n");
            else if (c is >= '\uDC80' and <= '\uDCFF') shown!.Append($"\\x{c - 0xDC00:x2}");
            else shown!.Append(c < 0x100 ? $"\\x{(int)c:x2}" : $"\\u{(int)c:x4}");
        }

        return shown?.ToString() ?? text;
    }

    // Bidi_Control of Unicode: with these a name can be shown as another one, in a report or in the option that would allow it.
    private static bool TurnsDirection(char c) => c is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
