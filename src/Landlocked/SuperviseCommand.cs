using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Hosts;
using Landlock.Sandboxes.Previewing;
using Landlock.Sandboxes.Supervision;
using Microsoft.Win32.SafeHandles;

namespace Landlocked;

/// <summary>`landlocked --supervise ...`, for this project's own programs: stays while a command runs (<see cref="Supervisor"/>).</summary>
internal static class SuperviseCommand
{
    /// <summary>Runs it; the exit code is the command's, or 124.</summary>
    public static int Run(string[] words)
    {
        if (words is [SupervisorArguments.Join, var group, var program, ..]) return Join(group, program, words[3..]);
        SupervisorArguments options = SupervisorArguments.Read(words) ?? throw new UsageException(
            $"'{SupervisorArguments.Mark}' is for LandlockPS; write: {Output.Program} --timeout SECONDS COMMAND");
        return Native.EndAs(options.IsFront ? Front(options, keepErrors: false) : Inner(options));
    }

    /// <summary>Starts the supervisor of a plan and stays beside it. No other process gets the plan.</summary>
    /// <param name="launch">The plan, sealed.</param>
    /// <param name="plan">The same.</param>
    /// <param name="report">A descriptor that is written to afterwards; negative where there is none.</param>
    /// <param name="parent">Process that the command does not outlive; 0 = any.</param>
    internal static CommandEnd Front(SealedPlan launch, LaunchPlan plan, int report, int parent = 0)
    {
        launch.SetInherited(true);
        return Front(launch.Supervisor() with { Parent = parent, Command = plan.Arguments[0] },
            keepErrors: launch.IsTraced || launch.Preview is not null, started: () => launch.SetInherited(false), report: report);
    }

    /// <summary>Starts the supervisor and stays beside it.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="keepErrors">Whether standard error is needed afterwards.</param>
    /// <param name="started">Called when the supervisor has been started.</param>
    /// <param name="report">A descriptor that is written to afterwards; negative where there is none.</param>
    internal static CommandEnd Front(SupervisorArguments options, bool keepErrors, Action? started = null, int report = -1)
    {
        Native.KeepChildren();
        SupervisorRemains.Note(options.Status, isFront: true);
        if (options.Scratch is not null) PrivateTemp.Sweep();
        if (options.HasGroup) options = options with { Group = CommandGroups.Here().Make(options.TotalMemory, options.TotalProcesses) };
        try
        {
            using Supervisor supervisor = New(options with { Timeout = null }, isTraced: false);
            if (options.Parent != 0 && !supervisor.WatchParent(options.Parent)) return Gone();
            SupervisorArguments inner = options with { IsFront = false, Parent = Environment.ProcessId };
            return Supervise(supervisor, Native.ProgramPath(), [Output.Program, .. inner.Write()], options, keepErrors, started, report);
        }
        finally
        {
            if (options.Group is { } group) _ = CommandGroups.Remove(group);
        }
    }

    // Becomes a program in a control group: whatever the program does, it does it there.
    private static int Join(string group, string program, string[] words)
    {
        CommandGroups.Join(group);
        Native.Restore(StartRecord.State());
        return OwnProgram.Become(program, words);
    }

    private static CommandEnd Inner(SupervisorArguments options)
    {
        Native.KeepChildren();
        SupervisorRemains.Note(options.Status, isFront: false);
        // The plan is named by a number; what is not one is a subcommand of landlocked, the tracer.
        bool isTraced = !char.IsAsciiDigit(options.Arguments[0][0]);
        using Supervisor supervisor = New(options, isTraced);
        if (!supervisor.WatchParent(options.Parent)) return Gone();
        if (options.Hosts is not null) HostGuard.Demand(Native.Inherited());
        using HostGuard? guard = options.Hosts is { } hosts ? new HostGuard(hosts, JournalOf(options)) : null;
        string program = isTraced ? Native.ProgramPath() : OwnProgram.ExecutorPath();
        string[] words = isTraced
            ? [Output.Program, options.Arguments[0], TraceCommand.Supervised,
                .. guard is null ? Array.Empty<string>() : [TraceCommand.Hosts, guard.Argument], .. options.Arguments[1..]]
            : [OwnProgram.Executor, .. options.Arguments, .. guard is null ? Array.Empty<string>() : [guard.Argument]];
        if (options.Group is { } group)
            (program, words) = (Native.ProgramPath(),
                [Output.Program, SupervisorArguments.Mark, SupervisorArguments.Join, group, program, .. words]);
        CommandEnd end = Supervise(supervisor, program, words, options, keepErrors: options.Command is not null, started: () =>
        {
            if (guard is null) return;
            CaughtSignals.Interrupt(HostGuard.Interrupting);
            guard.Start();
        });
        if (options.Command is { } command && supervisor.Result.Reason == SupervisorReason.TimedOut)
            Output.Error(supervisor.Result.Sentence($"'{PosixText.Printable(command)}'",
                new SupervisionOptions { Timeout = options.Timeout, Grace = options.Grace }, "--timeout"));
        return end;
    }

    // Lines go to the end of what was written, whoever has it open.
    private static HostJournal JournalOf(SupervisorArguments options)
    {
        if (options.Journal == 0) return new HostJournal(write: null);
        FileStream file = new(new SafeFileHandle(options.Journal, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return new HostJournal(line =>
        {
            try
            {
                file.Write(line);
            }
            catch (IOException)
            {
                // No memory, or no larger files: what is kept does not depend on what is told.
            }
        });
    }

    private static Supervisor New(SupervisorArguments options, bool isTraced) => new()
    {
        IsFront = options.IsFront,
        ChildIsTracer = isTraced,
        Timeout = options.Timeout,
        Grace = options.Grace,
        IgnoredSignals = StartRecord.State().IgnoredSignals,
        KillAtOnce = options.Group is { } group ? () => CommandGroups.Kill(group) : null,
        Signals = new CaughtSignals(),
        Command = () => SealedPlan.CommandOf(options.Status),
        Report = report =>
        {
            if (!options.IsFront) report.Write(options.Status);
        },
    };

    private static CommandEnd Supervise(Supervisor supervisor, string program, string[] arguments, SupervisorArguments options,
        bool keepErrors, Action? started = null, int report = -1)
    {
        ChildProcesses.AdoptOrphans();
        using SafeFileHandle? held = options.Preview is null ? null : FileLock.Share($"{options.Preview}/{PreviewPlace.Lock}");
        PreservedPlace[] preserved = PreservedPlace.Take(options.Preserve);
        int child = OwnProgram.Start(program, arguments, supervisor.Listen);
        started?.Invoke();
        Native.LetGo([options.Status, report, options.Journal], keepErrors);
        CommandEnd end = supervisor.Run(child);
        SupervisorReport result = Preserve(preserved, supervisor.Result, options);
        if (options.Group is { } group && !options.IsFront) Leave(group, result, options);
        if (options.Preview is { } preview && !options.IsFront) PreviewPlace.End(preview);
        if (options.Scratch is { } scratch) Remove(scratch, options.Status, tell: options.Command is not null && !options.IsFront);
        return end;
    }

    // The inner one does it, or the front if that was killed: what is as it was is left alone.
    private static SupervisorReport Preserve(PreservedPlace[] places, SupervisorReport report, SupervisorArguments options)
    {
        PreservedResult done = PreservedPlace.PutBack(places);
        if (done.Back.Count + done.Lost.Count == 0) return report;
        report = report with { PutBack = done.Back.Count, NotPutBack = done.Lost.Count };
        report.Write(options.Status);
        if (options.Command is not null)
            foreach (string sentence in done.Sentences()) Output.Warning(sentence);
        return report;
    }

    // Says what the limits of a group have done, and removes it.
    private static void Leave(string group, SupervisorReport report, SupervisorArguments options)
    {
        report = report with { OutOfMemory = CommandGroups.KilledForMemory(group), Refused = CommandGroups.Refused(group) };
        report.Write(options.Status);
        if (options.Command is { } command)
            foreach (string sentence in report.Limited($"'{PosixText.Printable(command)}'", $"--max-total-memory {options.TotalMemory}",
                $"--max-total-processes {options.TotalProcesses}"))
            {
                Output.Warning(sentence);
            }
        if (!CommandGroups.Remove(group) && options.Command is not null)
            Output.Warning($"the control group '{PosixText.Printable(group)}' could not be removed");
    }

    private static void Remove(string scratch, int status, bool tell)
    {
        using SafeFileHandle page = new(status, ownsHandle: false);
        if (PrivateTemp.PathOf(scratch, page) is not { } path) return;
        ScratchDirectory.Remove(path);
        if (tell && PosixFile.Inspect(path) != PathKind.Missing)
            Output.Warning($"the directory for temporary files '{PosixText.Printable(path)}' could not be removed");
    }

    private static CommandEnd Gone() => new(ExitCodes.SetupFailed, 0);
}
