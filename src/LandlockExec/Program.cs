using System;
using System.Runtime;
using Landlock.Sandboxes;

namespace LandlockExec;

/// <summary>
/// landlock-exec PLANFD [STATUSFD]: runs the launch plan in a sealed memfd, in this process, and becomes its command. It decides nothing:
/// whatever needs thought was done by the library that wrote the plan (PlanLayout.cs).
/// </summary>
/// <remarks>
/// A compiled command is this program with a plan behind it (CompiledSteps).
/// As the interpreter of a script, "#!/path/landlock-exec /path/of/plan", the kernel starts it as landlock-exec PLANPATH SCRIPT ARG...
/// </remarks>
internal static unsafe class Program
{
    private static ReadOnlySpan<byte> About => "landlock-exec runs a launch plan for landlocked and LandlockPS; use landlocked instead\n"u8;

    private static ReadOnlySpan<byte> NotValid => "landlock-exec: the plan is not valid; nothing was run\n"u8;

    private static ReadOnlySpan<byte> NotCompiled =>
        "landlock-exec: this compiled command is damaged, or /proc is not mounted; nothing was run. Compile it again\n"u8;

    private static ReadOnlySpan<byte> NotOwn =>
        "landlock-exec: others than root and this user may write to this compiled command; nothing was run. See who did\n"u8;

    private static ReadOnlySpan<byte> NoStatusPage => "landlock-exec: the status page is not usable; nothing was run\n"u8;

    [RuntimeExport("native_main")]
    private static void Main(int argumentCount, byte** arguments, Attached* attached)
    {
        PlanStatus standIn = default;
        Reporter.Start(&standIn);
        if (attached->Size != 0)
            RunCompiled(argumentCount, arguments, attached);
        if (argumentCount < 2)
        {
            Reporter.Say(2, About);
            Native.Exit(PlanLayout.ExitSetupFailed);
        }

        if (IsSame(arguments[1], "--help\0"u8) || IsSame(arguments[1], "--version\0"u8))
        {
            Reporter.Say(1, About);
            Native.Exit(0);
        }

        bool isScript = *arguments[1] == '/';
        // Behind everything else: the process that started this one in order to trace it, and before that a socket to the supervisor.
        int words = argumentCount;
        long tracer = Marked(arguments, isScript, (byte)'@', &words);
        long supervisor = Marked(arguments, isScript, (byte)'^', &words);
        long plan = isScript ? Native.OpenRead(arguments[1]) : Descriptor(arguments[1]);
        if (!isScript && words > 2)
            MapStatus(Descriptor(arguments[2]));
        if (isScript ? words < 3 : words > 3 || plan < 0 || tracer < 0 || supervisor < 0)
            Reporter.Refuse(NotValid, 0);
        long result = Native.Failed(plan) ? plan : PlanReader.Load(plan);
        if (result != 0)
            Reporter.Refuse(NotValid, result < 0 ? (int)-result : 0);

        byte** inherited = arguments + argumentCount + 1;
        Check(inherited, NotValid);
        if (PlanReader.IsCompiled || PlanReader.TakesArguments != isScript || PlanReader.AsksSupervisor != (supervisor != 0))
            Reporter.Refuse(NotValid, 0);
        if (PlanReader.Header->Refusal != 0)
            Reporter.Refuse(PlanReader.At(PlanReader.Header->Refusal));

        // Mapped memory needs no descriptor; closed, these two cannot be kept for the command by mistake.
        Native.Close(plan);
        if (!isScript && words > 2)
            Native.Close(Descriptor(arguments[2]));

        ProcessSteps.EndWith(tracer);
        Run(arguments + argumentCount, isScript ? argumentCount - 3 : 0, inherited, supervisor);
    }

    /// <summary>Ends this process unless the whole plan is as it was written, and what it says can be.</summary>
    private static void Check(byte** inherited, ReadOnlySpan<byte> refusal)
    {
        byte* name = ScratchName.None;
        bool isPlan = PlanReader.IsPlan() && PlanReader.IsUnchanged();
        int error = isPlan && PlanReader.Header->NameCount != 0
            ? ScratchName.Find(inherited, PlanReader.Header->Scratch != 0, &name) : 0;
        if (!isPlan || error != 0 || (name != null && !PlanReader.WriteNames(name)) || !PlanReader.IsValid())
            Reporter.Refuse(refusal, error);
        if (name != null)
            Reporter.Named(name);
    }

    private static void RunCompiled(int argumentCount, byte** arguments, Attached* attached)
    {
        long result = CompiledSteps.Load(attached);
        if (result != 0)
            Reporter.Refuse(NotCompiled, result < 0 ? (int)-result : 0);
        byte** inherited = arguments + argumentCount + 1;
        Check(inherited, NotCompiled);
        if (!PlanReader.IsCompiled || !PlanReader.TakesArguments || PlanReader.AsksSupervisor)
            Reporter.Refuse(NotCompiled, 0);
        if (!CompiledSteps.IsOwn())
            Reporter.Refuse(NotOwn, 0);
        CompiledSteps.Check(argumentCount, arguments);
        if (PlanReader.Header->Refusal != 0)
            Reporter.Refuse(PlanReader.At(PlanReader.Header->Refusal));
        Run(arguments + argumentCount, argumentCount - 1, inherited, supervisor: 0);
    }

    private static void Run(byte** argumentsEnd, int taken, byte** inherited, long supervisor)
    {
        PlanHeader* header = PlanReader.Header;
        bool inherits = header->EnvironmentCount == PlanLayout.InheritEnvironment;
        bool merges = (header->Flags & (uint)PlanFlags.AddToEnvironment) != 0;
        ulong pointers = header->ArgumentCount + 1ul + (uint)taken + (inherits ? 0 : header->EnvironmentCount + 1ul)
            + (merges ? InheritedEnvironment.Count(inherited) + header->VariableCount : 0);
        long memory = Native.MapAnonymous((pointers * (ulong)sizeof(byte*)) + (PlanLayout.MaxLayers * sizeof(int)));
        Reporter.Check(memory);
        byte** arguments = (byte**)memory;
        byte** end = PlanReader.PointersTo(header->ArgumentOffset, header->ArgumentCount, arguments);
        for (byte** argument = argumentsEnd - taken; argument < argumentsEnd; argument++)
            *end++ = *argument;
        *end++ = null;
        byte** environment = inherits ? inherited : end;
        if (merges)
            end = InheritedEnvironment.CopyUnchanged(inherited, end);
        if (!inherits)
        {
            end = PlanReader.PointersTo(header->EnvironmentOffset, header->EnvironmentCount, end);
            *end++ = null;
        }

        int* rulesets = (int*)end;

        ProcessSteps.CheckDirectory();
        ProcessSteps.KeepDescriptors();
        OverlaySteps.Enter();
        ScratchSteps.Make();
        OverlaySteps.Mount();
        LayerSteps.Create(rulesets);
        ProcessSteps.ChangeDirectory();
        ProcessSteps.CheckProgram();
        CompiledSteps.Decide();
        ProcessSteps.SetLimits();
        ProcessSteps.SetSignals();
        ProcessSteps.Detach();
        ProcessSteps.SweepDescriptors();
        ProcessSteps.SetThreadName();
        ProcessSteps.SetNoNewPrivileges();
        LayerSteps.Enforce(rulesets);
        ProcessSteps.AwaitTracer();
        ProcessSteps.InstallFilters(supervisor);
        ProcessSteps.Execute(arguments, environment);
    }

    private static void MapStatus(long descriptor)
    {
        FileStatus file = default;
        if (descriptor < 0 || Native.Failed(Native.Stat(descriptor, &file)) || file.Size < PlanLayout.StatusSize)
            Reporter.Refuse(NoStatusPage, 0);
        long page = Native.MapShared(descriptor, PlanLayout.StatusSize);
        if (Native.Failed(page))
            Reporter.Refuse(NoStatusPage, 0);
        Reporter.Start((PlanStatus*)page);
    }

    /// <summary>The number behind a mark in the last argument, which is taken off; 0 if it has no such mark, -1 if it is none.</summary>
    private static long Marked(byte** arguments, bool isScript, byte mark, int* words)
    {
        byte* last = arguments[*words - 1];
        if (isScript || *last != mark)
            return 0;
        *words -= 1;
        return Descriptor(last + 1);
    }

    /// <summary>A descriptor above 2 in decimal; -1 for anything else. 0, 1 and 2 belong to the command.</summary>
    private static long Descriptor(byte* text)
    {
        long value = 0;
        for (byte* digit = text; *digit != 0; digit++)
        {
            if (*digit < '0' || *digit > '9' || value > 100_000_000)
                return -1;
            value = (value * 10) + (*digit - '0');
        }

        return value > 2 ? value : -1;
    }

    private static bool IsSame(byte* text, ReadOnlySpan<byte> expected)
    {
        byte* other = (byte*)expected.Address;
        for (int i = 0; i < expected.Length; i++)
        {
            if (text[i] != other[i])
                return false;
        }

        return true;
    }
}
