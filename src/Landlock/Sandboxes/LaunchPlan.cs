using System.Collections.Immutable;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Previewing;

namespace Landlock.Sandboxes;

/// <summary>
/// What landlock-exec will do, as data: layers fitted to the kernel, the command, and the state it starts in. Shown
/// by -WhatIf and --dry-run.
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

    /// <summary>
    /// The sandboxes that the command is in then, outermost first, with ">" between them, of which it is told; null = it is told nothing.
    /// </summary>
    internal string? Names { get; init; }

    /// <summary>How it starts; the directory, if there is one, as an absolute path.</summary>
    public CommandStart Start { get; init; } = CommandStart.Default;

    /// <summary>What the directory was when it was looked at; null if nobody has.</summary>
    internal FoundPath? DirectoryFound { get; init; }

    /// <summary>
    /// Whether this is the plan of a <see cref="PlanScript"/>: the arguments that it is called with follow those of the plan.
    /// </summary>
    public bool TakesArguments { get; init; }

    /// <summary>The directory that the command may be run in, and no other; null = any.</summary>
    internal FoundPath? OnlyIn { get; init; }

    /// <summary>A rule of every layer, if standard input, output or error is a terminal by then.</summary>
    public PathRule? OnTerminal { get; init; }

    /// <summary>What was granted on behalf of the command, with the reason; contained in the layers already.</summary>
    public ImmutableArray<Grant> Grants { get; init; } = [];

    /// <summary>Ports that were granted on top, with the reason; contained in the layers already.</summary>
    public ImmutableArray<NetGrant> NetGrants { get; init; } = [];

    /// <summary>What the seccomp filter lets the command do; null = none is installed.</summary>
    public FilterOptions? Filter { get; init; } = new();

    /// <summary>Which hosts the command may reach, by a supervisor that answers for it; null = hosts are not looked at.</summary>
    internal HostAccess? Hosts { get; init; }

    /// <summary>What is covered, so that changes are kept apart; null without a preview.</summary>
    internal PlannedPreview? Preview { get; init; }

    /// <summary>What holds of each protection, by the layers and the filter together.</summary>
    public ImmutableArray<ProtectionStatus> Protections { get; init; } = [];

    /// <summary>Well-known UNIX sockets that the command can connect to, through which it could act outside.</summary>
    public ImmutableArray<ReachableSocket> Sockets { get; init; } = [];

    /// <summary>Whether it was said that UNIX sockets may be in reach.</summary>
    internal bool UnixForeseen { get; init; }

    /// <summary>Whether the supervisor can find nothing but the command itself.</summary>
    internal bool IsBlind { get; init; }

    /// <summary>What is to be known before the command runs: of the sandbox, of what the kernel lacks, of the command.</summary>
    public ImmutableArray<SandboxFinding> Findings { get; init; } = [];

    /// <summary>What became of each layer.</summary>
    public IEnumerable<RestrictionStatus> Status => Layers.Select(layer => layer.Status);
}
