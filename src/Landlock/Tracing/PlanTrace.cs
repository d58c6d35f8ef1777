using System.Diagnostics;
using Landlock.Linux;
using Landlock.Sandboxes;

namespace Landlock.Tracing;

/// <summary>What a tracer reports about the command of a plan.</summary>
internal static class PlanTrace
{
    /// <summary>The signal that asks a tracer for a report (SIGUSR1).</summary>
    internal const int ReportSignal = 10;

    private const int Patience = 2;

    /// <summary>Reads what was reported; not complete where the tracer was killed before it reported.</summary>
    /// <exception cref="ArgumentException">The plan is not traced.</exception>
    public static TraceReport Read(SealedPlan launch) => WithHosts(TraceReport.Read(Text(launch)), launch);

    /// <summary>
    /// Asks the tracer what it has seen so far, and reads that; if it has ended, what it reported last. Not complete if it does not answer.
    /// </summary>
    /// <param name="launch">The plan.</param>
    /// <param name="tracer">The tracer's process id. It must have been started, and not have been waited for by anybody else.</param>
    /// <param name="limit">How long to wait for an answer.</param>
    /// <exception cref="ArgumentException">The plan is not traced.</exception>
    public static TraceReport Ask(SealedPlan launch, int tracer, TimeSpan limit)
    {
        TraceReport? before = Whole(launch);
        if (before is { Number: 0 } || Syscalls.Kill(tracer, ReportSignal) != 0) return Whole(launch) ?? Read(launch);
        Stopwatch waited = Stopwatch.StartNew();
        while (waited.Elapsed < limit)
        {
            // The last report of all comes unasked for, and then the tracer ends.
            if (Whole(launch) is { } report && (report.Number == 0 || report.Number > (before?.Number ?? 0))) return report;
            if (Syscalls.Kill(tracer, 0) != 0) break;
            Thread.Sleep(Patience);
        }

        return Whole(launch) ?? new TraceReport([], [], IsComplete: false);
    }

    // While the tracer writes there is a part of a report, or none.
    private static TraceReport? Whole(SealedPlan launch)
    {
        byte[] text = Text(launch);
        return TraceReport.IsWhole(text) ? WithHosts(TraceReport.Read(text), launch) : null;
    }

    // What the supervisor answers the tracer does not see.
    private static TraceReport WithHosts(TraceReport report, SealedPlan launch) =>
        report with { Records = [.. report.Records, .. TraceReport.Read(launch.ReadHosts()).Records] };

    private static byte[] Text(SealedPlan launch)
    {
        ArgumentNullException.ThrowIfNull(launch);
        return launch.ReadTrace() ?? throw new ArgumentException("The plan is not traced.", nameof(launch));
    }
}
