using System.Collections.Immutable;
using Landlock.Kernel;
using Landlock.Rulesets;

namespace Landlock.Launching.Filters;

/// <summary>Which Internet sockets (AF_INET, AF_INET6) a filter lets a command make. UNIX sockets are another question (<see cref="LaunchRequest.NoUnixSocket"/>), others are never allowed.</summary>
/// <param name="Tcp">Stream sockets of TCP; which ports they reach is up to the rules.</param>
/// <param name="Udp">Datagram sockets of UDP.</param>
public sealed record NetworkAccess(bool Tcp, bool Udp)
{
    private const AccessNet TcpRights = AccessNet.BindTcp | AccessNet.ConnectTcp;

    /// <summary>What a request comes to; null = no filter.</summary>
    /// <param name="request">The request.</param>
    /// <param name="layers">Its layers, fitted to the kernel.</param>
    /// <exception cref="RulesetException">The mode and the rules contradict each other.</exception>
    internal static NetworkAccess? Of(LaunchRequest request, ImmutableArray<ResolvedLayer> layers)
    {
        // Grants, and what the layers cannot hold, count for every layer.
        bool udpEverywhere = request.UdpAsked || request.PortGrants.Any(grant => grant.Rule.HasUdp);
        bool tcpRules = request.Layers.Any(HasTcp) || request.PortGrants.Any(grant => grant.Rule.HasTcp);
        bool udpRules = udpEverywhere || request.Layers.Any(HasUdp);
        if ((request.Promises.Disabled & Protection.Seccomp) != 0)
        {
            if (request.Network is NetworkMode.None or NetworkMode.Tcp)
                throw new RulesetException(RulesetProblem.InvalidProtection, "seccomp", $"The network mode {request.Network} is kept by the seccomp filter, and seccomp is disabled. Leave out one of them.");
            return null;
        }

        switch (request.Network)
        {
            case NetworkMode.Unrestricted:
                return null;
            case NetworkMode.None when tcpRules || udpRules:
                throw Contradiction("None", "every socket but UNIX ones", tcpRules ? "TCP" : "UDP");
            case NetworkMode.None:
                return new NetworkAccess(false, false);
            case NetworkMode.Tcp when udpRules:
                throw Contradiction("Tcp", "UDP", "UDP");
            case NetworkMode.Tcp:
                return new NetworkAccess(true, false);
        }

        // A layer that leaves either of TCP's rights alone does not mean to keep a command off the network.
        // One that leaves TCP out on purpose still keeps it off the rest.
        bool[] freeTcp = [.. layers.Select((layer, i) => (request.Layers[i].Promises.Disabled & Protection.NetTcp) != 0 && (Abi.AllNet(layer.KernelAbi) & TcpRights) != 0)];
        bool[] claims = [.. layers.Select((layer, i) => freeTcp[i] || (layer.HandledNet & TcpRights) == TcpRights)];
        if (!claims.Contains(true)) return null;
        bool tcp = true;
        bool udp = true;
        for (int i = 0; i < layers.Length; i++)
        {
            if (!claims[i]) continue;
            tcp &= freeTcp[i] || layers[i].NetRules.Any(rule => (rule.Access & TcpRights) != 0);
            udp &= udpEverywhere || (request.Layers[i].Promises.Disabled & Protection.NetUdp) != 0 || HasUdp(request.Layers[i]);
        }

        return new NetworkAccess(tcp, udp);
    }

    private static bool HasTcp(Ruleset layer) => layer.NetRules.Any(rule => rule.HasTcp);

    private static bool HasUdp(Ruleset layer) => layer.NetRules.Any(rule => rule.HasUdp);

    private static RulesetException Contradiction(string mode, string refused, string rules) => new(
        RulesetProblem.Incompatible, mode, $"The network mode {mode} refuses {refused}, but there are rules for {rules}. Leave out the mode, or the rules.");
}
