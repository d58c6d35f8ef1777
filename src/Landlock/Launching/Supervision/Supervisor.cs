using System.Diagnostics;
using System.Runtime.InteropServices;
using Landlock.Kernel;

namespace Landlock.Launching.Supervision;

/// <summary>
/// Stays while a command runs: the parent of the command, and of whatever loses its own parent, so that nothing gets away by a double fork or
/// a session of its own. When the command ends, too late or by itself, so does everything that it has started.
/// </summary>
/// <remarks>
/// The signals of the terminal are for the command, which is in the same process group. All decisions are made on one thread; handlers of
/// signals only wake it.
/// </remarks>
internal sealed class Supervisor : IDisposable
{
    private const int HangUp = 1, Kill = 9, Terminate = 15, ChildEnded = 17, Continue = 18, TerminalStop = 20;
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KillPause = TimeSpan.FromMilliseconds(2);

    private readonly WakeUp _wake = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _child;
    private int _signals;
    private CommandEnd? _end;
    private bool _isStopped;
    private SupervisorReport _report = new(SupervisorReason.None, 0, 0, 0);

    /// <summary>How long the child may run; null = for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long after SIGTERM comes SIGKILL.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>Whether the child is no command, but a tracer, which ends when the command has.</summary>
    public bool ChildIsTracer { get; init; }

    /// <summary>Signals that this process was started with ignored; bit n-1 is signal n. They stay so.</summary>
    public ulong IgnoredSignals { get; init; }

    /// <summary>Kills at once what can be, and says how many that were; null = nothing can.</summary>
    public Func<int>? KillAtOnce { get; init; }

    /// <summary>Stops this process until SIGCONT.</summary>
    public required Action StopSelf { get; init; }

    /// <summary>Called before processes are ended for a reason, and again when they have been.</summary>
    public required Action<SupervisorReport> Report { get; init; }

    /// <summary>What was done to the command.</summary>
    public SupervisorReport Result => _report;

    /// <summary>Watches the parent, too; false if it is gone already.</summary>
    /// <exception cref="KernelException">It cannot be watched.</exception>
    public bool WatchParent(int parent) => _wake.WatchParent(parent);

    /// <summary>Waits until a child of this process, and with it all that it has started, has ended. Called right after the child was started.</summary>
    public CommandEnd Run(int child)
    {
        _child = child;
        PosixSignalRegistration[] registrations = [.. ((int[])[Terminate, HangUp, TerminalStop, ChildEnded]).Where(signal => signal == ChildEnded || !IsIgnored(signal)).Select(Register)];
        try
        {
            Watch();
            EndAll();
        }
        finally
        {
            foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        }

        if (_report.Reason != SupervisorReason.None) Report(_report);
        return _report.Reason == SupervisorReason.TimedOut ? new CommandEnd(PlanLayout.ExitTimedOut, 0) : _end ?? new CommandEnd(0, Kill);
    }

    /// <summary>Closes the descriptors.</summary>
    public void Dispose() => _wake.Dispose();

    private void Watch()
    {
        TimeSpan? deadline = Timeout;
        while (true)
        {
            bool hasChildren = Reap();
            bool isEnding = _report.Reason == SupervisorReason.TimedOut;
            if (!hasChildren || (_end is not null && !isEnding)) return;
            PassOn();
            if (deadline <= _clock.Elapsed)
            {
                if (isEnding) return;
                TellAll();
                deadline = _clock.Elapsed + Grace;
            }

            if (!_wake.Wait(deadline - _clock.Elapsed)) continue;
            if (!isEnding) _report = _report with { Reason = SupervisorReason.ParentGone };
            return;
        }
    }

    // Every child that has ended, adopted ones too; false when none is left.
    private bool Reap()
    {
        while (true)
        {
            int child = ChildProcesses.TryWait(out int status);
            if (child <= 0) return child == 0;
            if (child != _child) continue;
            _isStopped = (status & 0xFF) == 0x7F;
            if (!_isStopped) _end = CommandEnd.Of(status);
        }
    }

    private void PassOn()
    {
        int signals = Interlocked.Exchange(ref _signals, 0);
        foreach (int signal in (ReadOnlySpan<int>)[Terminate, HangUp])
            if ((signals & (1 << signal)) != 0 && _end is null) _ = Syscalls.Kill(_child, signal);

        // Ctrl+Z reaches both processes, and the shell waits for this one: it stops as soon as the command has, whoever is told first. A
        // command that takes it for something else does not stop, and neither does this process.
        bool stop = (signals & (1 << TerminalStop)) != 0;
        if (stop && _isStopped)
        {
            _isStopped = false;
            StopSelf();
        }
        else if (stop)
        {
            Interlocked.Or(ref _signals, 1 << TerminalStop);
        }
    }

    private void TellAll()
    {
        List<int> all = ProcessTree.Descendants(Environment.ProcessId);
        if (ChildIsTracer) all.Remove(_child);
        // Where /proc may not be read, the child is all that is known; a tracer passes it on.
        if (all.Count == 0 && _end is null) all.Add(_child);
        _report = new SupervisorReport(SupervisorReason.TimedOut, all.Count, 0, 0);
        Report(_report);
        foreach (int process in all) _ = Syscalls.Kill(process, Terminate);
        // One that was stopped would not hear it.
        foreach (int process in all) _ = Syscalls.Kill(process, Continue);
    }

    // Only children are killed: until they are waited for, their numbers cannot become those of others. What they have started becomes a child then.
    private void EndAll()
    {
        int atOnce = KillAtOnce?.Invoke() ?? 0;
        HashSet<int> killed = [];
        Stopwatch clock = Stopwatch.StartNew();
        while (Reap())
        {
            List<int> children = ChildProcesses.List();
            if (children.Count == 0) children = ProcessTree.Children(Environment.ProcessId);
            if (children.Count == 0 && _end is null) children.Add(_child);
            foreach (int child in children)
                if (Syscalls.Kill(child, Kill) == 0) killed.Add(child);
            if (clock.Elapsed > KillLimit)
            {
                _report = _report with { Left = Math.Max(children.Count, 1) };
                break;
            }

            if (Reap()) Thread.Sleep(KillPause);
        }

        _report = _report with { Killed = Math.Max(killed.Count, atOnce) };
    }

    private bool IsIgnored(int signal) => (IgnoredSignals & (1UL << (signal - 1))) != 0;

    private PosixSignalRegistration Register(int signal) => PosixSignalRegistration.Create((PosixSignal)signal, context =>
    {
        context.Cancel = true;
        Interlocked.Or(ref _signals, 1 << signal);
        _wake.Wake();
    });
}
