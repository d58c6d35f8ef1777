using System.IO.Pipes;
using Landlock.Linux;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes;

/// <summary>A command that runs in a sandbox. Disposing lets go of it, and does not end it.</summary>
public sealed class SandboxedProcess : IDisposable
{
    private readonly SealedPlan _plan;
    private readonly object _waiting = new();
    private CommandEnd? _end;

    private SandboxedProcess(SealedPlan plan, int id, StreamReader? output, StreamReader? errors)
    {
        _plan = plan;
        Id = id;
        StandardOutput = output;
        StandardError = errors;
    }

    /// <summary>The process id: the command's, or that of the supervisor which stays beside it.</summary>
    public int Id { get; }

    /// <summary>What the command writes to its standard output; null where that is this process's.</summary>
    public StreamReader? StandardOutput { get; }

    /// <summary>What the command writes to its standard error; null where that is this process's.</summary>
    public StreamReader? StandardError { get; }

    /// <summary>Waits until it has ended.</summary>
    /// <returns>Its exit code; of one that a signal ended, 128 and the signal's number, as a shell has it.</returns>
    /// <exception cref="LaunchException">It was not run; the message says why.</exception>
    public int WaitForExit()
    {
        lock (_waiting)
        {
            _end ??= CommandEnd.Of(ChildProcesses.Wait(Id));
            if (_plan.ReadOutcome().Error is { } error) throw error;
            return _end.Value.Signal == 0 ? _end.Value.ExitCode : 128 + _end.Value.Signal;
        }
    }

    /// <summary>Sends a signal (signal(7)), 15 to end it; nothing where it has ended.</summary>
    /// <param name="signal">Its number.</param>
    public void Signal(int signal)
    {
        lock (_waiting)
            if (_end is null) _ = Syscalls.Kill(Id, signal);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        StandardOutput?.Dispose();
        StandardError?.Dispose();
        _plan.Dispose();
    }

    /// <summary>
    /// Starts a plan. The descriptors of the plan are close-on-exec and handed to this one process alone (posix_spawn(3)), so that no
    /// process that another thread starts meanwhile gets them.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="capture">Whether standard output and error can be read here; standard input is /dev/null then.</param>
    /// <exception cref="LaunchException">A program of this library is missing.</exception>
    /// <exception cref="KernelException">No descriptor, memory or process is left.</exception>
    public static SandboxedProcess Start(LaunchPlan plan, bool capture)
    {
        ArgumentNullException.ThrowIfNull(plan);
        // A runtime ignores SIGPIPE, and has its own handlers; a command begins with every signal as it usually is.
        if (plan.Start.State is null) plan = plan with { Start = plan.Start with { State = new StartState(0, 0, OpenFiles: null) } };
        SealedPlan sealedPlan = SealedPlan.Create(plan);
        AnonymousPipeServerStream? output = null, errors = null;
        SafeFileHandle? copy = null;
        try
        {
            string program = PlanPrograms.ToStart(sealedPlan.Program, out copy);
            List<(int From, int To)> descriptors = [.. sealedPlan.Inherited.Select(descriptor => (descriptor, descriptor))];
            if (capture)
            {
                output = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
                errors = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
                descriptors.Add(((int)output.ClientSafePipeHandle.DangerousGetHandle(), 1));
                descriptors.Add(((int)errors.ClientSafePipeHandle.DangerousGetHandle(), 2));
            }

            int id = ChildProcesses.Spawn(program, [PlanPrograms.NameOf(sealedPlan.Program), .. sealedPlan.Arguments],
                [.. LaunchContext.Entries()], descriptors, emptyInput: capture);
            output?.DisposeLocalCopyOfClientHandle();
            errors?.DisposeLocalCopyOfClientHandle();
            return new SandboxedProcess(sealedPlan, id, output is null ? null : new StreamReader(output),
                errors is null ? null : new StreamReader(errors));
        }
        catch
        {
            output?.Dispose();
            errors?.Dispose();
            sealedPlan.Dispose();
            throw;
        }
        finally
        {
            copy?.Dispose();
        }
    }
}
