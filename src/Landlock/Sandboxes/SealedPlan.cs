using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Landlock.Linux;
using Landlock.Sandboxes.Previewing;
using Landlock.Sandboxes.Running;
using Landlock.Sandboxes.Supervision;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes;

/// <summary>How a launch ended, as landlock-exec itself recorded it.</summary>
/// <param name="Executed">The command was executed with every layer in force.</param>
/// <param name="Error">Why not; null if it was.</param>
/// <param name="ProcessId">The command's process id; 0 if landlock-exec did not get that far.</param>
internal sealed record LaunchOutcome(bool Executed, LaunchException? Error, int ProcessId);

/// <summary>The program that is started for a plan.</summary>
internal enum PlanProgram
{
    /// <summary>landlock-exec, which becomes the command.</summary>
    LandlockExec,

    /// <summary>landlocked, which stays beside the command as its tracer, its supervisor, or both.</summary>
    Landlocked,
}

/// <summary>
/// A plan in sealed memory, with the program to start for it, and the pages that report what became of it. Holds descriptors until
/// disposed. All are close-on-exec: only who is started for the plan gets them.
/// </summary>
internal sealed class SealedPlan : IDisposable
{
    private const int ErrorsSize = 64 << 10;

    private readonly LaunchPlan _plan;
    private readonly SafeFileHandle _image;
    private readonly SafeFileHandle? _status;
    private readonly SafeFileHandle? _errors;
    private readonly SafeFileHandle? _trace;
    private readonly SafeFileHandle? _hosts;
    private readonly (SafeFileHandle Reader, SafeFileHandle Writer)? _denials;

    // Keeps the preview from being applied or dropped.
    private readonly SafeFileHandle? _held;

    private SealedPlan(LaunchPlan plan, SafeFileHandle image, SafeFileHandle? status, SafeFileHandle? errors, SafeFileHandle? trace,
        SafeFileHandle? held)
    {
        if (trace is not null && plan.Hosts is not null) _hosts = SealedMemory.CreateEmpty();
        if (trace is not null && plan.Start.TellsDenials) _denials = KernelPipe.Create();
        _plan = plan;
        _image = image;
        _status = status;
        _errors = errors;
        _trace = trace;
        _held = held;
        if (trace is not null) BeginMark = $"/proc/{Guid.NewGuid():N}.begin";
    }

    /// <summary>The program to start.</summary>
    public PlanProgram Program => IsTraced || IsSupervised ? PlanProgram.Landlocked : PlanProgram.LandlockExec;

    /// <summary>Whether a tracer stays beside the command.</summary>
    public bool IsTraced => _trace is not null;

    /// <summary>Whether a supervisor stays beside the command.</summary>
    public bool IsSupervised => _status is not null && _plan.Start.Supervision is not null;

    /// <summary>The directory of the command's preview; null without one.</summary>
    public string? Preview => _plan.Preview?.Directory;

    /// <summary>
    /// A path that does not exist: what comes before the command's first try to open it is not traced; null without a tracer.
    /// </summary>
    public string? BeginMark { get; }

    /// <summary>The arguments for <see cref="Program"/>, without its own name.</summary>
    public string[] Arguments => IsSupervised
        ? (Supervisor() with { Parent = _plan.Start.Supervision is { EndWithParent: true } ? System.Environment.ProcessId : 0 }).Write()
        : InnerArguments;

    /// <summary>The arguments without a supervisor: for landlock-exec, or for landlocked as a tracer.</summary>
    internal string[] InnerArguments => _trace is null
        ? Descriptors
        :
        [
            "trace", "--prepared", $"{string.Join(',', Descriptors)},{Number(_trace)}", "--begin-at", BeginMark!,
            // A command in a group of its own takes along all that it has started.
            .. _plan.Start.NewGroup ? ["--end-with-command"] : Array.Empty<string>(),
            .. _plan.Layers.IsEmpty ? ["--sockets"] : Array.Empty<string>(),
            // A server is denied things before it is the user's; only then is the mark touched.
            .. _denials is { } pipe ? [_errors is null ? "--tell" : "--tell-from-begin", Number(pipe.Writer)] : Array.Empty<string>(),
        ];

    private string[] Descriptors => _status is null ? [Number(_image)] : [Number(_image), Number(_status)];

    /// <summary>Seals a plan whose outcome this process will read.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="program">Name that failure lines begin with; null = landlock-exec prints nothing.</param>
    /// <param name="keepErrors">
    /// Give the command a standard error of its own, of which the first 64 KiB can be read here at any time.
    /// </param>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public static SealedPlan Create(LaunchPlan plan, bool keepErrors = false, string? program = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan = PreviewPlace.Make(ToldFile.Tell(plan), out SafeFileHandle? held);
        SafeFileHandle? errors = null, status = null, trace = null;
        try
        {
            // Of a fixed size, so that a command can neither fill the memory with it nor get stuck because nobody reads.
            errors = keepErrors ? Memory(static () => SealedMemory.CreateWritable(ErrorsSize)) : null;
            status = Memory(static () => SealedMemory.CreateWritable((int)PlanLayout.StatusSize));
            trace = plan.Start.Traced ? SealedMemory.CreateEmpty() : null;
            int reader = errors is null ? 0 : (int)errors.DangerousGetHandle();
            SafeFileHandle image = Memory(() => SealedMemory.Create(PlanImage.Write(plan, program, reader)));
            return new SealedPlan(plan, image, status, errors, trace, held);
        }
        catch
        {
            errors?.Dispose();
            status?.Dispose();
            trace?.Dispose();
            held?.Dispose();
            if (plan.Preview?.Directory is { } preview) PreviewPlace.Remove(preview);
            throw;
        }
    }

    /// <summary>The arguments of a supervisor, as a value, without the parent.</summary>
    internal SupervisorArguments Supervisor() => new()
    {
        IsFront = true,
        Status = _status is null ? throw new InvalidOperationException("This plan reports to nobody.") : (int)_status.DangerousGetHandle(),
        Timeout = _plan.Start.Supervision?.Timeout,
        Grace = _plan.Start.Supervision?.Grace ?? default,
        Scratch = _plan.Start.Scratch,
        Preview = Preview,
        Preserve = _plan.Start.Supervision?.Preserve ?? [],
        Hosts = _plan.Hosts,
        Journal = _hosts is null ? 0 : (int)_hosts.DangerousGetHandle(),
        TotalMemory = _plan.Start.Supervision?.TotalMemory,
        TotalProcesses = _plan.Start.Supervision?.TotalProcesses,
        Arguments = [.. InnerArguments],
    };

    /// <summary>What a tracer has reported so far, as it is; null if nothing is traced.</summary>
    internal byte[]? ReadTrace()
    {
        if (_trace is null) return null;
        byte[] text = new byte[RandomAccess.GetLength(_trace)];
        return text[..RandomAccess.Read(_trace, text, 0)];
    }

    /// <summary>What the supervisor that keeps hosts has noted so far, as lines of a trace; empty if it does not.</summary>
    internal byte[] ReadHosts()
    {
        if (_hosts is null) return [];
        byte[] text = new byte[RandomAccess.GetLength(_hosts)];
        int length = RandomAccess.Read(_hosts, text, 0);
        return text[..(text.AsSpan(0, length).LastIndexOf((byte)'\n') + 1)];
    }

    /// <summary>What a supervisor has done to the command, so far; null if nothing.</summary>
    public SupervisorReport? ReadSupervision() => _status is null ? null : SupervisorReport.Read(_status);

    /// <summary>
    /// Seals a plan for a process that becomes landlock-exec: failures are printed, beginning with the program's name. What this process
    /// starts until then inherits the plan.
    /// </summary>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public static SealedPlan CreateInPlace(LaunchPlan plan, string program)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan = ToldFile.Tell(plan);
        SafeFileHandle image = Memory(() => SealedMemory.Create(PlanImage.Write(plan, program)));
        SealedPlan launch = new(plan, image, status: null, errors: null, trace: null, held: null);
        launch.SetInherited(true);
        return launch;
    }

    // Memory files have the limit of files, and the plan is written before the command gets limits of its own.
    private static SafeFileHandle Memory(Func<SafeFileHandle> make)
    {
        try
        {
            return make();
        }
        catch (KernelException exception) when (exception.Error == Errno.EFBIG)
        {
            throw new LaunchException(LaunchProblem.SetupFailed, null, "The plan of the sandbox is a file in memory, and no file may be as "
                + "large here (ulimit -f); nothing was run. Raise that limit, and limit the command: -MaxFileSize (--max-file-size).",
                exception);
        }
    }

    /// <summary>
    /// While set, every process that is started inherits the descriptors. For who cannot say what a process gets, such as PowerShell's
    /// engine: set it around the start only.
    /// </summary>
    /// <exception cref="KernelException">The descriptors were closed.</exception>
    public void SetInherited(bool inherited)
    {
        foreach (SafeFileHandle handle in Handles) SealedMemory.SetInherited(handle, inherited);
        // Whoever tells of denials has it now, and the other end has an end when nobody has it any more.
        if (!inherited) _denials?.Writer.Dispose();
    }

    /// <summary>
    /// Where the tracer writes a report of each denial when it happens, until it ends; the caller's from now on. Null if it does not.
    /// </summary>
    internal SafeFileHandle? TakeDenials() => _denials?.Reader;

    /// <summary>The descriptors that the program has to get, under the numbers that they have here.</summary>
    internal IEnumerable<int> Inherited => Handles.Select(handle => (int)handle.DangerousGetHandle());

    private IEnumerable<SafeFileHandle> Handles => ((SafeFileHandle?[])[_image, _status, _errors, _trace, _hosts,
        _denials is { Writer: { IsClosed: false } writer } ? writer : null]).OfType<SafeFileHandle>();

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
        if (_status is null) throw new InvalidOperationException("This plan reports to nobody.");
        PlanStatus status = default;
        RandomAccess.Read(_status, MemoryMarshal.AsBytes(new Span<PlanStatus>(ref status)), 0);
        bool known = status.Magic == PlanLayout.StatusMagic;
        PlanOutcome outcome = known ? (PlanOutcome)status.Outcome : PlanOutcome.NotStarted;
        if (outcome == PlanOutcome.Executed) return new LaunchOutcome(true, null, (int)status.ProcessId);
        if (outcome != PlanOutcome.Failed)
            return new LaunchOutcome(false, new LaunchException(LaunchProblem.SetupFailed, null,
                "landlock-exec ended before it could set up the sandbox; nothing was run."), (int)status.ProcessId);

        PlanStep step = (PlanStep)status.Step;
        Errno error = (Errno)status.Error;
        LaunchProblem problem = step != PlanStep.Execute ? LaunchProblem.SetupFailed
            : error is Errno.ENOENT or Errno.ENOTDIR ? LaunchProblem.NotFound
            : LaunchProblem.NotExecutable;
        string sentence = LaunchMessages.Sentence(_plan, step, error, (int)status.Layer, (int)status.Index);
        return new LaunchOutcome(false,
            new LaunchException(problem, _plan.Program, char.ToUpperInvariant(sentence[0]) + sentence[1..] + "."), (int)status.ProcessId);
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
        if (_status is { IsClosed: false })
        {
            SupervisorRemains.Clear(_plan, _status);
            // Of a command that never ran there is nothing to look at.
            if (Preview is { } preview && !ReadOutcome().Executed) PreviewPlace.Remove(preview);
        }

        _held?.Dispose();
        foreach (SafeFileHandle handle in Handles) handle.Dispose();
    }

    private static string Number(SafeFileHandle handle) => ((int)handle.DangerousGetHandle()).ToString(CultureInfo.InvariantCulture);
}
