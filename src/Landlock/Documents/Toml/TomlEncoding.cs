using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Landlock.Documents.Toml;

/// <summary>The first look at the bytes of a document: UTF-8 and nothing else.</summary>
internal static class TomlEncoding
{
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>The text after the byte order mark, if it has one.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text) => text.StartsWith(Mark) ? text[Mark.Length..] : text;

    /// <exception cref="TomlException">The text is not valid UTF-8.</exception>
    public static void Require(ReadOnlySpan<byte> text, string language = "TOML")
    {
        if (Utf8.IsValid(text)) return;
        if (text is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new TomlException(new TomlPosition(1, 1), $"the text is UTF-16; {language} is always UTF-8");

        int line = 1;
        int column = 1;
        ReadOnlySpan<byte> rest = text;
        while (Rune.DecodeFromUtf8(rest, out Rune rune, out int length) == OperationStatus.Done)
        {
            (line, column) = rune.Value == '\n' ? (line + 1, 1) : (line, column + 1);
            rest = rest[length..];
        }

        throw new TomlException(new TomlPosition(line, column), $"the byte 0x{rest[0]:x2} is not part of valid UTF-8");
    }
}
