using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>The hosts of policies: <c>connect_host</c> of the table <c>landlockps</c>.</summary>
internal static class PolicyHosts
{
    /// <summary>Most hosts of a policy; each is compared with each.</summary>
    internal const int Most = 10_000;

    private const int MostErrors = 100;

    /// <summary>Hosts in order, each once and in its one form.</summary>
    public static ImmutableArray<PolicyTemplate> Unite(IEnumerable<PolicyTemplate> hosts) =>
        [.. hosts.Select(InOneForm).DistinctBy(host => host.Text).OrderBy(host => host.Text, StringComparer.Ordinal)];

    /// <summary>
    /// The rules that hosts stand for. Whoever names hosts has at least one, or it is an error: without any, every host could be reached.
    /// </summary>
    /// <param name="hosts">The hosts.</param>
    /// <param name="values">Values of variables.</param>
    /// <param name="undeclared">What is wrong where a variable is none; null if nothing is.</param>
    /// <param name="findings">Takes what is wrong, or worth knowing.</param>
    public static ImmutableArray<HostRule> Resolve(ImmutableArray<PolicyTemplate> hosts, Dictionary<string, ImmutableArray<string>> values,
        Func<PolicyTemplate, string?> undeclared, List<PolicyFinding> findings)
    {
        if (hosts.IsEmpty) return [];
        List<HostRule> rules = [];
        int errors = 0;
        string? empty = null;
        foreach (PolicyTemplate host in hosts)
        {
            if (undeclared(host) is { } wrong)
            {
                Error(host, wrong);
                continue;
            }

            if (host.Variables.FirstOrDefault(name => values[name].IsEmpty) is { } variable)
            {
                empty ??= variable;
                findings.Add(new PolicyFinding(host.Location, FindingSeverity.Note,
                    $"the variable '{variable}' has no value, so {QuotedText.Of(host.Text)} stands for no host"));
                continue;
            }

            foreach (string text in host.Literal is { } literal ? [literal] : PolicyResolver.Expand(host, values))
            {
                if (rules.Count == Most) Error(host, $"there are more than {Most} hosts up to here");
                if (rules.Count == Most || errors == MostErrors) return [];

                try
                {
                    rules.Add(HostRule.Parse(text));
                }
                catch (RulesetException e)
                {
                    Error(host, host.Literal is null ? $"{QuotedText.Of(host.Text)} cannot stand for that: {e.Message.TrimEnd('.')}"
                        : e.Message.TrimEnd('.'));
                }
            }
        }

        if (rules.Count == 0 && errors == 0)
            Error(hosts[0], $"no host is left, since the variable '{empty}' has no value; without any, every host could be reached, so "
                + "give it one");
        return [.. rules];

        void Error(PolicyTemplate host, string message)
        {
            errors++;
            findings.Add(new PolicyFinding(host.Location, FindingSeverity.Error, message));
        }
    }

    /// <summary>A warning for each rule that opens no port to every host, since hosts are named for all of its ports.</summary>
    public static IEnumerable<PolicyFinding> Shadowed(ImmutableArray<PolicyDocument> documents, Ruleset ruleset)
    {
        if (ruleset.HostRules.IsEmpty) yield break;
        foreach (PolicyPortEntry entry in documents.SelectMany(document => document.NetPort.Concat(document.Extension?.NetPort ?? [])))
        {
            if (((AccessNet)entry.Allowed.Mask & AccessNet.ConnectTcp) == 0) continue;
            foreach (PolicyPorts ports in entry.Ports)
                if (new HostLayer(ruleset.HostRules, [new PortRange((ushort)ports.First, (ushort)ports.Last)]).OpenPorts.IsEmpty)
                    yield return new PolicyFinding(ports.Location, FindingSeverity.Warning, $"hosts are named for port {ports}, so "
                        + "connect_tcp opens nothing more there; leave it out, or the hosts");
        }
    }

    /// <summary>An error for each rule for UDP, where hosts are named.</summary>
    public static IEnumerable<PolicyFinding> Udp(Policy policy) => policy.HostRules.IsEmpty ? [] : policy.PortRules
        .Where(rule => (rule.Access & Ruleset.UdpRights) != 0)
        // What was written comes before what comes along with it, at the same place.
        .OrderBy(rule => !UdpSending.Sends(rule.Access))
        .DistinctBy(rule => (rule.Ports.Location, rule.Ports.Location.Line == 0 ? rule : null))
        .Select(rule => new PolicyFinding(rule.Ports.Location, FindingSeverity.Error, $"the rule for UDP on port {rule.Ports} does not go "
            + $"with the host {QuotedText.Of(policy.HostRules[0].Text)}{Place(policy.HostRules[0].Location)}: {Ruleset.NoUdp}; leave out "
            + "one of them"));

    private static string Place(PolicyLocation location) => location.Line == 0 ? "" : $" ({location})";

    private static PolicyTemplate InOneForm(PolicyTemplate host)
    {
        if (host.Literal is not { } text) return host;
        try
        {
            return PolicyTemplate.Parse(HostRule.Parse(text).ToString(), host.Location);
        }
        catch (RulesetException)
        {
            // That is said when it is resolved.
            return host;
        }
    }
}
