using System.Text;

namespace Landlock.Documents.Reading;

/// <summary>A value of a document, whatever its syntax, with its place.</summary>
internal readonly struct SourceNode(SourceTree tree, int index)
{
    public SourceKind Kind => tree[index].Kind;

    public SourcePosition Position => tree.Places[tree[index].At];

    /// <summary>The key of an entry of a table.</summary>
    public string Key => tree.Decode(tree[index].Key);

    public ReadOnlySpan<byte> KeyUtf8 => tree.Slice(tree[index].Key);

    public SourcePosition KeyPosition => tree.Places[tree[index].Key.At];

    public string Text => Encoding.UTF8.GetString(Utf8);

    /// <summary>A string in UTF-8.</summary>
    public ReadOnlySpan<byte> Utf8 => tree.Slice(tree[index].Start, tree[index].Length);

    public bool Boolean => Utf8 is [(byte)'t', ..];

    /// <summary>The number; one that is too large for any use is cut to the nearest.</summary>
    public Int128 Integer => tree.Number(index);

    /// <summary>How an array is written, if it stands in brackets; else nothing. Arrays that are written alike hold the same.</summary>
    public ReadOnlySpan<byte> Written => tree[index].End == 0 ? default : tree.Text[tree[index].At..tree[index].End];

    /// <summary>The number of values in an array or table.</summary>
    public int Count => tree[index].Length;

    /// <summary>The values in an array or table.</summary>
    public SourceNodes Items => new(tree, tree.First(index));

    /// <summary>The value of a key of a table; null if there is none.</summary>
    public SourceNode? Find(ReadOnlySpan<byte> key) => tree.Find(index, key) is var found and not 0 ? new SourceNode(tree, found) : null;

    /// <summary>The name of the type with its article, in the words of the syntax.</summary>
    public string Describe(PolicySyntax syntax) => Kind switch
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

/// <summary>The values in an array or table, for foreach.</summary>
internal struct SourceNodes(SourceTree tree, int first)
{
    private int _next = first;
    private int _current;

    public readonly SourceNode Current => new(tree, _current);

    public readonly SourceNodes GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_next == 0) return false;
        _current = _next;
        _next = tree[_current].Next;
        return true;
    }
}
