namespace Landlock.Policies.Toml;

/// <summary>Reads TOML 1.0, all of it and nothing else, in time and memory linear in the text.</summary>
/// <remarks>
/// The text is UTF-8, with or without a byte order mark. Newlines within multi-line strings are kept as they are written.
/// Fractions of seconds are cut off after nanoseconds. Floats beyond the range of 64 bits are errors, as integers are.
/// </remarks>
public static class TomlReader
{
    /// <summary>Reads a document.</summary>
    /// <exception cref="TomlException">The text is not TOML 1.0, or nested deeper than <see cref="TomlNode.MaxDepth"/>.</exception>
    public static TomlTable Read(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = TomlEncoding.WithoutMark(utf8);
        TomlEncoding.Require(text);
        TomlCursor cursor = new(text);
        TomlBuilder document = new(TomlTableOrigin.Header, 0, cursor.Position);
        TomlBuilder table = document;
        List<TomlKeyPart> path = [];
        while (true)
        {
            cursor.SkipLines();
            if (cursor.Peek() == TomlCursor.End) return document.Build();
            if (cursor.Peek() == '[') table = ReadHeader(ref cursor, document, path);
            else TomlValues.ReadEntry(ref cursor, table, path);
            cursor.TakeEndOfLine();
        }
    }

    private static TomlBuilder ReadHeader(ref TomlCursor cursor, TomlBuilder document, List<TomlKeyPart> path)
    {
        TomlPosition start = cursor.Position;
        cursor.Offset++;
        bool element = cursor.TryTake((byte)'[');
        TomlKeys.Read(ref cursor, path);
        string end = element ? "]]" : "]";
        bool closed = cursor.TryTake((byte)']') && (!element || cursor.TryTake((byte)']'));
        if (!closed) throw cursor.Expected($"'{end}' (or '.' and more of the key)");
        return element ? document.DefineElement(path, start) : document.DefineTable(path, start);
    }
}
