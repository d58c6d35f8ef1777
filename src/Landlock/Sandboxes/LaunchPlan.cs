using System.Collections.Immutable;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Supervision;

namespace Landlock.Sandboxes;

/// <summary>
/// What landlock-exec will do, as data: layers fitted to the kernel, the command, and the state it starts in. Shown by -WhatIf and --dry-run.
/// </summary>
public sealed record LaunchPlan
{
    /// <summary>The layers, outermost first.</summary>
    public required ImmutableArray<ResolvedLayer> Layers { get; init; }

    /// <summary>The file that is executed.</summary>
    public required string Program { get; init; }

    /// <summary>What that was when it was looked at; null if nobody has.</summary>
    internal FoundPath? ProgramFound { get; init; }

    /// <summary>Its arguments, argv[0] first.</summary>
    public required ImmutableArray<string> Arguments { get; init; }

    /// <summary>Directory to start in; null = where the process is.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>What that was when it was looked at; null if nobody has.</summary>
    internal FoundPath? DirectoryFound { get; init; }

    /// <summary>The whole environment; null = pass on the present one.</summary>
    public ImmutableArray<string>? Environment { get; init; }

    /// <summary>Entries that are added to the environment received, or take the place of those of the same name there.</summary>
    public ImmutableArray<string> Variables { get; init; } = [];

    /// <summary>Whether this is the plan of a <see cref="PlanScript"/>: the arguments that it is called with follow those of the plan.</summary>
    public bool TakesArguments { get; init; }

    /// <summary>The directory that the command may be run in, and no other; null = any.</summary>
    internal FoundPath? OnlyIn { get; init; }

    /// <summary>A rule of every layer, if standard input, output or error is a terminal by then.</summary>
    public PathRule? OnTerminal { get; init; }

    /// <summary>A directory for temporary files that is made first (<see cref="ScratchDirectory.PathFor"/>).</summary>
    public string? Scratch { get; init; }

    /// <summary>What was granted on behalf of the command, with the reason; contained in the layers already.</summary>
    public ImmutableArray<Grant> Grants { get; init; } = [];

    /// <summary>Ports that were granted on top, with the reason; contained in the layers already.</summary>
    public ImmutableArray<PortGrant> PortGrants { get; init; } = [];

    /// <summary>Which Internet sockets the seccomp filter leaves; null = it does not look at sockets.</summary>
    public NetworkAccess? Network { get; init; }

    /// <summary>Whether the seccomp filter refuses UNIX sockets, but for connected pairs.</summary>
    public bool NoUnixSocket { get; init; }

    /// <summary>Whether the seccomp filter refuses the queues, semaphores and shared memory of System V.</summary>
    public bool NoSystemVIpc { get; init; }

    /// <summary>Whether the seccomp filter refuses namespaces, and userfaultfd(2), bpf(2) and perf_event_open(2).</summary>
    public bool RestrictNamespaces { get; init; }

    /// <summary>Whether the seccomp filter is installed.</summary>
    public bool Filtered { get; init; } = true;

    /// <summary>What holds of each protection, by the layers and the filter together.</summary>
    public ImmutableArray<ProtectionStatus> Protections { get; init; } = [];

    /// <summary>Well-known UNIX sockets that the command can connect to, through which it could act outside.</summary>
    public ImmutableArray<ReachableSocket> Sockets { get; init; } = [];

    /// <summary>Whether it was said that UNIX sockets may be in reach.</summary>
    internal bool UnixForeseen { get; init; }

    /// <summary>Descriptors above 2 that survive, ascending.</summary>
    public ImmutableArray<int> KeepDescriptors { get; init; } = [];

    /// <summary>State to restore; null = leave everything as it is.</summary>
    public StartState? StartState { get; init; }

    /// <summary>Signals to block in addition.</summary>
    public ulong ExtraBlockedSignals { get; init; }

    /// <summary>Whether the command begins a process group (setpgid(2)) of its own, which Ctrl+C at the terminal does not reach.</summary>
    public bool NewGroup { get; init; }

    /// <summary>Whether descendants whose parent ends become children of the command, so that they can be found while it lives.</summary>
    public bool AdoptOrphans { get; init; }

    /// <summary>Resource limits to set.</summary>
    public ImmutableArray<ResourceLimit> Limits { get; init; } = [];

    /// <summary>Whether the command waits for a tracer before it starts (<see cref="Tracing"/>); only then may there be no layer.</summary>
    public bool Traced { get; init; }

    /// <summary>What needs somebody who stays while the command runs; null = the command takes the place of whoever starts it.</summary>
    public SupervisionOptions? Supervision { get; init; }

    /// <summary>Whether the supervisor can find nothing but the command itself.</summary>
    internal bool IsBlind { get; init; }

    /// <summary>Thread name to restrict under.</summary>
    public string? DomainName { get; init; }

    /// <summary>Things that the user should know about the command.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>What the seccomp filter lets through, where it is installed.</summary>
    internal FilterOptions FilterOptions => new()
    {
        Network = Network,
        Traced = Traced,
        Unix = !NoUnixSocket,
        SystemVIpc = !NoSystemVIpc,
        Namespaces = !RestrictNamespaces,
        InGroup = Supervision is { HasGroup: true },
    };

    /// <summary>What became of each layer.</summary>
    public IEnumerable<RestrictionStatus> Status => Layers.Select(layer => layer.Status);
}
