using System.Runtime.InteropServices;
using Landlock.Kernel;
using Landlock.Launching;
using Landlock.Launching.Supervision;
using Landlock.Policies.Profiles;
using Microsoft.Win32.SafeHandles;

namespace Landlock.CommandLine;

/// <summary>`landlocked --supervise ...`, for this project's own programs: stays while a command runs (<see cref="Supervisor"/>).</summary>
internal static class SuperviseCommand
{
    /// <summary>Runs it; the exit code is the command's, or 124.</summary>
    public static int Run(string[] words)
    {
        SupervisorArguments options = SupervisorArguments.Read(words) ?? throw new UsageException($"'{SupervisorArguments.Mark}' is for LandlockPS; write: {Output.Program} --timeout SECONDS COMMAND");
        return Native.EndAs(options.IsFront ? Front(options, keepErrors: false) : Inner(options));
    }

    /// <summary>Starts the supervisor and stays beside it.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="keepErrors">Whether standard error is needed afterwards.</param>
    /// <param name="started">Called when the supervisor has been started.</param>
    internal static CommandEnd Front(SupervisorArguments options, bool keepErrors, Action? started = null)
    {
        if (options.Scratch is not null) PrivateTemp.Sweep();
        using Supervisor supervisor = New(options with { Timeout = null }, isTraced: false);
        if (options.Parent != 0 && !supervisor.WatchParent(options.Parent)) return Gone();
        SupervisorArguments inner = options with { IsFront = false, Parent = Environment.ProcessId };
        return Supervise(supervisor, Native.ProgramPath(), [Output.Program, .. inner.Write()], options, keepErrors, started);
    }

    private static CommandEnd Inner(SupervisorArguments options)
    {
        // The plan is named by a number; what is not one is a subcommand of landlocked, the tracer.
        bool isTraced = !char.IsAsciiDigit(options.Arguments[0][0]);
        using Supervisor supervisor = New(options, isTraced);
        if (!supervisor.WatchParent(options.Parent)) return Gone();
        CommandEnd end = Supervise(supervisor, isTraced ? Native.ProgramPath() : RunCommand.ExecutorPath(), [isTraced ? Output.Program : RunCommand.Executor, .. options.Arguments], options, keepErrors: options.Command is not null);
        if (options.Command is { } command && supervisor.Result.Reason == SupervisorReason.TimedOut)
            Output.Error(supervisor.Result.Sentence($"'{PosixText.Printable(command)}'", new SupervisionOptions { Timeout = options.Timeout, Grace = options.Grace }, "--timeout"));
        return end;
    }

    private static Supervisor New(SupervisorArguments options, bool isTraced) => new()
    {
        ChildIsTracer = isTraced,
        Timeout = options.Timeout,
        Grace = options.Grace,
        IgnoredSignals = StartRecord.State().IgnoredSignals,
        StopSelf = Native.StopSelf,
        Report = report =>
        {
            if (!options.IsFront) report.Write(options.Status);
        },
    };

    private static unsafe CommandEnd Supervise(Supervisor supervisor, string program, string[] arguments, SupervisorArguments options, bool keepErrors, Action? started = null)
    {
        ChildProcesses.AdoptOrphans();
        // The command starts with what this process was given; afterwards this process leaves signals of the terminal to the command.
        Native.Restore(StartRecord.State());
        int child = ChildProcesses.Spawn(program, arguments, StartRecord.Environment);
        Native.IgnoreTerminalSignals();
        started?.Invoke();
        Native.LetGo(options.Status, keepErrors);
        CommandEnd end = supervisor.Run(child);
        if (options.Scratch is { } scratch) Remove(scratch, options.Status, tell: options.Command is not null && !options.IsFront);
        return end;
    }

    private static void Remove(string scratch, int status, bool tell)
    {
        using SafeFileHandle page = new(status, ownsHandle: false);
        PlanStatus content = default;
        RandomAccess.Read(page, MemoryMarshal.AsBytes(new Span<PlanStatus>(ref content)), 0);
        if (PrivateTemp.PathOf(scratch, content) is not { } path) return;
        ScratchDirectory.Remove(path);
        if (tell && PosixFile.Inspect(path) != PathKind.Missing) Output.Warning($"the directory for temporary files '{PosixText.Printable(path)}' could not be removed");
    }

    private static CommandEnd Gone() => new(ExitCodes.SetupFailed, 0);
}
