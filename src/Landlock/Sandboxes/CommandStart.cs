using System.Collections.Immutable;
using Landlock.Sandboxes.Supervision;

namespace Landlock.Sandboxes;

/// <summary>
/// How a command starts: environment, directory, descriptors, signals, limits, temporary files, and who stays beside it. A request asks for
/// it, and a plan holds it.
/// </summary>
public sealed record CommandStart
{
    /// <summary>As the process that starts it is.</summary>
    public static CommandStart Default { get; } = new();

    /// <summary>Directory to start in; null = where the process is.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The whole environment ("NAME=VALUE"); null = pass on the present one.</summary>
    public ImmutableArray<string>? Environment { get; init; }

    /// <summary>
    /// Entries that are added to the environment received, or take the place of those of the same name there; only where
    /// <see cref="Environment"/> is null.
    /// </summary>
    public ImmutableArray<string> Variables { get; init; } = [];

    /// <summary>The same start with some variables set on top, whatever the environment is otherwise.</summary>
    internal CommandStart With(params IEnumerable<(string Name, string Value)> variables) => Environment is { } environment
        ? this with { Environment = EnvironmentSelection.With(environment, variables) }
        : this with { Variables = EnvironmentSelection.With(Variables, variables) };

    /// <summary>Descriptors above 2 that the command keeps.</summary>
    public ImmutableArray<int> KeepDescriptors { get; init; } = [];

    /// <summary>State to restore; null = leave everything as it is.</summary>
    public StartState? State { get; init; }

    /// <summary>Signals to block in addition; bit n-1 is signal n.</summary>
    public ulong ExtraBlockedSignals { get; init; }

    /// <summary>Whether the command begins a process group (setpgid(2)) of its own, which Ctrl+C at the terminal does not reach.</summary>
    public bool NewGroup { get; init; }

    /// <summary>Whether descendants whose parent ends become children of the command, so that they can be found while it lives.</summary>
    public bool AdoptOrphans { get; init; }

    /// <summary>Resource limits to set.</summary>
    public ImmutableArray<ResourceLimit> Limits { get; init; } = [];

    /// <summary>
    /// A directory for temporary files that does not exist yet; landlock-exec makes it (<see cref="ScratchDirectory.PathFor"/>).
    /// </summary>
    public string? Scratch { get; init; }

    /// <summary>What needs somebody who stays while the command runs; null = the command takes the place of whoever starts it.</summary>
    public SupervisionOptions? Supervision { get; init; }

    /// <summary>Whether the command waits for a tracer before it starts; only then may there be no layer.</summary>
    public bool Traced { get; init; }

    /// <summary>Whether the tracer tells each denial when it happens (<see cref="SealedPlan.TakeDenials"/>).</summary>
    internal bool TellsDenials { get; init; }

    /// <summary>Thread name to restrict under, which the kernel's log shows for the domain; at most 15 bytes.</summary>
    public string? DomainName { get; init; }
}

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
