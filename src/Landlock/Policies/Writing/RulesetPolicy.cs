using Landlock.Documents;
using Landlock.Rulesets;

namespace Landlock.Policies.Writing;

/// <summary>Turns rulesets into policies, whose templates stand for the paths and nothing else.</summary>
internal static class RulesetPolicy
{
    public static Policy Of(Ruleset ruleset) => new()
    {
        Abi = ruleset.Abi,
        HandledFs = ruleset.HandledFs,
        HandledNet = ruleset.HandledNet,
        Scopes = ruleset.Scopes,
        PathRules = [.. ruleset.PathRules.Select(Of)],
        PortRules = [.. ruleset.NetRules.Select(Of)],
        HostRules = PolicyHosts.Unite(ruleset.HostRules.Select(rule => PolicyTemplate.Parse(rule.ToString()))),
        Traits = new PolicyTraits
        {
            Names = ruleset.Name is null ? [] : [ruleset.Name],
            Compatibility = ruleset.Compatibility,
            Promises = ruleset.Promises,
            ListInterfaces = ruleset.ListInterfaces,
            LogFlags = ruleset.LogFlags,
            QuietFs = ruleset.QuietFs,
            QuietNet = ruleset.QuietNet,
            QuietScopes = ruleset.QuietScopes,
        },
    };

    public static PolicyPathRule Of(PathRule rule) => new(Template(rule.Path), rule.Access)
    {
        Except = [.. rule.Except.Select(Template).OrderBy(template => !template.IsEscaped)
            .ThenBy(template => template.Text, StringComparer.Ordinal)],
        Optional = rule.Optional,
        Quiet = rule.Quiet,
        Compatibility = rule.Compatibility,
    };

    public static PolicyPortRule Of(NetRule rule) =>
        new(new PolicyPorts(rule.Port.First, rule.Port.Last, default),
            rule.Access)
        { Quiet = rule.Quiet, Compatibility = rule.Compatibility };

    private static PolicyTemplate Template(string path)
    {
        if (path.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            try
            {
                _ = PosixText.Encode(path);
            }
            catch (ArgumentException)
            {
                throw PolicyException.At(default,
                    $"the path '{PosixText.Printable(path)}' holds half of a surrogate pair, which stands for no byte");
            }
        }

        bool escaped = PercentText.IsNeeded(path);
        string text = PolicyTemplate.Escape(escaped ? PercentText.Encode(path) : path);
        return PolicyTemplate.TryParse(text, escaped, default, out _)!;
    }
}
