using Landlock.Policies.Toml;
using Landlock.Rulesets;

namespace Landlock.Policies.Reading;

/// <summary>The keys of one table, checked against those that it may have.</summary>
internal sealed class Fields
{
    private readonly ReadContext _context;
    private readonly SourceNode _table;
    private readonly string[] _keys;
    private readonly string _what;

    private Fields(ReadContext context, SourceNode table, string what, string[] keys)
    {
        (_context, _table, _what, _keys) = (context, table, what, keys);
        foreach (SourceEntry entry in table.Entries.Items)
        {
            if (!keys.Any(key => context.Spell(key) == entry.Key)) context.Error(entry.Position, Unknown(entry.Key));
        }
    }

    public TomlPosition Position => _table.Position;

    /// <summary>Opens a table; null, and a finding, if the value is none.</summary>
    public static Fields? Of(ReadContext context, SourceNode node, string what, params string[] keys)
    {
        if (node.Kind == SourceKind.Table) return new Fields(context, node, what, keys);
        context.Error(node.Position, $"{what} must be {(context.Syntax == PolicySyntax.Json ? "an object" : "a table")}, not {node.Describe(context.Syntax)}");
        return null;
    }

    /// <summary>The value of a key; null if there is none. In JSON a null counts as none.</summary>
    public SourceNode? Find(string key)
    {
        SourceNode? value = _table.Entries.Find(_context.Spell(key))?.Value;
        return value is { Kind: SourceKind.Null } ? null : value;
    }

    /// <summary>The value of a key that must be there and have a type; null, and a finding, if not.</summary>
    public SourceNode? Require(string key, SourceKind kind, string type)
    {
        SourceNode? value = _table.Entries.Find(_context.Spell(key))?.Value;
        if (value is not null) return Typed(value, key, kind, type);
        _context.Error(Position, $"{_what} needs {_context.Name(key)}");
        return null;
    }

    /// <summary>The value of a key that may be missing but must have a type; null, and a finding, if it has another.</summary>
    public SourceNode? Optional(string key, SourceKind kind, string type) => Find(key) is { } value ? Typed(value, key, kind, type) : null;

    /// <summary>The elements of an array that may not be empty; none, and a finding, if it is no such array.</summary>
    public IReadOnlyList<SourceNode> Items(string key, bool required = false)
    {
        SourceNode? array = required ? Require(key, SourceKind.Array, "an array") : Optional(key, SourceKind.Array, "an array");
        if (array is null) return [];
        if (array.Items.Count == 0) _context.Error(array.Position, $"{_context.Name(key)} is empty; name at least one, or leave the key out");
        return array.Items;
    }

    /// <summary>The strings of an array that may not be empty.</summary>
    public IEnumerable<SourceNode> Strings(string key, bool required = false)
    {
        foreach (SourceNode item in Items(key, required))
        {
            if (item.Kind == SourceKind.String) yield return item;
            else _context.Error(item.Position, $"{_context.Name(key)} must hold strings, not {item.Describe(_context.Syntax)}");
        }
    }

    private SourceNode? Typed(SourceNode value, string key, SourceKind kind, string type)
    {
        if (value.Kind == kind) return value;
        _context.Error(value.Position, $"{_context.Name(key)} must be {type}, not {value.Describe(_context.Syntax)}");
        return null;
    }

    private string Unknown(string key)
    {
        string shown = TomlText.Quoted(key);
        PolicySyntax other = _context.Syntax == PolicySyntax.Toml ? PolicySyntax.Json : PolicySyntax.Toml;
        string? respelled = _keys.FirstOrDefault(known => ReadContext.Spell(known, other) == key);
        if (respelled is not null)
            return $"{_what} has no key {shown}: that is how {(other == PolicySyntax.Json ? "JSON" : "TOML")} spells it; write {_context.Name(respelled)}";
        string[] words = [.. _keys.Select(_context.Spell)];
        string? near = Suggestion.For(key, words);
        return $"{_what} has no key {shown}{(near is null ? $"; it has {string.Join(", ", words)}" : $"; did you mean '{near}'?")}";
    }
}
