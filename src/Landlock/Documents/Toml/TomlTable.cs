using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Landlock.Documents.Toml;

/// <summary>A TOML table: distinct keys in the order in which the text names them first, with their values.</summary>
public sealed class TomlTable : TomlNode, IReadOnlyList<TomlEntry>
{
    private readonly KeyedList<TomlEntry> _entries;

    /// <summary>Makes a table.</summary>
    /// <exception cref="ArgumentException">A key occurs twice, or the nesting is deeper than <see cref="TomlNode.MaxDepth"/>.</exception>
    public TomlTable(IEnumerable<TomlEntry> entries, TomlPosition position = default)
        : base(position)
    {
        ArgumentNullException.ThrowIfNull(entries);
        _entries = new KeyedList<TomlEntry>(static entry => entry.Key, entries.TryGetNonEnumeratedCount(out int count) ? count : 0);
        int highest = 0;
        foreach (TomlEntry entry in entries)
        {
            if (!_entries.TryAdd(entry))
                throw new ArgumentException($"The key {TomlText.Quoted(entry.Key)} occurs twice.", nameof(entries));
            highest = Math.Max(highest, entry.Value.Height);
        }

        Height = HeightAbove(highest);
    }

    /// <summary>Makes a table of keys and values.</summary>
    /// <exception cref="ArgumentException">A key occurs twice, or the nesting is deeper than <see cref="TomlNode.MaxDepth"/>.</exception>
    public TomlTable(params (string Key, TomlNode Value)[] entries)
        : this(entries.Select(entry => new TomlEntry(entry.Key, entry.Value)))
    {
    }

    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.Table;

    /// <summary>The number of keys.</summary>
    public int Count => _entries.Items.Count;

    internal override int Height { get; }

    /// <summary>The entry with the index, from 0.</summary>
    public TomlEntry this[int index] => _entries.Items[index];

    /// <summary>Looks up the entry of a key; null when there is none.</summary>
    public TomlEntry? Find(string key) => _entries.Find(key);

    /// <summary>Looks up the value of a key.</summary>
    public bool TryGetValue(string key, [NotNullWhen(true)] out TomlNode? value)
    {
        value = _entries.Find(key)?.Value;
        return value is not null;
    }

    /// <inheritdoc/>
    public IEnumerator<TomlEntry> GetEnumerator() => _entries.Items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override bool ContentEquals(TomlNode? other)
    {
        if (other is not TomlTable that || Count != that.Count) return false;
        for (int i = 0; i < Count; i++)
        {
            if (this[i].Key != that[i].Key || !this[i].Value.ContentEquals(that[i].Value)) return false;
        }

        return true;
    }
}
