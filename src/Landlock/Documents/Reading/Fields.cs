
namespace Landlock.Documents.Reading;

/// <summary>The keys of one table, checked against those that it may have.</summary>
internal readonly struct Fields
{
    private readonly ReadContext _context;
    private readonly SourceNode _table;
    private readonly TableShape _shape;

    private Fields(ReadContext context, SourceNode table, TableShape shape)
    {
        (_context, _table, _shape) = (context, table, shape);
        foreach (SourceNode entry in table.Items)
        {
            if (shape.IndexOf(entry.KeyUtf8, context.Syntax) < 0) context.Error(entry.KeyPosition, Unknown(entry.Key));
        }
    }

    public SourcePosition Position => _table.Position;

    /// <summary>Opens a table; null, and a finding, if the value is none.</summary>
    public static Fields? Of(ReadContext context, SourceNode node, TableShape shape)
    {
        if (node.Kind == SourceKind.Table) return new Fields(context, node, shape);
        context.Error(node.Position,
            $"{shape.What} must be {(context.Syntax == PolicySyntax.Json ? "an object" : "a table")}, not {node.Describe(context.Syntax)}");
        return null;
    }

    /// <summary>The value of a key; null if there is none. In JSON a null counts as none.</summary>
    public SourceNode? Find(string key) =>
        _table.Find(_shape.Spelled(key, _context.Syntax)) is { Kind: not SourceKind.Null } value ? value : null;

    /// <summary>The value of a key that must be there and have a type; null, and a finding, if not.</summary>
    public SourceNode? Require(string key, SourceKind kind, string type)
    {
        SourceNode? value = _table.Find(_shape.Spelled(key, _context.Syntax));
        if (value is not null) return Typed(value.Value, key, kind, type);
        _context.Error(Position, $"{_shape.What} needs {_context.Name(key)}");
        return null;
    }

    /// <summary>The value of a key that may be missing but must have a type; null, and a finding, if it has another.</summary>
    public SourceNode? Optional(string key, SourceKind kind, string type) => Find(key) is { } value ? Typed(value, key, kind, type) : null;

    /// <summary>An array that may not be empty; null, and a finding, if it is missing and must not be, is no array, or is empty.</summary>
    public SourceNode? Array(string key, bool required = false)
    {
        SourceNode? array = required ? Require(key, SourceKind.Array, "an array") : Optional(key, SourceKind.Array, "an array");
        if (array is not { Count: 0 } empty) return array;
        _context.Error(empty.Position, $"{_context.Name(key)} is empty; name at least one, or leave the key out");
        return null;
    }

    /// <summary>Whether an element of an array is a string; a finding, if not.</summary>
    public bool IsString(string key, SourceNode item)
    {
        if (item.Kind == SourceKind.String) return true;
        _context.Error(item.Position, $"{_context.Name(key)} must hold strings, not {item.Describe(_context.Syntax)}");
        return false;
    }

    private SourceNode? Typed(SourceNode value, string key, SourceKind kind, string type)
    {
        if (value.Kind == kind) return value;
        _context.Error(value.Position, $"{_context.Name(key)} must be {type}, not {value.Describe(_context.Syntax)}");
        return null;
    }

    private string Unknown(string key)
    {
        string shown = QuotedText.Of(key);
        PolicySyntax other = _context.Syntax == PolicySyntax.Toml ? PolicySyntax.Json : PolicySyntax.Toml;
        string? respelled = _shape.Keys.FirstOrDefault(known => ReadContext.Spell(known, other) == key);
        if (respelled is not null)
            return $"{_shape.What} has no key {shown}: that is how {(other == PolicySyntax.Json ? "JSON" : "TOML")} spells it; "
                + $"write {_context.Name(respelled)}";
        string[] words = [.. _shape.Keys.Select(_context.Spell)];
        return $"{_shape.What} has no key {shown}{Suggestion.Question(key, words, otherwise: $"; it has {string.Join(", ", words)}")}";
    }
}
