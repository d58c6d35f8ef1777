using System.Buffers;

namespace Landlock.Sandboxes.Running;

/// <summary>
/// Lines of words with a blank between them. A byte that would end a word or a line, or is "%", is "%" and two hexadecimal digits; every
/// other byte is itself, so that any path can be a word.
/// </summary>
internal sealed class ToldText
{
    private const int MostWords = 64;

    private readonly ArrayBufferWriter<byte> _bytes = new(4096);

    /// <summary>Writes a line.</summary>
    public void Line(params ReadOnlySpan<string> words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            if (i > 0) Put((byte)' ');
            foreach (byte value in PosixText.Encode(words[i]))
            {
                if (value > ' ' && value != '%')
                {
                    Put(value);
                    continue;
                }

                Put((byte)'%');
                Put("0123456789ABCDEF"u8[value >> 4]);
                Put("0123456789ABCDEF"u8[value & 15]);
            }
        }

        Put((byte)'\n');
    }

    /// <summary>What was written.</summary>
    public byte[] Bytes() => _bytes.WrittenSpan.ToArray();

    /// <summary>The lines of what was written; what was not has other words, or none.</summary>
    public static IEnumerable<string[]> Lines(byte[] bytes)
    {
        for (int start = 0; start < bytes.Length;)
        {
            int end = Array.IndexOf(bytes, (byte)'\n', start);
            if (end < 0) end = bytes.Length;
            yield return Words(bytes.AsSpan(start, end - start));
            start = end + 1;
        }
    }

    private static string[] Words(ReadOnlySpan<byte> line)
    {
        List<string> words = [];
        while (true)
        {
            int blank = line.IndexOf((byte)' ');
            if (words.Count == MostWords) return [];
            words.Add(Word(blank < 0 ? line : line[..blank]));
            if (blank < 0) return [.. words];
            line = line[(blank + 1)..];
        }
    }

    private static string Word(ReadOnlySpan<byte> word)
    {
        if (!word.Contains((byte)'%')) return PosixText.Decode(word);
        byte[] plain = new byte[word.Length];
        int length = 0;
        for (int i = 0; i < word.Length; i++)
        {
            if (word[i] == '%' && i + 2 < word.Length && Digit(word[i + 1]) is { } high && Digit(word[i + 2]) is { } low)
            {
                plain[length++] = (byte)((high << 4) | low);
                i += 2;
            }
            else
            {
                plain[length++] = word[i];
            }
        }

        // No word of a path, a command or a name can hold it.
        return PosixText.Decode(plain.AsSpan(0, length)).Replace("\0", "", StringComparison.Ordinal);
    }

    private static int? Digit(byte value) =>
        value is >= (byte)'0' and <= (byte)'9' ? value - '0' : value is >= (byte)'A' and <= (byte)'F' ? value - 'A' + 10 : null;

    private void Put(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }
}
