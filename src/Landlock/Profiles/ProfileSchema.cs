using Landlock.Documents;
using Landlock.Documents.Writing;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Sandboxes.Options;

namespace Landlock.Profiles;

/// <summary>The JSON schema of profile.toml, for editors; made from the table of options.</summary>
internal static class ProfileSchema
{
    /// <summary>Writes the schema.</summary>
    public static string Write() => SchemaOutput.Write("LandlockPS profile (profile.toml)", PolicySyntax.Toml, schema =>
    {
        schema.Value("$schema", "where an editor finds this schema", "string");
        schema.Value("workspace", "whether the profile has directories for itself; true if not given", "boolean");
        schema.Tables("context", "directories that the profile applies in by itself", ["when_beneath"],
            () => schema.Value("when_beneath", "an absolute path", "string"));
        schema.Tables("env", "environment variables", ["name", "literal"], () =>
        {
            schema.Value("name", "the name", "string");
            schema.Value("literal", "the value, as it is", "string");
        });
        schema.Table(ProfileSettingsReader.Key, "the options of a sandbox, each under its name", () => Settings(schema));
    });

    private static void Settings(SchemaOutput schema)
    {
        schema.Value(ProfileSettingsReader.Description, "one line for people", "string");
        schema.WordList(ProfileSettingsReader.Presets, "what kinds of programs need", Preset.Names);
        schema.WordList(ProfileSettingsReader.Workspace, "directories that the profile has for itself, in place of the user's",
            XdgDirectory.All.Select(directory => directory.Word));
        schema.Map(ProfileSettingsReader.Environment, "environment variables, whose values may hold ${variables}");
        schema.Tables(ProfileSettingsReader.Variable, "variables that whoever uses the profile gives values (--variable)", ["name"], () =>
        {
            schema.Value("name", "the name", "string");
            schema.ValueList("literal", "its values where none are given", "string");
            schema.Value("optional", "whether what names it is left out where it has no value", "boolean");
        });
        schema.Tables(ProfileSettingsReader.Rules, "rules for single rights", [], () => PolicySchema.PathRule(schema));
        foreach (SandboxOption option in SandboxOptions.All) Write(schema, option);
    }

    private static void Write(SchemaOutput schema, SandboxOption option)
    {
        switch (option)
        {
            case FlagOption:
                schema.Value(option.Key, option.Help, "boolean");
                break;
            case WordOption word:
                schema.Word(option.Key, option.Help, word.Words.Select(one => one.Replace('-', '_')));
                break;
            case NumberOption { IsSize: false }:
                schema.Value(option.Key, option.Help, "integer");
                break;
            case NumberOption or TimeOption:
                schema.Value(option.Key, option.Help, "integer", "string");
                break;
            case WordsOption words:
                schema.WordList(option.Key, option.Help, words.Words);
                break;
            case PortsOption:
                schema.ValueList(option.Key, option.Help, "integer", "string");
                break;
            case PlaceOption { IsList: false }:
                schema.Value(option.Key, option.Help, "string");
                break;
            default:
                schema.ValueList(option.Key, option.Help, "string");
                break;
        }
    }
}
