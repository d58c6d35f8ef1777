using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Sandboxes;

/// <summary>A rule that is added to every layer on behalf of the command, and why.</summary>
/// <param name="Rule">The rule; it is skipped where its path does not exist.</param>
/// <param name="Origin">Where it comes from, for display ("baseline", "closure: library of /usr/bin/ls").</param>
public sealed record Grant(PathRule Rule, string Origin)
{
    /// <summary>Whether somebody has asked for it, by the name of a preset.</summary>
    internal bool IsAsked { get; init; }
}

/// <summary>A rule for ports that is added to every layer which handles its rights, and why.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Origin">Where it comes from, for display ("preset WebClient").</param>
public sealed record NetGrant(NetRule Rule, string Origin);

/// <summary>
/// A command that is to run in a sandbox (<see cref="Sandboxes.Sandbox.Launch"/>). No global state: the planner looks at nothing but this
/// and the files that it names.
/// </summary>
internal sealed record LaunchRequest
{
    /// <summary>The sandbox that is asked for. Its rules are in the layers already, and its presets among the grants.</summary>
    public Sandbox Sandbox { get; init; } = Sandbox.Strict;

    /// <summary>The layers, outermost first; at least one, unless the command is traced.</summary>
    public required ImmutableArray<Ruleset> Layers { get; init; }

    /// <summary>The command: a name to look up in <see cref="SearchPath"/>, or a path.</summary>
    public required string Command { get; init; }

    /// <summary>Whether argv[0] is the path of the program, as PowerShell gives it, and not the command as it was written.</summary>
    public bool NamedByPath { get; init; }

    /// <summary>The command's arguments, without its own name.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Absolute directory that relative paths, of rules too, start from.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>How it starts.</summary>
    public CommandStart Start { get; init; } = CommandStart.Default;

    /// <summary>PATH for looking up the command and "#!/usr/bin/env NAME".</summary>
    public string SearchPath { get; init; } = "";

    /// <summary>PATH of the command's environment, to leave directories out of; null = leave it alone.</summary>
    public string? Path { get; init; }

    /// <summary>Rules that every layer gets on top of its own.</summary>
    public ImmutableArray<Grant> Grants { get; init; } = [];

    /// <summary>Rules for ports that every layer gets on top of its own.</summary>
    public ImmutableArray<NetGrant> NetGrants { get; init; } = [];

    /// <summary>
    /// Whether a supervisor answers what would reach a host, of a command that is traced and in no layer: each is reached, and told by
    /// its name.
    /// </summary>
    public bool TracesHosts { get; init; }

    /// <summary>What is to be known of the sandbox, whatever the command.</summary>
    public ImmutableArray<SandboxFinding> Findings { get; init; } = [];

    /// <summary>Sockets of the program that starts the command, to look at together with those that are known.</summary>
    public ImmutableArray<KnownSocket> OwnSockets { get; init; } = [];

    /// <summary>The kernel to plan for.</summary>
    public required LandlockSupport Support { get; init; }
}
