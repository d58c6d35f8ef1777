using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Supervision;

namespace Landlock.Sandboxes;

/// <summary>A rule that is added to every layer on behalf of the command, and why.</summary>
/// <param name="Rule">The rule; it is skipped where its path does not exist.</param>
/// <param name="Origin">Where it comes from, for display ("baseline", "closure: library of /usr/bin/ls").</param>
public sealed record Grant(PathRule Rule, string Origin);

/// <summary>A rule for ports that is added to every layer which handles its rights, and why.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Origin">Where it comes from, for display ("preset WebClient").</param>
public sealed record PortGrant(NetRule Rule, string Origin);

/// <summary>The state a process had when it was started, where a runtime has changed it since.</summary>
/// <param name="IgnoredSignals">Signals that were ignored; bit n-1 is signal n. Every other one was at its default.</param>
/// <param name="BlockedSignals">Signals that were blocked.</param>
/// <param name="OpenFiles">Soft and hard RLIMIT_NOFILE; null = as it is now.</param>
public sealed record StartState(ulong IgnoredSignals, ulong BlockedSignals, ResourceLimit? OpenFiles);

/// <summary>A resource limit (setrlimit(2)).</summary>
/// <param name="Resource">RLIMIT_* number.</param>
/// <param name="Soft">Soft limit; <see cref="ulong.MaxValue"/> = unlimited.</param>
/// <param name="Hard">Hard limit; <see cref="ulong.MaxValue"/> = unlimited.</param>
public sealed record ResourceLimit(int Resource, ulong Soft, ulong Hard);

/// <summary>Everything that is asked for when a command is launched. No global state: the planner looks at nothing but this and the files it names.</summary>
public sealed record LaunchRequest
{
    /// <summary>The layers, outermost first; at least one, unless the command is traced.</summary>
    public required ImmutableArray<Ruleset> Layers { get; init; }

    /// <summary>The command: a name to look up in <see cref="SearchPath"/>, or a path.</summary>
    public required string Command { get; init; }

    /// <summary>The command's arguments, without its own name.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Absolute directory that relative paths, of rules too, start from.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>Directory to start the command in; null = where the process is.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>PATH for looking up the command and "#!/usr/bin/env NAME".</summary>
    public string SearchPath { get; init; } = "";

    /// <summary>The command's whole environment ("NAME=VALUE"); null = pass on the present one.</summary>
    public ImmutableArray<string>? Environment { get; init; }

    /// <summary>Rules that every layer gets on top of its own.</summary>
    public ImmutableArray<Grant> Grants { get; init; } = [];

    /// <summary>Rules for ports that every layer gets on top of its own.</summary>
    public ImmutableArray<PortGrant> PortGrants { get; init; } = [];

    /// <summary>What is to be known of the grants.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Which sockets a seccomp filter lets the command make.</summary>
    public NetworkMode Network { get; init; }

    /// <summary>Whether UDP was asked for, in rules that the layers cannot hold because they are for an ABI below 10.</summary>
    public bool UdpAsked { get; init; }

    /// <summary>Whether a seccomp filter lets the command make no UNIX socket (AF_UNIX) but connected pairs, so that it reaches none of another program.</summary>
    public bool NoUnixSocket { get; init; }

    /// <summary>
    /// Whether a seccomp filter refuses the queues, semaphores and shared memory of System V, which every process of the user shares. fakeroot
    /// and PostgreSQL need them.
    /// </summary>
    public bool NoSystemVIpc { get; init; }

    /// <summary>
    /// Whether a seccomp filter refuses to make and to enter namespaces, and userfaultfd(2), bpf(2) and perf_event_open(2): much of the kernel that
    /// few commands need. Sandboxes of browsers, containers and bubblewrap need namespaces.
    /// </summary>
    public bool RestrictNamespaces { get; init; }

    /// <summary>What only a filter keeps.</summary>
    internal string? OnlyByFilter => NoUnixSocket ? "UNIX sockets are" : NoSystemVIpc ? "System V IPC is" : RestrictNamespaces ? "namespaces are" : null;

    /// <summary>Whether connecting to UNIX sockets was asked for, in rules that the layers cannot hold because they are for an ABI below 9.</summary>
    public bool UnixAsked { get; init; }

    /// <summary>What is asked of single protections. What is disabled must be left out of the layers already.</summary>
    public ProtectionPromises Promises { get; init; } = ProtectionPromises.None;

    /// <summary>Sockets of the program that starts the command, to look at together with those that are known.</summary>
    public ImmutableArray<KnownSocket> OwnSockets { get; init; } = [];

    /// <summary>Whether the command's program, loader, interpreters and libraries are granted.</summary>
    public bool Closure { get; init; } = true;

    /// <summary>Descriptors above 2 that the command keeps.</summary>
    public ImmutableArray<int> KeepDescriptors { get; init; } = [];

    /// <summary>State to restore before the command starts; null = leave everything as it is.</summary>
    public StartState? StartState { get; init; }

    /// <summary>Signals to block in addition; bit n-1 is signal n.</summary>
    public ulong ExtraBlockedSignals { get; init; }

    /// <summary>Whether the command begins a process group (setpgid(2)) of its own, which Ctrl+C at the terminal does not reach.</summary>
    public bool NewGroup { get; init; }

    /// <summary>Whether descendants whose parent ends become children of the command, so that they can be found while it lives.</summary>
    public bool AdoptOrphans { get; init; }

    /// <summary>Resource limits to set.</summary>
    public ImmutableArray<ResourceLimit> Limits { get; init; } = [];

    /// <summary>Whether the command is started by a tracer (<see cref="Tracing"/>); only then may there be no layer.</summary>
    public bool Traced { get; init; }

    /// <summary>Thread name to restrict under, which the kernel's log shows for the domain; at most 15 bytes.</summary>
    public string? DomainName { get; init; }

    /// <summary>Entries that are added to the environment received; only where <see cref="Environment"/> is null.</summary>
    public ImmutableArray<string> Variables { get; init; } = [];

    /// <summary>What needs somebody who stays while the command runs; null = nothing.</summary>
    public SupervisionOptions? Supervision { get; init; }

    /// <summary>A directory for temporary files that does not exist yet; landlock-exec makes it (<see cref="LaunchPlan.Scratch"/>).</summary>
    public string? Scratch { get; init; }

    /// <summary>The kernel to plan for.</summary>
    public required LandlockSupport Support { get; init; }
}
