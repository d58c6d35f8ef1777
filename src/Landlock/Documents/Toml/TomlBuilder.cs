namespace Landlock.Documents.Toml;

/// <summary>Puts tables together while the text may still add to them. Knows what TOML allows to be said twice.</summary>
internal sealed class TomlBuilder(SourceTree tree)
{
    public SourceTree Tree => tree;

    /// <summary>A list for the parts of a key, for whoever reads one next.</summary>
    public List<SourceText> Path { get; } = [];

    public static TomlException TooDeep(TomlPosition position) =>
        new(position, $"tables and arrays are nested more than {TomlNode.MaxDepth} levels deep");

    /// <summary>The table in which the last part of a dotted key stands.</summary>
    public int DescendByDots(int table, List<SourceText> path)
    {
        for (int i = 0; i < path.Count - 1; i++)
        {
            int found = tree.Find(table, tree.Slice(path[i]));
            if (found == 0)
            {
                table = AddTable(table, path[i], path[i].At, TomlTableOrigin.Dots);
                continue;
            }

            ref SourceRecord known = ref tree[found];
            if (known is { Kind: SourceKind.Array, HasHeaders: true })
                throw new TomlException(At(path[i]), $"{Show(path, i)} is an array of tables ({Place(known.At)}); dotted keys cannot add to it");
            if (known is not { Kind: SourceKind.Table, Origin: not TomlTableOrigin.Inline }) throw Closed(path, i, found);
            if (known.Origin == TomlTableOrigin.Header)
                throw new TomlException(At(path[i]), $"the table {Show(path, i)} has its own header at {Place(known.At)}; dotted keys cannot add to it");
            if (known.Origin == TomlTableOrigin.PathOfHeader) (known.Origin, known.At) = (TomlTableOrigin.Dots, path[i].At);
            table = found;
        }

        return table;
    }

    /// <summary>The last part of the key, which must be new in the table.</summary>
    public SourceText RequireNew(int table, List<SourceText> path)
    {
        SourceText key = path[^1];
        if (tree.Find(table, tree.Slice(key)) is var known and not 0)
            throw new TomlException(At(key), $"the key {Show(path)} is already defined at {Place(tree[known].Key.At)}");
        return key;
    }

    /// <summary>The table of a header <c>[path]</c>, from the document.</summary>
    public int DefineTable(List<SourceText> path, int header)
    {
        int parent = DescendByHeader(path);
        SourceText key = path[^1];
        int found = tree.Find(parent, tree.Slice(key));
        if (found == 0) return AddTable(parent, key, header, TomlTableOrigin.Header);
        ref SourceRecord known = ref tree[found];
        switch (known)
        {
            case { Kind: SourceKind.Table, Origin: TomlTableOrigin.PathOfHeader }:
                (known.Origin, known.At) = (TomlTableOrigin.Header, header);
                return found;
            case { Kind: SourceKind.Table, Origin: not TomlTableOrigin.Inline }:
                string by = known.Origin == TomlTableOrigin.Dots ? " by dotted keys" : "";
                throw new TomlException(At(key), $"the table {Show(path)} is already defined{by} at {Place(known.At)}");
            case { Kind: SourceKind.Array, HasHeaders: true }:
                throw new TomlException(At(key), $"{Show(path)} is an array of tables ({Place(known.At)}), not a table");
            default:
                throw new TomlException(At(key), $"the key {Show(path)} is already defined at {Place(known.Key.At)}");
        }
    }

    /// <summary>The table of a header <c>[[path]]</c>, from the document.</summary>
    public int DefineElement(List<SourceText> path, int header)
    {
        int parent = DescendByHeader(path);
        SourceText key = path[^1];
        int depth = tree[parent].Depth + 2;
        if (depth > TomlNode.MaxDepth) throw TooDeep(At(key));
        int array = tree.Find(parent, tree.Slice(key));
        if (array == 0)
        {
            array = tree.Add(parent, new SourceRecord { Kind = SourceKind.Array, HasHeaders = true, Key = key, At = header });
        }
        else if (tree[array] is { Kind: SourceKind.Table, Origin: not TomlTableOrigin.Inline })
        {
            throw new TomlException(At(key), $"{Show(path)} is a table ({Place(tree[array].At)}), not an array of tables");
        }
        else if (!tree[array].HasHeaders)
        {
            throw new TomlException(
                At(key),
                $"the key {Show(path)} is already defined at {Place(tree[array].Key.At)}; only an array of tables made with double brackets can grow");
        }

        return tree.Add(array, new SourceRecord { Kind = SourceKind.Table, Origin = TomlTableOrigin.Header, Depth = (byte)depth, At = header });
    }

    private int DescendByHeader(List<SourceText> path)
    {
        int table = SourceTree.Document;
        for (int i = 0; i < path.Count - 1; i++)
        {
            int found = tree.Find(table, tree.Slice(path[i]));
            table = found == 0 ? AddTable(table, path[i], path[i].At, TomlTableOrigin.PathOfHeader) : tree[found] switch
            {
                { Kind: SourceKind.Table, Origin: not TomlTableOrigin.Inline } => found,
                { Kind: SourceKind.Array, HasHeaders: true } array => array.Last,
                _ => throw Closed(path, i, found),
            };
        }

        return table;
    }

    private int AddTable(int parent, SourceText key, int at, TomlTableOrigin by)
    {
        int depth = tree[parent].Depth + 1;
        if (depth > TomlNode.MaxDepth) throw TooDeep(At(key));
        return tree.Add(parent, new SourceRecord { Kind = SourceKind.Table, Origin = by, Depth = (byte)depth, Key = key, At = at });
    }

    private TomlException Closed(List<SourceText> path, int index, int value) =>
        new(At(path[index]), tree[value].Kind == SourceKind.Table
            ? $"{Show(path, index)} is an inline table ({Place(tree[value].At)}), to which nothing can be added"
            : $"{Show(path, index)} is {TomlNode.Describe(TomlReader.Node(tree, value).Kind)} ({Place(tree[value].At)}): expected a table");

    private TomlPosition At(in SourceText part) => tree.Places[part.At];

    private string Show(List<SourceText> path) => Show(path, path.Count - 1);

    private string Show(List<SourceText> path, int last) => TomlText.Quoted(string.Join('.', path.Take(last + 1).Select(part => tree.Decode(part))));

    private string Place(int at)
    {
        TomlPosition position = tree.Places[at];
        return $"line {position.Line}, column {position.Column}";
    }
}
