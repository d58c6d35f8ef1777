using System.Buffers;

namespace Landlock.Documents.Toml;

/// <summary>Reads keys.</summary>
internal static class TomlKeys
{
    private static readonly SearchValues<byte> BareBytes = SearchValues.Create(TomlBytes.OfBareKeys);

    /// <summary>Whether the key can stand without quotes.</summary>
    public static bool IsBare(string key) =>
        key.Length > 0 && key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    /// <summary>Reads the parts of a key with the blanks around them into the list.</summary>
    public static void Read(ref TomlCursor cursor, SourceTree tree, List<SourceText> path)
    {
        path.Clear();
        do
        {
            cursor.SkipBlanks();
            // A key of a value may have one part more than there are tables.
            if (path.Count > TomlNode.MaxDepth) throw TomlBuilder.TooDeep(cursor.Position);
            path.Add(ReadPart(ref cursor, tree));
            cursor.SkipBlanks();
        }
        while (cursor.TryTake((byte)'.'));
    }

    private static SourceText ReadPart(ref TomlCursor cursor, SourceTree tree)
    {
        if (TomlStrings.StartMultiLineHere(cursor)) throw new TomlException(cursor.Position, "a key cannot be a multi-line string");
        if (TomlStrings.StartHere(cursor)) return TomlStrings.Read(ref cursor, tree);
        int start = cursor.Offset;
        int length = cursor.Rest.IndexOfAnyExcept(BareBytes);
        if (length < 0) length = cursor.Rest.Length;
        if (length == 0) throw cursor.Expected("a key (letters, digits, '_' and '-', or a string in quotes)");
        cursor.Offset += length;
        return new SourceText(start, start, length);
    }
}
