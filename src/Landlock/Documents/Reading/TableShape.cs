using System.Text;

namespace Landlock.Documents.Reading;

/// <summary>The keys that a kind of table may have.</summary>
internal sealed class TableShape
{
    private readonly byte[][] _toml;
    private byte[][]? _json;

    /// <param name="what">The table, for messages ("a ruleset").</param>
    /// <param name="keys">Its keys, as TOML spells them.</param>
    public TableShape(string what, params string[] keys)
    {
        (What, Keys) = (what, keys);
        _toml = [.. keys.Select(Encoding.UTF8.GetBytes)];
    }

    public string What { get; }

    public string[] Keys { get; }

    /// <summary>Which key it is; -1 = none of them.</summary>
    public int IndexOf(ReadOnlySpan<byte> key, PolicySyntax syntax)
    {
        byte[][] spelled = In(syntax);
        for (int i = 0; i < spelled.Length; i++)
        {
            if (key.SequenceEqual(spelled[i])) return i;
        }

        return -1;
    }

    /// <summary>A key as a syntax spells it.</summary>
    public ReadOnlySpan<byte> Spelled(string key, PolicySyntax syntax) => In(syntax)[Array.IndexOf(Keys, key)];

    private byte[][] In(PolicySyntax syntax) => syntax == PolicySyntax.Toml ? _toml
        : _json ??= [.. Keys.Select(key => Encoding.UTF8.GetBytes(ReadContext.Spell(key, PolicySyntax.Json)))];
}
