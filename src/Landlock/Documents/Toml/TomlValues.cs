using System.Text;

namespace Landlock.Documents.Toml;

/// <summary>Reads values.</summary>
internal static class TomlValues
{
    /// <summary>Reads the value at the cursor into an array or table.</summary>
    /// <param name="cursor">Where the value begins.</param>
    /// <param name="builder">What is made.</param>
    /// <param name="parent">The array or table.</param>
    /// <param name="key">The key of the value, in a table.</param>
    /// <param name="depth">The level that the value has if it is a table or an array.</param>
    private static void Read(ref TomlCursor cursor, TomlBuilder builder, int parent, SourceText key, int depth)
    {
        int start = cursor.Offset;
        switch (cursor.Peek())
        {
            case '"' or '\'':
                SourceText text = TomlStrings.Read(ref cursor, builder.Tree);
                builder.Tree.Add(parent, new SourceRecord { Kind = SourceKind.String, Key = key, At = start, Start = text.Start, Length = text.Length });
                break;
            case '[' or '{' when depth > TomlNode.MaxDepth:
                throw TomlBuilder.TooDeep(cursor.Position);
            case '[':
                int array = builder.Tree.Add(parent, new SourceRecord { Kind = SourceKind.Array, Key = key, At = start });
                ReadArray(ref cursor, builder, array, depth);
                break;
            case '{':
                int table = builder.Tree.Add(parent, new SourceRecord { Kind = SourceKind.Table, Origin = TomlTableOrigin.Inline, Depth = (byte)depth, Key = key, At = start });
                ReadInlineTable(ref cursor, builder, table);
                break;
            default:
                ReadWord(ref cursor, builder.Tree, parent, key);
                break;
        }
    }

    /// <summary>Reads <c>key = value</c> into a table.</summary>
    public static void ReadEntry(ref TomlCursor cursor, TomlBuilder builder, int table)
    {
        List<SourceText> path = builder.Path;
        TomlKeys.Read(ref cursor, builder.Tree, path);
        if (!cursor.TryTake((byte)'=')) throw cursor.Expected("'=' (or '.' and more of the key)");
        int owner = builder.DescendByDots(table, path);
        SourceText key = builder.RequireNew(owner, path);
        cursor.SkipBlanks();
        Read(ref cursor, builder, owner, key, builder.Tree[owner].Depth + 1);
    }

    private static void ReadArray(ref TomlCursor cursor, TomlBuilder builder, int array, int depth)
    {
        int start = cursor.Offset++;
        while (true)
        {
            cursor.SkipLines();
            if (cursor.TryTake((byte)']')) break;
            if (cursor.Peek() == TomlCursor.End) throw Unclosed(cursor.PositionOf(start), "array", ']');
            Read(ref cursor, builder, array, default, depth + 1);
            cursor.SkipLines();
            if (cursor.TryTake((byte)',')) continue;
            if (cursor.TryTake((byte)']')) break;
            throw cursor.Peek() == TomlCursor.End ? Unclosed(cursor.PositionOf(start), "array", ']') : cursor.Expected("',' or ']' after a value of an array");
        }

        builder.Tree[array].End = cursor.Offset;
    }

    private static void ReadInlineTable(ref TomlCursor cursor, TomlBuilder builder, int table)
    {
        int start = cursor.Offset++;
        cursor.SkipBlanks();
        if (cursor.TryTake((byte)'}')) return;
        while (true)
        {
            RequireSameLine(ref cursor, start);
            ReadEntry(ref cursor, builder, table);
            RequireSameLine(ref cursor, start);
            if (cursor.TryTake((byte)'}')) return;
            if (!cursor.TryTake((byte)',')) throw cursor.Expected("',' or '}' after a value of an inline table");
            RequireSameLine(ref cursor, start);
            if (cursor.Peek() == '}') throw cursor.Expected("a key (an inline table has no comma at its end)");
        }
    }

    private static void RequireSameLine(ref TomlCursor cursor, int start)
    {
        cursor.SkipBlanks();
        if (cursor.Peek() == TomlCursor.End) throw Unclosed(cursor.PositionOf(start), "inline table", '}');
        if (cursor.Peek() is '\n' or '\r' or '#') throw cursor.Expected("the rest of the inline table on the same line");
    }

    private static void ReadWord(ref TomlCursor cursor, SourceTree tree, int parent, SourceText key)
    {
        int start = cursor.Offset;
        ReadOnlySpan<byte> word = cursor.PeekWord();
        if (word.IsEmpty) throw cursor.Expected("a value");
        if (TomlDates.LengthWithSpace(cursor) is var length and > 0) word = cursor.Rest[..length];
        cursor.Offset += word.Length;
        // It is read to see whether it is right; whoever wants it reads it again, but for integers, which documents are full of.
        TomlNode value = Value(word, cursor.PositionOf(start));
        SourceRecord record = new() { Kind = KindOf(value), Key = key, At = start, Start = start, Length = word.Length };
        if (value is TomlInteger integer) record.Start = tree.Keep((Int128)integer.Value);
        tree.Add(parent, record);
    }

    /// <summary>The value that a word stands for.</summary>
    public static TomlNode Value(ReadOnlySpan<byte> word, TomlPosition position)
    {
        if (word.SequenceEqual("true"u8)) return new TomlBoolean(true, position);
        if (word.SequenceEqual("false"u8)) return new TomlBoolean(false, position);
        if (TomlDates.LookLike(word)) return TomlDates.Read(word, position);
        return TomlNumbers.LookLike(word) ? TomlNumbers.Read(word, position) : throw NoValue(word, position);
    }

    private static SourceKind KindOf(TomlNode value) => value switch
    {
        TomlBoolean => SourceKind.Boolean,
        TomlInteger => SourceKind.Integer,
        TomlFloat => SourceKind.Float,
        _ => SourceKind.Date,
    };

    private static TomlException NoValue(ReadOnlySpan<byte> word, TomlPosition position)
    {
        string expected = "text in quotes, a number, a date, true, false, an array or a table";
        foreach (string keyword in (string[])["true", "false", "inf", "nan"])
        {
            if (Ascii.EqualsIgnoreCase(word, keyword)) expected = $"{keyword}, in lower case";
        }

        return new TomlException(position, $"{TomlCursor.Show(word)} is not a value: expected {expected}");
    }

    private static TomlException Unclosed(TomlPosition start, string what, char mark) =>
        new(start, $"the {what} that begins here is not closed: expected '{mark}' before the end of the text");
}
