using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Supervision;

namespace Landlock.Sandboxes;

/// <summary>What a sandbox leaves alone.</summary>
[Flags]
public enum Unrestricted
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Files and directories.</summary>
    Fs = 1,

    /// <summary>Ports.</summary>
    Net = 2,

    /// <summary>Signals and abstract UNIX sockets.</summary>
    Scope = 4,
}

/// <summary>
/// Everything that a sandbox is: layers, paths, ports, policies, presets, network, protections, environment, limits, time, temporary
/// files. Cmdlets, the command line, profiles and programs fill it; what it means is decided here, once. A value: nothing is opened, and
/// it can be shared and compared.
/// </summary>
/// <remarks>
/// Without rulesets and policies one layer is made that denies everything the kernel can deny. What <see cref="Paths"/>,
/// <see cref="Ports"/> and <see cref="Presets"/> allow is added to every layer.
/// </remarks>
public sealed partial record Sandbox
{
    /// <summary>Denies everything that the kernel can deny, but for what the command itself needs in order to start.</summary>
    public static Sandbox Strict { get; } = new();

    /// <summary>The name of the sandbox, that of its profile; null if it has none.</summary>
    public string? Name { get; init; }

    /// <summary>Layers that were made elsewhere, outermost first.</summary>
    public ImmutableArray<Ruleset> Rulesets { get; init; } = [];

    /// <summary>Policy documents; they are composed into one layer, the innermost.</summary>
    public ImmutableArray<PolicyDocument> Policies { get; init; } = [];

    /// <summary>Names of presets, which grant what a kind of program needs.</summary>
    public ImmutableArray<string> Presets { get; init; } = [];

    /// <summary>Values for the variables of policies and presets.</summary>
    public PolicyVariables Variables { get; init; } = PolicyVariables.None;

    /// <summary>Rules for paths, in the order given.</summary>
    public ImmutableArray<PathRule> Paths { get; init; } = [];

    /// <summary>
    /// What the rules are not for: paths beneath theirs, patterns of such, or <c>Secrets</c>, which is left out of everything that layers
    /// and presets allow (<see cref="PathRule.Excepting"/>).
    /// </summary>
    public ImmutableArray<string> Except { get; init; } = [];

    /// <summary>Rules for ports, in the order given.</summary>
    public ImmutableArray<NetRule> Ports { get; init; } = [];

    /// <summary>
    /// Hosts that the command may connect to by TCP (<see cref="Ruleset.HostRules"/>). Where there are some, presets open no port, and no
    /// UNIX socket can be made unless rules for some are given.
    /// </summary>
    public ImmutableArray<HostRule> Hosts { get; init; } = [];

    /// <summary>What is left alone; only of the layer that is made here.</summary>
    public Unrestricted Unrestricted { get; init; }

    /// <summary>Skip, and report, rules whose path does not exist.</summary>
    public bool IgnoreMissing { get; init; }

    /// <summary>Let the kernel log what the command is denied (ABI 7).</summary>
    public bool LogDenials { get; init; }

    /// <summary>What to do where the kernel lacks something; null = best effort, or what layers say that were made elsewhere.</summary>
    public Compatibility? Compatibility { get; init; }

    /// <summary>What is asked of single protections.</summary>
    public ProtectionPromises Promises { get; init; } = ProtectionPromises.None;

    /// <summary>Which sockets a seccomp filter lets the command make.</summary>
    public NetworkMode Network { get; init; }

    /// <summary>
    /// Whether the seccomp filter lets the command ask for network interfaces, addresses and routes (NETLINK_ROUTE), whatever
    /// <see cref="Network"/> says. A command with CAP_NET_ADMIN, as root has, could change them by the same socket.
    /// </summary>
    public bool ListInterfaces { get; init; }

    /// <summary>
    /// Whether a seccomp filter lets the command make no UNIX socket (AF_UNIX) but connected pairs, so that it reaches
    /// none of another program.
    /// </summary>
    public bool NoUnixSocket { get; init; }

    /// <summary>
    /// Whether a seccomp filter refuses the queues, semaphores and shared memory of System V, which every process of the user shares.
    /// fakeroot and PostgreSQL need them.
    /// </summary>
    public bool NoSystemVIpc { get; init; }

    /// <summary>
    /// Whether a seccomp filter refuses to make and to enter namespaces, and userfaultfd(2), bpf(2) and perf_event_open(2): much of the
    /// kernel that few commands need. Sandboxes of browsers, containers and bubblewrap need namespaces.
    /// </summary>
    public bool RestrictNamespaces { get; init; }

    /// <summary>Whether the command's program, loader, interpreters and libraries are granted.</summary>
    public bool Closure { get; init; } = true;

    /// <summary>Whether the harmless things are granted that nearly every program needs (<see cref="Needs.Baseline"/>).</summary>
    public bool Baseline { get; init; } = true;

    /// <summary>What the command finds in its environment.</summary>
    public EnvironmentSelection Environment { get; init; } = new();

    /// <summary>Limits on resources.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>Time, total limits, temporary files and whatever else needs somebody who stays.</summary>
    public SupervisionOptions Supervision { get; init; } = new();

    /// <summary>Directory to start in; null = where the process is.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether it says something that only a process can have which is started for it.</summary>
    internal bool NeedsProcess => !Environment.IsEverything || !Environment.Changes.IsEmpty || WorkingDirectory is not null
        || Limits != new LimitOptions() || Supervision.OrNone is not null;

    /// <summary>
    /// Variables that profiles declare; values for them are in it already. Where there are some, a value for a name that is none is an
    /// error: what it was meant for may be what restricts.
    /// </summary>
    internal ImmutableArray<string> ProfileVariables { get; init; } = [];

    /// <summary>What is to be known of how it came to be, such as what a profile and options make of each other.</summary>
    internal ImmutableArray<SandboxFinding> Findings { get; init; } = [];

    /// <summary>What the presets grant, where somebody has asked already.</summary>
    internal KnownGrants? KnownGrants { get; init; }

    /// <summary>What only a filter keeps.</summary>
    internal string? OnlyByFilter =>
        NoUnixSocket ? "UNIX sockets are" : NoSystemVIpc ? "System V IPC is" : RestrictNamespaces ? "namespaces are" : null;

    /// <summary>Whether UDP was asked for, in rules that layers cannot hold which are for an ABI below 10.</summary>
    internal bool AsksForUdp => OpensUdp || Ports.Any(rule => rule.HasUdp);

    /// <summary>Whether rules for UDP were asked for that are in the layers already, or would be if those could hold them.</summary>
    internal bool OpensUdp { get; init; }

    /// <summary>Whether connecting to UNIX sockets was asked for, in rules that layers cannot hold which are for an ABI below 9.</summary>
    internal bool AsksForUnix => OpensUnix || Paths.Any(rule => rule.Access == AccessFs.ResolveUnix);

    /// <summary>The same of rules for UNIX sockets.</summary>
    internal bool OpensUnix { get; init; }
}
