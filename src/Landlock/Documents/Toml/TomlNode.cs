namespace Landlock.Documents.Toml;

/// <summary>A value of a TOML document, with the place where it stands in the text. Nodes do not change once they are made.</summary>
public abstract class TomlNode
{
    /// <summary>
    /// How many tables and arrays may lie within one another, the document itself not counted. Whatever part of a path in a
    /// dotted key or a header makes a table counts as one level. No text or model can go deeper, so recursion over nodes is safe.
    /// </summary>
    public const int MaxDepth = 128;

    private protected TomlNode(TomlPosition position) => Position = position;

    /// <summary>The type of the value.</summary>
    public abstract TomlKind Kind { get; }

    /// <summary>
    /// Where the value begins in the text. For a table that is the bracket of its header, its brace, or the key that made it;
    /// for an array of tables the bracket of its first header.
    /// </summary>
    public TomlPosition Position { get; }

    /// <summary>The levels of tables and arrays in this value, itself included: 0 for a plain value.</summary>
    internal virtual int Height => 0;

    /// <summary>
    /// Whether both values are the same data: types, values, and the order of keys and elements. Positions and notation do not count.
    /// </summary>
    public abstract bool ContentEquals(TomlNode? other);

    /// <summary>The English name of a type with its article, for messages: "a string", "an array".</summary>
    public static string Describe(TomlKind kind) => kind switch
    {
        TomlKind.String => "a string",
        TomlKind.Integer => "an integer",
        TomlKind.Float => "a float",
        TomlKind.Boolean => "a boolean",
        TomlKind.OffsetDateTime => "an offset date-time",
        TomlKind.LocalDateTime => "a local date-time",
        TomlKind.LocalDate => "a local date",
        TomlKind.LocalTime => "a local time",
        TomlKind.Array => "an array",
        TomlKind.Table => "a table",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>The height of a table or array whose highest child has the height.</summary>
    private protected static int HeightAbove(int highestChild)
    {
        // The document itself may hold MaxDepth levels, so it is one level above them.
        if (highestChild > MaxDepth) throw new ArgumentException($"Tables and arrays are nested more than {MaxDepth} levels deep.");
        return highestChild + 1;
    }
}
