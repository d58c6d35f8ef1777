using System.Text;
using Landlock.Documents.Reading;

namespace Landlock.Documents.Writing;

/// <summary>Adds tables at the end of a text in TOML, every byte of which stays as it is.</summary>
internal static class TomlAppend
{
    /// <summary>The text with what is written behind it.</summary>
    /// <exception cref="SourceException">The text has what is added to, but in brackets or braces, so that it cannot grow.</exception>
    public static byte[] To(ReadOnlySpan<byte> text, Action<DocumentOutput> write)
    {
        TomlOutput output = new();
        write(output);
        string tables = output.ToString();
        if (tables.Length == 0) return text.ToArray();
        ReadOnlySpan<byte> body = SourceBytes.WithoutMark(text);
        string newline = UsesCarriageReturns(body) ? "\r\n" : "\n";
        // Newlines in strings are escaped, so every line feed ends a line.
        string addition = (Gap(body) + tables).Replace("\n", newline, StringComparison.Ordinal);
        byte[] changed = [.. text, .. Encoding.UTF8.GetBytes(addition)];
        TomlSource.Read(changed);
        return changed;
    }

    private static bool UsesCarriageReturns(ReadOnlySpan<byte> body) =>
        body.IndexOf((byte)'\n') is var first and > 0 && body[first - 1] == '\r';

    // The newlines that end the last line and leave one line empty.
    private static string Gap(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return "";
        int end = body.LastIndexOf((byte)'\n');
        ReadOnlySpan<byte> last = body[(end + 1)..];
        if (!last.IsEmpty) return IsBlank(last) ? "\n" : "\n\n";
        ReadOnlySpan<byte> before = body[..end];
        return IsBlank(before[(before.LastIndexOf((byte)'\n') + 1)..]) ? "" : "\n";
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept(" \t\r"u8) < 0;
}
