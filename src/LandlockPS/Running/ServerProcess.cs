using System.ComponentModel;
using System.Diagnostics;
using System.Management.Automation;
using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Tracing;
using LandlockPS.Engine;

namespace LandlockPS.Running;

/// <summary>The process of a sandboxed pwsh: how it is started, what it has accessed, why it has ended, and its end.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    // Of the lines that a process writes before it dies, the first say why; a stack may follow.
    private const int MostLines = 8, LongestLine = 200;

    private readonly LaunchPlan _plan;
    private readonly Process _process;
    private readonly SealedPlan _sealed;
    private readonly Action? _beforeOutput;
    private readonly object _reading = new();
    private int _id;
    private TraceReport? _lastReport;

    /// <summary>Prepares a process of the engine's, which the engine will start.</summary>
    /// <param name="plan">How it is launched.</param>
    /// <param name="process">The process, not started.</param>
    /// <param name="beforeOutput">Called before each read of its output, once it has started; null = nothing.</param>
    public ServerProcess(LaunchPlan plan, Process process, Action? beforeOutput)
    {
        _plan = plan;
        _process = process;
        _beforeOutput = beforeOutput;
        _sealed = SealedPlan.Create(plan, keepErrors: true);
        process.StartInfo.FileName = IsDirect ? NativePrograms.LandlockExec : NativePrograms.Landlocked;
        process.StartInfo.ArgumentList.Clear();
        foreach (string argument in _sealed.Arguments) process.StartInfo.ArgumentList.Add(argument);
    }

    /// <summary>Whether the process that is started becomes the server itself, and is not a tracer or supervisor of it.</summary>
    public bool IsDirect => _sealed.Program == PlanProgram.LandlockExec;

    /// <summary>How the launch ended, or how far it is.</summary>
    public LaunchOutcome Outcome => _sealed.ReadOutcome();

    /// <summary>Opening this path begins what counts of a trace.</summary>
    public string BeginMark => _sealed.BeginMark!;

    /// <summary>While set, every process that is started inherits the plan.</summary>
    public void SetInherited(bool inherited) => _sealed.SetInherited(inherited);

    /// <summary>Whether it has been started and has ended.</summary>
    public bool HasEnded => HasStarted && _process.HasExited;

    /// <summary>Called when the engine has started the process.</summary>
    public void Started()
    {
        _id = _process.Id;
        if (_beforeOutput is not null) HeldStream.Hold(_process.StandardOutput, _beforeOutput);
    }

    /// <summary>Hands out the plan of what has been started.</summary>
    public void Tell(Action<SealedPlan>? started) => started?.Invoke(_sealed);

    /// <summary>Whether a process is the one that was started.</summary>
    public bool Is(int process) => _process.Id == process;

    /// <summary>
    /// Ends what an ended server has left behind, where nobody else does: a tracer takes along what it traces, and a supervisor everything.
    /// </summary>
    public void EndRest()
    {
        if (_plan.Start.NewGroup && IsDirect && _id != 0) ProcessTree.EndGroup(_id);
    }

    /// <summary>Why the process was stopped, as a sentence; null if it was not.</summary>
    public string? StopReason => StoppedCommand.Reason(_plan, _sealed, "The sandboxed PowerShell");

    /// <summary>Reports that the process was stopped because it ran for too long, if it was.</summary>
    public bool ReportStopped(PSCmdlet cmdlet) => StoppedCommand.Report(cmdlet, _plan, _sealed, "The script block");

    /// <summary>Whether there are places to put back when it has ended.</summary>
    public bool Preserves => _plan.Start.Supervision is { Preserve.IsEmpty: false };

    /// <summary>Warns of what limits have done to it, and of what was put back; known when it has ended.</summary>
    public void ReportLimits(PSCmdlet cmdlet)
    {
        foreach (string sentence in StoppedCommand.Limits(_plan, _sealed, "The script block")) cmdlet.WriteWarning(sentence);
    }

    /// <summary>Why the process is gone, in its own words; null while it lives.</summary>
    public LaunchException? Failure()
    {
        if (StopReason is { } reason) return new LaunchException(LaunchProblem.SetupFailed, null, reason);
        if (Outcome.Error is { } error && (!HasStarted || _process.HasExited)) return error;
        if (!HasEnded) return null;
        return new LaunchException(LaunchProblem.SetupFailed, null,
            $"The sandboxed PowerShell process ended unexpectedly (exit code {_process.ExitCode})."
            + $"{string.Concat(StoppedCommand.Limits(_plan, _sealed, "It").Select(sentence => $" {sentence}"))}{OwnWords()}");
    }

    /// <summary>What the server has accessed since, whatever it is doing now; after its end, what it had accessed until then.</summary>
    public TraceReport ReadTrace()
    {
        lock (_reading) return _lastReport ?? Ask();
    }

    /// <summary>Reads the trace before the process is ended from here: its tracer ends with it, and says nothing more.</summary>
    public void KeepTrace()
    {
        if (!_sealed.IsTraced || _id == 0) return;
        lock (_reading) _lastReport ??= Ask();
    }

    /// <summary>Ends the process.</summary>
    /// <param name="tree">With all that it has started.</param>
    public void Kill(bool tree)
    {
        try
        {
            if (_sealed.IsSupervised) EndSupervised();
            else EndUnsupervised(tree);
        }
        catch (Exception exception)
            when (exception is InvalidOperationException or ArgumentException or Win32Exception or AggregateException)
        {
            // It has not started, or ended by itself, or some of its children did.
        }
    }

    /// <summary>Waits until the process has ended, but not for ever.</summary>
    public void WaitForEnd(TimeSpan? limit = null)
    {
        if (HasStarted) _process.WaitForExit(limit ?? EndLimit);
    }

    /// <summary>Closes the process's streams, which disposing a process leaves to the garbage collector, and its plan.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Dispose();
            _process.StandardOutput.Dispose();
            _process.StandardError.Dispose();
            _process.Dispose();
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException)
        {
            // It was never started, or its other end is gone.
        }

        _sealed.Dispose();
    }

    private bool HasStarted
    {
        get
        {
            try
            {
                return _process.Id != 0;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }
    }

    private TraceReport Ask() =>
        !_process.HasExited && Tracer() is { } tracer ? PlanTrace.Ask(_sealed, tracer, EndLimit) : PlanTrace.Read(_sealed);

    // The process that was started, unless that is a supervisor. The server is the tracer's child.
    private int? Tracer() => _sealed.IsSupervised ? ProcessTree.ParentOf(Outcome.ProcessId) : _id;

    // The runtime's own way to end a tree stops the process first, so that it starts nothing meanwhile. Should this PowerShell end
    // in between, it would stay stopped for ever: that is for a pipeline only, which waits here. In the background its group finds
    // what was started too late.
    private void EndUnsupervised(bool tree)
    {
        // A tracer takes along what it traces.
        bool isTree = tree && IsDirect;
        if (isTree && _plan.Start.NewGroup) ProcessTree.EndDescendants(_process.Id);
        _process.Kill(entireProcessTree: isTree && !_plan.Start.NewGroup);
    }

    // When the server has ended, its supervisors end what it has left behind, clean up, and end last. Before there is a server, one
    // supervisor has to live: it notices that the other one is gone.
    private void EndSupervised()
    {
        int server = Outcome.ProcessId;
        if (server == 0) _process.Kill();
        else if (!_process.HasExited) Process.GetProcessById(server).Kill();
    }

    private string OwnWords()
    {
        string[] lines = _sealed.ReadErrors().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string words = string.Join('\n', lines.Take(MostLines).Select(PosixText.Printable)
            .Select(line => line.Length <= LongestLine ? line : line[..LongestLine] + "..."));
        if (words.Length > 0) words = $" It said: {words}";
        return lines.Length > MostLines ? $"{words}\n(and {lines.Length - MostLines} lines more)" : words;
    }
}
