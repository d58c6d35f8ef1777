using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Landlock.Documents.Reading;

/// <summary>The bytes of a document: UTF-8 and nothing else; and how messages show what is found among them.</summary>
internal static class SourceBytes
{
    /// <summary>How many tables and arrays may lie within one another, the document itself not counted, in either syntax.</summary>
    public const int MaxDepth = 128;

    private static readonly SearchValues<byte> OfWords =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+.:"u8);

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>The text after the byte order mark, if it has one.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text) => text.StartsWith(Mark) ? text[Mark.Length..] : text;

    /// <exception cref="SourceException">The text is not valid UTF-8.</exception>
    public static void Require(ReadOnlySpan<byte> text, string language)
    {
        if (Utf8.IsValid(text)) return;
        if (text is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new SourceException(new SourcePosition(1, 1), $"the text is UTF-16; {language} is always UTF-8");

        int line = 1;
        int column = 1;
        ReadOnlySpan<byte> rest = text;
        while (Rune.DecodeFromUtf8(rest, out Rune rune, out int length) == OperationStatus.Done)
        {
            (line, column) = rune.Value == '\n' ? (line + 1, 1) : (line, column + 1);
            rest = rest[length..];
        }

        throw new SourceException(new SourcePosition(line, column), $"the byte 0x{rest[0]:x2} is not part of valid UTF-8");
    }

    /// <summary>The word that a text begins with, as numbers, dates and names have them; may be empty.</summary>
    public static ReadOnlySpan<byte> Word(ReadOnlySpan<byte> text)
    {
        int length = text.IndexOfAnyExcept(OfWords);
        return length < 0 ? text : text[..length];
    }

    /// <summary>The word or the scalar that a text begins with, for messages.</summary>
    public static string Found(ReadOnlySpan<byte> text)
    {
        if (Word(text) is { IsEmpty: false } word) return Show(word);
        switch (text)
        {
            case []: return "the end of the text";
            case [(byte)'\n', ..] or [(byte)'\r', (byte)'\n', ..]: return "the end of the line";
            case [< (byte)' ' or 0x7F, ..]: return Control(text[0]);
        }

        Rune.DecodeFromUtf8(text, out _, out int length);
        return Show(text[..length]);
    }

    /// <summary>A control character, for messages.</summary>
    public static string Control(byte value) => value switch
    {
        (byte)'\r' => "a carriage return without a line feed",
        (byte)'\t' => "a tab",
        _ => $"the control character U+{value:X4}",
    };

    private static string Show(ReadOnlySpan<byte> bytes)
    {
        // More would not be shown; a cut in the middle of a scalar falls into what is not shown.
        const int Enough = 400;
        return QuotedText.Of(Encoding.UTF8.GetString(bytes.Length > Enough ? bytes[..Enough] : bytes));
    }
}
