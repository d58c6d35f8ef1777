namespace Landlock.Policies.Toml;

/// <summary>What made a table, which decides what may add to it.</summary>
internal enum TomlTableOrigin
{
    /// <summary>A part of a header before the last: the table may still get its own header.</summary>
    PathOfHeader,

    /// <summary>Its own header, <c>[x]</c> or <c>[[x]]</c>, or the document.</summary>
    Header,

    /// <summary>A part of a dotted key before the last.</summary>
    Dots,

    /// <summary>Braces.</summary>
    Inline,
}

/// <summary>A table while the text may still add to it. Knows what TOML allows to be said twice.</summary>
internal sealed class TomlBuilder(TomlTableOrigin origin, int depth, TomlPosition position)
{
    private readonly KeyedList<Slot> _slots = new(static slot => slot.Key.Name, capacity: 1);
    private TomlTableOrigin _origin = origin;
    private TomlPosition _position = position;

    /// <summary>The level of the table; the document has level 0.</summary>
    public int Depth => depth;

    public static TomlException TooDeep(TomlPosition position) =>
        new(position, $"tables and arrays are nested more than {TomlNode.MaxDepth} levels deep");

    /// <summary>The table in which the last part of a dotted key stands.</summary>
    public TomlBuilder DescendByDots(List<TomlKeyPart> path)
    {
        TomlBuilder table = this;
        for (int i = 0; i < path.Count - 1; i++)
        {
            switch (table._slots.Find(path[i].Name)?.Content)
            {
                case null:
                    table = table.AddTable(path[i], path[i].Position, TomlTableOrigin.Dots);
                    break;
                case TomlBuilder { _origin: TomlTableOrigin.Header } taken:
                    throw new TomlException(
                        path[i].Position,
                        $"the table {Show(path, i)} has its own header at {Place(taken._position)}; dotted keys cannot add to it");
                case TomlBuilder inner:
                    if (inner._origin == TomlTableOrigin.PathOfHeader) inner.Define(TomlTableOrigin.Dots, path[i].Position);
                    table = inner;
                    break;
                case HeaderArray array:
                    throw new TomlException(
                        path[i].Position,
                        $"{Show(path, i)} is an array of tables ({Place(array.Position)}); dotted keys cannot add to it");
                case var other:
                    throw Closed(path, i, (TomlNode)other);
            }
        }

        return table;
    }

    /// <summary>The last part of the key, which must be new in this table.</summary>
    public TomlKeyPart RequireNew(List<TomlKeyPart> path)
    {
        if (_slots.Find(path[^1].Name) is { } slot)
            throw new TomlException(
                path[^1].Position,
                $"the key {Show(path, path.Count - 1)} is already defined at {Place(slot.Key.Position)}");
        return path[^1];
    }

    public void Add(TomlKeyPart key, TomlNode value) => _slots.TryAdd(new Slot(key, value));

    /// <summary>The table of a header <c>[path]</c>, from the document.</summary>
    public TomlBuilder DefineTable(List<TomlKeyPart> path, TomlPosition header)
    {
        TomlBuilder parent = DescendByHeader(path);
        TomlKeyPart key = path[^1];
        Slot? slot = parent._slots.Find(key.Name);
        switch (slot?.Content)
        {
            case null:
                return parent.AddTable(key, header, TomlTableOrigin.Header);
            case TomlBuilder { _origin: TomlTableOrigin.PathOfHeader } table:
                table.Define(TomlTableOrigin.Header, header);
                return table;
            case TomlBuilder table:
                string by = table._origin == TomlTableOrigin.Dots ? " by dotted keys" : "";
                throw new TomlException(key.Position, $"the table {Show(path)} is already defined{by} at {Place(table._position)}");
            case HeaderArray array:
                throw new TomlException(key.Position, $"{Show(path)} is an array of tables ({Place(array.Position)}), not a table");
            default:
                throw new TomlException(key.Position, $"the key {Show(path)} is already defined at {Place(slot!.Key.Position)}");
        }
    }

    /// <summary>The table of a header <c>[[path]]</c>, from the document.</summary>
    public TomlBuilder DefineElement(List<TomlKeyPart> path, TomlPosition header)
    {
        TomlBuilder parent = DescendByHeader(path);
        TomlKeyPart key = path[^1];
        if (parent.Depth + 2 > TomlNode.MaxDepth) throw TooDeep(key.Position);
        TomlBuilder element = new(TomlTableOrigin.Header, parent.Depth + 2, header);
        Slot? slot = parent._slots.Find(key.Name);
        switch (slot?.Content)
        {
            case null:
                parent._slots.TryAdd(new Slot(key, new HeaderArray(header, [element])));
                return element;
            case HeaderArray array:
                array.Elements.Add(element);
                return element;
            case TomlBuilder table:
                throw new TomlException(key.Position, $"{Show(path)} is a table ({Place(table._position)}), not an array of tables");
            default:
                throw new TomlException(
                    key.Position,
                    $"the key {Show(path)} is already defined at {Place(slot!.Key.Position)}; only an array of tables made with double brackets can grow");
        }
    }

    public TomlTable Build() =>
        new(_slots.Items.Select(static slot => new TomlEntry(slot.Key.Name, Build(slot.Content), slot.Key.Position)), _position);

    private static TomlNode Build(object content) => content switch
    {
        TomlBuilder table => table.Build(),
        HeaderArray array =>
            new TomlArray(array.Elements.ConvertAll<TomlNode>(static table => table.Build()), array.Position, hasHeaders: true),
        _ => (TomlNode)content,
    };

    private TomlBuilder DescendByHeader(List<TomlKeyPart> path)
    {
        TomlBuilder table = this;
        for (int i = 0; i < path.Count - 1; i++)
        {
            table = table._slots.Find(path[i].Name)?.Content switch
            {
                null => table.AddTable(path[i], path[i].Position, TomlTableOrigin.PathOfHeader),
                TomlBuilder inner => inner,
                HeaderArray array => array.Elements[^1],
                var other => throw Closed(path, i, (TomlNode)other),
            };
        }

        return table;
    }

    private TomlBuilder AddTable(TomlKeyPart key, TomlPosition at, TomlTableOrigin by)
    {
        if (Depth + 1 > TomlNode.MaxDepth) throw TooDeep(key.Position);
        TomlBuilder table = new(by, Depth + 1, at);
        _slots.TryAdd(new Slot(key, table));
        return table;
    }

    private void Define(TomlTableOrigin by, TomlPosition at) => (_origin, _position) = (by, at);

    private static TomlException Closed(List<TomlKeyPart> path, int index, TomlNode value) =>
        new(path[index].Position, value is TomlTable
            ? $"{Show(path, index)} is an inline table ({Place(value.Position)}), to which nothing can be added"
            : $"{Show(path, index)} is {TomlNode.Describe(value.Kind)} ({Place(value.Position)}): expected a table");

    private static string Show(List<TomlKeyPart> path) => Show(path, path.Count - 1);

    private static string Show(List<TomlKeyPart> path, int last) =>
        TomlText.Quoted(string.Join('.', path.Take(last + 1).Select(static part => part.Name)));

    private static string Place(TomlPosition position) => $"line {position.Line}, column {position.Column}";

    /// <summary>A key with a finished <see cref="TomlNode"/>, a <see cref="TomlBuilder"/> or a <see cref="HeaderArray"/>.</summary>
    private sealed record Slot(TomlKeyPart Key, object Content);

    /// <summary>An array made by <c>[[headers]]</c>, which may grow.</summary>
    private sealed record HeaderArray(TomlPosition Position, List<TomlBuilder> Elements);
}
