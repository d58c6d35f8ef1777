using System.Buffers;
using System.Globalization;
using System.Text;
using Landlock.Documents.Toml;

namespace Landlock.Documents.Reading;

/// <summary>Reads JSON (RFC 8259), all of it and nothing else, in linear time, with the place of every value.</summary>
/// <remarks>
/// Keys must be distinct and text must be valid Unicode, escapes included. A byte order mark is skipped. Errors are the TOML reader's, so
/// that both syntaxes explain themselves alike; System.Text.Json knows bytes, not columns, and a trimmed program has none of its sentences.
/// </remarks>
internal static class JsonSource
{
    private static readonly SearchValues<byte> StringStops = SearchValues.Create([.. "\"\\"u8, .. Enumerable.Range(0, 0x20).Select(value => (byte)value)]);

    /// <exception cref="TomlException">The text is not JSON, or nested deeper than <see cref="TomlNode.MaxDepth"/>.</exception>
    public static SourceTree Read(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = TomlEncoding.WithoutMark(utf8);
        TomlEncoding.Require(text, "JSON");
        SourceTree tree = new(text);
        TomlCursor cursor = new(tree);
        SkipSpace(ref cursor);
        ReadValue(ref cursor, tree, SourceTree.Root, default, 0);
        SkipSpace(ref cursor);
        return cursor.Peek() == TomlCursor.End ? tree : throw cursor.Expected("the end of the text");
    }

    private static void ReadValue(ref TomlCursor cursor, SourceTree tree, int parent, SourceText key, int depth)
    {
        int start = cursor.Offset;
        switch (cursor.Peek())
        {
            case '{':
                ReadObject(ref cursor, tree, tree.Add(parent, new SourceRecord { Kind = SourceKind.Table, Key = key, At = start }), depth + 1);
                return;
            case '[':
                ReadArray(ref cursor, tree, tree.Add(parent, new SourceRecord { Kind = SourceKind.Array, Key = key, At = start }), depth + 1);
                return;
            case '"':
                SourceText text = ReadString(ref cursor, tree);
                tree.Add(parent, new SourceRecord { Kind = SourceKind.String, Key = key, At = start, Start = text.Start, Length = text.Length });
                return;
            case '-' or (>= '0' and <= '9'):
                ReadNumber(ref cursor, tree, parent, key);
                return;
        }

        SourceKind kind = TryTake(ref cursor, "true"u8) || TryTake(ref cursor, "false"u8) ? SourceKind.Boolean
            : TryTake(ref cursor, "null"u8) ? SourceKind.Null
            : throw cursor.Expected("a value");
        tree.Add(parent, new SourceRecord { Kind = kind, Key = key, At = start, Start = start, Length = cursor.Offset - start });
    }

    private static void ReadObject(ref TomlCursor cursor, SourceTree tree, int table, int depth)
    {
        int start = cursor.Offset;
        RequireDepth(depth, cursor, start);
        cursor.Offset++;
        SkipSpace(ref cursor);
        if (cursor.TryTake((byte)'}')) return;
        while (true)
        {
            if (cursor.Peek() != '"') throw Open(ref cursor, start, "object", "'}'", "a key in double quotes");
            SourceText key = ReadString(ref cursor, tree);
            SkipSpace(ref cursor);
            if (!cursor.TryTake((byte)':')) throw cursor.Expected("':' after a key");
            if (tree.Find(table, tree.Slice(key)) is var first and not 0)
            {
                TomlPosition known = cursor.PositionOf(tree[first].Key.At);
                throw new TomlException(cursor.PositionOf(key.At), $"the key {TomlText.Quoted(tree.Decode(key))} is already defined at line {known.Line}, column {known.Column}");
            }

            SkipSpace(ref cursor);
            ReadValue(ref cursor, tree, table, key, depth);
            SkipSpace(ref cursor);
            if (cursor.TryTake((byte)'}')) return;
            if (!cursor.TryTake((byte)',')) throw Open(ref cursor, start, "object", "'}'", "',' or '}' after a value of an object");
            SkipSpace(ref cursor);
        }
    }

    private static void ReadArray(ref TomlCursor cursor, SourceTree tree, int array, int depth)
    {
        int start = cursor.Offset;
        RequireDepth(depth, cursor, start);
        cursor.Offset++;
        SkipSpace(ref cursor);
        bool more = !cursor.TryTake((byte)']');
        while (more)
        {
            ReadValue(ref cursor, tree, array, default, depth);
            SkipSpace(ref cursor);
            more = !cursor.TryTake((byte)']');
            if (more && !cursor.TryTake((byte)',')) throw Open(ref cursor, start, "array", "']'", "',' or ']' after a value of an array");
            if (more) SkipSpace(ref cursor);
        }

        tree[array].End = cursor.Offset;
    }

    private static void ReadNumber(ref TomlCursor cursor, SourceTree tree, int parent, SourceText key)
    {
        int begin = cursor.Offset;
        bool negative = cursor.TryTake((byte)'-');
        if (cursor.TryTake((byte)'0'))
        {
            if (TomlBytes.IsDigit(cursor.Peek())) throw new TomlException(cursor.PositionOf(begin), "a number cannot begin with a zero");
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

        ReadOnlySpan<byte> digits = cursor.Text[begin..cursor.Offset];
        SourceRecord number = new() { Kind = SourceKind.Float, Key = key, At = begin, Start = begin, Length = digits.Length };
        // As upstream's parser has it, -0 is no integer.
        if (whole && !digits.SequenceEqual("-0"u8))
        {
            bool fits = digits.Length < 39;
            number.Kind = SourceKind.Integer;
            number.Start = tree.Keep(fits ? Int128.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : negative ? Int128.MinValue : Int128.MaxValue);
        }

        tree.Add(parent, number);
    }

    private static void TakeDigits(ref TomlCursor cursor)
    {
        if (!TomlBytes.IsDigit(cursor.Peek())) throw cursor.Expected("a digit");
        while (TomlBytes.IsDigit(cursor.Peek())) cursor.Offset++;
    }

    private static SourceText ReadString(ref TomlCursor cursor, SourceTree tree)
    {
        int start = cursor.Offset++;
        int pending = cursor.Offset;
        ArrayBufferWriter<byte>? decoded = null;
        while (true)
        {
            int length = cursor.Rest.IndexOfAny(StringStops);
            cursor.Offset = length < 0 ? cursor.Text.Length : cursor.Offset + length;
            ReadOnlySpan<byte> plain = cursor.Text[pending..cursor.Offset];
            switch (cursor.Peek())
            {
                case '"':
                    cursor.Offset++;
                    if (decoded is null) return new SourceText(start, pending, plain.Length);
                    decoded.Write(plain);
                    return new SourceText(start, tree.Keep(decoded.WrittenSpan), decoded.WrittenCount);
                case '\\':
                    decoded ??= new ArrayBufferWriter<byte>();
                    decoded.Write(plain);
                    Rune scalar = ReadEscape(ref cursor);
                    decoded.Advance(scalar.EncodeToUtf8(decoded.GetSpan(4)));
                    pending = cursor.Offset;
                    break;
                case TomlCursor.End or '\n' or '\r':
                    throw new TomlException(cursor.PositionOf(start), "the string that begins here is not closed on its line: expected '\"'");
                default:
                    throw new TomlException(cursor.Position, $"a string cannot hold {cursor.FoundControl()}; write it as an escape");
            }
        }
    }

    private static Rune ReadEscape(ref TomlCursor cursor)
    {
        int start = cursor.Offset;
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
            _ => throw new TomlException(cursor.Position, "this is no escape; JSON has \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX"),
        };
        cursor.Offset += 2;
        if (kind != 'u') return new Rune(plain);

        char first = ReadHex(ref cursor, start);
        if (!char.IsSurrogate(first)) return new Rune(first);
        bool pair = char.IsHighSurrogate(first) && cursor.TryTake((byte)'\\') && cursor.TryTake((byte)'u');
        char second = pair ? ReadHex(ref cursor, start) : '\0';
        if (!char.IsSurrogatePair(first, second))
            throw new TomlException(cursor.PositionOf(start), $"\\u{(int)first:x4} is half of a surrogate pair without the other half, which is no text");
        return new Rune(first, second);
    }

    private static char ReadHex(ref TomlCursor cursor, int start)
    {
        int value = 0;
        for (int i = 0; i < 4; i++, cursor.Offset++)
        {
            int digit = cursor.Peek();
            if (digit < 0 || !char.IsAsciiHexDigit((char)digit)) throw new TomlException(cursor.PositionOf(start), "\\u needs four hexadecimal digits");
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

    private static void RequireDepth(int depth, in TomlCursor cursor, int start)
    {
        // The document itself does not count, as in TOML.
        if (depth > TomlNode.MaxDepth + 1) throw new TomlException(cursor.PositionOf(start), $"objects and arrays are nested more than {TomlNode.MaxDepth} levels deep");
    }

    private static TomlException Open(ref TomlCursor cursor, int start, string what, string close, string expected) =>
        cursor.Peek() == TomlCursor.End
            ? new TomlException(cursor.PositionOf(start), $"the {what} that begins here is not closed: expected {close} before the end of the text")
            : cursor.Expected(expected);
}
