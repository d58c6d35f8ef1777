using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Landlock.Documents.Reading;

/// <summary>
/// Reads JSON (RFC 8259) into a tree with System.Text.Json. Keys must be distinct and text must be valid Unicode, escapes included.
/// </summary>
internal static class JsonSource
{
    /// <exception cref="SourceException">The text is not JSON, or nested deeper than <see cref="SourceBytes.MaxDepth"/>.</exception>
    public static SourceTree Read(ReadOnlySpan<byte> utf8)
    {
        ReadOnlySpan<byte> text = SourceBytes.WithoutMark(utf8);
        SourceBytes.Require(text, "JSON");
        SourceTree tree = new(text);
        // The limit is kept here; the reader's own would be 64.
        Utf8JsonReader reader = new(tree.Text, new JsonReaderOptions { MaxDepth = 2 * SourceBytes.MaxDepth });
        List<int> open = [SourceTree.Root];
        SourceText key = default;
        int before = 0;
        JsonTokenType last = JsonTokenType.None;
        try
        {
            while (reader.Read())
            {
                Add(tree, ref reader, open, ref key);
                (before, last) = ((int)reader.BytesConsumed, reader.TokenType);
            }
        }
        catch (JsonException)
        {
            throw JsonMistake.Find(tree, before, last, open[^1]);
        }

        return tree;
    }

    private static void Add(SourceTree tree, ref Utf8JsonReader reader, List<int> open, ref SourceText key)
    {
        int at = (int)reader.TokenStartIndex;
        SourceRecord record = new() { Key = key, At = at, Start = at, Length = reader.ValueSpan.Length };
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                key = ReadText(tree, ref reader);
                if (tree.Find(open[^1], tree.Slice(key)) is var first and not 0) throw Twice(tree, key, first);
                return;
            case JsonTokenType.EndArray:
                tree[open[^1]].End = (int)reader.BytesConsumed;
                open.RemoveAt(open.Count - 1);
                return;
            case JsonTokenType.EndObject:
                open.RemoveAt(open.Count - 1);
                return;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                // The document itself does not count, as in TOML.
                if (open.Count > SourceBytes.MaxDepth + 1)
                    throw new SourceException(tree.Places[at],
                        $"objects and arrays are nested more than {SourceBytes.MaxDepth} levels deep");
                (record.Start, record.Length) = (0, 0);
                record.Kind = reader.TokenType == JsonTokenType.StartObject ? SourceKind.Table : SourceKind.Array;
                break;
            case JsonTokenType.String:
                record.Kind = SourceKind.String;
                (_, record.Start, record.Length) = ReadText(tree, ref reader);
                break;
            case JsonTokenType.Number:
                ReadNumber(tree, reader.ValueSpan, ref record);
                break;
            default:
                record.Kind = reader.TokenType == JsonTokenType.Null ? SourceKind.Null : SourceKind.Boolean;
                break;
        }

        int index = tree.Add(open[^1], record);
        if (record.Kind is SourceKind.Table or SourceKind.Array) open.Add(index);
        key = default;
    }

    private static SourceText ReadText(SourceTree tree, ref Utf8JsonReader reader)
    {
        int at = (int)reader.TokenStartIndex;
        if (!reader.ValueIsEscaped) return new SourceText(at, at + 1, reader.ValueSpan.Length);
        try
        {
            byte[] decoded = Encoding.UTF8.GetBytes(reader.GetString()!);
            return new SourceText(at, tree.Keep(decoded), decoded.Length);
        }
        catch (InvalidOperationException)
        {
            throw JsonMistake.FindHalfPair(tree, at);
        }
    }

    private static void ReadNumber(SourceTree tree, ReadOnlySpan<byte> digits, ref SourceRecord record)
    {
        record.Kind = SourceKind.Float;
        // As upstream's parser has it, -0 is no integer.
        if (digits.IndexOfAny((byte)'.', (byte)'e', (byte)'E') >= 0 || digits.SequenceEqual("-0"u8)) return;
        Int128 cut = digits[0] == '-' ? Int128.MinValue : Int128.MaxValue;
        record.Kind = SourceKind.Integer;
        record.Start =
            tree.Keep(digits.Length < 39 ? Int128.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : cut);
    }

    private static SourceException Twice(SourceTree tree, in SourceText key, int first)
    {
        SourcePosition known = tree.Places[tree[first].Key.At];
        string problem = $"the key {QuotedText.Of(tree.Decode(key))} is already defined at line {known.Line}, column {known.Column}";
        return new SourceException(tree.Places[key.At], problem);
    }
}
