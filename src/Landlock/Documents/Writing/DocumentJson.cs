using Landlock.Documents.Reading;
using Landlock.Documents.Toml;

namespace Landlock.Documents.Writing;

/// <summary>Writes the tables of documents as JSON, with keys in its spelling.</summary>
internal static class DocumentJson
{
    private const int LineLength = 100;

    public static string Write(TomlTable document)
    {
        JsonText json = new(indented: true);
        Write(json, document);
        return json + "\n";
    }

    private static void Write(JsonText json, TomlNode node)
    {
        switch (node)
        {
            case TomlTable table:
                json.Open('{');
                foreach (TomlEntry entry in table) Write(json.Key(ReadContext.Spell(entry.Key, PolicySyntax.Json)), entry.Value);
                json.Close('}');
                break;
            case TomlArray array when array.All(item => item is TomlString) && array.Sum(item => ((TomlString)item).Value.Length + 4) < LineLength:
                json.Strings(array.Select(item => ((TomlString)item).Value));
                break;
            case TomlArray array:
                json.Open('[');
                foreach (TomlNode item in array) Write(json.Next(), item);
                json.Close(']');
                break;
            case TomlString text:
                json.String(text.Value);
                break;
            case TomlInteger number:
                json.Number(number.Value);
                break;
            case TomlBoolean truth:
                json.Raw(truth.Value ? "true" : "false");
                break;
        }
    }
}
