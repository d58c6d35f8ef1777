namespace Landlock.Documents.Toml;

/// <summary>A key of a table with its value.</summary>
public sealed class TomlEntry
{
    /// <summary>Makes an entry.</summary>
    /// <exception cref="ArgumentException">The key has a lone surrogate, which no TOML document can hold.</exception>
    public TomlEntry(string key, TomlNode value, TomlPosition position = default)
    {
        TomlText.RequireScalars(key, nameof(key));
        ArgumentNullException.ThrowIfNull(value);
        (Key, Value, Position) = (key, value, position);
    }

    /// <summary>The key: one part, without quotes and escapes. May be empty.</summary>
    public string Key { get; }

    /// <summary>The value.</summary>
    public TomlNode Value { get; }

    /// <summary>Where this key (this part of a dotted key) stands in the text for the first time.</summary>
    public TomlPosition Position { get; }
}
