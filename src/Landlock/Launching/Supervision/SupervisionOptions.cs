namespace Landlock.Launching.Supervision;

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

    /// <summary>These options, or null where nobody has to stay.</summary>
    public SupervisionOptions? OrNone => Timeout is null && !EndWithParent && !PrivateTemp ? null : this;

    /// <summary>In words, one line for each.</summary>
    internal IEnumerable<string> Describe()
    {
        if (Timeout is { } timeout) yield return $"limit: {Seconds(timeout)}; then SIGTERM, and after {Seconds(Grace)} SIGKILL, to the command and all that it has started; exit code {PlanLayout.ExitTimedOut}";
        if (EndWithParent) yield return "ends with its parent: yes";
        if (PrivateTemp) yield return "temporary files: a new directory, removed afterwards; the zeros in its name below become a name of its own";
        yield return "left behind when the command ends: nothing";
    }

    /// <summary>"1 second", "2.5 seconds".</summary>
    internal static string Seconds(TimeSpan time) => time == TimeSpan.FromSeconds(1) ? "1 second" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} seconds");
}
