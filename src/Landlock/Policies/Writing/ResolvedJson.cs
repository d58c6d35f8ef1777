using Landlock.Abi;
using Landlock.Documents.Reading;
using Landlock.Documents.Writing;
using Landlock.Rulesets;

namespace Landlock.Policies.Writing;

/// <summary>Writes resolved policies for programs.</summary>
internal static class ResolvedJson
{
    public static string Write(ResolvedPolicy policy, bool indented)
    {
        Ruleset ruleset = policy.Ruleset;
        JsonText json = new(indented);
        json.Open('{').Key("abi");
        if (policy.Abi is { } abi) json.Number(abi);
        else json.Raw("null");
        json.Key("handledAccessFs").Strings(Sorted(AbiTable.Names(ruleset.HandledFs)));
        json.Key("handledAccessNet").Strings(Sorted(AbiTable.Names(ruleset.HandledNet)));
        json.Key("scoped").Strings(Sorted(AbiTable.Names(ruleset.Scopes)));
        json.Key("pathBeneath").Open('[');
        foreach (PathRule rule in ruleset.PathRules)
        {
            json.Next().Open('{').Key("path").String(rule.Path).Key("allowedAccess").Strings(Sorted(AbiTable.Names(rule.Access)));
            if (rule.Except.Length > 0) json.Key("except").Strings(rule.Except);
            Modifiers(json, rule.Quiet, rule.Compatibility);
            if (!rule.Optional) json.Key("required").Raw("true");
            json.Close('}');
        }

        json.Close(']').Key("netPort").Open('[');
        foreach (NetRule rule in ruleset.NetRules)
        {
            json.Next().Open('{').Key("port");
            if (rule.Port.Count == 1) json.Number(rule.Port.First);
            else json.String(rule.Port.ToString());
            json.Key("allowedAccess").Strings(Sorted(AbiTable.Names(rule.Access)));
            Modifiers(json, rule.Quiet, rule.Compatibility);
            json.Close('}');
        }

        json.Close(']');
        Traits(json, policy);
        json.Close('}');
        return json.ToString();
    }

    private static void Traits(JsonText json, ResolvedPolicy policy)
    {
        Ruleset ruleset = policy.Ruleset;
        if (ruleset.Name is not null) json.Key("name").String(ruleset.Name);
        if (policy.Description is not null) json.Key("description").String(policy.Description);
        if (ruleset.Compatibility != Compatibility.BestEffort) json.Key("compatibility").String(ExtensionReader.Levels[(int)ruleset.Compatibility]);
        Promises(json, "require", ruleset.Promises.Required);
        Promises(json, "allowDegraded", ruleset.Promises.AllowDegraded);
        Promises(json, "disabled", ruleset.Promises.Disabled);
        if (ruleset.LogFlags != 0) json.Key("log").Strings(Sorted(AbiTable.InMask(RightKind.Flag, (ulong)ruleset.LogFlags).Select(right => right.Name)));
        if (ruleset.QuietFs != 0) json.Key("quietAccessFs").Strings(Sorted(AbiTable.Names(ruleset.QuietFs)));
        if (ruleset.QuietNet != 0) json.Key("quietAccessNet").Strings(Sorted(AbiTable.Names(ruleset.QuietNet)));
        if (ruleset.QuietScopes != 0) json.Key("quietScoped").Strings(Sorted(AbiTable.Names(ruleset.QuietScopes)));
    }

    private static void Promises(JsonText json, string key, Protection mask)
    {
        if (mask != 0) json.Key(key).Strings(Sorted(ProtectionPart.In(mask).Select(part => part.Name)));
    }

    private static void Modifiers(JsonText json, bool quiet, Compatibility? level)
    {
        if (quiet) json.Key("quiet").Raw("true");
        if (level is { } own) json.Key("compatibility").String(ExtensionReader.Levels[(int)own]);
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> names) => names.Order(StringComparer.Ordinal);
}
