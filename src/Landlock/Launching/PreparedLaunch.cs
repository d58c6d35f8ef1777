using System.Globalization;
using System.Runtime.InteropServices;
using Landlock.Kernel;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Launching;

/// <summary>How a launch ended, as landlock-exec itself recorded it.</summary>
/// <param name="Executed">The command was executed with every layer in force.</param>
/// <param name="Error">Why not; null if it was.</param>
/// <param name="ProcessId">The command's process id; 0 if landlock-exec did not get that far.</param>
public sealed record LaunchOutcome(bool Executed, LaunchException? Error, int ProcessId);

/// <summary>A plan in sealed memory, ready for landlock-exec, and the page it reports on. Holds two descriptors until disposed.</summary>
public sealed class PreparedLaunch : IDisposable
{
    private readonly LaunchPlan _plan;
    private readonly SafeFileHandle _image;
    private readonly SafeFileHandle? _status;

    private PreparedLaunch(LaunchPlan plan, SafeFileHandle image, SafeFileHandle? status)
    {
        _plan = plan;
        _image = image;
        _status = status;
    }

    /// <summary>The arguments for landlock-exec, without its own name.</summary>
    public string[] Arguments => _status is null ? [Number(_image)] : [Number(_image), Number(_status)];

    /// <summary>Prepares a plan whose outcome this process will read; landlock-exec itself prints nothing.</summary>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public static PreparedLaunch Create(LaunchPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        SafeFileHandle image = SealedMemory.Create(PlanImage.Write(plan, program: null));
        try
        {
            return new PreparedLaunch(plan, image, SealedMemory.CreateWritable((int)PlanLayout.StatusSize));
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>Prepares a plan for a process that becomes landlock-exec: failures are printed, beginning with the program's name.</summary>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public static PreparedLaunch CreateInPlace(LaunchPlan plan, string program)
    {
        ArgumentNullException.ThrowIfNull(plan);
        PreparedLaunch launch = new(plan, SealedMemory.Create(PlanImage.Write(plan, program)), status: null);
        launch.SetInherited(true);
        return launch;
    }

    /// <summary>While set, every process that is started inherits the descriptors; set it around the start of landlock-exec only.</summary>
    /// <exception cref="KernelException">The descriptors were closed.</exception>
    public void SetInherited(bool inherited)
    {
        SealedMemory.SetInherited(_image, inherited);
        if (_status is not null) SealedMemory.SetInherited(_status, inherited);
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

    /// <summary>Closes the descriptors.</summary>
    public void Dispose()
    {
        _image.Dispose();
        _status?.Dispose();
    }

    private static string Number(SafeFileHandle handle) => ((int)handle.DangerousGetHandle()).ToString(CultureInfo.InvariantCulture);
}
