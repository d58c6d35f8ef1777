using System.Text.Json;
using Landlock.Documents.Reading;

namespace Landlock.Documents.Writing;

/// <summary>Writes JSON, with keys in its spelling.</summary>
internal sealed class JsonOutput(Utf8JsonWriter json) : DocumentOutput
{
    private const int LineLength = 100;

    public override void Text(string key, string value)
    {
        RequireText(value);
        json.WriteString(Spell(key), value);
    }

    public override void Number(string key, long value) => json.WriteNumber(Spell(key), value);

    public override void Flag(string key, bool value) => json.WriteBoolean(Spell(key), value);

    public override void Texts(string key, IReadOnlyCollection<string> values)
    {
        if (values.Count == 0) return;
        foreach (string value in values) RequireText(value);
        if (values.Sum(value => value.Length + 4) < LineLength)
        {
            JsonGlyphs.WriteLine(json, Spell(key), values);
            return;
        }

        json.WriteStartArray(Spell(key));
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    public override void Ports(string key, IEnumerable<PolicyPorts> values)
    {
        json.WriteStartArray(Spell(key));
        foreach (PolicyPorts port in values)
        {
            if (port.First == port.Last) json.WriteNumberValue(NumberOf(port));
            else json.WriteStringValue(port.ToString());
        }

        json.WriteEndArray();
    }

    public override void Table(string key, Action content)
    {
        json.WriteStartObject(Spell(key));
        content();
        json.WriteEndObject();
    }

    public override void Tables<T>(string key, IEnumerable<T> items, Action<T> content)
    {
        bool isAny = false;
        foreach (T item in items)
        {
            if (!isAny) json.WriteStartArray(Spell(key));
            isAny = true;
            json.WriteStartObject();
            content(item);
            json.WriteEndObject();
        }

        if (isAny) json.WriteEndArray();
    }

    private static string Spell(string key) => ReadContext.Spell(key, PolicySyntax.Json);
}
