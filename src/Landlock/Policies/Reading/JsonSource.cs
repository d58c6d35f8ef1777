using System.Buffers;
using System.Globalization;
using System.Text;
using Landlock.Policies.Toml;

namespace Landlock.Policies.Reading;

/// <summary>Reads JSON (RFC 8259), all of it and nothing else, in linear time, with the place of every value.</summary>
/// <remarks>
/// Keys must be distinct and text must be valid Unicode, escapes included. A byte order mark is skipped. Errors are the TOML reader's, so
/// that both syntaxes explain themselves alike; System.Text.Json knows bytes, not columns, and a trimmed program has none of its sentences.
/// </remarks>
internal static class JsonSource
{
    private static readonly SearchValues<byte> StringStops = SearchValues.Create([.. "\"\\"u8, .. Enumerable.Range(0, 0x20).Select(value => (byte)value)]);

    /// <exception cref="TomlException">The text is not JSON, or nested deeper than <see cref="TomlNode.MaxDepth"/>.</exception>
    public static SourceNode Read(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = TomlEncoding.WithoutMark(utf8);
        TomlEncoding.Require(text, "JSON");
        TomlCursor cursor = new(text);
        SkipSpace(ref cursor);
        SourceNode document = ReadValue(ref cursor, 0);
        SkipSpace(ref cursor);
        return cursor.Peek() == TomlCursor.End ? document : throw cursor.Expected("the end of the text");
    }

    private static SourceNode ReadValue(ref TomlCursor cursor, int depth)
    {
        TomlPosition start = cursor.Position;
        switch (cursor.Peek())
        {
            case '{': return ReadObject(ref cursor, start, depth + 1);
            case '[': return ReadArray(ref cursor, start, depth + 1);
            case '"': return new SourceNode(SourceKind.String, start, ReadString(ref cursor));
            case '-' or (>= '0' and <= '9'): return ReadNumber(ref cursor, start);
        }

        if (TryTake(ref cursor, "true"u8)) return new SourceNode(SourceKind.Boolean, start, true);
        if (TryTake(ref cursor, "false"u8)) return new SourceNode(SourceKind.Boolean, start, false);
        if (TryTake(ref cursor, "null"u8)) return new SourceNode(SourceKind.Null, start);
        throw cursor.Expected("a value");
    }

    private static SourceNode ReadObject(ref TomlCursor cursor, TomlPosition start, int depth)
    {
        RequireDepth(depth, start);
        KeyedList<SourceEntry> entries = new(static entry => entry.Key, 4);
        cursor.Offset++;
        SkipSpace(ref cursor);
        if (cursor.TryTake((byte)'}')) return new SourceNode(SourceKind.Table, start, entries);
        while (true)
        {
            TomlPosition position = cursor.Position;
            if (cursor.Peek() != '"') throw Open(ref cursor, start, "object", "'}'", "a key in double quotes");
            string key = ReadString(ref cursor);
            SkipSpace(ref cursor);
            if (!cursor.TryTake((byte)':')) throw cursor.Expected("':' after a key");
            SkipSpace(ref cursor);
            if (!entries.TryAdd(new SourceEntry(key, position, ReadValue(ref cursor, depth))))
            {
                TomlPosition first = entries.Find(key)!.Position;
                throw new TomlException(position, $"the key {TomlText.Quoted(key)} is already defined at line {first.Line}, column {first.Column}");
            }

            SkipSpace(ref cursor);
            if (cursor.TryTake((byte)'}')) return new SourceNode(SourceKind.Table, start, entries);
            if (!cursor.TryTake((byte)',')) throw Open(ref cursor, start, "object", "'}'", "',' or '}' after a value of an object");
            SkipSpace(ref cursor);
        }
    }

    private static SourceNode ReadArray(ref TomlCursor cursor, TomlPosition start, int depth)
    {
        RequireDepth(depth, start);
        List<SourceNode> items = [];
        cursor.Offset++;
        SkipSpace(ref cursor);
        if (cursor.TryTake((byte)']')) return new SourceNode(SourceKind.Array, start, items);
        while (true)
        {
            items.Add(ReadValue(ref cursor, depth));
            SkipSpace(ref cursor);
            if (cursor.TryTake((byte)']')) return new SourceNode(SourceKind.Array, start, items);
            if (!cursor.TryTake((byte)',')) throw Open(ref cursor, start, "array", "']'", "',' or ']' after a value of an array");
            SkipSpace(ref cursor);
        }
    }

    private static SourceNode ReadNumber(ref TomlCursor cursor, TomlPosition start)
    {
        int begin = cursor.Offset;
        bool negative = cursor.TryTake((byte)'-');
        if (cursor.TryTake((byte)'0'))
        {
            if (TomlBytes.IsDigit(cursor.Peek())) throw new TomlException(start, "a number cannot begin with a zero");
        }
        else
        {
            TakeDigits(ref cursor);
        }

        bool whole = true;
        if (cursor.TryTake((byte)'.'))
        {
            whole = false;
            TakeDigits(ref cursor);
        }

        if (cursor.TryTake((byte)'e') || cursor.TryTake((byte)'E'))
        {
            whole = false;
            if (!cursor.TryTake((byte)'+')) cursor.TryTake((byte)'-');
            TakeDigits(ref cursor);
        }

        if (!whole) return new SourceNode(SourceKind.Float, start);
        ReadOnlySpan<byte> digits = cursor.Text[begin..cursor.Offset];
        // As upstream's parser has it, -0 is no integer.
        if (digits.SequenceEqual("-0"u8)) return new SourceNode(SourceKind.Float, start);
        bool fits = digits.Length < 39;
        Int128 number = fits ? Int128.Parse(Encoding.ASCII.GetString(digits), NumberStyles.AllowLeadingSign) : negative ? Int128.MinValue : Int128.MaxValue;
        return new SourceNode(SourceKind.Integer, start, number);
    }

    private static void TakeDigits(ref TomlCursor cursor)
    {
        if (!TomlBytes.IsDigit(cursor.Peek())) throw cursor.Expected("a digit");
        while (TomlBytes.IsDigit(cursor.Peek())) cursor.Offset++;
    }

    private static string ReadString(ref TomlCursor cursor)
    {
        TomlPosition start = cursor.Position;
        cursor.Offset++;
        StringBuilder? text = null;
        while (true)
        {
            int length = cursor.Rest.IndexOfAny(StringStops);
            string plain = Encoding.UTF8.GetString(length < 0 ? cursor.Rest : cursor.Rest[..length]);
            cursor.Offset += length < 0 ? cursor.Rest.Length : length;
            switch (cursor.Peek())
            {
                case '"':
                    cursor.Offset++;
                    return text is null ? plain : text.Append(plain).ToString();
                case '\\':
                    (text ??= new StringBuilder()).Append(plain);
                    ReadEscape(ref cursor, text);
                    break;
                case TomlCursor.End or '\n' or '\r':
                    throw new TomlException(start, "the string that begins here is not closed on its line: expected '\"'");
                default:
                    throw new TomlException(cursor.Position, $"a string cannot hold {cursor.FoundControl()}; write it as an escape");
            }
        }
    }

    private static void ReadEscape(ref TomlCursor cursor, StringBuilder text)
    {
        TomlPosition start = cursor.Position;
        int kind = cursor.Peek(1);
        char plain = kind switch
        {
            '"' or '\\' or '/' => (char)kind,
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => '\0',
            _ => throw new TomlException(start, "this is no escape; JSON has \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX"),
        };
        cursor.Offset += 2;
        if (kind != 'u')
        {
            text.Append(plain);
            return;
        }

        char first = ReadHex(ref cursor, start);
        if (!char.IsSurrogate(first))
        {
            text.Append(first);
            return;
        }

        bool pair = char.IsHighSurrogate(first) && cursor.TryTake((byte)'\\') && cursor.TryTake((byte)'u');
        char second = pair ? ReadHex(ref cursor, start) : '\0';
        if (!char.IsSurrogatePair(first, second)) throw new TomlException(start, $"\\u{(int)first:x4} is half of a surrogate pair without the other half, which is no text");
        text.Append(first).Append(second);
    }

    private static char ReadHex(ref TomlCursor cursor, TomlPosition start)
    {
        int value = 0;
        for (int i = 0; i < 4; i++, cursor.Offset++)
        {
            int digit = cursor.Peek();
            if (digit < 0 || !char.IsAsciiHexDigit((char)digit)) throw new TomlException(start, "\\u needs four hexadecimal digits");
            value = (value << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return (char)value;
    }

    private static bool TryTake(ref TomlCursor cursor, ReadOnlySpan<byte> word)
    {
        if (!cursor.PeekWord().SequenceEqual(word)) return false;
        cursor.Offset += word.Length;
        return true;
    }

    private static void SkipSpace(ref TomlCursor cursor)
    {
        while (true)
        {
            cursor.SkipBlanks();
            if (cursor.TryTakeNewline()) continue;
            if (cursor.Peek() != '\r') return;
            cursor.Offset++;
        }
    }

    private static void RequireDepth(int depth, TomlPosition position)
    {
        // The document itself does not count, as in TOML.
        if (depth > TomlNode.MaxDepth + 1) throw new TomlException(position, $"objects and arrays are nested more than {TomlNode.MaxDepth} levels deep");
    }

    private static TomlException Open(ref TomlCursor cursor, TomlPosition start, string what, string close, string expected) =>
        cursor.Peek() == TomlCursor.End
            ? new TomlException(start, $"the {what} that begins here is not closed: expected {close} before the end of the text")
            : cursor.Expected(expected);
}
