using System.Globalization;
using Landlock.Kernel;
using Landlock.Launching;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Tracing;

/// <summary>A plan that `landlocked trace` runs, with or without layers, and the memory that the report comes back in.</summary>
public sealed class TracedLaunch : IDisposable
{
    private readonly SafeFileHandle _report;

    private TracedLaunch(PreparedLaunch launch, SafeFileHandle report)
    {
        Launch = launch;
        _report = report;
        string mark = $"/proc/{Guid.NewGuid():N}";
        (BeginMark, ReportMark) = (mark + ".begin", mark + ".report");
    }

    /// <summary>The plan, and how its launch ended.</summary>
    public PreparedLaunch Launch { get; }

    /// <summary>A path that does not exist. What comes before the command's first try to open it, is not reported.</summary>
    public string BeginMark { get; }

    /// <summary>A path that does not exist. After the command's first try to open it, the report is there.</summary>
    public string ReportMark { get; }

    /// <summary>The arguments for landlocked.</summary>
    public string[] Arguments =>
        ["trace", "--prepared", $"{string.Join(',', Launch.Arguments)},{((int)_report.DangerousGetHandle()).ToString(CultureInfo.InvariantCulture)}", "--begin-at", BeginMark, "--report-at", ReportMark];

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
            return new TracedLaunch(launch, SealedMemory.CreateEmpty());
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
    public TraceReport Read()
    {
        byte[] text = new byte[RandomAccess.GetLength(_report)];
        int length = RandomAccess.Read(_report, text, 0);
        return TraceReport.Read(text.AsSpan(0, length));
    }

    /// <summary>Closes the descriptors.</summary>
    public void Dispose()
    {
        Launch.Dispose();
        _report.Dispose();
    }
}
