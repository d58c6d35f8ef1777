using System.Runtime.InteropServices;
using System.Text;

namespace Landlock.Documents.Reading;

/// <summary>The types of values that TOML and JSON have between them.</summary>
internal enum SourceKind : byte
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

/// <summary>A text in the document: what it says, in UTF-8, and where it stands.</summary>
/// <param name="At">The offset at which it begins, quotes included.</param>
/// <param name="Start">Where its content is; see <see cref="SourceTree.Slice(int, int)"/>.</param>
/// <param name="Length">How many bytes that is.</param>
internal readonly record struct SourceText(int At, int Start, int Length);

/// <summary>One value of a document.</summary>
internal struct SourceRecord
{
    public SourceKind Kind;

    /// <summary>What made a table, which decides what may add to it.</summary>
    public TableOrigin Origin;

    /// <summary>Whether an array is written with [[headers]], so that more of them may follow.</summary>
    public bool HasHeaders;

    /// <summary>Whether a table in braces has several lines.</summary>
    public bool IsLong;

    /// <summary>The key of an entry of a table.</summary>
    public SourceText Key;

    /// <summary>Where the value begins.</summary>
    public int At;

    /// <summary>Where an array ends that is written in brackets.</summary>
    public int End;

    /// <summary>
    /// The content of a string, or the word that is another plain value; of an integer the number's index; of an array or table the first
    /// value in it.
    /// </summary>
    public int Start;

    /// <summary>The bytes of a string or word; the values in an array or table.</summary>
    public int Length;

    /// <summary>The last value in an array or table.</summary>
    public int Last;

    /// <summary>The next value in the same array or table; 0 = none.</summary>
    public int Next;
}

/// <summary>
/// The values of a document of either syntax. They lie in one list and say where in the text they are, so that a document of a hundred
/// thousand rules does not become a million objects; what is of use becomes text when it is asked for.
/// </summary>
internal sealed class SourceTree
{
    // Most tables have a few keys, for which an index would cost more than it saves.
    private const int Searchable = 8;

    /// <summary>What holds the document and nothing else. No value is before it, so 0 stands for "none" too.</summary>
    public const int Root = 0;

    /// <summary>The document.</summary>
    public const int Document = 1;

    private readonly byte[] _text;
    private readonly List<Int128> _numbers = [];
    private SourceRecord[] _records;
    private int _count = 1;
    private byte[] _decoded = [];
    private int _decodedLength;
    private Dictionary<int, Dictionary<string, int>>? _indexes;

    /// <summary>Makes an empty tree.</summary>
    /// <param name="utf8">The text, without a byte order mark.</param>
    public SourceTree(ReadOnlySpan<byte> utf8)
    {
        _text = utf8.ToArray();
        _records = new SourceRecord[16 + (utf8.Length / 16)];
        _records[Root].Kind = SourceKind.Array;
        Places = new SourcePlaces(_text);
    }

    public ReadOnlySpan<byte> Text => _text;

    public SourcePlaces Places { get; }

    /// <summary>What the text has that its syntax did not have from the beginning, and landlockconfig refuses; and where.</summary>
    public List<(int At, string What)> Newer { get; } = [];

    public ref SourceRecord this[int index] => ref _records[index];

    /// <summary>
    /// The content of a text. Where escapes made it differ from what is written it lies in a list of its own, behind the text.
    /// </summary>
    public ReadOnlySpan<byte> Slice(int start, int length) =>
        start < _text.Length ? _text.AsSpan(start, length) : _decoded.AsSpan(start - _text.Length, length);

    public ReadOnlySpan<byte> Slice(in SourceText text) => Slice(text.Start, text.Length);

    public Int128 Number(int index) => _numbers[_records[index].Start];

    /// <summary>Keeps a text that is not in the document as it is; returns where.</summary>
    public int Keep(ReadOnlySpan<byte> decoded)
    {
        int start = _decodedLength;
        if (start + decoded.Length > _decoded.Length) Array.Resize(ref _decoded, Math.Max(2 * _decoded.Length, start + decoded.Length));
        decoded.CopyTo(_decoded.AsSpan(start));
        _decodedLength += decoded.Length;
        return _text.Length + start;
    }

    /// <summary>Keeps a number; returns which it is.</summary>
    public int Keep(Int128 number)
    {
        _numbers.Add(number);
        return _numbers.Count - 1;
    }

    /// <summary>Adds a value at the end of an array or table; returns its index.</summary>
    public int Add(int parent, in SourceRecord record)
    {
        if (_count == _records.Length) Array.Resize(ref _records, 2 * _count);
        int index = _count++;
        _records[index] = record;
        ref SourceRecord owner = ref _records[parent];
        if (owner.Length++ == 0) owner.Start = index;
        else _records[owner.Last].Next = index;
        owner.Last = index;
        if (_indexes is not null && _indexes.TryGetValue(parent, out Dictionary<string, int>? keys)) keys.TryAdd(Decode(record.Key), index);
        return index;
    }

    /// <summary>The entry of a table with the key; 0 if there is none.</summary>
    public int Find(int table, ReadOnlySpan<byte> key)
    {
        if (_records[table].Length > Searchable) return Index(table).GetValueOrDefault(Encoding.UTF8.GetString(key));
        for (int i = First(table); i != 0; i = _records[i].Next)
        {
            if (Slice(_records[i].Key).SequenceEqual(key)) return i;
        }

        return 0;
    }

    /// <summary>The first value in an array or table; 0 if it is empty.</summary>
    public int First(int parent) => _records[parent].Length == 0 ? 0 : _records[parent].Start;

    public string Decode(in SourceText text) => Encoding.UTF8.GetString(Slice(text));

    private Dictionary<string, int> Index(int table)
    {
        ref Dictionary<string, int>? keys = ref CollectionsMarshal.GetValueRefOrAddDefault(_indexes ??= [], table, out _);
        if (keys is not null) return keys;
        keys = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = First(table); i != 0; i = _records[i].Next) keys.TryAdd(Decode(_records[i].Key), i);
        return keys;
    }
}
