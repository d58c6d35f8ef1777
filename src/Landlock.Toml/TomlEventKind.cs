namespace Landlock.Toml;

/// <summary>What <see cref="TomlEvents"/> is at.</summary>
internal enum TomlEventKind : byte
{
    /// <summary>A key, or a table that a header or a dotted key opens: nothing that is a value in the text.</summary>
    None,

    /// <summary>The bracket that begins an array.</summary>
    Array,

    /// <summary>The brace that begins a table.</summary>
    Table,

    /// <summary>The end of an array or table, or of what a header or a dotted key opened.</summary>
    Close,

    /// <summary>A string.</summary>
    String,

    /// <summary>An integer.</summary>
    Integer,

    /// <summary>A float.</summary>
    Float,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A date, a time or both.</summary>
    Date,
}
