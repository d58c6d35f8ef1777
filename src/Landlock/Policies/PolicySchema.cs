using Landlock.Abi;
using Landlock.Documents;
using Landlock.Documents.Reading;
using Landlock.Documents.Writing;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>The JSON schema of policies, for editors: Landlock Config with the table <c>landlockps</c>.</summary>
internal static class PolicySchema
{
    /// <summary>Writes the schema.</summary>
    /// <param name="syntax">Whose spelling of keys.</param>
    public static string Write(PolicySyntax syntax) => SchemaOutput.Write("Landlock Config policy", syntax, schema =>
    {
        schema.Value("abi", "the Landlock ABI that groups such as abi.all are of", "integer");
        schema.Tables("variable", "variables of paths; without a value the built-in one is used", ["name"], () =>
        {
            schema.Value("name", "the name", "string");
            schema.ValueList("literal", "its values", "string");
        });
        Handled(schema);
        schema.Tables("path_beneath", "what is allowed beneath paths", ["allowed_access", "parent"], () =>
        {
            Rights(schema, "allowed_access", "the rights", RightKind.Fs);
            schema.ValueList("parent", "the paths", "string");
        });
        schema.Tables("net_port", "what is allowed on ports", ["allowed_access", "port"], () =>
        {
            Rights(schema, "allowed_access", "the rights", RightKind.Net);
            schema.ValueList("port", "the ports", "integer");
        });
        schema.Table(ExtensionReader.Key, "what Landlock Config cannot say; other tools refuse it", () => Extension(schema));
    });

    /// <summary>Writes the keys of a rule for paths in the table <c>landlockps</c>.</summary>
    public static void PathRule(SchemaOutput schema)
    {
        Rights(schema, "allowed_access", "the rights", RightKind.Fs);
        schema.ValueList("parent", "the paths", "string");
        schema.ValueList("parent_escaped", "paths in which %XX is a byte", "string");
        schema.ValueList("except", "paths beneath that the rule is not for", "string");
        schema.ValueList("except_escaped", "such paths in which %XX is a byte", "string");
        schema.ValueList("except_matching", "patterns of what is left out beneath, such as **/.env", "string");
        schema.Value("optional", "whether a path that does not exist is skipped", "boolean");
        Modifiers(schema);
    }

    private static void Extension(SchemaOutput schema)
    {
        schema.Value("name", "the ruleset's name in messages", "string");
        schema.Value("description", "one line for people", "string");
        schema.Word("compatibility", "what to do where the kernel lacks something", ExtensionReader.Levels);
        schema.Word("missing_paths", "what becomes of rules whose path does not exist", ["skip", "refuse"]);
        schema.WordList("require", "protections without which nothing runs", ProtectionPromises.Words);
        schema.WordList("allow_degraded", "protections that may be missing", ProtectionPromises.Words);
        schema.WordList("disabled", "protections that are left out", ProtectionPromises.Words);
        schema.Value("list_interfaces", "whether network interfaces, addresses and routes may be listed", "boolean");
        schema.ValueList(HostsReader.Key, "hosts that may be connected to by TCP, and no others: \"api.example.com:443\"", "string");
        schema.WordList("log", "what the kernel logs", AbiTable.Rights.Where(right => right.Kind == RightKind.Flag
            && right.Name.StartsWith("log_", StringComparison.Ordinal)).Select(right => right.Name));
        Rights(schema, "quiet_access_fs", "denials that quiet path rules silence", RightKind.Fs);
        Rights(schema, "quiet_access_net", "denials that quiet port rules silence", RightKind.Net);
        Rights(schema, "quiet_scoped", "scope denials that are never logged", RightKind.Scope);
        Handled(schema);
        schema.Tables("path_beneath", "path rules with what Landlock Config cannot say", [], () => PathRule(schema));
        schema.Tables("net_port", "port rules with what Landlock Config cannot say", ["port"], () =>
        {
            Rights(schema, "allowed_access", "the rights", RightKind.Net);
            schema.ValueList("port", "ports, and ranges as strings", "integer", "string");
            Modifiers(schema);
        });
    }

    private static void Handled(SchemaOutput schema) => schema.Tables("ruleset", "what is denied unless a rule allows it", [], () =>
    {
        Rights(schema, "handled_access_fs", "rights on files and directories", RightKind.Fs);
        Rights(schema, "handled_access_net", "rights on ports", RightKind.Net);
        Rights(schema, "scoped", "what does not reach outside", RightKind.Scope);
    });

    private static void Modifiers(SchemaOutput schema)
    {
        schema.Value("quiet", "whether denials are not logged", "boolean");
        schema.Word("compatibility", "the rule's own level", ExtensionReader.Levels);
    }

    private static void Rights(SchemaOutput schema, string key, string description, RightKind kind)
    {
        string[] groups = kind == RightKind.Fs ? [RightsReader.All, RightsReader.ReadExecute, RightsReader.ReadWrite] : [RightsReader.All];
        schema.WordList(key, description,
            groups.Concat(AbiTable.Rights.Where(right => right.Kind == kind).Select(right => right.Name)));
    }
}
