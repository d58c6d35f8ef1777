using System.Text.Json;
using Landlock.Documents.Writing;
using Landlock.Policies;
using Landlock.Sandboxes.Options;

namespace Landlock.Profiles;

/// <summary>The JSON schema (draft 2020-12) of profile.toml, for editors; made from the table of options.</summary>
internal static class ProfileSchema
{
    /// <summary>Writes the schema.</summary>
    public static string Write() => JsonGlyphs.Write(indented: true, json =>
    {
        json.WriteStartObject();
        json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
        json.WriteString("title", "LandlockPS profile (profile.toml)");
        Table(json, () =>
        {
            Typed(json, "$schema", "string", "where an editor finds this schema");
            Typed(json, "workspace", "boolean", "whether the profile has directories of its own; true if not given");
            Tables(json, "context", "directories that the profile applies in by itself", [("when_beneath", "an absolute path")]);
            Tables(json, "env", "environment variables", [("name", "the name"), ("literal", "the value, as it is")]);
            json.WriteStartObject(ProfileSettingsReader.Key);
            json.WriteString("description", "the options of a sandbox, each under its name");
            Table(json, () => Settings(json));
            json.WriteEndObject();
        });
        json.WriteEndObject();
    });

    private static void Settings(Utf8JsonWriter json)
    {
        Typed(json, ProfileSettingsReader.Description, "string", "one line for people");
        List(json, ProfileSettingsReader.Presets, "what kinds of programs need", () => Words(json, Preset.Names));
        List(json, ProfileSettingsReader.Workspace, "directories that the profile has for itself, in place of the user's",
            () => Words(json, XdgDirectory.All.Select(directory => directory.Word)));
        json.WriteStartObject(ProfileSettingsReader.Environment);
        json.WriteString("description", "environment variables, whose values may hold ${variables}");
        json.WriteString("type", "object");
        json.WriteStartObject("additionalProperties");
        json.WriteString("type", "string");
        json.WriteEndObject();
        json.WriteEndObject();
        List(json, ProfileSettingsReader.Rules, "rules for single rights, as in the table landlockps of policies",
            () => json.WriteString("type", "object"));
        foreach (SandboxOption option in SandboxOptions.All) Write(json, option);
    }

    private static void Write(Utf8JsonWriter json, SandboxOption option)
    {
        switch (option)
        {
            case FlagOption:
                Typed(json, option.Key, "boolean", option.Help);
                break;
            case WordOption word:
                json.WriteStartObject(option.Key);
                json.WriteString("description", option.Help);
                Words(json, word.Words.Select(one => one.Replace('-', '_')));
                json.WriteEndObject();
                break;
            case NumberOption { IsSize: false }:
                Typed(json, option.Key, "integer", option.Help);
                break;
            case NumberOption or TimeOption:
                json.WriteStartObject(option.Key);
                json.WriteString("description", option.Help);
                Types(json, "integer", "string");
                json.WriteEndObject();
                break;
            case WordsOption words:
                List(json, option.Key, option.Help, () => Words(json, words.Words));
                break;
            case PortsOption:
                List(json, option.Key, option.Help, () => Types(json, "integer", "string"));
                break;
            case PlaceOption { IsList: false }:
                Typed(json, option.Key, "string", option.Help);
                break;
            default:
                List(json, option.Key, option.Help, () => json.WriteString("type", "string"));
                break;
        }
    }

    private static void Table(Utf8JsonWriter json, Action properties)
    {
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        properties();
        json.WriteEndObject();
    }

    private static void Tables(Utf8JsonWriter json, string key, string description, (string Name, string Help)[] texts) =>
        List(json, key, description, () =>
        {
            Table(json, () =>
            {
                foreach ((string name, string help) in texts) Typed(json, name, "string", help);
            });
            json.WriteStartArray("required");
            foreach ((string name, _) in texts) json.WriteStringValue(name);
            json.WriteEndArray();
        });

    private static void List(Utf8JsonWriter json, string key, string description, Action item)
    {
        json.WriteStartObject(key);
        json.WriteString("description", description);
        json.WriteString("type", "array");
        json.WriteStartObject("items");
        item();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Typed(Utf8JsonWriter json, string key, string type, string description)
    {
        json.WriteStartObject(key);
        json.WriteString("description", description);
        json.WriteString("type", type);
        json.WriteEndObject();
    }

    private static void Types(Utf8JsonWriter json, params string[] types)
    {
        json.WriteStartArray("type");
        foreach (string type in types) json.WriteStringValue(type);
        json.WriteEndArray();
    }

    private static void Words(Utf8JsonWriter json, IEnumerable<string> words)
    {
        json.WriteStartArray("enum");
        foreach (string word in words) json.WriteStringValue(word);
        json.WriteEndArray();
    }
}
