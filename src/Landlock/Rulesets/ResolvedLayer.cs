using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Rulesets;

/// <summary>A path rule as it will be given to the kernel.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Access">Rights if the path is a directory.</param>
/// <param name="FileAccess">Rights if it is anything else.</param>
/// <param name="Optional">Skip if it has vanished by then.</param>
/// <param name="Quiet">Pass LANDLOCK_ADD_RULE_QUIET.</param>
public sealed record ResolvedPathRule(string Path, AccessFs Access, AccessFs FileAccess, bool Optional, bool Quiet)
{
    /// <summary>What was there when the sandbox was planned, which alone the rule is for; null if nobody has looked yet.</summary>
    internal FoundPath? Found { get; init; }

    /// <summary>Where the path leads, without symbolic links; null if that is not known.</summary>
    public string? RealPath => Found?.RealPath;

    /// <summary>Whether the path is known to hold no link, so that one which comes there is another object.</summary>
    internal bool IsReal => RealPath == Path;

    /// <summary>What the rule is for: what was found, or what is there now if nobody has looked.</summary>
    internal FoundPath Target => Found is { } found && found.Path == Path ? found : PosixFile.Find(Path);
}

/// <summary>What a rule with exceptions leaves out.</summary>
/// <param name="Path">Real path of the rule's directory.</param>
/// <param name="Access">Its rights, as far as the kernel knows them.</param>
/// <param name="Exceptions">Real paths that it is not for.</param>
internal sealed record ResolvedExceptions(string Path, AccessFs Access, ImmutableArray<string> Exceptions)
{
    /// <summary>The exception that another rule would allow again, so that it is refused; null if there is none.</summary>
    /// <param name="path">Real path of the other rule.</param>
    /// <param name="access">Its rights.</param>
    public string? Refuses(string path, AccessFs access) =>
        (access & Access) == 0 ? null
            : Exceptions.FirstOrDefault(exception => PathRule.IsBeneath(exception, path) || PathRule.IsBeneath(path, exception));
}

/// <summary>A port rule as it will be given to the kernel, one call for each port.</summary>
/// <param name="Port">The ports.</param>
/// <param name="Access">The rights.</param>
/// <param name="Quiet">Pass LANDLOCK_ADD_RULE_QUIET.</param>
public sealed record ResolvedNetRule(PortRange Port, AccessNet Access, bool Quiet);

/// <summary>A ruleset fitted to one kernel: exact masks, existing paths, and the report on what did not fit.</summary>
public sealed record ResolvedLayer
{
    /// <summary>What became of the ruleset.</summary>
    public required RestrictionStatus Status { get; init; }

    /// <summary>ABI of the kernel, which decides the size of the attribute.</summary>
    public int KernelAbi => Status.KernelAbi;

    /// <summary>handled_access_fs.</summary>
    public AccessFs HandledFs { get; init; }

    /// <summary>handled_access_net.</summary>
    public AccessNet HandledNet { get; init; }

    /// <summary>
    /// Network rights that the kernel lacks, and that the seccomp filter keeps: it lets no socket be made that could use them.
    /// </summary>
    public AccessNet FilteredNet { get; init; }

    /// <summary>scoped.</summary>
    public Scope Scopes { get; init; }

    /// <summary>quiet_access_fs.</summary>
    public AccessFs QuietFs { get; init; }

    /// <summary>quiet_access_net.</summary>
    public AccessNet QuietNet { get; init; }

    /// <summary>quiet_scoped.</summary>
    public Scope QuietScopes { get; init; }

    /// <summary>Flags of landlock_restrict_self(2).</summary>
    public RestrictFlags RestrictFlags { get; init; }

    /// <summary>Path rules, in the ruleset's order.</summary>
    public ImmutableArray<ResolvedPathRule> PathRules { get; init; } = [];

    /// <summary>Port rules, in the ruleset's order.</summary>
    public ImmutableArray<ResolvedNetRule> NetRules { get; init; } = [];

    /// <summary>Hosts that may be connected to; empty = the layer knows ports alone. A supervisor keeps them.</summary>
    public ImmutableArray<HostRule> HostRules { get; init; } = [];

    /// <summary>Where hosts are named, the ports that lead anywhere: those of connect_tcp rules that no host is named for.</summary>
    internal ImmutableArray<PortRange> OpenPorts { get; init; } = [];

    /// <summary>What rules with exceptions leave out.</summary>
    internal ImmutableArray<ResolvedExceptions> Exceptions { get; init; } = [];

    /// <summary>What rules with exceptions cost, a sentence for each.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>struct landlock_ruleset_attr, with the members that the kernel's ABI has.</summary>
    internal ReadOnlySpan<ulong> Attribute() =>
        new ulong[] { (ulong)HandledFs, (ulong)HandledNet, (ulong)Scopes, (ulong)QuietFs, (ulong)QuietNet, (ulong)QuietScopes }.AsSpan(0,
            AbiTable.AttributeSize(KernelAbi) / 8);
}
