using System;
using System.Runtime;

namespace Landlock.Launching;

/// <summary>
/// landlock-exec PLANFD [STATUSFD]: runs the launch plan in a sealed memfd, in this process, and becomes its command. It decides nothing:
/// whatever needs thought was done by the library that wrote the plan (PlanLayout.cs).
/// </summary>
internal static unsafe class Program
{
    private static ReadOnlySpan<byte> About => "landlock-exec runs a launch plan for landlocked and LandlockPS; use landlocked instead\n"u8;

    private static ReadOnlySpan<byte> NotValid => "landlock-exec: the plan is not valid; nothing was run\n"u8;

    private static ReadOnlySpan<byte> NoStatusPage => "landlock-exec: the status page is not usable; nothing was run\n"u8;

    [RuntimeExport("native_main")]
    private static void Main(int argumentCount, byte** arguments)
    {
        PlanStatus standIn = default;
        Reporter.Start(&standIn);
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

        long plan = Descriptor(arguments[1]);
        if (argumentCount > 2)
            MapStatus(Descriptor(arguments[2]));
        if (argumentCount > 3 || plan < 0)
            Reporter.Refuse(NotValid, 0);
        long result = PlanReader.Load(plan);
        if (result != 0)
            Reporter.Refuse(NotValid, result < 0 ? (int)-result : 0);
        if (!PlanReader.IsValid())
            Reporter.Refuse(NotValid, 0);

        // Mapped memory needs no descriptor; closed, these two cannot be kept for the command by mistake.
        Native.Close(plan);
        if (argumentCount > 2)
            Native.Close(Descriptor(arguments[2]));

        byte** inherited = arguments + argumentCount + 1;
        Run(inherited);
    }

    private static void Run(byte** inherited)
    {
        PlanHeader* header = PlanReader.Header;
        bool inherits = header->EnvironmentCount == PlanLayout.InheritEnvironment;
        ulong pointers = header->ArgumentCount + 1ul + (inherits ? 0 : header->EnvironmentCount + 1ul);
        long memory = Native.MapAnonymous((pointers * (ulong)sizeof(byte*)) + (PlanLayout.MaxLayers * sizeof(int)));
        Reporter.Check(memory);
        byte** arguments = (byte**)memory;
        byte** environment = PlanReader.PointersTo(header->ArgumentOffset, header->ArgumentCount, arguments);
        byte** end = environment;
        if (inherits)
            environment = inherited;
        else
            end = PlanReader.PointersTo(header->EnvironmentOffset, header->EnvironmentCount, environment);
        int* rulesets = (int*)end;

        ProcessSteps.KeepDescriptors();
        LayerSteps.Create(rulesets);
        ProcessSteps.ChangeDirectory();
        ProcessSteps.SetLimits();
        ProcessSteps.SetSignals();
        ProcessSteps.Detach();
        ProcessSteps.SweepDescriptors();
        ProcessSteps.SetThreadName();
        ProcessSteps.SetNoNewPrivileges();
        LayerSteps.Enforce(rulesets);
        ProcessSteps.AwaitTracer();
        ProcessSteps.InstallFilters();
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
