using System.Text.Json;
using Landlock.Abi;
using Landlock.Documents.Reading;
using Landlock.Documents.Writing;
using Landlock.Rulesets;

namespace Landlock.Policies.Writing;

/// <summary>Writes resolved policies for programs.</summary>
internal static class ResolvedJson
{
    public static string Write(ResolvedPolicy policy, bool indented) => JsonGlyphs.Write(indented, json =>
    {
        json.WriteStartObject();
        Write(json, policy);
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, ResolvedPolicy policy)
    {
        Ruleset ruleset = policy.Ruleset;
        if (policy.Abi is { } abi) json.WriteNumber("abi", abi);
        else json.WriteNull("abi");
        Names(json, "handledAccessFs", AbiTable.Names(ruleset.HandledFs));
        Names(json, "handledAccessNet", AbiTable.Names(ruleset.HandledNet));
        Names(json, "scoped", AbiTable.Names(ruleset.Scopes));
        json.WriteStartArray("pathBeneath");
        foreach (PathRule rule in ruleset.PathRules)
        {
            json.WriteStartObject();
            json.WriteString("path", rule.Path);
            Names(json, "allowedAccess", AbiTable.Names(rule.Access));
            if (rule.Except.Length > 0) JsonGlyphs.WriteLine(json, "except", rule.Except);
            Modifiers(json, rule.Quiet, rule.Compatibility);
            if (!rule.Optional) json.WriteBoolean("required", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("netPort");
        foreach (NetRule rule in ruleset.NetRules)
        {
            json.WriteStartObject();
            if (rule.Port.Count == 1) json.WriteNumber("port", rule.Port.First);
            else json.WriteString("port", rule.Port.ToString());
            Names(json, "allowedAccess", AbiTable.Names(rule.Access));
            Modifiers(json, rule.Quiet, rule.Compatibility);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (ruleset.HostRules.Length > 0)
            JsonGlyphs.WriteLine(json, "connectHost", ruleset.HostRules.Select(rule => rule.ToString()));
        Traits(json, policy);
    }

    private static void Traits(Utf8JsonWriter json, ResolvedPolicy policy)
    {
        Ruleset ruleset = policy.Ruleset;
        if (ruleset.Name is not null) json.WriteString("name", ruleset.Name);
        if (policy.Description is not null) json.WriteString("description", policy.Description);
        if (ruleset.Compatibility != Compatibility.BestEffort)
            json.WriteString("compatibility", ExtensionReader.Levels[(int)ruleset.Compatibility]);
        Promises(json, "require", ruleset.Promises.Required);
        Promises(json, "allowDegraded", ruleset.Promises.AllowDegraded);
        Promises(json, "disabled", ruleset.Promises.Disabled);
        if (ruleset.ListInterfaces) json.WriteBoolean("listInterfaces", true);
        if (ruleset.LogFlags != 0) Names(json, "log", AbiTable.InMask(RightKind.Flag, (ulong)ruleset.LogFlags).Select(right => right.Name));
        if (ruleset.QuietFs != 0) Names(json, "quietAccessFs", AbiTable.Names(ruleset.QuietFs));
        if (ruleset.QuietNet != 0) Names(json, "quietAccessNet", AbiTable.Names(ruleset.QuietNet));
        if (ruleset.QuietScopes != 0) Names(json, "quietScoped", AbiTable.Names(ruleset.QuietScopes));
    }

    private static void Promises(Utf8JsonWriter json, string key, Protection mask)
    {
        if (mask != 0) Names(json, key, ProtectionPart.In(mask).Select(part => part.Name));
    }

    private static void Modifiers(Utf8JsonWriter json, bool quiet, Compatibility? level)
    {
        if (quiet) json.WriteBoolean("quiet", true);
        if (level is { } own) json.WriteString("compatibility", ExtensionReader.Levels[(int)own]);
    }

    private static void Names(Utf8JsonWriter json, string key, IEnumerable<string> names) =>
        JsonGlyphs.WriteLine(json, key, names.Order(StringComparer.Ordinal));
}
