namespace Landlock.Documents.Reading;

/// <summary>
/// Puts tables together while the text may still add to them. Knows what TOML allows to be said twice, which Tomlyn's pull parser does not
/// look at.
/// </summary>
internal sealed class TomlTables(SourceTree tree)
{
    /// <summary>The table in which the last part of a dotted key stands.</summary>
    public int DescendByDots(int table, List<SourceText> path)
    {
        for (int i = 0; i < path.Count - 1; i++)
        {
            int found = tree.Find(table, tree.Slice(path[i]));
            if (found == 0)
            {
                table = AddTable(table, path[i], path[i].At, TableOrigin.Dots);
                continue;
            }

            ref SourceRecord known = ref tree[found];
            if (known is { Kind: SourceKind.Array, HasHeaders: true })
                throw Fail(path[i], $"{Show(path, i)} is an array of tables ({Place(known.At)}); dotted keys cannot add to it");
            if (known is not { Kind: SourceKind.Table, Origin: not TableOrigin.Inline }) throw Closed(path, i, found);
            if (known.Origin == TableOrigin.Header)
                throw Fail(path[i], $"the table {Show(path, i)} has its own header at {Place(known.At)}; dotted keys cannot add to it");
            if (known.Origin == TableOrigin.PathOfHeader) (known.Origin, known.At) = (TableOrigin.Dots, path[i].At);
            table = found;
        }

        return table;
    }

    /// <summary>The last part of the key, which must be new in the table.</summary>
    public SourceText RequireNew(int table, List<SourceText> path)
    {
        SourceText key = path[^1];
        if (tree.Find(table, tree.Slice(key)) is var known and not 0)
            throw Fail(key, $"the key {Show(path)} is already defined at {Place(tree[known].Key.At)}");
        return key;
    }

    /// <summary>The table of a header <c>[path]</c>, from the document.</summary>
    public int DefineTable(List<SourceText> path, int header)
    {
        int parent = DescendByHeader(path);
        SourceText key = path[^1];
        int found = tree.Find(parent, tree.Slice(key));
        if (found == 0) return AddTable(parent, key, header, TableOrigin.Header);
        ref SourceRecord known = ref tree[found];
        switch (known)
        {
            case { Kind: SourceKind.Table, Origin: TableOrigin.PathOfHeader }:
                (known.Origin, known.At) = (TableOrigin.Header, header);
                return found;
            case { Kind: SourceKind.Table, Origin: not TableOrigin.Inline }:
                string by = known.Origin == TableOrigin.Dots ? " by dotted keys" : "";
                throw Fail(key, $"the table {Show(path)} is already defined{by} at {Place(known.At)}");
            case { Kind: SourceKind.Array, HasHeaders: true }:
                throw Fail(key, $"{Show(path)} is an array of tables ({Place(known.At)}), not a table");
            default:
                throw Fail(key, $"the key {Show(path)} is already defined at {Place(known.Key.At)}");
        }
    }

    /// <summary>The table of a header <c>[[path]]</c>, from the document.</summary>
    public int DefineElement(List<SourceText> path, int header)
    {
        int parent = DescendByHeader(path);
        SourceText key = path[^1];
        int array = tree.Find(parent, tree.Slice(key));
        if (array == 0)
        {
            array = tree.Add(parent, new SourceRecord { Kind = SourceKind.Array, HasHeaders = true, Key = key, At = header });
        }
        else if (tree[array] is { Kind: SourceKind.Table, Origin: not TableOrigin.Inline })
        {
            throw Fail(key, $"{Show(path)} is a table ({Place(tree[array].At)}), not an array of tables");
        }
        else if (!tree[array].HasHeaders)
        {
            throw Fail(
                key,
                $"the key {Show(path)} is already defined at {Place(tree[array].Key.At)}; only an array of tables made with "
                    + "double brackets can grow");
        }

        return tree.Add(array, new SourceRecord { Kind = SourceKind.Table, Origin = TableOrigin.Header, At = header });
    }

    private int DescendByHeader(List<SourceText> path)
    {
        int table = SourceTree.Document;
        for (int i = 0; i < path.Count - 1; i++)
        {
            int found = tree.Find(table, tree.Slice(path[i]));
            table = found == 0 ? AddTable(table, path[i], path[i].At, TableOrigin.PathOfHeader) : tree[found] switch
            {
                { Kind: SourceKind.Table, Origin: not TableOrigin.Inline } => found,
                { Kind: SourceKind.Array, HasHeaders: true } array => array.Last,
                _ => throw Closed(path, i, found),
            };
        }

        return table;
    }

    private int AddTable(int parent, SourceText key, int at, TableOrigin by) =>
        tree.Add(parent, new SourceRecord { Kind = SourceKind.Table, Origin = by, Key = key, At = at });

    private SourceException Closed(List<SourceText> path, int index, int value) =>
        Fail(path[index], tree[value].Kind == SourceKind.Table
            ? $"{Show(path, index)} is an inline table ({Place(tree[value].At)}), to which nothing can be added"
            : $"{Show(path, index)} is {new SourceNode(tree, value).Describe(PolicySyntax.Toml)} ("
                + $"{Place(tree[value].At)}): expected a table");

    private SourceException Fail(in SourceText part, string problem) => new(tree.Places[part.At], problem);

    private string Show(List<SourceText> path) => Show(path, path.Count - 1);

    private string Show(List<SourceText> path, int last) =>
        QuotedText.Of(string.Join('.', path.Take(last + 1).Select(part => tree.Decode(part))));

    private string Place(int at)
    {
        SourcePosition position = tree.Places[at];
        return $"line {position.Line}, column {position.Column}";
    }
}
