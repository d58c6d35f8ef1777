using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Sandboxes.Filters;

/// <summary>
/// Which Internet sockets (AF_INET, AF_INET6) a filter lets a command make, and whether those that list interfaces. UNIX sockets are
/// another question (<see cref="Sandbox.NoUnixSocket"/>), others are never allowed.
/// </summary>
/// <param name="Tcp">Stream sockets of TCP; which ports they reach is up to the rules.</param>
/// <param name="Udp">Datagram sockets of UDP.</param>
public sealed record NetworkAccess(bool Tcp, bool Udp)
{
    /// <summary>Sockets of NETLINK_ROUTE, which tell of interfaces, addresses and routes.</summary>
    public bool Interfaces { get; init; }

    /// <summary>
    /// Whether a supervisor answers the calls that would reach a host (<see cref="Hosts.HostBroker"/>): the command connects to nobody by
    /// itself, and instead of sockets of UDP it has conversations with the supervisor.
    /// </summary>
    public bool Hosts { get; init; }

    /// <summary>Rights that are kept, since no socket can be made that would use them.</summary>
    internal AccessNet Refused => (Hosts ? AccessNet.ConnectTcp : Tcp ? AccessNet.None : Ruleset.TcpRights)
        | (Udp ? AccessNet.None : Ruleset.UdpRights);

    /// <summary>What a request comes to; null = no filter.</summary>
    /// <remarks>On every kernel, only sockets that a rule allows can be created, whether or not Landlock knows them.</remarks>
    /// <param name="request">The request.</param>
    /// <exception cref="RulesetException">The mode and the rules contradict each other.</exception>
    internal static NetworkAccess? Of(LaunchRequest request) =>
        Internet(request) is { } access ? access with { Interfaces = request.Sandbox.ListInterfaces || AllList(request.Layers) } : null;

    private static bool AllList(ImmutableArray<Ruleset> layers) =>
        layers.Any(layer => layer.ListInterfaces) && layers.All(layer => layer.ListInterfaces || !layer.ClaimsSockets);

    private static NetworkAccess? Internet(LaunchRequest request)
    {
        // Grants, and what the layers cannot hold, count for every layer.
        bool udpEverywhere = request.Sandbox.AsksForUdp || request.NetGrants.Any(grant => grant.Rule.HasUdp);
        bool tcpRules = request.Layers.Any(HasTcp) || request.NetGrants.Any(grant => grant.Rule.HasTcp);
        bool udpRules = udpEverywhere || request.Layers.Any(HasUdp);
        if (request.Layers.Any(layer => layer.HostRules.Length > 0)) return new NetworkAccess(true, false) { Hosts = true };
        if ((request.Sandbox.Promises.Disabled & Protection.Seccomp) != 0)
        {
            if (request.Sandbox.Network is NetworkMode.None or NetworkMode.Tcp)
                throw new RulesetException(RulesetProblem.InvalidProtection, "seccomp", $"The network mode {request.Sandbox.Network} is "
                    + "kept by the seccomp filter, and seccomp is disabled. Leave out one of them.");
            return null;
        }

        switch (request.Sandbox.Network)
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

        Ruleset[] claims = [.. request.Layers.Where(layer => layer.ClaimsSockets)];
        if (claims.Length == 0) return null;
        bool tcp = true;
        bool udp = true;
        foreach (Ruleset layer in claims)
        {
            tcp &= FreeTcp(layer) || !layer.WithGrants([], request.NetGrants.Select(grant => grant.Rule)).DeniesTcp;
            udp &= udpEverywhere || !layer.DeniesUdp;
        }

        return new NetworkAccess(tcp, udp);
    }

    private static bool FreeTcp(Ruleset layer) => (layer.Promises.Disabled & Protection.NetTcp) != 0;

    private static bool HasTcp(Ruleset layer) => layer.NetRules.Any(rule => rule.HasTcp);

    private static bool HasUdp(Ruleset layer) => layer.NetRules.Any(rule => rule.HasUdp);

    private static RulesetException Contradiction(string mode, string refused, string rules) => new(
        RulesetProblem.Contradictory, mode,
        $"The network mode {mode} refuses {refused}, but there are rules for {rules}. Leave out the mode, or the rules.");
}
