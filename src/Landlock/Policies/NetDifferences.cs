using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>What one ruleset allows on ports and for hosts, and another does not.</summary>
internal static class NetDifferences
{
    /// <summary>The differences, by port and then by host.</summary>
    /// <param name="wide">The ruleset that allows it.</param>
    /// <param name="narrow">The one that does not.</param>
    /// <param name="isOfFirst">Whether the first is the first of the comparison.</param>
    public static IEnumerable<PolicyDifference> Between(Ruleset wide, Ruleset narrow, bool isOfFirst)
    {
        // Between two neighbours of these nothing changes.
        int[] starts = [.. new[] { wide, narrow }.SelectMany(ruleset => ruleset.NetRules.Select(rule => rule.Port)
                .Concat(ruleset.HostRules.Select(rule => rule.Port)))
            .SelectMany(range => (int[])[range.First, range.Last + 1])
            .Append(0).Where(port => port <= ushort.MaxValue).Distinct().Order()];
        bool hosts = wide.HostRules.Length + narrow.HostRules.Length > 0;
        foreach ((AccessNet only, PortRange port) in Runs(starts, port => Granted(wide, port) & ~Granted(narrow, port)))
            yield return new PolicyDifference
            {
                IsOfFirst = isOfFirst,
                Kind = PolicyDifferenceKind.Port,
                Port = port,
                Net = only,
                IsAnyHost = hosts && only.HasFlag(AccessNet.ConnectTcp),
            };
        foreach (HostRule rule in wide.HostRules)
        {
            foreach ((AccessNet only, PortRange port) in Runs(starts, at => rule.Port.Contains(at) && !Reaches(narrow, rule, at)))
                yield return Host(rule.At(port), only,
                    [.. narrow.HostRules.Where(other => rule.At(port).Contains(other.At(port)) && Covers(other.Port, port))
                        .Select(other => other.Host).Distinct()]);
        }

        // Where hosts are named, a port that is open to all others is not to this machine's own services.
        if (wide.HostRules.IsEmpty && narrow.HostRules.Length > 0)
        {
            foreach ((AccessNet only, PortRange port) in Runs(starts, at => IsOpen(wide, at) && IsOpen(narrow, at)))
                yield return Host(HostRule.Parse(HostRule.LocalName).At(port), only, []);
        }

        PolicyDifference Host(HostRule rule, AccessNet access, string[] without) => new()
        {
            IsOfFirst = isOfFirst,
            Kind = PolicyDifferenceKind.Host,
            Host = rule,
            Net = access,
            Without = [.. without],
        };
    }

    private static IEnumerable<(AccessNet Access, PortRange Port)> Runs(int[] starts, Func<int, bool> isOnly) =>
        Runs(starts, port => isOnly(port) ? AccessNet.ConnectTcp : AccessNet.None);

    private static IEnumerable<(AccessNet Access, PortRange Port)> Runs(int[] starts, Func<int, AccessNet> only)
    {
        int begin = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            AccessNet access = only(starts[i]);
            bool isLast = i + 1 == starts.Length;
            if (!isLast && only(starts[i + 1]) == access) continue;
            int end = isLast ? ushort.MaxValue : starts[i + 1] - 1;
            if (access != AccessNet.None) yield return (access, new PortRange((ushort)begin, (ushort)end));
            begin = end + 1;
        }
    }

    // To every host, or to every one but this machine where hosts are named for other ports.
    private static AccessNet Granted(Ruleset ruleset, int port)
    {
        bool hosts = ruleset.HostRules.Length > 0;
        AccessNet free = AbiTable.AllNet(AbiTable.Newest) & ~ruleset.HandledNet
            & ~(hosts || ruleset.DeniesUdp ? Ruleset.UdpRights : AccessNet.None);
        AccessNet granted = ruleset.NetRules.Where(rule => rule.Port.Contains(port)).Aggregate(free, (all, rule) => all | rule.Access);
        return ruleset.HostRules.Any(rule => rule.Port.Contains(port)) ? granted & ~AccessNet.ConnectTcp : granted;
    }

    private static bool IsOpen(Ruleset ruleset, int port) => Granted(ruleset, port).HasFlag(AccessNet.ConnectTcp);

    private static bool Reaches(Ruleset ruleset, HostRule host, int port)
    {
        HostRule[] named = [.. ruleset.HostRules.Where(rule => rule.Port.Contains(port))];
        if (named.Length == 0) return IsOpen(ruleset, port) && (ruleset.HostRules.IsEmpty || !host.IsHere);
        PortRange only = new((ushort)port, (ushort)port);
        return host.Network is { } network ? IsWithin(network, [.. named.Select(rule => rule.Network).OfType<HostNetwork>()])
            : named.Any(rule => rule.At(only).Contains(host.At(only)));
    }

    // Halves may be in different networks.
    private static bool IsWithin(HostNetwork network, HostNetwork[] others) =>
        Array.Exists(others, other => other.Contains(network))
            || (Array.Exists(others, other => other != network && network.Contains(other))
                && network.Halves.All(half => IsWithin(half, others)));

    private static bool Covers(PortRange outer, PortRange inner) => outer.First <= inner.First && outer.Last >= inner.Last;
}
