using System.Text;

namespace Landlock.Documents.Toml;

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
        SourceTree tree = ReadTree(utf8);
        return (TomlTable)Node(tree, SourceTree.Document);
    }

    /// <inheritdoc cref="Read"/>
    internal static SourceTree ReadTree(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = TomlEncoding.WithoutMark(utf8);
        TomlEncoding.Require(text);
        SourceTree tree = new(text);
        TomlBuilder builder = new(tree);
        TomlCursor cursor = new(tree);
        int table = tree.Add(SourceTree.Root, new SourceRecord { Kind = SourceKind.Table, Origin = TomlTableOrigin.Header });
        while (true)
        {
            cursor.SkipLines();
            if (cursor.Peek() == TomlCursor.End) return tree;
            if (cursor.Peek() == '[') table = ReadHeader(ref cursor, builder);
            else TomlValues.ReadEntry(ref cursor, builder, table);
            cursor.TakeEndOfLine();
        }
    }

    private static int ReadHeader(ref TomlCursor cursor, TomlBuilder builder)
    {
        int start = cursor.Offset++;
        bool element = cursor.TryTake((byte)'[');
        TomlKeys.Read(ref cursor, builder.Tree, builder.Path);
        string end = element ? "]]" : "]";
        bool closed = cursor.TryTake((byte)']') && (!element || cursor.TryTake((byte)']'));
        if (!closed) throw cursor.Expected($"'{end}' (or '.' and more of the key)");
        return element ? builder.DefineElement(builder.Path, start) : builder.DefineTable(builder.Path, start);
    }

    /// <summary>A value as an object.</summary>
    internal static TomlNode Node(SourceTree tree, int index)
    {
        SourceRecord record = tree[index];
        TomlPosition position = tree.Places[record.At];
        switch (record.Kind)
        {
            case SourceKind.Table:
                List<TomlEntry> entries = new(record.Length);
                for (int i = tree.First(index); i != 0; i = tree[i].Next) entries.Add(new TomlEntry(tree.Decode(tree[i].Key), Node(tree, i), tree.Places[tree[i].Key.At]));
                return new TomlTable(entries, position);
            case SourceKind.Array:
                List<TomlNode> elements = new(record.Length);
                for (int i = tree.First(index); i != 0; i = tree[i].Next) elements.Add(Node(tree, i));
                return new TomlArray(elements, position, record.HasHeaders);
            case SourceKind.String:
                return new TomlString(Encoding.UTF8.GetString(tree.Slice(record.Start, record.Length)), position);
            case SourceKind.Integer:
                return new TomlInteger((long)tree.Number(index), position);
            default:
                return TomlValues.Value(tree.Slice(record.Start, record.Length), position);
        }
    }
}
