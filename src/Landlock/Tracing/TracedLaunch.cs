using System.Diagnostics;
using System.Globalization;
using Landlock.Linux;
using Landlock.Sandboxes;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Tracing;

/// <summary>A plan that `landlocked trace` runs, with or without layers, and the memory that the report comes back in.</summary>
public sealed class TracedLaunch : IDisposable
{
    /// <summary>The signal that asks a tracer for a report (SIGUSR1).</summary>
    internal const int ReportSignal = 10;

    private const int Patience = 2;

    private readonly SafeFileHandle _report;
    private readonly bool _endsWithCommand;

    private TracedLaunch(PreparedLaunch launch, SafeFileHandle report, bool endsWithCommand)
    {
        Launch = launch;
        _report = report;
        _endsWithCommand = endsWithCommand;
        BeginMark = $"/proc/{Guid.NewGuid():N}.begin";
    }

    /// <summary>The plan, and how its launch ended.</summary>
    public PreparedLaunch Launch { get; }

    /// <summary>A path that does not exist. What comes before the command's first try to open it, is not reported.</summary>
    public string BeginMark { get; }

    /// <summary>The arguments for landlocked.</summary>
    public string[] Arguments =>
    [
        "trace", "--prepared", $"{string.Join(',', Launch.Arguments)},{((int)_report.DangerousGetHandle()).ToString(CultureInfo.InvariantCulture)}", "--begin-at", BeginMark,
        .. _endsWithCommand ? ["--end-with-command"] : Array.Empty<string>(),
    ];

    /// <summary>Prepares a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="keepErrors">Whether the command's standard error is kept, as in <see cref="PreparedLaunch.Create"/>.</param>
    /// <param name="program">Name that failure lines begin with; null = none are printed.</param>
    /// <exception cref="ArgumentException">The plan is not for a tracer.</exception>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public static TracedLaunch Create(LaunchPlan plan, bool keepErrors = false, string? program = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (!plan.Traced) throw new ArgumentException("The plan is not for a tracer.", nameof(plan));
        PreparedLaunch launch = PreparedLaunch.Create(plan, keepErrors, program);
        try
        {
            // A command in a group of its own takes along all that it has started.
            return new TracedLaunch(launch, SealedMemory.CreateEmpty(), plan.NewGroup);
        }
        catch
        {
            launch.Dispose();
            throw;
        }
    }

    /// <summary>While set, every process that is started inherits the descriptors; set it around the start of landlocked only.</summary>
    public void SetInherited(bool inherited)
    {
        Launch.SetInherited(inherited);
        SealedMemory.SetInherited(_report, inherited);
    }

    /// <summary>Reads what was reported; not complete where the tracer was killed before it reported.</summary>
    public TraceReport Read() => TraceReport.Read(Text());

    /// <summary>
    /// Asks the tracer what it has seen so far, and reads that; if it has ended, what it reported last. Not complete if it does not answer.
    /// </summary>
    /// <param name="tracer">The tracer's process id. It must have been started, and not have been waited for by anybody else.</param>
    /// <param name="limit">How long to wait for an answer.</param>
    public TraceReport Ask(int tracer, TimeSpan limit)
    {
        TraceReport? before = Whole();
        if (before is { Number: 0 } || Syscalls.Kill(tracer, ReportSignal) != 0) return Whole() ?? Read();
        Stopwatch waited = Stopwatch.StartNew();
        while (waited.Elapsed < limit)
        {
            // The last report of all comes unasked for, and then the tracer ends.
            if (Whole() is { } report && (report.Number == 0 || report.Number > (before?.Number ?? 0))) return report;
            if (Syscalls.Kill(tracer, 0) != 0) break;
            Thread.Sleep(Patience);
        }

        return Whole() ?? new TraceReport([], [], IsComplete: false);
    }

    // While the tracer writes there is a part of a report, or none.
    private TraceReport? Whole()
    {
        byte[] text = Text();
        int last = text.AsSpan()[..^Math.Min(1, text.Length)].LastIndexOf((byte)'\n') + 1;
        if (text.Length == 0 || text[^1] != '\n' || !text.AsSpan(last).StartsWith("{\"records\":"u8)) return null;
        return TraceReport.Read(text);
    }

    private byte[] Text()
    {
        byte[] text = new byte[RandomAccess.GetLength(_report)];
        return text[..RandomAccess.Read(_report, text, 0)];
    }

    /// <summary>Closes the descriptors.</summary>
    public void Dispose()
    {
        Launch.Dispose();
        _report.Dispose();
    }
}
