using System.Collections.Immutable;
using System.Globalization;
using Landlock.Kernel;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>Judges ports: in every layer that restricts a right, a rule must name the port.</summary>
internal static class PortCheck
{
    public static AccessVerdict Judge(ImmutableArray<ResolvedLayer> layers, AccessNet access, int port)
    {
        if (port is < 0 or > ushort.MaxValue) throw new RulesetException(RulesetProblem.InvalidPort, port.ToString(CultureInfo.InvariantCulture), $"{port} is no port; ports go from 0 to {ushort.MaxValue}.");
        bool allowed = layers.All(layer => Missing(layer, access, port) == 0);
        return new AccessVerdict(allowed, string.Create(CultureInfo.InvariantCulture, $"port {port}"), () => Explain(layers, access, port));
    }

    private static AccessNet Missing(ResolvedLayer layer, AccessNet access, int port)
    {
        AccessNet missing = access & (layer.HandledNet | layer.FilteredNet);
        foreach (ResolvedNetRule rule in layer.NetRules)
            if (missing != 0 && rule.Port.Contains(port)) missing &= ~rule.Access;
        return missing;
    }

    private static VerdictDetails Explain(ImmutableArray<ResolvedLayer> layers, AccessNet access, int port)
    {
        (int Layer, string? Name, AccessNet Missing)[] denied = [.. layers.Select((layer, i) => (i + 1, layer.Status.Name, Missing(layer, access, port))).Where(item => item.Item3 != 0)];
        IEnumerable<ContributingRule> rules = layers.SelectMany((layer, i) => layer.NetRules
            .Where(rule => rule.Port.Contains(port) && (rule.Access & access) != 0)
            .Select(rule => new ContributingRule(i + 1, layer.Status.Name, null, new NetRule(rule.Port, rule.Access))));
        return new VerdictDetails(
            denied.Length == 0 ? Errno.None : Errno.EACCES,
            [.. denied.Select(item => new LayerDenial(item.Layer, item.Name, string.Create(CultureInfo.InvariantCulture, $"port {port}"), [.. Abi.Names(item.Missing)]))],
            [.. rules],
            [.. denied.GroupBy(item => item.Missing).Select(group => AccessFix.For([.. group.Select(item => item.Layer)], new NetRule(new PortRange((ushort)port, (ushort)port), group.Key)))],
            null);
    }
}
