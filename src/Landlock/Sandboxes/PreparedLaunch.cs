using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Landlock.Linux;
using Landlock.Sandboxes.Supervision;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes;

/// <summary>How a launch ended, as landlock-exec itself recorded it.</summary>
/// <param name="Executed">The command was executed with every layer in force.</param>
/// <param name="Error">Why not; null if it was.</param>
/// <param name="ProcessId">The command's process id; 0 if landlock-exec did not get that far.</param>
public sealed record LaunchOutcome(bool Executed, LaunchException? Error, int ProcessId);

/// <summary>A plan in sealed memory, ready for landlock-exec, and the page it reports on. Holds descriptors until disposed.</summary>
public sealed class PreparedLaunch : IDisposable
{
    private const int ErrorsSize = 64 << 10;

    private readonly LaunchPlan _plan;
    private readonly SafeFileHandle _image;
    private readonly SafeFileHandle? _status;
    private readonly SafeFileHandle? _errors;

    private PreparedLaunch(LaunchPlan plan, SafeFileHandle image, SafeFileHandle? status, SafeFileHandle? errors)
    {
        _plan = plan;
        _image = image;
        _status = status;
        _errors = errors;
    }

    /// <summary>The arguments for landlock-exec, without its own name.</summary>
    public string[] Arguments => _status is null ? [Number(_image)] : [Number(_image), Number(_status)];

    /// <summary>Prepares a plan whose outcome this process will read.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="program">Name that failure lines begin with; null = landlock-exec prints nothing.</param>
    /// <param name="keepErrors">Give the command a standard error of its own, of which the first 64 KiB can be read here at any time.</param>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public static PreparedLaunch Create(LaunchPlan plan, bool keepErrors = false, string? program = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        SafeFileHandle? errors = null;
        SafeFileHandle? status = null;
        try
        {
            // Of a fixed size, so that a command can neither fill the memory with it nor get stuck because nobody reads.
            errors = keepErrors ? SealedMemory.CreateWritable(ErrorsSize) : null;
            status = SealedMemory.CreateWritable((int)PlanLayout.StatusSize);
            return new PreparedLaunch(plan, SealedMemory.Create(PlanImage.Write(plan, program, errors is null ? 0 : (int)errors.DangerousGetHandle())), status, errors);
        }
        catch
        {
            errors?.Dispose();
            status?.Dispose();
            throw;
        }
    }

    /// <summary>The arguments for landlocked, which stays as a supervisor.</summary>
    /// <param name="arguments">The arguments for landlock-exec, or for landlocked if the first of them is one of its subcommands.</param>
    public string[] Supervised(params string[] arguments) => (Supervisor(arguments) with { Parent = _plan.Supervision is { EndWithParent: true } ? System.Environment.ProcessId : 0 }).Write();

    /// <summary>The same, as a value, without the parent.</summary>
    internal SupervisorArguments Supervisor(params string[] arguments) => new()
    {
        IsFront = true,
        Status = _status is null ? throw new InvalidOperationException("This launch reports to nobody.") : (int)_status.DangerousGetHandle(),
        Timeout = _plan.Supervision?.Timeout,
        Grace = _plan.Supervision?.Grace ?? default,
        Scratch = _plan.Scratch,
        TotalMemory = _plan.Supervision?.TotalMemory,
        TotalProcesses = _plan.Supervision?.TotalProcesses,
        Arguments = [.. arguments],
    };

    /// <summary>What a supervisor has done to the command, so far; null if nothing.</summary>
    public SupervisorReport? ReadSupervision() => _status is null ? null : SupervisorReport.Read(_status);

    /// <summary>Prepares a plan for a process that becomes landlock-exec: failures are printed, beginning with the program's name.</summary>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public static PreparedLaunch CreateInPlace(LaunchPlan plan, string program)
    {
        ArgumentNullException.ThrowIfNull(plan);
        PreparedLaunch launch = new(plan, SealedMemory.Create(PlanImage.Write(plan, program)), status: null, errors: null);
        launch.SetInherited(true);
        return launch;
    }

    /// <summary>While set, every process that is started inherits the descriptors; set it around the start of landlock-exec only.</summary>
    /// <exception cref="KernelException">The descriptors were closed.</exception>
    public void SetInherited(bool inherited)
    {
        SealedMemory.SetInherited(_image, inherited);
        if (_status is not null) SealedMemory.SetInherited(_status, inherited);
        if (_errors is not null) SealedMemory.SetInherited(_errors, inherited);
    }

    /// <summary>What the command has written to its standard error so far, the first 64 KiB of it; empty if it is not kept.</summary>
    public string ReadErrors()
    {
        if (_errors is null) return "";
        byte[] bytes = new byte[ErrorsSize];
        int length = RandomAccess.Read(_errors, bytes, 0);
        // The file is of its full size from the start, filled with zeros.
        int end = Array.IndexOf(bytes, (byte)0, 0, length);
        return Encoding.UTF8.GetString(bytes, 0, end < 0 ? length : end);
    }

    /// <summary>Reads how the launch ended, or how far it is.</summary>
    public LaunchOutcome ReadOutcome()
    {
        if (_status is null) throw new InvalidOperationException("This launch reports to nobody.");
        PlanStatus status = default;
        RandomAccess.Read(_status, MemoryMarshal.AsBytes(new Span<PlanStatus>(ref status)), 0);
        bool known = status.Magic == PlanLayout.StatusMagic;
        PlanOutcome outcome = known ? (PlanOutcome)status.Outcome : PlanOutcome.NotStarted;
        if (outcome == PlanOutcome.Executed) return new LaunchOutcome(true, null, (int)status.ProcessId);
        if (outcome != PlanOutcome.Failed)
            return new LaunchOutcome(false, new LaunchException(LaunchProblem.SetupFailed, null, "landlock-exec ended before it could set up the sandbox; nothing was run."), (int)status.ProcessId);

        PlanStep step = (PlanStep)status.Step;
        Errno error = (Errno)status.Error;
        LaunchProblem problem = step != PlanStep.Execute ? LaunchProblem.SetupFailed
            : error is Errno.ENOENT or Errno.ENOTDIR ? LaunchProblem.NotFound
            : LaunchProblem.NotExecutable;
        string sentence = LaunchMessages.Sentence(_plan, step, error, (int)status.Layer, (int)status.Index);
        return new LaunchOutcome(false, new LaunchException(problem, _plan.Program, char.ToUpperInvariant(sentence[0]) + sentence[1..] + "."), (int)status.ProcessId);
    }

    /// <summary>The number of the command's process, from a status page; 0 as long as there is none.</summary>
    internal static int CommandOf(int descriptor)
    {
        using SafeFileHandle page = new(descriptor, ownsHandle: false);
        PlanStatus status = default;
        RandomAccess.Read(page, MemoryMarshal.AsBytes(new Span<PlanStatus>(ref status)), 0);
        return status.Magic == PlanLayout.StatusMagic ? (int)status.ProcessId : 0;
    }

    /// <summary>Closes the descriptors. Of a command whose supervisors were killed it removes what is left.</summary>
    public void Dispose()
    {
        if (_status is { IsClosed: false }) SupervisorRemains.Clear(_plan, _status);
        _image.Dispose();
        _status?.Dispose();
        _errors?.Dispose();
    }

    private static string Number(SafeFileHandle handle) => ((int)handle.DangerousGetHandle()).ToString(CultureInfo.InvariantCulture);
}
