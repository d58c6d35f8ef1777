using System.Collections.Immutable;
using Landlock.Abi;

namespace Landlock.Rulesets;

/// <summary>What one layer says of connecting by TCP.</summary>
/// <param name="Hosts">Hosts, with their ports; empty = the layer knows ports alone.</param>
/// <param name="Ports">Ports that may be connected to wherever they are, but those that hosts are named for.</param>
internal sealed record HostLayer(ImmutableArray<HostRule> Hosts, ImmutableArray<PortRange> Ports)
{
    /// <summary>What a ruleset says; null if it does not restrict connecting.</summary>
    public static HostLayer? Of(Ruleset layer) => layer.HandledNet.HasFlag(AccessNet.ConnectTcp) || layer.HostRules.Length > 0
        ? new HostLayer(layer.HostRules, HostAccess.PortsOf(layer, AccessNet.ConnectTcp)) : null;

    /// <summary>A layer with what its ruleset says of hosts.</summary>
    public static ResolvedLayer Mark(Ruleset layer, ResolvedLayer resolved) => layer.HostRules.IsEmpty ? resolved
        : resolved with { HostRules = layer.HostRules, OpenPorts = Of(layer)!.OpenPorts };

    /// <summary>Whether an address may be connected to by one of the names that it is known by.</summary>
    public bool Allows(HostAddress address, int port, Func<HostRule, bool> isKnownFor)
    {
        bool isNamed = false;
        foreach (HostRule rule in Hosts)
        {
            if (!rule.Port.Contains(port)) continue;
            isNamed = true;
            if (rule.Network is { } network ? network.Contains(address) : isKnownFor(rule)) return true;
        }

        // This machine's own services are reached by name alone.
        return !isNamed && (Hosts.IsEmpty || !address.IsLoopback) && Ports.Any(range => range.Contains(port));
    }

    /// <summary>Ports that lead anywhere: those that no host is named for.</summary>
    public ImmutableArray<PortRange> OpenPorts =>
        [.. Hosts.Aggregate((IEnumerable<PortRange>)Ports, (open, rule) => open.SelectMany(range => range.Without(rule.Port)))];

    /// <summary>Whether a name may be asked for. Where a port is open to everybody, any may.</summary>
    public bool AllowsName(string name) => !OpenPorts.IsEmpty || Hosts.Any(rule => rule.AllowsName(name));

    /// <inheritdoc/>
    public bool Equals(HostLayer? other) => other is not null && Hosts.SequenceEqual(other.Hosts) && Ports.SequenceEqual(other.Ports);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Hosts.Length, Ports.Length);
}

/// <summary>Which hosts a command may reach: what all of its layers allow. A pure value.</summary>
/// <param name="Layers">The layers that restrict connecting, outermost first.</param>
/// <param name="Listening">Ports that it may listen on; 0 = one that the kernel chooses.</param>
internal sealed record HostAccess(ImmutableArray<HostLayer> Layers, ImmutableArray<PortRange> Listening)
{
    private const string HostWord = "host", PortWord = "port", LayerWord = "layer", ListenWord = "listen";

    /// <summary>Everything that is reached by TCP, to see what it is.</summary>
    public static HostAccess Everything { get; } =
        new([new HostLayer([], [new PortRange(0, ushort.MaxValue)])], [new PortRange(0, ushort.MaxValue)]);

    /// <summary>What layers come to; null where none of them names hosts.</summary>
    public static HostAccess? Of(ImmutableArray<Ruleset> layers) => !layers.Any(layer => layer.HostRules.Length > 0) ? null
        : new HostAccess([.. layers.Select(HostLayer.Of).OfType<HostLayer>()],
            [.. layers.Where(layer => layer.HandledNet.HasFlag(AccessNet.BindTcp))
                .Aggregate((IEnumerable<PortRange>)[new PortRange(0, ushort.MaxValue)],
                    (all, layer) => Common(all, PortsOf(layer, AccessNet.BindTcp)))]);

    /// <summary>Whether an address may be connected to.</summary>
    public bool Allows(HostAddress address, int port, Func<HostRule, bool> isKnownFor) =>
        Layers.All(layer => layer.Allows(address, port, isKnownFor));

    /// <summary>Whether a name may be asked for.</summary>
    public bool AllowsName(string name) => Layers.All(layer => layer.AllowsName(name));

    /// <summary>Whether every name may be asked for.</summary>
    public bool AllowsAnyName => Layers.All(layer => !layer.OpenPorts.IsEmpty);

    /// <summary>Whether none may be, since all hosts are addresses.</summary>
    public bool AllowsNoName => Layers.Any(layer => layer.OpenPorts.IsEmpty && layer.Hosts.All(rule => rule.Name is null));

    /// <summary>Whether a port may be listened on; 0 = one that the kernel chooses.</summary>
    public bool AllowsListening(int port) => Listening.Any(range => range.Contains(port) || range.Contains(0));

    /// <summary>Whether a port may be bound; 0 = one that the kernel chooses.</summary>
    public bool AllowsBinding(int port) => Listening.Any(range => range.Contains(port));

    /// <summary>Ports that something may be reached at, in disjoint ranges: what the supervisor itself is held to by Landlock.</summary>
    public ImmutableArray<PortRange> Ports()
    {
        IEnumerable<PortRange> all = Layers.Select(layer => layer.Hosts.Select(rule => rule.Port).Concat(layer.Ports))
            .Aggregate((first, second) => Common(first, second));
        return [.. NetRule.Canonical(all.Select(range => new NetRule(range, AccessNet.ConnectTcp))).Select(rule => rule.Port)];
    }

    internal static ImmutableArray<PortRange> PortsOf(Ruleset layer, AccessNet right) =>
        [.. layer.NetRules.Where(rule => rule.Access.HasFlag(right)).Select(rule => rule.Port)];

    /// <summary>What is in both.</summary>
    internal static IEnumerable<PortRange> Common(IEnumerable<PortRange> first, IEnumerable<PortRange> second)
    {
        PortRange[] others = [.. second];
        foreach (PortRange one in first)
            foreach (PortRange other in others)
                if (Math.Max(one.First, other.First) is var start && Math.Min(one.Last, other.Last) is var end && start <= end)
                    yield return new PortRange(start, end);
    }

    /// <summary>As words, for a command line.</summary>
    public IEnumerable<string> Write() => Layers.SelectMany(layer => layer.Hosts.Select(rule => $"{HostWord}={rule}")
        .Concat(layer.Ports.Select(range => $"{PortWord}={range}")).Prepend($"{LayerWord}="))
        .Concat(Listening.Select(range => $"{ListenWord}={range}"));

    /// <summary>From words; null if they are not what was written.</summary>
    public static HostAccess? Read(IEnumerable<string> words)
    {
        List<(List<HostRule> Hosts, List<PortRange> Ports)> layers = [];
        List<PortRange> listening = [];
        try
        {
            foreach (string word in words)
            {
                string kind = word[..Math.Max(0, word.IndexOf('=', StringComparison.Ordinal))];
                if (kind == LayerWord) layers.Add(([], []));
                else if (layers.Count > 0 && kind == HostWord) layers[^1].Hosts.Add(HostRule.Parse(word[(kind.Length + 1)..]));
                else if (layers.Count > 0 && kind == PortWord) layers[^1].Ports.Add(PortRange.Parse(word[(kind.Length + 1)..]));
                else if (kind == ListenWord) listening.Add(PortRange.Parse(word[(kind.Length + 1)..]));
                else return null;
            }
        }
        catch (RulesetException)
        {
            return null;
        }

        return layers.Count == 0 ? null
            : new HostAccess([.. layers.Select(layer => new HostLayer([.. layer.Hosts], [.. layer.Ports]))], [.. listening]);
    }

    /// <inheritdoc/>
    public bool Equals(HostAccess? other) => other is not null && Layers.SequenceEqual(other.Layers)
        && Listening.SequenceEqual(other.Listening);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Layers.Length, Listening.Length);
}
