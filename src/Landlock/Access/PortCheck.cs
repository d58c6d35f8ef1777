using System.Collections.Immutable;
using System.Globalization;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>Judges ports: in every layer that restricts a right, a rule must name the port.</summary>
internal static class PortCheck
{
    public static AccessVerdict Judge(ImmutableArray<ResolvedLayer> layers, AccessNet access, int port)
    {
        if (port is < 0 or > ushort.MaxValue)
            throw new RulesetException(RulesetProblem.InvalidPort, port.ToString(CultureInfo.InvariantCulture),
                $"{port} is no port; ports go from 0 to {ushort.MaxValue}.");
        bool allowed = layers.All(layer => Missing(layer, access, port) == 0 && !CannotBind(layer, access));
        return new AccessVerdict(allowed, string.Create(CultureInfo.InvariantCulture, $"port {port}"), () => Explain(layers, access, port));
    }

    private static AccessNet Missing(ResolvedLayer layer, AccessNet access, int port)
    {
        AccessNet missing = access & (layer.HandledNet | layer.FilteredNet);
        // Where hosts are named, the kernel has no rule for the ports that lead to others.
        if (layer.OpenPorts.Any(range => range.Contains(port)) && !layer.HostRules.Any(rule => rule.Port.Contains(port)))
            missing &= ~AccessNet.ConnectTcp;
        foreach (ResolvedNetRule rule in layer.NetRules)
            if (missing != 0 && rule.Port.Contains(port)) missing &= ~rule.Access;
        return missing;
    }

    // Who sends binds first, unless the socket is bound already, which nobody can know beforehand.
    private static bool CannotBind(ResolvedLayer layer, AccessNet access) =>
        UdpSending.Sends(access) && Missing(layer, AccessNet.BindUdp, 0) != 0;

    private static VerdictDetails Explain(ImmutableArray<ResolvedLayer> layers, AccessNet access, int port)
    {
        List<(int Layer, string? Name, int Port, AccessNet Missing)> denied = [];
        foreach ((ResolvedLayer layer, int i) in layers.Select((layer, i) => (layer, i)))
        {
            AccessNet missing = Missing(layer, access, port);
            if (missing != 0) denied.Add((i + 1, layer.Status.Name, port, missing));
            // A rule for sending brings it along.
            if (!UdpSending.Sends(missing) && CannotBind(layer, access)) denied.Add((i + 1, layer.Status.Name, 0, AccessNet.BindUdp));
        }

        IEnumerable<ContributingRule> rules = layers.SelectMany((layer, i) => layer.NetRules
            .Where(rule => (rule.Port.Contains(port) && (rule.Access & access) != 0)
                || (UdpSending.Sends(access) && UdpSending.Binds(rule.Port.First, rule.Access)))
            .Select(rule => new ContributingRule(i + 1, layer.Status.Name, null, new NetRule(rule.Port, rule.Access))));
        return new VerdictDetails(
            denied.Count == 0 ? Errno.None : Errno.EACCES,
            [.. denied.Select(item => new LayerDenial(item.Layer, item.Name,
                string.Create(CultureInfo.InvariantCulture, $"port {item.Port}"), [.. AbiTable.Names(item.Missing)]))],
            [.. rules],
            [.. denied.GroupBy(item => (item.Port, item.Missing)).Select(group => AccessFix.For([.. group.Select(item => item.Layer)],
                new NetRule(new PortRange((ushort)group.Key.Port, (ushort)group.Key.Port), group.Key.Missing)))],
            denied.Any(item => item is { Port: 0, Missing: AccessNet.BindUdp }) && UdpSending.Sends(access) ? UdpSending.Note
            : access.HasFlag(AccessNet.ConnectTcp) && layers.Any(layer => layer.HostRules.Any(rule => rule.Port.Contains(port)))
                ? "The port leads to hosts that are named, and to no others: ask for a host." : null);
    }
}
