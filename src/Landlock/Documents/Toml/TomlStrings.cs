using System.Buffers;

namespace Landlock.Documents.Toml;

/// <summary>Reads the four notations of strings. Newlines in a multi-line string stay as they are in the text.</summary>
internal static class TomlStrings
{
    private static readonly SearchValues<byte> BasicStops = SearchValues.Create([.. TomlBytes.Controls, (byte)'"', (byte)'\\']);
    private static readonly SearchValues<byte> LiteralStops = SearchValues.Create([.. TomlBytes.Controls, (byte)'\'']);

    public static bool StartHere(in TomlCursor cursor) => cursor.Peek() is '"' or '\'';

    public static bool StartMultiLineHere(in TomlCursor cursor) =>
        StartHere(cursor) && cursor.Peek(1) == cursor.Peek() && cursor.Peek(2) == cursor.Peek();

    /// <summary>Reads the string at the cursor.</summary>
    public static SourceText Read(ref TomlCursor cursor, SourceTree tree)
    {
        int start = cursor.Offset;
        byte quote = (byte)cursor.Peek();
        int quotes = StartMultiLineHere(cursor) ? 3 : 1;
        cursor.Offset += quotes;
        if (quotes == 3) cursor.TryTakeNewline();

        ArrayBufferWriter<byte>? decoded = null;
        int pending = cursor.Offset;
        while (true)
        {
            int plain = cursor.Rest.IndexOfAny(quote == '"' ? BasicStops : LiteralStops);
            if (plain < 0) throw Unclosed(cursor.PositionOf(start), quote, quotes);
            cursor.Offset += plain;
            if (cursor.Peek() == '\\')
            {
                decoded ??= new ArrayBufferWriter<byte>();
                decoded.Write(cursor.Text[pending..cursor.Offset]);
                if (quotes == 1 || !TryTakeContinuation(ref cursor)) TomlEscapes.Read(ref cursor, decoded);
                pending = cursor.Offset;
            }
            else if (cursor.Peek() != quote)
            {
                bool newline = quotes == 3 && cursor.TryTakeNewline();
                if (!newline) throw Unexpected(ref cursor, cursor.PositionOf(start), quote, quotes);
            }
            else if (TryTakeEnd(ref cursor, quote, quotes))
            {
                ReadOnlySpan<byte> rest = cursor.Text[pending..(cursor.Offset - quotes)];
                if (decoded is null) return new SourceText(start, pending, rest.Length);
                decoded.Write(rest);
                return new SourceText(start, tree.Keep(decoded.WrittenSpan), decoded.WrittenCount);
            }
        }
    }

    // Up to two quotes may stand before the three that close a multi-line string, or anywhere in it.
    private static bool TryTakeEnd(ref TomlCursor cursor, byte quote, int quotes)
    {
        int most = quotes == 3 ? 5 : 1;
        int count = 0;
        while (count < most && cursor.TryTake(quote)) count++;
        return count >= quotes;
    }

    // A backslash at the end of a line takes away the newline and all blanks and newlines after it.
    private static bool TryTakeContinuation(ref TomlCursor cursor)
    {
        TomlCursor ahead = cursor;
        ahead.Offset++;
        ahead.SkipBlanks();
        if (!ahead.TryTakeNewline()) return false;
        do ahead.SkipBlanks();
        while (ahead.TryTakeNewline());
        cursor = ahead;
        return true;
    }

    private static TomlException Unexpected(ref TomlCursor cursor, TomlPosition start, byte quote, int quotes)
    {
        if (quotes == 1 && cursor.TryTakeNewline()) return Unclosed(start, quote, quotes);
        string advice = quote == '"' ? "; write it as an escape" : "; a string in double quotes can hold its escape";
        return new TomlException(cursor.Position, $"a string cannot hold {cursor.FoundControl()}{advice}");
    }

    private static TomlException Unclosed(TomlPosition start, byte quote, int quotes)
    {
        string mark = new((char)quote, quotes);
        string end = quotes == 1 ? "the end of the line" : "the end of the text";
        return new TomlException(start, $"the string that begins here is not closed: expected {mark} before {end}");
    }
}
