using System.Text.Json;
using Landlock.Documents.Reading;

namespace Landlock.Documents.Writing;

/// <summary>Writes JSON schemas (draft-07, which editors know best) of tables.</summary>
/// <param name="json">Where to.</param>
/// <param name="syntax">Whose spelling of keys.</param>
internal sealed class SchemaOutput(Utf8JsonWriter json, PolicySyntax syntax)
{
    /// <summary>Writes a whole schema.</summary>
    public static string Write(string title, PolicySyntax syntax, Action<SchemaOutput> keys) => JsonGlyphs.Write(indented: true, json =>
    {
        SchemaOutput output = new(json, syntax);
        json.WriteStartObject();
        json.WriteString("$schema", "http://json-schema.org/draft-07/schema#");
        json.WriteString("title", title);
        output.Keys([], () => keys(output));
        json.WriteEndObject();
    });

    /// <summary>A key that holds a table.</summary>
    public void Table(string key, string description, Action keys) => Key(key, description, () => Keys([], keys));

    /// <summary>A key that holds a table of texts under any names.</summary>
    public void Map(string key, string description) => Key(key, description, () =>
    {
        json.WriteString("type", "object");
        json.WriteStartObject("additionalProperties");
        json.WriteString("type", "string");
        json.WriteEndObject();
    });

    /// <summary>A key that holds a list of tables.</summary>
    public void Tables(string key, string description, string[] required, Action keys) =>
        List(key, description, () => Keys(required, keys));

    /// <summary>A key that holds a value of a type, or of several.</summary>
    public void Value(string key, string description, params string[] types) => Key(key, description, () => Types(types));

    /// <summary>A key that holds one of some words.</summary>
    public void Word(string key, string description, IEnumerable<string> words) => Key(key, description, () => Words(words));

    /// <summary>A key that holds a list of some words.</summary>
    public void WordList(string key, string description, IEnumerable<string> words) => List(key, description, () => Words(words));

    /// <summary>A key that holds a list of values of a type, or of several.</summary>
    public void ValueList(string key, string description, params string[] types) => List(key, description, () => Types(types));

    private void List(string key, string description, Action item) => Key(key, description, () =>
    {
        json.WriteString("type", "array");
        json.WriteNumber("minItems", 1);
        json.WriteStartObject("items");
        item();
        json.WriteEndObject();
    });

    private void Keys(string[] required, Action keys)
    {
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        if (required.Length > 0)
        {
            json.WriteStartArray("required");
            foreach (string key in required) json.WriteStringValue(ReadContext.Spell(key, syntax));
            json.WriteEndArray();
        }

        json.WriteStartObject("properties");
        keys();
        json.WriteEndObject();
    }

    private void Key(string key, string description, Action content)
    {
        json.WriteStartObject(ReadContext.Spell(key, syntax));
        json.WriteString("description", description);
        content();
        json.WriteEndObject();
    }

    private void Types(string[] types)
    {
        if (types is [{ } one])
        {
            json.WriteString("type", one);
            return;
        }

        json.WriteStartArray("type");
        foreach (string type in types) json.WriteStringValue(type);
        json.WriteEndArray();
    }

    private void Words(IEnumerable<string> words)
    {
        json.WriteString("type", "string");
        json.WriteStartArray("enum");
        foreach (string word in words) json.WriteStringValue(word);
        json.WriteEndArray();
    }
}
