using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;

namespace Landlock.Sandboxes;

/// <summary>The protections of a launch: what is asked of them, and whether it is kept.</summary>
internal static class PlannedProtections
{
    /// <summary>Checks what is asked, and tells the layers what may be missing.</summary>
    /// <exception cref="RulesetException">It contradicts itself, or a layer.</exception>
    public static LaunchRequest Prepare(LaunchRequest request)
    {
        ProtectionPromises promises = request.Sandbox.Promises;
        promises.Demand();
        if (request.Sandbox.OnlyByFilter is { } kept && (promises.Disabled & Protection.Seccomp) != 0)
            throw Contradiction("seccomp",
                $"{char.ToUpperInvariant(kept[0])}{kept[1..]} refused by the seccomp filter, and seccomp is disabled.");
        if (request.Sandbox.NoUnixSocket) DemandNoUnix(request, promises);
        foreach (Ruleset layer in request.Layers) promises.DemandFree(layer);
        Protection allowed = promises.AllowDegraded & ~Protection.Seccomp;
        // The filter keeps these then, so that a layer that requires them is kept, too.
        if (request.Sandbox.NoUnixSocket) allowed |= Protection.ResolveUnix | Protection.ScopeAbstractUnixSocket;
        return allowed == 0 ? request
            : request with { Layers = [.. request.Layers.Select(layer => layer.WithPromises(layer.Promises.Allowing(allowed)))] };
    }

    /// <summary>Whether the filter is installed. It is unless somebody said that it need not be.</summary>
    /// <exception cref="LaunchException">The kernel has none, and nobody did.</exception>
    public static bool HasFilter(LaunchRequest request)
    {
        if (request.Layers.Length == 0 || (request.Sandbox.Promises.Disabled & Protection.Seccomp) != 0) return false;
        if (request.Support.HasSeccompFilter) return true;
        if ((request.Sandbox.Promises.AllowDegraded & Protection.Seccomp) != 0
            && request.Sandbox.Network is not (NetworkMode.None or NetworkMode.Tcp) && request.Sandbox.OnlyByFilter is null)
        {
            return false;
        }
        throw new LaunchException(LaunchProblem.NotEnforced, "seccomp",
            "The kernel has no seccomp filters (CONFIG_SECCOMP_FILTER), or a container forbids them, and the network, the terminal, the "
                + "keyrings and the limits of other processes are kept by one. Allow seccomp to be degraded to run "
                + "without. Nothing was run.");
    }

    /// <summary>What holds.</summary>
    /// <exception cref="RulesetException">Something that is required does not.</exception>
    public static ImmutableArray<ProtectionStatus> Resolve(LaunchRequest request, NetworkAccess? network, bool filtered)
    {
        FilterEffect filter =
            new(filtered, network is not null, network?.Tcp ?? true, network?.Udp ?? true)
            { Unix = !request.Sandbox.NoUnixSocket, Hosts = network?.Hosts ?? false };
        ImmutableArray<ProtectionStatus> states =
            ProtectionResolver.Resolve(request.Layers, request.Support, filter, request.Sandbox.Promises.Disabled);
        Protection required = request.Layers.Aggregate(request.Sandbox.Promises.Required, (mask, layer) => mask | layer.Promises.Required);
        ProtectionStatus[] missing =
            [.. states.Where(status => (status.Protection & required) != 0 && status.State != ProtectionState.Active)];
        if (missing.Length == 0) return states;
        bool unix = missing.Any(status => status.Protection == Protection.ResolveUnix) && filtered;
        string sentences = string.Join(" ", missing.Select(status => $"The protection {status.Name} is required, but {State(status)}."));
        string advice = unix ? " Refusing UNIX sockets, with -NoUnixSocket (--no-unix-socket), keeps resolve_unix on every kernel." : "";
        throw new RulesetException(RulesetProblem.ProtectionMissing, missing[0].Name, $"{sentences}{advice} Nothing was run.");
    }

    private static void DemandNoUnix(LaunchRequest request, ProtectionPromises promises)
    {
        if ((promises.Disabled & Protection.ResolveUnix) != 0)
            throw Contradiction("resolve_unix", "No UNIX socket is to be made, and resolve_unix is disabled.");
        if (request.Sandbox.AsksForUnix || request.Layers.Any(layer => layer.PathRules.Any(rule => rule.Access == AccessFs.ResolveUnix)))
            throw Contradiction("UnixSocket", "No UNIX socket is to be made, but there are rules for connecting to some.");
    }

    private static RulesetException Contradiction(string target, string message) =>
        new(RulesetProblem.InvalidProtection, target, $"{message} Leave out one of them.");

    private static string State(ProtectionStatus status) =>
        $"{status.State.ToString().ToLowerInvariant()}{(status.Reason.Length == 0 ? "" : $": {status.Reason}")}";
}
