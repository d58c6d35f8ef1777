using System.Text;

namespace Landlock.Policies.Toml;

/// <summary>Reads values.</summary>
internal static class TomlValues
{
    /// <summary>Reads the value at the cursor.</summary>
    /// <param name="cursor">Where the value begins.</param>
    /// <param name="path">A list for the keys of inline tables, for whoever reads a key next.</param>
    /// <param name="depth">The level that the value has if it is a table or an array.</param>
    public static TomlNode Read(ref TomlCursor cursor, List<TomlKeyPart> path, int depth)
    {
        TomlPosition position = cursor.Position;
        switch (cursor.Peek())
        {
            case '"' or '\'':
                return new TomlString(TomlStrings.Read(ref cursor), position);
            case '[' or '{' when depth > TomlNode.MaxDepth:
                throw TomlBuilder.TooDeep(position);
            case '[':
                return ReadArray(ref cursor, path, depth, position);
            case '{':
                return ReadInlineTable(ref cursor, path, depth, position);
            default:
                return ReadWord(ref cursor, position);
        }
    }

    /// <summary>Reads <c>key = value</c> into a table.</summary>
    public static void ReadEntry(ref TomlCursor cursor, TomlBuilder table, List<TomlKeyPart> path)
    {
        TomlKeys.Read(ref cursor, path);
        if (!cursor.TryTake((byte)'=')) throw cursor.Expected("'=' (or '.' and more of the key)");
        TomlBuilder owner = table.DescendByDots(path);
        TomlKeyPart key = owner.RequireNew(path);
        cursor.SkipBlanks();
        owner.Add(key, Read(ref cursor, path, owner.Depth + 1));
    }

    private static TomlArray ReadArray(ref TomlCursor cursor, List<TomlKeyPart> path, int depth, TomlPosition start)
    {
        List<TomlNode> elements = [];
        cursor.Offset++;
        while (true)
        {
            cursor.SkipLines();
            if (cursor.TryTake((byte)']')) break;
            if (cursor.Peek() == TomlCursor.End) throw Unclosed(start, "array", ']');
            elements.Add(Read(ref cursor, path, depth + 1));
            cursor.SkipLines();
            if (cursor.TryTake((byte)',')) continue;
            if (cursor.TryTake((byte)']')) break;
            throw cursor.Peek() == TomlCursor.End ? Unclosed(start, "array", ']') : cursor.Expected("',' or ']' after a value of an array");
        }

        return new TomlArray(elements, start, hasHeaders: false);
    }

    private static TomlTable ReadInlineTable(ref TomlCursor cursor, List<TomlKeyPart> path, int depth, TomlPosition start)
    {
        TomlBuilder table = new(TomlTableOrigin.Inline, depth, start);
        cursor.Offset++;
        cursor.SkipBlanks();
        if (cursor.TryTake((byte)'}')) return table.Build();
        while (true)
        {
            RequireSameLine(ref cursor, start);
            ReadEntry(ref cursor, table, path);
            RequireSameLine(ref cursor, start);
            if (cursor.TryTake((byte)'}')) return table.Build();
            if (!cursor.TryTake((byte)',')) throw cursor.Expected("',' or '}' after a value of an inline table");
            RequireSameLine(ref cursor, start);
            if (cursor.Peek() == '}') throw cursor.Expected("a key (an inline table has no comma at its end)");
        }
    }

    private static void RequireSameLine(ref TomlCursor cursor, TomlPosition start)
    {
        cursor.SkipBlanks();
        if (cursor.Peek() == TomlCursor.End) throw Unclosed(start, "inline table", '}');
        if (cursor.Peek() is '\n' or '\r' or '#') throw cursor.Expected("the rest of the inline table on the same line");
    }

    private static TomlNode ReadWord(ref TomlCursor cursor, TomlPosition position)
    {
        ReadOnlySpan<byte> word = cursor.PeekWord();
        if (word.IsEmpty) throw cursor.Expected("a value");
        if (TomlDates.LengthWithSpace(cursor) is var length and > 0) word = cursor.Rest[..length];
        cursor.Offset += word.Length;
        if (word.SequenceEqual("true"u8)) return new TomlBoolean(true, position);
        if (word.SequenceEqual("false"u8)) return new TomlBoolean(false, position);
        if (TomlDates.LookLike(word)) return TomlDates.Read(word, position);
        return TomlNumbers.LookLike(word) ? TomlNumbers.Read(word, position) : throw NoValue(word, position);
    }

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
