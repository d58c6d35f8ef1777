using System.Text;

namespace Landlock.Documents.Toml;

/// <summary>Changes the text of a document without touching what is not meant: comments, order and layout stay.</summary>
public static class TomlEditor
{
    /// <summary>Adds elements <c>[[key]]</c> at the end of a text, whose bytes all stay as they are.</summary>
    /// <param name="text">The text of the document, in UTF-8.</param>
    /// <param name="key">The name of the array of tables, which the document may have already or not.</param>
    /// <param name="elements">The new elements.</param>
    /// <returns>A text that reads as the old document with the elements at the end of the array.</returns>
    /// <exception cref="TomlException">
    /// The text is not TOML, or has the key with another value than an array made by <c>[[headers]]</c>.
    /// </exception>
    public static byte[] AppendTables(ReadOnlySpan<byte> text, string key, IReadOnlyCollection<TomlTable> elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        TomlTable added = new((key, new TomlArray(elements)));
        TomlEntry? entry = TomlReader.Read(text).Find(key);
        if (entry is not (null or { Value: TomlArray { HasHeaders: true } }))
            throw new TomlException(
                entry.Position,
                $"tables can be added to {TomlText.Quoted(key)} only when it is written with headers in double brackets");
        if (elements.Count == 0) return text.ToArray();

        return Append(text, added);
    }

    /// <summary>Adds elements <c>[[table.key]]</c> at the end of a text, whose bytes all stay as they are.</summary>
    /// <param name="text">The text of the document, in UTF-8.</param>
    /// <param name="table">The name of the table, which the document may have already or not.</param>
    /// <param name="key">The name of the array of tables within it, which the table may have already or not.</param>
    /// <param name="elements">The new elements.</param>
    /// <exception cref="TomlException">The text is not TOML, or is written so that the elements cannot be added.</exception>
    public static byte[] AppendTables(ReadOnlySpan<byte> text, string table, string key, IReadOnlyCollection<TomlTable> elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        TomlReader.Read(text);
        if (elements.Count == 0) return text.ToArray();
        byte[] changed = Append(text, new TomlTable((table, new TomlTable((key, new TomlArray(elements))))));
        // Whether the table can grow, which one in braces cannot, the reader knows best.
        TomlReader.Read(changed);
        return changed;
    }

    private static byte[] Append(ReadOnlySpan<byte> text, TomlTable added)
    {
        ReadOnlySpan<byte> body = TomlEncoding.WithoutMark(text);
        string newline = UsesCarriageReturns(body) ? "\r\n" : "\n";
        // The writer escapes newlines in strings, so every line feed in its output ends a line.
        string addition = (Gap(body) + TomlWriter.Write(added)).Replace("\n", newline, StringComparison.Ordinal);
        return [.. text, .. Encoding.UTF8.GetBytes(addition)];
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
