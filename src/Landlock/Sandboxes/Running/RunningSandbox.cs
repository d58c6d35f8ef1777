using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Landlock.Linux;

namespace Landlock.Sandboxes.Running;

/// <summary>
/// A sandbox of this user that runs: the processes that say, by their environment, that they are in it, and all that those have started.
/// From within a sandbox only those that were started from there are found.
/// </summary>
/// <remarks>
/// Nothing keeps a list. What a process says there counts for itself alone: who makes something up lists or ends itself, with its own
/// descendants.
/// </remarks>
public sealed record RunningSandbox
{
    private const int Terminate = 15, Kill = 9, Continue = 18;
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(5), KillPause = TimeSpan.FromMilliseconds(10);

    private RunningSandbox()
    {
    }

    /// <summary>What tells it apart: eight letters.</summary>
    public string Id { get; private init; } = "";

    /// <summary>Its names, outermost first, with ">" between them: those of profiles, and "sandbox" without one.</summary>
    public string Name { get; private init; } = "";

    /// <summary>The command of its first process, its own name first.</summary>
    public ImmutableArray<string> Arguments { get; private init; } = [];

    /// <summary>The command of its first process, as one printable line.</summary>
    public string Command => string.Join(' ', Arguments.Select(ShellText.Word));

    /// <summary>When that started.</summary>
    public DateTimeOffset Started { get; private init; }

    /// <summary>The number of its first process.</summary>
    public int ProcessId { get; private init; }

    /// <summary>The numbers of its processes, and of all that they have started.</summary>
    public ImmutableArray<int> Processes { get; private init; } = [];

    /// <summary>The processes that say that they are in it.</summary>
    internal ImmutableArray<int> Members { get; private init; } = [];

    /// <summary>Why sandboxes cannot be found here, as a sentence; null if they can.</summary>
    public static string? Obstacle => ProcessEnvironment.CanList ? null
        : "The processes of this machine cannot be listed: /proc is not mounted, or may not be read.";

    /// <summary>Those that run now, the oldest first; none where there is an <see cref="Obstacle"/>.</summary>
    public static ImmutableArray<RunningSandbox> FindAll()
    {
        ProcessSnapshot snapshot = ProcessSnapshot.Take();
        DateTimeOffset boot = ProcessSnapshot.Boot;
        return
        [
            .. Claims(snapshot).GroupBy(claim => ToldFile.IdOf(claim.File)!)
                .Select(group => Of(group.Key, [.. group.OrderBy(claim => claim.Start).ThenBy(claim => claim.Process)], snapshot, boot))
                .OrderBy(sandbox => sandbox.Started).ThenBy(sandbox => sandbox.ProcessId),
        ];
    }

    /// <summary>Ends it with all that it has started: SIGTERM, and SIGKILL for what is still there after a grace.</summary>
    /// <param name="grace">How long it has to end by itself.</param>
    /// <returns>How many of its processes are left, which is none unless a signal was refused.</returns>
    public int Stop(TimeSpan grace)
    {
        Stopwatch clock = Stopwatch.StartNew();
        List<ProcessHandle> told = [.. Targets()];
        try
        {
            if (grace > TimeSpan.Zero)
            {
                ProcessHandle[] heard = [.. told.Where(process => process.Signal(Terminate))];
                // One that was stopped would not hear it.
                foreach (ProcessHandle process in heard) _ = process.Signal(Continue);
                foreach (ProcessHandle process in heard)
                    if (grace > clock.Elapsed) process.WaitForEnd(grace - clock.Elapsed);
            }
        }
        finally
        {
            foreach (ProcessHandle process in told) process.Dispose();
        }

        // What was started meanwhile is ended, too.
        for (clock.Restart(); ; Thread.Sleep(KillPause))
        {
            int left = 0, refused = 0;
            foreach (ProcessHandle process in Targets())
            {
                using (process)
                {
                    left++;
                    if (!process.Signal(Kill)) refused++;
                }
            }

            if (left == refused || clock.Elapsed > KillLimit) return left;
        }
    }

    private IEnumerable<ProcessHandle> Targets()
    {
        ProcessSnapshot snapshot = ProcessSnapshot.Take();
        IEnumerable<int> members = Claims(snapshot).Where(claim => ToldFile.IdOf(claim.File) == Id).Select(claim => claim.Process);
        foreach (int process in snapshot.WithDescendants(members))
            if (process != Environment.ProcessId && snapshot.Open(process) is { } handle) yield return handle;
    }

    // The sandbox that this process is in is none that it could end. Those around it cannot be seen from here.
    private static IEnumerable<SandboxClaim> Claims(ProcessSnapshot snapshot)
    {
        string? own = Environment.GetEnvironmentVariable(ToldFile.Variable) is { Length: > 0 } file && SandboxNames.IsInside ? file : null;
        return SandboxClaims.All().Where(claim => claim.File != own && snapshot.Has(claim.Process, claim.Start));
    }

    private static RunningSandbox Of(string id, SandboxClaim[] claims, ProcessSnapshot snapshot, DateTimeOffset boot)
    {
        int first = claims[0].Process;
        return new RunningSandbox
        {
            Id = id,
            Name = ProcessEnvironment.Variable(first, SandboxNames.Variable) is { Length: > 0 } name ? name : SandboxNames.Default,
            Arguments = ProcessEnvironment.CommandLine(first),
            Started = boot + ProcessSnapshot.Time(claims[0].Start),
            ProcessId = first,
            Processes = [.. snapshot.WithDescendants(claims.Select(claim => claim.Process)).Order()],
            Members = [.. claims.Select(claim => claim.Process)],
        };
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Id} ({PosixText.Printable(Name)}): {Command}");
}
