using System.Diagnostics;
using Landlock.Linux;

namespace Landlock.Sandboxes.Supervision;

/// <summary>
/// Stays while a command runs: the parent of the command, and of whatever loses its own parent, so that nothing gets away by a double fork
/// or a session of its own. When the command ends, too late or by itself, so does everything that it has started.
/// </summary>
/// <remarks>
/// The signals of the terminal are for the command, and for the front, which is in the command's process group, since a shell waits for
/// that one: when the command stops or goes on, the front is made to. The supervisor itself is in a session of its own, and never stops.
/// All decisions are made on one thread; handlers of signals only wake it.
/// </remarks>
internal sealed class Supervisor : IDisposable
{
    private const int HangUp = 1, Kill = 9, Terminate = 15, ChildEnded = 17, Continue = 18, Stop = 19;
    private const int IsStoppedStatus = 0x7F, GoesOnStatus = 0xFFFF; // WIFSTOPPED, WIFCONTINUED
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KillPause = TimeSpan.FromMilliseconds(2);

    private readonly WakeUp _wake = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _child;
    private CommandEnd? _end;
    private bool _isFrontStopped;
    private SupervisorReport _report = new(SupervisorReason.None, 0, 0, 0);

    /// <summary>How long the child may run; null = for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long after SIGTERM comes SIGKILL.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>The signal by which a tracer says that the command has stopped (SIGUSR1), and the one that it goes on (SIGUSR2).</summary>
    public const int CommandStopped = 10, CommandGoesOn = 12;

    /// <summary>Whether this is the front, whose child is the supervisor.</summary>
    public bool IsFront { get; init; }

    /// <summary>Whether the child is no command, but a tracer, which ends when the command has.</summary>
    public bool ChildIsTracer { get; init; }

    /// <summary>Signals that this process was started with ignored; bit n-1 is signal n. They stay so.</summary>
    public ulong IgnoredSignals { get; init; }

    /// <summary>Kills at once what can be, and says how many that were; null = nothing can.</summary>
    public Func<int>? KillAtOnce { get; init; }

    /// <summary>The number of the command's process, for the front; 0 if it is not known.</summary>
    public Func<int> Command { get; init; } = static () => 0;

    /// <summary>How signals are caught.</summary>
    public required ISignals Signals { get; init; }

    /// <summary>Called before processes are ended for a reason, and again when they have been.</summary>
    public required Action<SupervisorReport> Report { get; init; }

    /// <summary>What was done to the command.</summary>
    public SupervisorReport Result => _report;

    /// <summary>Watches the parent, too; false if it is gone already.</summary>
    /// <exception cref="KernelException">It cannot be watched.</exception>
    public bool WatchParent(int parent) => _wake.WatchParent(parent);

    /// <summary>Takes note of signals from here on. Called before the child is started, which may send some at once.</summary>
    public void Listen() => Signals.Catch(_wake.Descriptor,
        [.. ((int[])[Terminate, HangUp]).Where(signal => !IsIgnored(signal)), Continue, ChildEnded,
            .. ChildIsTracer ? [CommandStopped, CommandGoesOn] : Array.Empty<int>()]);

    /// <summary>
    /// Waits until a child of this process, and with it all that it has started, has ended. Called right after the child was started.
    /// </summary>
    public CommandEnd Run(int child)
    {
        _child = child;
        bool isForeground = IsFront && ForegroundTerminal.IsOurs();
        // The command has been started in the session already.
        if (!IsFront) ForegroundTerminal.Leave();
        // What has ended before is not told of.
        _wake.Wake();
        Watch();
        EndAll();
        if (_isFrontStopped) _ = _wake.Signal(Continue);
        // The command may have given it to a group of its own, and whoever has started this process reads from it next.
        if (isForeground) ForegroundTerminal.TakeBack();
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
            if (status == GoesOnStatus) GoOn();
            else if ((status & 0xFF) != IsStoppedStatus) _end = CommandEnd.Of(status);
            else if (!IsFront && !ChildIsTracer) StopFront();
        }
    }

    private void PassOn()
    {
        ulong signals = Signals.Take();
        foreach (int signal in (ReadOnlySpan<int>)[Terminate, HangUp])
            if (Has(signal) && _end is null) _ = Syscalls.Kill(_child, signal);
        // A tracer that says both was too fast; the one that must not be missed is that the command goes on.
        if (ChildIsTracer && Has(CommandGoesOn)) GoOn();
        else if (ChildIsTracer && Has(CommandStopped)) StopFront();
        if (!Has(Continue) || _end is not null) return;
        if (IsFront)
        {
            // Whoever has continued this process, such as a shell, means the command; it has done that for this group, and
            // given that the terminal.
            if (Command() is > 0 and var command) ForegroundTerminal.HandOver(command);
            _ = Syscalls.Kill(_child, Continue);
        }
        else if (_isFrontStopped)
        {
            // The front goes on, and not because the command has.
            _isFrontStopped = false;
            _ = Syscalls.Kill(_child, Continue);
        }

        bool Has(int signal) => (signals & (1UL << (signal - 1))) != 0;
    }

    // A shell sees that, and says so. The front is stopped and continued by one and the same process, so that neither
    // gets ahead of the other.
    private void StopFront() => _isFrontStopped = !IsFront && _report.Reason == SupervisorReason.None && _wake.Signal(Stop);

    private void GoOn()
    {
        if (!_isFrontStopped) return;
        _isFrontStopped = false;
        _ = _wake.Signal(Continue);
    }

    private void TellAll()
    {
        List<int> all = ProcessTree.Descendants(Environment.ProcessId);
        if (ChildIsTracer) all.Remove(_child);
        // Where /proc may not be read, the child is all that is known; a tracer passes it on.
        if (all.Count == 0 && _end is null) all.Add(_child);
        _report = new SupervisorReport(SupervisorReason.TimedOut, all.Count, 0, 0);
        Report(_report);
        GoOn();
        foreach (int process in all) _ = Syscalls.Kill(process, Terminate);
        // One that was stopped would not hear it.
        foreach (int process in all) _ = Syscalls.Kill(process, Continue);
    }

    // Only children are killed: until they are waited for, their numbers cannot become those of others. What they have
    // started becomes a child then.
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
}
