using System.Buffers;
using System.Text;
using Landlock.Toml;

namespace Landlock.Documents.Reading;

/// <summary>
/// Reads TOML 1.1 into a tree, in linear time. Tomlyn says which values stand where and that the text between them is right; that text is
/// looked at here: Tomlyn's events keep quiet about a header that names the table that is open, and about whatever only TOML 1.1 allows.
/// </summary>
internal sealed class TomlSource
{
    private static readonly SearchValues<byte> OfBareKeys =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"u8);

    private readonly SourceTree _tree;
    private readonly TomlTables _tables;
    private readonly TomlEvents _events;
    private readonly List<SourceText> _path = [];

    // Tomlyn takes it for the mark of broken text. What stands for it is as long.
    private const char Replacement = '\uFFFD';
    private const char Substitute = '\uFFFC';

    private readonly bool _isSubstituted;

    // The text as Tomlyn has it, and an index into it with the offset in UTF-8 that is the same place; null where both are always the same.
    private readonly string? _characters;
    private int _character;
    private int _offset;

    // The arrays and tables in brackets and braces that are open, and how deep each lies.
    private readonly List<(int Value, int Depth)> _open = [];
    private int _table;
    private int _at;

    private TomlSource(ReadOnlySpan<byte> text)
    {
        _tree = new SourceTree(text);
        _tables = new TomlTables(_tree);
        string characters = Encoding.UTF8.GetString(text);
        if (characters.Length != text.Length)
        {
            _isSubstituted = characters.Contains(Replacement);
            _characters = characters = characters.Replace(Replacement, Substitute);
        }

        _events = new TomlEvents(characters, SourceBytes.MaxDepth + 1);
    }

    private ReadOnlySpan<byte> Text => _tree.Text;

    /// <exception cref="SourceException">The text is not TOML, or nested deeper than <see cref="SourceBytes.MaxDepth"/>.</exception>
    public static SourceTree Read(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = SourceBytes.WithoutMark(utf8);
        SourceBytes.Require(text, "TOML");
        // Tomlyn would take a second mark away, too.
        if (SourceBytes.WithoutMark(text).Length < text.Length)
            throw new SourceException(new SourcePosition(1, 1), $"expected a key, a header or a comment, found {SourceBytes.Found(text)}");
        return new TomlSource(text).Read();
    }

    private SourceTree Read()
    {
        _table = _tree.Add(SourceTree.Root, new SourceRecord { Kind = SourceKind.Table, Origin = TableOrigin.Header });
        while (_events.MoveNext())
        {
            switch (_events.Kind)
            {
                case TomlEventKind.None:
                    break;
                case TomlEventKind.Array or TomlEventKind.Table:
                    Open();
                    break;
                case TomlEventKind.Close:
                    if (_open.Count > 0 && _events.Depth < _open[^1].Depth) Close();
                    break;
                default:
                    ReadPlain();
                    break;
            }
        }

        if (_events.Problem is not null) throw Explain();
        ReadHeaders();
        return _tree;
    }

    private void Open()
    {
        int at = Offset(_events.Start);
        (int owner, SourceText key) = Place(at);
        SourceKind kind = _events.Kind == TomlEventKind.Array ? SourceKind.Array : SourceKind.Table;
        _open.Add((_tree.Add(owner, new SourceRecord { Kind = kind, Origin = TableOrigin.Inline, Key = key, At = at }), _events.Depth));
        _at = at + 1;
    }

    private void Close()
    {
        int value = _open[^1].Value;
        SkipSpace();
        int comma = _at;
        bool isLast = TryTake((byte)',');
        SkipSpace();
        if (isLast && _tree[value].Kind == SourceKind.Table) _tree.Newer.Add((comma, "a comma at the end of an inline table"));
        _open.RemoveAt(_open.Count - 1);
        _at++;
        if (_tree[value].Kind == SourceKind.Array) _tree[value].End = _at;
    }

    private void ReadPlain()
    {
        int at = Offset(_events.Start);
        int end = Offset(_events.End);
        (int owner, SourceText key) = Place(at);
        SourceRecord record = new() { Key = key, At = at, Start = at, Length = end - at };
        switch (_events.Kind)
        {
            case TomlEventKind.String:
                record.Kind = SourceKind.String;
                (record.Start, record.Length) = ReadString(at, end);
                break;
            case TomlEventKind.Integer:
                record.Kind = SourceKind.Integer;
                record.Start = _tree.Keep(ReadInteger(at, end));
                break;
            case TomlEventKind.Boolean:
                record.Kind = SourceKind.Boolean;
                break;
            case TomlEventKind.Float:
                record.Kind = SourceKind.Float;
                break;
            default:
                record.Kind = SourceKind.Date;
                int colon = Text[at..end].IndexOf((byte)':');
                if (colon >= 0 && (at + colon + 3 >= end || Text[at + colon + 3] != ':')) _tree.Newer.Add((at, "a time without seconds"));
                break;
        }

        _tree.Add(owner, record);
        _at = end;
    }

    private Int128 ReadInteger(int at, int end)
    {
        if (_events.Integer >= 0 || Text[at] == '-') return _events.Integer;
        throw Fail(
            at,
            $"{SourceBytes.Found(Text[at..end])} does not fit into 64 bits: expected an integer from {long.MinValue} to {long.MaxValue}");
    }

    private (int Start, int Length) ReadString(int at, int end)
    {
        byte quote = Text[at];
        int quotes = end - at >= 6 && Text[at + 1] == quote && Text[at + 2] == quote ? 3 : 1;
        int start = at + quotes;
        int length = end - quotes - start;
        ReadOnlySpan<byte> content = Text.Slice(start, length);
        // Tomlyn takes a backslash at the end of the line for more than it is.
        if (quotes == 1 && content.Contains((byte)'\n')) throw Fail(at, TomlMistake.UnclosedString(quote, quotes));
        if (quote == '"' && content.Contains((byte)'\\'))
        {
            if (HasLoneReturn(content)) throw Fail(at, $"a string cannot hold {SourceBytes.Control((byte)'\r')}; write it as an escape");
            if (_events.Decode() is not { } text) throw Explain();
            NoteEscapes(start, length);
            return _isSubstituted ? Decode(at, end) : Keep(text);
        }

        // A line feed right behind the quotes is not of the text.
        int skipped = quotes == 1 ? 0 : content is [(byte)'\n', ..] ? 1 : content is [(byte)'\r', (byte)'\n', ..] ? 2 : 0;
        return (start + skipped, length - skipped);
    }

    private void NoteEscapes(int start, int length)
    {
        for (int at = start; at < start + length - 1; at++)
        {
            if (Text[at] != '\\') continue;
            at++;
            if (Text[at] is (byte)'e' or (byte)'x') _tree.Newer.Add((at - 1, $"the escape '\\{(char)Text[at]}'"));
        }
    }

    /// <summary>Where a value belongs, with its key: what stands between the last value and it says so.</summary>
    private (int Owner, SourceText Key) Place(int value)
    {
        int table = _table;
        if (_open.Count == 0)
        {
            ReadHeaders();
            table = _table;
        }
        else
        {
            table = _open[^1].Value;
            if (_tree[table].Kind == SourceKind.Array) return (table, default);
            SkipSpace();
            TryTake((byte)',');
            SkipSpace();
        }

        ReadKey();
        // The equals sign, behind which Tomlyn allows a new line.
        _at++;
        SkipBlanks();
        if (_at != value) throw Fail(_at, $"expected a value, found {SourceBytes.Found(Text[_at..])}");
        int owner = _tables.DescendByDots(table, _path);
        return (owner, _tables.RequireNew(owner, _path));
    }

    private void ReadHeaders()
    {
        while (true)
        {
            SkipSpace();
            int header = _at;
            if (!TryTake((byte)'[')) return;
            bool isElement = TryTake((byte)'[');
            ReadKey();
            _at += isElement ? 2 : 1;
            _table = isElement ? _tables.DefineElement(_path, header) : _tables.DefineTable(_path, header);
        }
    }

    private void ReadKey()
    {
        _path.Clear();
        do
        {
            SkipBlanks();
            _path.Add(ReadKeyPart());
            SkipBlanks();
        }
        while (TryTake((byte)'.'));
    }

    private SourceText ReadKeyPart()
    {
        int start = _at;
        byte quote = Text[start];
        if (quote is not ((byte)'"' or (byte)'\''))
        {
            int length = Text[start..].IndexOfAnyExcept(OfBareKeys);
            _at = start + length;
            return new SourceText(start, start, length);
        }

        for (_at++; Text[_at] != quote; _at++)
        {
            // What follows a backslash is no end.
            if (quote == '"' && Text[_at] == '\\') _at++;
        }

        ReadOnlySpan<byte> content = Text[(start + 1).._at++];
        if (quote == '\'' || !content.Contains((byte)'\\')) return new SourceText(start, start + 1, content.Length);
        NoteEscapes(start + 1, content.Length);
        (int kept, int bytes) = Decode(start, _at);
        return new SourceText(start, kept, bytes);
    }

    // A string in double quotes, of which Tomlyn has said that it is right.
    private (int Start, int Length) Decode(int start, int end)
    {
        string written = Encoding.UTF8.GetString(Text[start..end]).Replace($"{Replacement}", "\\uFFFD", StringComparison.Ordinal);
        return Keep(TomlEvents.Decode(written));
    }

    private (int Start, int Length) Keep(string text)
    {
        byte[] decoded = Encoding.UTF8.GetBytes(text);
        return (_tree.Keep(decoded), decoded.Length);
    }

    // Tomlyn misses one behind a backslash.
    private static bool HasLoneReturn(ReadOnlySpan<byte> content)
    {
        for (int at; (at = content.IndexOf((byte)'\r')) >= 0; content = content[(at + 1)..])
        {
            if (content[(at + 1)..] is not [(byte)'\n', ..]) return true;
        }

        return false;
    }

    /// <summary>Skips blanks, line ends and comments.</summary>
    private void SkipSpace()
    {
        while (_at < Text.Length)
        {
            switch (Text[_at])
            {
                case (byte)' ' or (byte)'\t' or (byte)'\r':
                    _at++;
                    break;
                case (byte)'\n':
                    NoteLine();
                    _at++;
                    break;
                case (byte)'#':
                    int length = Text[_at..].IndexOf((byte)'\n');
                    _at = length < 0 ? Text.Length : _at + length;
                    break;
                default:
                    return;
            }
        }
    }

    private void SkipBlanks()
    {
        while (_at < Text.Length && Text[_at] is (byte)' ' or (byte)'\t') _at++;
    }

    // A line end within braces. Said once for a table.
    private void NoteLine()
    {
        if (_open.Count == 0 || _tree[_open[^1].Value] is not { Kind: SourceKind.Table, IsLong: false }) return;
        ref SourceRecord table = ref _tree[_open[^1].Value];
        table.IsLong = true;
        _tree.Newer.Add((table.At, "an inline table of several lines"));
    }

    private bool TryTake(byte expected)
    {
        if (_at >= Text.Length || Text[_at] != expected) return false;
        _at++;
        return true;
    }

    private int Offset(int character)
    {
        if (_characters is null) return character;
        if (character < _character) (_character, _offset) = (0, 0);
        _offset += Encoding.UTF8.GetByteCount(_characters.AsSpan(_character, character - _character));
        _character = character;
        return _offset;
    }

    /// <summary>What ended Tomlyn's events. What is never closed is told where it begins.</summary>
    private SourceException Explain()
    {
        int at = _events.ProblemAt < 0 ? -1 : Offset(_events.ProblemAt);
        if (_events.IsTooDeep)
        {
            SkipSpace();
            return Fail(Math.Max(at, _at), $"tables and arrays are nested more than {SourceBytes.MaxDepth} levels deep");
        }

        // Once it has read the end, Tomlyn knows no place.
        if (at < _at) at = Text.Length;
        if (TomlMistake.OpenString(Text, _at, at) is { } quotes)
            return Fail(quotes.Start, TomlMistake.UnclosedString(Text[quotes.Start], quotes.Length));
        string problem = TomlMistake.Describe(_events.Problem!);
        if (_open.Count == 0) return Fail(at, problem);
        int begin = _tree[_open[^1].Value].At;
        (string what, char end) = _tree[_open[^1].Value].Kind == SourceKind.Array ? ("array", ']') : ("inline table", '}');
        if (at == Text.Length)
            return Fail(begin, $"the {what} that begins here is not closed: expected '{end}' before the end of the text");
        SourcePosition opened = _tree.Places[begin];
        bool isFar = opened.Line < _tree.Places[at].Line;
        return Fail(at, isFar ? $"{problem} (the {what} begins at line {opened.Line}, column {opened.Column})" : problem);
    }

    private SourceException Fail(int at, string problem) => new(_tree.Places[at], problem);
}
