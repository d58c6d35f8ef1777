using System.Runtime.InteropServices;
using Landlock.Sandboxes;

namespace LandlockExec;

/// <summary>What a compiled command carries behind its program; all zero in landlock-exec itself (start-*.S).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Attached
{
    public ulong Mark0;
    public ulong Mark1;

    /// <summary>Where the plan begins in the file.</summary>
    public ulong Offset;

    /// <summary>Its size; 0 = there is none.</summary>
    public ulong Size;
}

/// <summary>
/// A compiled command: this program with a plan behind it, in one file. Where something is another than it was compiled for, landlocked
/// plans it anew from what the file says was asked for.
/// </summary>
internal static unsafe class CompiledSteps
{
    private static long self;
    private static bool mayPlan;
    private static byte** arguments;
    private static byte** environment;
    private static int count;

    /// <summary>Reads the plan of this program's own file; 0, or -errno, or a positive number if it is none.</summary>
    public static long Load(Attached* attached)
    {
        self = Native.OpenRead((byte*)"/proc/self/exe\0"u8.Address);
        if (Native.Failed(self))
            return self;
        FileStatus status;
        long result = Native.Stat(self, &status);
        if (Native.Failed(result))
            return result;
        ulong size = attached->Size;
        if (size < (ulong)sizeof(PlanHeader) || size > PlanLayout.MaxSize || attached->Offset > status.Size
            || status.Size - attached->Offset < size)
            return 1;
        long memory = Native.MapAnonymous(size);
        if (Native.Failed(memory))
            return memory;
        // A copy: whoever may write to the file cannot change what was checked.
        for (ulong read = 0; read < size; read += (ulong)result)
        {
            result = Native.ReadAt(self, (byte*)memory + read, size - read, attached->Offset + read);
            if (result == -Native.Interrupted)
                result = 0;
            else if (result == 0)
                return 1;
            else if (Native.Failed(result))
                return result;
        }

        PlanReader.Take((byte*)memory, (uint)size);
        return 0;
    }

    /// <summary>Whether nobody can have changed the file but root and the user.</summary>
    public static bool IsOwn()
    {
        FileStatus status;
        return !Native.Failed(Native.Stat(self, &status)) && !FileStatus.IsWritableByOthers(status.Mode)
            && (status.User == 0 || status.User == Native.UserId());
    }

    /// <summary>Compares what the command was compiled for; from here on, what has changed is planned anew.</summary>
    public static void Check(int argumentCount, byte** argumentList)
    {
        PlanHeader* header = PlanReader.Header;
        count = argumentCount;
        arguments = argumentList;
        environment = argumentList + argumentCount + 1;
        mayPlan = (header->Flags & (uint)PlanFlags.Frozen) == 0;
        Reporter.Begin(PlanStep.CheckCompiled, 0, header->WitnessCount);
        if ((header->Flags & (uint)PlanFlags.AlwaysPlan) != 0)
        {
            header->Changed = 0;
            PlanAnew();
            return;
        }

        // A number that is to be kept, and was free until this file was opened.
        for (uint i = 0; i < header->KeepCount; i++)
        {
            if (PlanReader.Kept[i] == self)
                FailToKeep(i);
        }

        if ((ulong)Native.LandlockAbi() != header->KernelAbi || Errata() != header->Errata)
            Reporter.Fail(0);
        for (uint i = 0; i < header->WitnessCount; i++)
        {
            PlanWitness* witness = PlanReader.Witnesses + i;
            Reporter.Begin(PlanStep.CheckCompiled, 0, i);
            FileStatus status;
            if (Native.Failed(Native.StatPath(PlanReader.At(witness->Path), &status)) || status.Inode != witness->Inode
                || status.DeviceMajor != witness->DeviceMajor || status.DeviceMinor != witness->DeviceMinor
                || status.Times.Changed != witness->Seconds || status.Times.ChangedNanoseconds != witness->Nanoseconds)
                Reporter.Fail(0);
        }
    }

    /// <summary>From here on nothing is planned anew: this process is another than it was started as.</summary>
    public static void Decide() => mayPlan = false;

    /// <summary>Becomes landlocked, which plans anew; returns if that must not be, or is not there.</summary>
    public static void PlanAnew()
    {
        if (!mayPlan)
            return;
        mayPlan = false;
        PlanHeader* header = PlanReader.Header;
        byte* planner = PlanReader.At(header->Planner);
        long found = Native.OpenPath(planner);
        if (Native.Failed(found))
            return;
        Native.Close(found);
        const int digits = 16;
        const int own = 3;
        long memory = Native.MapAnonymous((((ulong)count + own + 1) * (ulong)sizeof(byte*)) + digits);
        if (Native.Failed(memory) || Native.Failed(Native.ClearCloseOnExec((uint)self)))
            return;
        if (header->Changed != 0)
            Reporter.Tell(PlanReader.At(header->Changed));
        byte** words = (byte**)memory;
        words[0] = (byte*)"landlocked\0"u8.Address;
        words[1] = (byte*)"--planned-anew\0"u8.Address;
        words[2] = Decimal((byte*)(words + count + own + 1) + digits, (ulong)self);
        for (int i = 1; i < count; i++)
            words[own + i - 1] = arguments[i];
        Native.Execute(planner, words, environment);
    }

    // Kernels before 6.15 cannot say.
    private static ulong Errata()
    {
        long errata = Native.LandlockErrata();
        return Native.Failed(errata) ? 0 : (ulong)errata;
    }

    private static void FailToKeep(uint index)
    {
        Reporter.Begin(PlanStep.SweepDescriptors, 0, index);
        mayPlan = false;
        Reporter.Fail(Native.BadDescriptor);
    }

    // Memory is zero, which ends the text.
    private static byte* Decimal(byte* end, ulong number)
    {
        byte* digit = end - 1;
        do
        {
            *--digit = (byte)('0' + (number % 10));
            number /= 10;
        }
        while (number != 0);
        return digit;
    }
}
