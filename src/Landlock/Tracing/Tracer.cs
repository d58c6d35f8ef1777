using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Filters;

namespace Landlock.Tracing;

/// <summary>
/// Follows a process and all that it starts, and notes what they access. The process must be landlock-exec with a plan that waits for a
/// tracer and carries <see cref="TraceFilter"/>, started by the very thread that calls <see cref="Run"/>.
/// </summary>
internal sealed class Tracer
{
    private const int StopSignal = 19, ContinueSignal = 18, KillSignal = 9, TrapSignal = 5, SystemCallSignal = TrapSignal | 0x80;
    private const int ForkEvent = 1, VforkEvent = 2, CloneEvent = 3, ExecuteEvent = 4, FilterEvent = 7, StopEvent = 128;

    // Whoever makes up names of programs need not be told more.
    private const int MostWarnings = 100;

    private static readonly ImmutableArray<FilteredCalls> Filtered = FilteredCalls.Of(RuntimeInformation.OSArchitecture);

    private readonly ImmutableArray<CallDecoder> _decoders =
        [.. CallTable.Of(RuntimeInformation.ProcessArchitecture).Select(table => new CallDecoder(table))];
    private readonly PathFinder _finder = new();
    private readonly Dictionary<int, Tracee> _tracees = [];
    private readonly TraceLog _log = new();
    private readonly HashSet<string> _warnings = [];
    private readonly object _gate = new();
    private bool _handedOver;
    private bool _hasBegun;
    private bool _isCommandOver;
    private bool _hangsUp;
    private bool _awaitsContinue;

    /// <summary>Everything before the first access to this path is left out, and so is that access.</summary>
    public string? BeginAt { get; init; }

    /// <summary>Whether the plan's filter stops where sockets are made: that of a command without a sandbox does.</summary>
    public bool Sockets { get; init; }

    /// <summary>Whether the trace ends with the command itself; what it has started ends with the tracer then.</summary>
    public bool EndsWithCommand { get; init; }

    /// <summary>Called when the command itself has been stopped by a signal of the terminal.</summary>
    public Action<int>? Stopped { get; init; }

    /// <summary>Called when the command itself goes on.</summary>
    public Action? Continued { get; init; }

    /// <summary>Called with what a call was denied for the first time, while the process that made it waits.</summary>
    public Action<TraceReport>? Denied { get; init; }

    /// <summary>Whether it is called only after the first access to <see cref="BeginAt"/>.</summary>
    public bool DeniedFromBegin { get; init; }

    /// <summary>What was noted so far; may be asked for on another thread.</summary>
    /// <param name="number">Number of the report.</param>
    public TraceReport Report(int number)
    {
        lock (_gate) return new TraceReport([.. _log.Records()], [.. Lacks()], IsComplete: true, number);
    }

    /// <summary>Writes the same as lines of JSON, without having all of them at once.</summary>
    /// <param name="number">Number of the report.</param>
    /// <param name="take">Takes the parts of the text. Meanwhile nothing is traced.</param>
    public void Write(int number, TakePart take)
    {
        lock (_gate) TraceReport.Write(_log.Records(), Lacks(), number, take);
    }

    /// <summary>
    /// From now on the trace ends with the command, and what it has started with the tracer; at once where the command has ended already.
    /// May be called on another thread.
    /// </summary>
    public void HangUp()
    {
        lock (_gate)
        {
            _hangsUp = true;
            if (!_isCommandOver) return;
            foreach (Tracee tracee in _tracees.Values) _ = Syscalls.Kill(tracee.Process, KillSignal);
        }
    }

    /// <summary>Traces until the last process has ended, or the command itself.</summary>
    /// <exception cref="LaunchException">The process cannot be traced.</exception>
    public CommandEnd Run(int process)
    {
        if (Ptrace.Seize(process) is var error and not Errno.None) throw TracingRefused.Of(process, error);
        CommandEnd end = default;
        while (Ptrace.Wait(out int status) is var thread and > 0)
        {
            bool isOver = (status & 0xFF) is not 0x7F;
            lock (_gate)
            {
                if (isOver) End(thread, status);
                else Handle(thread, status, process);
            }

            if (!isOver || thread != process) continue;
            end = CommandEnd.Of(status);
            lock (_gate)
            {
                _isCommandOver = true;
                if (EndsWithCommand || _hangsUp) break;
            }
        }

        return end;
    }

    // A process is over with its first thread, whichever of its threads was last.
    private void End(int thread, int status)
    {
        if (_tracees.Remove(thread, out Tracee? ended) && ended.Process == thread) _log.Ended(thread, failed: status != 0);
    }

    private void Handle(int thread, int status, int process)
    {
        int signal = (status >> 8) & 0xFF, happened = status >> 16;
        if (signal == SystemCallSignal) EndCall(Get(thread));
        else if (happened == FilterEvent) BeginCall(Get(thread));
        else if (happened is ForkEvent or VforkEvent or CloneEvent)
            Inherit(Get(thread), (int)Ptrace.EventMessage(thread), thread, happened == CloneEvent);
        else if (happened == ExecuteEvent) Executed(thread);
        else if (happened == StopEvent) Stop(thread, signal, process);
        else if (happened != 0) Ptrace.Resume(thread, 0);
        else Deliver(thread, signal, process);
    }

    private Tracee Get(int thread) =>
        _tracees.TryGetValue(thread, out Tracee? tracee) ? tracee : _tracees[thread] = new Tracee(thread, _finder, _tracees.ContainsKey);

    // landlock-exec stops itself when everything is ready. Whether that was before or after it was seized, only this process has sent it.
    private void Deliver(int thread, int signal, int process)
    {
        if (!_handedOver && thread == process && signal == StopSignal)
        {
            _handedOver = true;
            signal = 0;
        }
        else if (_awaitsContinue && thread == process && signal == ContinueSignal)
        {
            _awaitsContinue = false;
            signal = 0;
        }

        Ptrace.Resume(thread, signal);
    }

    private void Stop(int thread, int signal, int process)
    {
        if (signal == TrapSignal)
        {
            // A new thread or process, or one that goes on after a stop.
            Adopt(Get(thread));
            if (thread == process) Continued?.Invoke();
            Ptrace.Resume(thread, 0);
        }
        else if (!_handedOver && thread == process && signal == StopSignal)
        {
            _handedOver = _awaitsContinue = true;
            Ptrace.Listen(thread);
            _ = Syscalls.Kill(process, ContinueSignal);
        }
        else
        {
            Ptrace.Listen(thread);
            if (thread == process) Stopped?.Invoke(signal);
        }
    }

    // A new one can be seen, and even execute a program, before its parent's event is.
    private void Adopt(Tracee tracee)
    {
        if (tracee.HasParent) return;
        int process = ProcessOf(tracee.Thread) ?? tracee.Thread;
        int creator = process != tracee.Thread ? process : ProcessTree.ParentOf(process) ?? 0;
        if (_tracees.TryGetValue(creator, out Tracee? parent)) tracee.InheritFrom(parent);
    }

    private void Inherit(Tracee parent, int child, int thread, bool mayBeThread)
    {
        if (child != 0)
        {
            Tracee tracee = Get(child);
            tracee.InheritFrom(parent);
            if (mayBeThread && ProcessOf(child) is { } process) tracee.Process = process;
        }

        Ptrace.Resume(thread, 0);
    }

    // A thread that executes a program takes over the number of its process; the other threads are gone.
    private void Executed(int thread)
    {
        int former = (int)Ptrace.EventMessage(thread);
        if (former != 0 && former != thread && _tracees.Remove(former, out Tracee? moved))
        {
            moved.Thread = moved.Process = thread;
            _tracees[thread] = moved;
        }

        Tracee tracee = Get(thread);
        if (tracee.Pending is PendingExecute execute)
        {
            // Recorded under the program that asked for it; the end of the call is still to come, but no longer of interest.
            Record(tracee, execute, 0);
            tracee.Program = execute.Program;
            tracee.Pending = null;
        }

        // Its calls have other numbers.
        if (_decoders.All(decoder => !decoder.Table.IsNarrow) && IsNarrow($"/proc/{thread}/exe"))
            Warn(Errno.None, $"{tracee.Program} is a program for 32 bits, and what it accesses is not seen");

        Ptrace.Resume(thread, 0);
    }

    private void BeginCall(Tracee tracee)
    {
        if (Ptrace.EventMessage(tracee.Thread) is var refusal and not 0)
        {
            Refuse(tracee, (Errno)refusal);
            return;
        }

        if (Ptrace.GetCall(tracee.Thread, out SystemCallStop stop) && stop.Kind == SystemCallStop.Begin)
        {
            // Of two filters that stop for a tracer the later one is heard. One of the command's own hides what the sandbox's says, so the
            // call fails as it would without a tracer.
            if (_decoders.FirstOrDefault(known => known.Table.AuditArchitecture == stop.Architecture) is not { Table: var table } decoder
                || !TraceFilter.Stops(table, Sockets, stop))
            {
                Refuse(tracee, Errno.ENOSYS);
                return;
            }

            TracedCall? call = table.Find(stop.Number);
            if (call == TracedCall.CloneProcess)
                Ptrace.SetFirst(tracee.Thread, stop.Arguments.A & ~(ulong)TraceFilter.Untraced, table.IsNarrow);
            else if (call is not null)
                tracee.Pending = decoder.Begin(call.Value, stop.Arguments, tracee);
        }

        if (tracee.Pending is null) Ptrace.Resume(tracee.Thread, 0);
        else Ptrace.FinishCall(tracee.Thread);
    }

    // Nothing but this makes the call fail with the error that programs expect. Should it not succeed, the tracee must not run
    // on: it would make the call.
    private void Refuse(Tracee tracee, Errno error)
    {
        if (Ptrace.GetCall(tracee.Thread, out SystemCallStop stop)
            && Filtered.FirstOrDefault(calls => calls.Audit == stop.Architecture) is { } filtered
            && CallDecoder.Refused(filtered, stop.Number, stop.Arguments, tracee) is { } access)
        {
            Tell([_log.Add(access, error, tracee.Program, tracee.Process)]);
        }
        if (!Ptrace.RefuseCall(tracee.Thread, error)) Syscalls.Kill(tracee.Process, KillSignal);
    }

    private void EndCall(Tracee tracee)
    {
        if (tracee.Pending is { } pending && Ptrace.GetCall(tracee.Thread, out SystemCallStop stop) && stop.Kind == SystemCallStop.End)
        {
            // A call that a signal interrupts is made again (ERESTARTSYS and its like), and seen again.
            if (stop.Result is > -512 or < -530) Record(tracee, pending, stop.Result);
            tracee.Pending = null;
        }

        Ptrace.Resume(tracee.Thread, 0);
    }

    private void Record(Tracee tracee, PendingCall pending, long result)
    {
        Errno error = result < 0 ? (Errno)(-result) : Errno.None;
        List<AccessRecord?> denied = [];
        IReadOnlyList<PendingAccess> accesses = pending.End(result, tracee);
        if (accesses.Count == 0 && pending is PendingOpen && error is Errno.EACCES or Errno.EPERM)
            Warn(Errno.None, $"{tracee.Program} was denied a file whose path is not known: it has more than 4095 bytes, or is none");
        foreach (PendingAccess access in accesses)
        {
            if (access.Path == BeginAt)
            {
                _log.Clear();
                _hasBegun = true;
                continue;
            }

            if (access.Operation == "io_uring") Warn(error, $"{tracee.Program} uses io_uring, and what it accesses through it is not seen");
            else denied.Add(_log.Add(access, error, tracee.Program, tracee.Process));
            if (error == Errno.None && pending is PendingOpen or PendingPeer) _finder.Opened(access.Path);
        }

        Tell(denied);
        if (error != Errno.None) return;
        _finder.Changed(pending);
        tracee.HasOwnRoot |= pending.ChangesRoot;
    }

    private IEnumerable<string> Lacks() => [.. _warnings, .. _finder.Hidden(), .. _log.LeftOut()];

    private void Tell(IEnumerable<AccessRecord?> denied)
    {
        if (Denied is null || (DeniedFromBegin && !_hasBegun)
            || denied.OfType<AccessRecord>().ToImmutableArray() is not { Length: > 0 } records) return;
        Denied(new TraceReport(records, [], IsComplete: true));
    }

    private void Warn(Errno error, string warning)
    {
        if (error == Errno.None && _warnings.Count < MostWarnings) _warnings.Add(warning);
    }

    // ELFCLASS32 (elf(5)).
    private static bool IsNarrow(string path)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle? file = PosixFile.OpenRead(path);
        Span<byte> start = stackalloc byte[5];
        return file is not null && RandomAccess.Read(file, start, 0) == start.Length && start.SequenceEqual("\u007fELF\u0001"u8);
    }

    private static int? ProcessOf(int thread) => ProcessFiles.Number($"/proc/{thread}/status", "Tgid:");
}
