using System.Collections.Immutable;

namespace Landlock.Sandboxes.Supervision;

/// <summary>
/// What needs somebody who stays while a command runs. `landlocked` stays then as the parent of the command, and when the command ends, so
/// does all that it has started.
/// </summary>
public sealed record SupervisionOptions
{
    /// <summary>How long a command has, by default, to end by itself after SIGTERM.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long the command may run; null = for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long after SIGTERM comes SIGKILL.</summary>
    public TimeSpan Grace { get; init; } = DefaultGrace;

    /// <summary>Whether the command ends when the process that has asked for it is gone.</summary>
    public bool EndWithParent { get; init; }

    /// <summary>Whether the command has a directory for temporary files of its own, which is removed afterwards.</summary>
    public bool PrivateTemp { get; init; }

    /// <summary>Whether what the command changes is kept apart, to be looked at and then applied or dropped.</summary>
    public bool Preview { get; init; }

    /// <summary>
    /// Files and directories that are put back when the command has ended, if it has changed them. Landlock cannot keep them from a command
    /// that may write the directory around.
    /// </summary>
    public ImmutableArray<string> Preserve { get; init; } = [];

    /// <summary>Bytes of memory of the command and all that it starts, together (memory.max of a control group); null = no limit.</summary>
    public long? TotalMemory { get; init; }

    /// <summary>
    /// Processes and threads of the command and all that it starts, together (pids.max of a control group); null = no limit.
    /// </summary>
    public long? TotalProcesses { get; init; }

    /// <summary>Whether the command has a control group of its own.</summary>
    public bool HasGroup => TotalMemory is not null || TotalProcesses is not null;

    /// <summary>These options, or null where nobody has to stay.</summary>
    public SupervisionOptions? OrNone => Timeout is null && !EndWithParent && !PrivateTemp && !Preview && !HasGroup && Preserve.IsEmpty
        ? null : this;

    /// <summary>In words, one line for each.</summary>
    internal IEnumerable<string> Describe()
    {
        if (Timeout is { } timeout)
            yield return $"limit: {Seconds(timeout)}; then SIGTERM, and after {Seconds(Grace)} SIGKILL, to the command and all that it has "
                + $"started; exit code {PlanLayout.ExitTimedOut}";
        if (TotalMemory is { } memory)
            yield return $"limit: {memory} bytes of memory of all processes together, in a separate control group";
        if (TotalProcesses is { } processes)
            yield return $"limit: {processes} processes and threads, all together, in a separate control group";
        if (EndWithParent) yield return "ends with its parent: yes";
        if (PrivateTemp)
            yield return "temporary files: a new directory, removed afterwards; the zeros in its name below become a new name";
        if (Preview)
            yield return "preview: what it changes is kept apart, to be looked at and then applied or dropped";
        foreach (string path in Preserve)
            yield return $"put back when the command ends, if it has changed it: {PosixText.Printable(path)}";
        yield return "left behind when the command ends: nothing";
    }

    /// <summary>"1 second", "2.5 seconds".</summary>
    internal static string Seconds(TimeSpan time) => time == TimeSpan.FromSeconds(1) ? "1 second"
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} seconds");

    /// <inheritdoc/>
    public bool Equals(SupervisionOptions? other) =>
        other is not null && (Timeout, Grace, EndWithParent, PrivateTemp, Preview, TotalMemory, TotalProcesses)
            == (other.Timeout, other.Grace, other.EndWithParent, other.PrivateTemp, other.Preview, other.TotalMemory, other.TotalProcesses)
            && Preserve.SequenceEqual(other.Preserve);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Timeout, Grace, EndWithParent, PrivateTemp, Preview, TotalMemory, TotalProcesses, Preserve.Length);
}
