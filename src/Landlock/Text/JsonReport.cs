using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Landlock.Text;

/// <summary>
/// JSON for programs (docs/json.md). Every document says which schema it has and what it is; a newer schema with the same number only adds.
/// </summary>
internal static class JsonReport
{
    /// <summary>The number of the schema.</summary>
    public const int Schema = 1;

    /// <summary>How a line is written.</summary>
    internal static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Readable = Plain with { Indented = true };

    /// <summary>A document, over several lines.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="content">Writes the properties.</param>
    public static byte[] Document(string kind, Action<Utf8JsonWriter> content) => Write(Readable, json =>
    {
        Head(json, kind);
        content(json);
    });

    /// <summary>An object in one line.</summary>
    /// <param name="content">Writes the properties.</param>
    public static byte[] Line(Action<Utf8JsonWriter> content) => Write(Plain, content);

    /// <summary>The properties that say what a document is.</summary>
    public static void Head(Utf8JsonWriter json, string kind)
    {
        json.WriteNumber("schema", Schema);
        json.WriteString("kind", kind);
    }

    /// <summary>The name of a value in lower snake case, as the words of policies are.</summary>
    public static string Word(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>A text that may be any sequence of bytes: one that is no text is shown, and its bytes come beside it.</summary>
    public static void Text(Utf8JsonWriter json, string property, string? text)
    {
        if (text is null)
        {
            json.WriteNull(property);
            return;
        }

        json.WriteString(property, Shown(text));
        if (!IsText(text)) json.WriteBase64String(property + "Bytes", PosixText.Encode(text));
    }

    /// <summary>Texts; if one of them is none, the bytes of all of them come beside them.</summary>
    public static void Texts(Utf8JsonWriter json, string property, IEnumerable<string> texts)
    {
        string[] all = [.. texts];
        json.WriteStartArray(property);
        foreach (string text in all) json.WriteStringValue(Shown(text));
        json.WriteEndArray();
        if (all.All(IsText)) return;
        json.WriteStartArray(property + "Bytes");
        foreach (string text in all) json.WriteBase64StringValue(PosixText.Encode(text));
        json.WriteEndArray();
    }

    /// <summary>Objects.</summary>
    public static void Objects<T>(Utf8JsonWriter json, string property, IEnumerable<T> items, Action<T> content)
    {
        json.WriteStartArray(property);
        foreach (T item in items)
        {
            json.WriteStartObject();
            content(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static bool IsText(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;

    // What must not reach a terminal as it is goes by number, as everything else in that text beyond ASCII does.
    private static JsonEncodedText Shown(string text) =>
        !IsText(text) ? JsonEncodedText.Encode(PosixText.Printable(text), Plain.Encoder)
            : JsonEncodedText.Encode(text, Glyph.AreSeen(text) ? Plain.Encoder : null);

    private static byte[] Write(JsonWriterOptions options, Action<Utf8JsonWriter> content)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text, options))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        text.WriteByte((byte)'\n');
        return text.ToArray();
    }
}
