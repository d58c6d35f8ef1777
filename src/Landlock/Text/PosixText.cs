using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Landlock.Text;

/// <summary>
/// Converts between the byte strings of the kernel (paths, arguments, environment) and .NET strings without losing a byte.
/// </summary>
/// <remarks>
/// Valid UTF-8 becomes ordinary text. A byte that is not part of valid UTF-8 becomes the lone surrogate U+DC00 + byte
/// (Python's "surrogateescape", PEP 383), which no valid text contains, so every byte string survives a round trip.
/// </remarks>
internal static class PosixText
{
    /// <summary>Decodes the bytes of a path, argument or environment entry.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes)) return Encoding.UTF8.GetString(bytes);
        StringBuilder text = new(bytes.Length);
        int valid = 0;
        for (int i = 0; i < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[i..], out _, out int length) == OperationStatus.Done)
            {
                i += length;
                continue;
            }

            text.Append(Encoding.UTF8.GetString(bytes[valid..i]));
            text.Append((char)(0xDC00 + bytes[i]));
            valid = ++i;
        }

        return text.Append(Encoding.UTF8.GetString(bytes[valid..])).ToString();
    }

    /// <summary>The same as <see cref="Encode(string)"/>, with a terminating NUL.</summary>
    internal static byte[] Terminated(string text) => Encode(text, more: 1);

    /// <summary>Encodes text to the bytes that the kernel sees, without a terminating NUL.</summary>
    /// <exception cref="ArgumentException">The text contains NUL, or a surrogate that stands for no byte.</exception>
    public static byte[] Encode(string text) => Encode(text, more: 0);

    private static byte[] Encode(string text, int more)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Contains('\0'))
            throw Unwritable(text, "a NUL character, which no path, argument or environment entry can hold");
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            byte[] plain = new byte[Encoding.UTF8.GetByteCount(text) + more];
            Encoding.UTF8.GetBytes(text, plain);
            return plain;
        }

        ArrayBufferWriter<byte> bytes = new((text.Length * 3) + more);
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
                throw Unwritable(text, $"half of a surrogate pair (U+{(int)text[i]:X4}), which stands for no byte");
            }
        }

        bytes.GetSpan(1)[0] = 0;
        bytes.Advance(more);
        return bytes.WrittenSpan.ToArray();
    }

    // Whoever reads it gave an argument or a path, and knows nothing of a parameter "text".
#pragma warning disable CA2208, MA0015
    private static ArgumentException Unwritable(string text, string what) => new($"'{Printable(text)}' holds {what}.");
#pragma warning restore CA2208, MA0015

    /// <summary>Paths for a sentence: some of them in quotes, and how many there are more.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="most">How many are named.</param>
    public static string Some(IReadOnlyCollection<string> paths, int most)
    {
        ArgumentNullException.ThrowIfNull(paths);
        string named = string.Join(", ", paths.Take(most).Select(path => $"'{Printable(path)}'"));
        return paths.Count > most ? $"{named} and {paths.Count - most} more" : named;
    }

    /// <summary>The directory that holds an absolute path, as a text; that of the root is the root.</summary>
    public static string Parent(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";
    }

    /// <summary>A path that begins with a word for the home directory, with that directory instead; any other path as it is.</summary>
    /// <param name="path">The path.</param>
    /// <param name="home">The home directory.</param>
    /// <param name="word">The word.</param>
    public static string AtHome(string path, string home, string word = "~")
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(home);
        ArgumentNullException.ThrowIfNull(word);
        if (path != word && !path.StartsWith(word + "/", StringComparison.Ordinal)) return path;
        return home.TrimEnd('/') + path[word.Length..] is { Length: > 0 } place ? place : "/";
    }

    /// <summary>
    /// Text that is safe to print on one line: whatever is not seen for what it is (control characters, newlines, what has no width or
    /// turns the direction of text, foreign blanks, bytes that are not UTF-8) is shown escaped.
    /// </summary>
    public static string Printable(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Glyph.AreSeen(text)) return text;
        StringBuilder shown = new(text.Length + 8);
        for (int i = 0; i < text.Length; i++)
        {
            bool isScalar = Glyph.TryGet(text, i, out Rune rune);
            if (isScalar && Glyph.IsSeen(rune)) shown.Append(rune);
            else if (text[i] == '\n') shown.Append("\\n");
            else if (isScalar && !rune.IsBmp) shown.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
            else if (text[i] is >= '\uDC80' and <= '\uDCFF') shown.Append(CultureInfo.InvariantCulture, $"\\x{text[i] - 0xDC00:x2}");
            else if (text[i] < 0x100) shown.Append(CultureInfo.InvariantCulture, $"\\x{(int)text[i]:x2}");
            else shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            if (isScalar) i += rune.Utf16SequenceLength - 1;
        }

        return shown.ToString();
    }
}
