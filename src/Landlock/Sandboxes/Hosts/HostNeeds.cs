using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;

namespace Landlock.Sandboxes.Hosts;

/// <summary>What a sandbox is besides, where hosts are named in it.</summary>
internal static class HostNeeds
{
    // Where the kernel knows TCP, what a call that goes on is exchanged for meanwhile connects to nobody.
    private const int AbiWithTcp = 4;

    /// <summary>Rights that presets do not give where hosts are named.</summary>
    public const AccessNet Leaving = AccessNet.ConnectTcp | AccessNet.ConnectSendUdp | AccessNet.BindUdp;

    /// <summary>
    /// What a preset opens: no ports, since whoever names hosts means these and no others.
    /// </summary>
    public static ImmutableArray<NetRule> Without(Preset preset, ImmutableArray<NetRule> rules, List<SandboxFinding> findings)
    {
        string ports = string.Join(", ", rules.Where(rule => (rule.Access & Leaving) != 0).Select(rule => rule.Port).Distinct());
        if (ports.Length > 0)
            findings.Add(SandboxFinding.Note(
                $"Hosts are named, and only these are reached: the preset {preset.Name} opens no port ({ports})."));
        return [.. rules.Select(rule => rule with { Access = rule.Access & ~Leaving }).Where(rule => rule.Access != 0)];
    }

    /// <summary>
    /// The sandbox without UNIX sockets, unless rules for some were given: a daemon behind one connects for anybody, to anywhere.
    /// </summary>
    /// <exception cref="RulesetException">What else is asked for contradicts hosts, or the kernel cannot hold both.</exception>
    public static Sandbox For(Sandbox sandbox, ImmutableArray<Ruleset> layers, LandlockSupport support, List<SandboxFinding> findings)
    {
        if (sandbox.Network is NetworkMode.None or NetworkMode.Unrestricted)
            throw new RulesetException(RulesetProblem.Contradictory, $"{sandbox.Network}", $"The network mode {sandbox.Network} does not "
                + "go with hosts: None has no socket to reach them by, and Unrestricted no filter to keep the command from others. Leave "
                + "out the mode, or the hosts (-ConnectHost, --connect-host).");
        if ((sandbox.Promises.Disabled & Protection.Seccomp) != 0)
            throw new RulesetException(RulesetProblem.InvalidProtection, "seccomp", "Hosts (-ConnectHost, --connect-host) are kept by the "
                + "seccomp filter, and seccomp is disabled. Leave out one of them.");
        if (sandbox.NoUnixSocket) return sandbox;
        bool asks = sandbox.AsksForUnix || (sandbox.Promises.Disabled & Protection.ResolveUnix) != 0
            || layers.Any(layer => layer.PathRules.Any(rule => rule.Access == AccessFs.ResolveUnix));
        if (!asks) return sandbox with { NoUnixSocket = true };
        Right right = AbiTable.InMask(RightKind.Fs, (ulong)AccessFs.ResolveUnix).Single();
        if (support.Abi < right.Abi && ((sandbox.Promises.Disabled | sandbox.Promises.AllowDegraded) & Protection.ResolveUnix) == 0)
            findings.Add(SandboxFinding.Warning($"Landlock ABI {support.Abi} cannot tell UNIX sockets apart, so rules for some open all of "
                + $"them, and who listens there may connect to any host: {new DroppedRight(right.Name, right.Abi)}."));
        if (support.Abi >= AbiWithTcp) return sandbox;
        throw new RulesetException(RulesetProblem.Incompatible, "UnixSocket", $"Hosts and UNIX sockets together need Landlock ABI "
            + $"{AbiWithTcp} (Linux {AbiTable.Release(AbiWithTcp)}), and this kernel has ABI {support.Abi}. Leave out the rules for UNIX "
            + "sockets, or the hosts.");
    }

    /// <summary>Refuses what cannot be kept here.</summary>
    /// <exception cref="LaunchException">It cannot.</exception>
    public static void Demand(LandlockSupport support)
    {
        if (support.HostObstacle is { } obstacle)
            throw new LaunchException(LaunchProblem.NotEnforced, "hosts", $"Hosts cannot be kept here: {obstacle} Nothing was run.");
    }
}
