using System.Buffers;
using System.Text;

namespace Landlock.Text;

/// <summary>
/// Paths that are not UTF-8, as text that documents can hold: <c>%XX</c> stands for the byte with that hexadecimal number, as in URIs;
/// everything else stands for itself.
/// </summary>
internal static class PercentText
{
    /// <summary>Whether a path has bytes that are not UTF-8, which only this form can hold.</summary>
    public static bool IsNeeded(string path)
    {
        for (int i = 0; i < path.Length; i++)
        {
            if (!char.IsSurrogate(path[i])) continue;
            if (!Rune.TryGetRuneAt(path, i, out _)) return true;
            i++;
        }

        return false;
    }

    /// <summary>Writes a path (see <see cref="PosixText"/>) with escapes.</summary>
    public static string Encode(string path)
    {
        StringBuilder text = new(path.Length + 8);
        for (int i = 0; i < path.Length; i++)
        {
            bool scalar = Rune.TryGetRuneAt(path, i, out Rune rune);
            if (!scalar) text.Append($"%{path[i] - 0xDC00:X2}");
            else if (rune.Value == '%') text.Append("%25");
            else text.Append(rune);
            if (scalar) i += rune.Utf16SequenceLength - 1;
        }

        return text.ToString();
    }

    /// <summary>Reads a text with escapes; null when a percent sign is not followed by two hexadecimal digits.</summary>
    public static string? Decode(string text)
    {
        if (!text.Contains('%')) return text;
        ArrayBufferWriter<byte> bytes = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                Rune rune = Rune.GetRuneAt(text, i);
                bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
                i += rune.Utf16SequenceLength - 1;
                continue;
            }

            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])) return null;
            bytes.GetSpan(1)[0] = Convert.FromHexString(text.AsSpan(i + 1, 2))[0];
            bytes.Advance(1);
            i += 2;
        }

        return PosixText.Decode(bytes.WrittenSpan);
    }
}
