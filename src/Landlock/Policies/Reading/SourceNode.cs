using Landlock.Policies.Toml;

namespace Landlock.Policies.Reading;

/// <summary>The types of values that TOML and JSON have between them.</summary>
internal enum SourceKind
{
    Null,
    Boolean,
    Integer,
    Float,
    String,
    Date,
    Array,
    Table,
}

/// <summary>A value of a document, whatever its syntax, with its place.</summary>
internal sealed class SourceNode(SourceKind kind, TomlPosition position, object? value = null)
{
    public SourceKind Kind => kind;

    public TomlPosition Position => position;

    public string Text => (string)value!;

    public bool Boolean => (bool)value!;

    /// <summary>The number; one that is too large for any use is cut to the nearest.</summary>
    public Int128 Integer => (Int128)value!;

    public IReadOnlyList<SourceNode> Items => (IReadOnlyList<SourceNode>)value!;

    public KeyedList<SourceEntry> Entries => (KeyedList<SourceEntry>)value!;

    /// <summary>The name of the type with its article, in the words of the syntax.</summary>
    public string Describe(PolicySyntax syntax) => kind switch
    {
        SourceKind.Null => "null",
        SourceKind.Boolean => "a boolean",
        SourceKind.Integer => "an integer",
        SourceKind.Float => syntax == PolicySyntax.Json ? "a number with a fraction or an exponent" : "a float",
        SourceKind.String => "a string",
        SourceKind.Date => "a date or time",
        SourceKind.Array => "an array",
        _ => syntax == PolicySyntax.Json ? "an object" : "a table",
    };
}

/// <summary>A key of a table with its value.</summary>
internal sealed class SourceEntry(string key, TomlPosition position, SourceNode value)
{
    public string Key => key;

    public TomlPosition Position => position;

    public SourceNode Value => value;
}

/// <summary>Turns TOML into the common form.</summary>
internal static class TomlSource
{
    /// <exception cref="TomlException">The text is not TOML.</exception>
    public static SourceNode Read(ReadOnlySpan<byte> utf8) => Convert(TomlReader.Read(utf8));

    private static SourceNode Convert(TomlNode node) => node switch
    {
        TomlString text => new SourceNode(SourceKind.String, node.Position, text.Value),
        TomlInteger number => new SourceNode(SourceKind.Integer, node.Position, (Int128)number.Value),
        TomlBoolean truth => new SourceNode(SourceKind.Boolean, node.Position, truth.Value),
        TomlFloat => new SourceNode(SourceKind.Float, node.Position),
        TomlArray array => new SourceNode(SourceKind.Array, node.Position, array.Select(Convert).ToArray()),
        TomlTable table => new SourceNode(SourceKind.Table, node.Position, Entries(table)),
        _ => new SourceNode(SourceKind.Date, node.Position),
    };

    private static KeyedList<SourceEntry> Entries(TomlTable table)
    {
        KeyedList<SourceEntry> entries = new(static entry => entry.Key, table.Count);
        foreach (TomlEntry entry in table) entries.TryAdd(new SourceEntry(entry.Key, entry.Position, Convert(entry.Value)));
        return entries;
    }
}
