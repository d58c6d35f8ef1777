using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>Judges hosts: each layer that names some must name this one, and every other must allow its port.</summary>
internal static class HostCheck
{
    private const string Right = "connect_host";

    /// <summary>Judges a host.</summary>
    /// <exception cref="RulesetException">It is a pattern, or a network: no command connects to one.</exception>
    public static AccessVerdict Judge(ImmutableArray<ResolvedLayer> layers, HostRule asked)
    {
        if (asked.IsWildcard || asked.Network is { Prefix: < HostAddress.Bits } || asked.Port.Count != 1)
            throw new RulesetException(RulesetProblem.InvalidHost, asked.ToString(),
                $"'{asked}' stands for several hosts or ports; ask for one, such as api.example.com:443.");
        return new AccessVerdict(layers.All(layer => Allows(layer, asked)), asked.ToString(), () => Explain(layers, asked));
    }

    private static bool Allows(ResolvedLayer layer, HostRule asked) => layer.HostRules.IsEmpty
        ? !Denies(layer, asked.Port.First) : Rule(layer, asked) is not null || IsOpen(layer, asked);

    // A layer that knows ports alone.
    private static bool Denies(ResolvedLayer layer, int port) =>
        ((layer.HandledNet | layer.FilteredNet) & AccessNet.ConnectTcp) != 0
        && !layer.NetRules.Any(rule => rule.Port.Contains(port) && (rule.Access & AccessNet.ConnectTcp) != 0);

    private static HostRule? Rule(ResolvedLayer layer, HostRule asked) => layer.HostRules.FirstOrDefault(rule => rule.Contains(asked));

    // Not of this machine itself, which is reached by name alone.
    private static bool IsOpen(ResolvedLayer layer, HostRule asked) =>
        !asked.IsHere && !layer.HostRules.Any(rule => rule.Port.Contains(asked.Port.First))
        && layer.OpenPorts.Any(range => range.Contains(asked.Port.First));

    private static VerdictDetails Explain(ImmutableArray<ResolvedLayer> layers, HostRule asked)
    {
        (ResolvedLayer Layer, int Number)[] numbered = [.. layers.Select((layer, i) => (layer, i + 1))];
        (ResolvedLayer Layer, int Number)[] denied = [.. numbered.Where(item => !Allows(item.Layer, asked))];
        int[] byHost = [.. denied.Where(item => !item.Layer.HostRules.IsEmpty).Select(item => item.Number)];
        int[] byPort = [.. denied.Where(item => item.Layer.HostRules.IsEmpty).Select(item => item.Number)];
        List<AccessFix> fixes = [];
        if (byHost.Length > 0) fixes.Add(AccessFix.For([.. byHost], asked));
        if (byPort.Length > 0) fixes.Add(AccessFix.For([.. byPort], new NetRule(asked.Port, AccessNet.ConnectTcp)));
        return new VerdictDetails(
            denied.Length == 0 ? Errno.None : Errno.EACCES,
            [.. denied.Select(item => new LayerDenial(item.Number, item.Layer.Status.Name, asked.ToString(),
                [item.Layer.HostRules.IsEmpty ? AbiTable.Names(AccessNet.ConnectTcp).First() : Right]))],
            [.. numbered.SelectMany(item => Rules(item.Layer, asked)
                .Select(rule => new ContributingRule(item.Number, item.Layer.Status.Name, null, rule.Net) { HostRule = rule.Host }))],
            [.. fixes],
            denied.Length > 0 && asked.Name is not null && layers.Any(layer => layer.HostRules.Any(rule => rule.Network is not null))
                ? "Once it is known what the name points to, rules for addresses hold as well: ask for its address." : null);
    }

    private static IEnumerable<(HostRule? Host, NetRule? Net)> Rules(ResolvedLayer layer, HostRule asked)
    {
        if (Rule(layer, asked) is { } host) yield return (host, null);
        else if (!layer.HostRules.IsEmpty && IsOpen(layer, asked))
            foreach (PortRange range in layer.OpenPorts.Where(range => range.Contains(asked.Port.First)))
                yield return (null, new NetRule(range, AccessNet.ConnectTcp));
        if (!layer.HostRules.IsEmpty) yield break;
        foreach (ResolvedNetRule rule in layer.NetRules)
            if (rule.Port.Contains(asked.Port.First) && (rule.Access & AccessNet.ConnectTcp) != 0)
                yield return (null, new NetRule(rule.Port, AccessNet.ConnectTcp));
    }
}
