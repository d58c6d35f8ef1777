using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Landlock.Documents.Writing;

/// <summary>
/// How texts are escaped in JSON: what is seen for what it is stands as it is, all else is a number. A byte of a path that is not UTF-8 is
/// the half of a surrogate pair that stands for it, which System.Text.Json's own encoders would replace.
/// </summary>
internal sealed unsafe class JsonGlyphs : JavaScriptEncoder
{
    private static readonly JsonGlyphs Encoder = new();

    public override int MaxOutputCharactersPerInputCharacter => 6;

    /// <summary>Writes JSON, in lines or on one.</summary>
    public static string Write(bool indented, Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> text = new();
        using (Utf8JsonWriter json = new(text, new JsonWriterOptions { Encoder = Encoder, Indented = indented })) write(json);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>Writes an array of texts on one line.</summary>
    public static void WriteLine(Utf8JsonWriter json, string key, IEnumerable<string> texts)
    {
        json.WritePropertyName(key);
        string separator = json.Options.Indented ? ", " : ",";
        json.WriteRawValue($"[{string.Join(separator, texts.Select(text => $"\"{Escape(text)}\""))}]", skipInputValidation: true);
    }

    public override bool WillEncode(int unicodeScalar) =>
        unicodeScalar is '"' or '\\' || !Rune.IsValid(unicodeScalar) || !Glyph.IsSeen(new Rune(unicodeScalar));

    public override int FindFirstCharacterToEncode(char* text, int textLength)
    {
        ReadOnlySpan<char> rest = new(text, textLength);
        while (Rune.DecodeFromUtf16(rest, out Rune rune, out int length) == OperationStatus.Done && !WillEncode(rune.Value))
            rest = rest[length..];
        return rest.IsEmpty ? -1 : textLength - rest.Length;
    }

    public override bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        string escaped = Escape(char.ConvertFromUtf32(unicodeScalar));
        bool fits = escaped.TryCopyTo(new Span<char>(buffer, bufferLength));
        numberOfCharactersWritten = fits ? escaped.Length : 0;
        return fits;
    }

    public override OperationStatus Encode(
        ReadOnlySpan<char> source, Span<char> destination, out int charsConsumed, out int charsWritten, bool isFinalBlock = true)
    {
        string escaped = Escape(source.ToString());
        bool fits = escaped.TryCopyTo(destination);
        (charsConsumed, charsWritten) = fits ? (source.Length, escaped.Length) : (0, 0);
        return fits ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }

    private static string Escape(string text)
    {
        StringBuilder escaped = new();
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool isSeen = Glyph.TryGet(text, i, out Rune rune) && Glyph.IsSeen(rune);
            if (isSeen && !rune.IsBmp) escaped.Append(c).Append(text[++i]);
            else if (c is '"' or '\\') escaped.Append('\\').Append(c);
            else if (c == '\n') escaped.Append("\\n");
            else if (c == '\t') escaped.Append("\\t");
            else if (isSeen) escaped.Append(c);
            else escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return escaped.ToString();
    }
}
