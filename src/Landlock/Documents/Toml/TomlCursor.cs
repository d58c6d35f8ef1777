using System.Buffers;
using System.Text;

namespace Landlock.Documents.Toml;

/// <summary>A place in a text of valid UTF-8 that only moves on.</summary>
internal ref struct TomlCursor
{
    public const int End = -1;

    private static readonly SearchValues<byte> CommentStops = SearchValues.Create(TomlBytes.Controls);
    private static readonly SearchValues<byte> WordBytes = SearchValues.Create([.. TomlBytes.OfBareKeys, .. "+.:"u8]);

    private readonly SourcePlaces _places;

    public TomlCursor(SourceTree tree)
    {
        Text = tree.Text;
        _places = tree.Places;
    }

    public ReadOnlySpan<byte> Text { get; }

    public int Offset { get; set; }

    public readonly ReadOnlySpan<byte> Rest => Text[Offset..];

    /// <summary>The line and column of the cursor.</summary>
    public readonly TomlPosition Position => PositionOf(Offset);

    /// <summary>The byte at the cursor or some bytes on, or <see cref="End"/>.</summary>
    public readonly int Peek(int ahead = 0) => Offset + ahead < Text.Length ? Text[Offset + ahead] : End;

    public bool TryTake(byte expected)
    {
        if (Peek() != expected) return false;
        Offset++;
        return true;
    }

    public bool TryTakeNewline()
    {
        int length = Peek() switch
        {
            '\n' => 1,
            '\r' when Peek(1) == '\n' => 2,
            _ => 0,
        };
        if (length == 0) return false;
        Offset += length;
        return true;
    }

    public void SkipBlanks()
    {
        while (Peek() is ' ' or '\t') Offset++;
    }

    /// <summary>Skips blanks, newlines and comments.</summary>
    public void SkipLines()
    {
        do SkipBlanksAndComment();
        while (TryTakeNewline());
    }

    /// <summary>Takes what may follow a statement on its line, and the end of the line.</summary>
    public void TakeEndOfLine()
    {
        SkipBlanksAndComment();
        if (!TryTakeNewline() && Peek() != End) throw Expected("a comment or the end of the line");
    }

    /// <summary>The bytes of the word at the cursor, as numbers, dates and names have them; may be empty.</summary>
    public readonly ReadOnlySpan<byte> PeekWord(int ahead = 0)
    {
        ReadOnlySpan<byte> rest = Rest[ahead..];
        int length = rest.IndexOfAnyExcept(WordBytes);
        return length < 0 ? rest : rest[..length];
    }

    /// <summary>The line and column of an offset.</summary>
    public readonly TomlPosition PositionOf(int offset) => _places[offset];

    public readonly TomlException Expected(string what) => new(Position, $"expected {what}, found {Found()}");

    /// <summary>The word or the scalar at the cursor, for messages.</summary>
    public readonly string Found() => PeekWord() is { IsEmpty: false } word ? Show(word) : FoundScalar();

    /// <summary>The scalar at the cursor, for messages.</summary>
    public readonly string FoundScalar()
    {
        switch (Peek())
        {
            case End: return "the end of the text";
            case '\n':
            case '\r' when Peek(1) == '\n': return "the end of the line";
            case < ' ' or 0x7F: return FoundControl();
        }

        Rune.DecodeFromUtf8(Rest, out _, out int length);
        return Show(Rest[..length]);
    }

    /// <summary>The control character at the cursor, for messages.</summary>
    public readonly string FoundControl() => Peek() switch
    {
        '\r' => "a carriage return without a line feed",
        '\t' => "a tab",
        int value => $"the control character U+{value:X4}",
    };

    /// <summary>Bytes of the text in quotes, for messages.</summary>
    public static string Show(ReadOnlySpan<byte> bytes)
    {
        // More would not be shown; a cut in the middle of a scalar falls into what is not shown.
        const int Enough = 400;
        return TomlText.Quoted(Encoding.UTF8.GetString(bytes.Length > Enough ? bytes[..Enough] : bytes));
    }

    private void SkipBlanksAndComment()
    {
        SkipBlanks();
        if (Peek() != '#') return;
        int length = Rest.IndexOfAny(CommentStops);
        Offset = length < 0 ? Text.Length : Offset + length;
        if (Peek() is End or '\n' || (Peek() == '\r' && Peek(1) == '\n')) return;
        throw new TomlException(Position, $"a comment cannot hold {FoundControl()}");
    }
}
