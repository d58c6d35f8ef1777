using Landlock.Sandboxes;

namespace LandlockExec;

/// <summary>Everything that the plan changes about the process besides Landlock, and the command itself.</summary>
internal static unsafe class ProcessSteps
{
    private const uint FirstOwnDescriptor = 3;
    private const int KillSignal = 9;
    private const int StopSignal = 19;

    /// <summary>
    /// Makes the kept descriptors survive execve. Comes first of all: later, a ruleset could have taken the number of one that is not open.
    /// </summary>
    public static void KeepDescriptors()
    {
        uint count = PlanReader.Header->KeepCount;
        for (uint i = 0; i < count; i++)
        {
            Reporter.Begin(PlanStep.SweepDescriptors, 0, i);
            Reporter.Check(Native.ClearCloseOnExec(PlanReader.Kept[i]));
        }
    }

    /// <summary>Marks every other descriptor above 2 to be closed by execve.</summary>
    public static void SweepDescriptors()
    {
        uint count = PlanReader.Header->KeepCount;
        ulong first = FirstOwnDescriptor;
        for (uint i = 0; i <= count; i++)
        {
            Reporter.Begin(PlanStep.SweepDescriptors, 0, i);
            ulong next = i < count ? PlanReader.Kept[i] : 1ul << 32;
            if (first < next)
                Reporter.Check(Native.CloseOnExecRange(first, next - 1));
            first = next + 1;
        }
    }

    /// <summary>A plan says what may be done in the directory it was made for, and nothing about any other.</summary>
    public static void CheckDirectory()
    {
        PlanHeader* header = PlanReader.Header;
        if ((header->Flags & (uint)PlanFlags.CheckDirectory) == 0)
            return;
        Reporter.Begin(PlanStep.CheckDirectory);
        FileStatus here;
        Reporter.Check(Native.StatWorkingDirectory(&here));
        if (here.Inode != header->DirectoryInode || here.DeviceMajor != header->DirectoryMajor
            || here.DeviceMinor != header->DirectoryMinor)
            Reporter.Fail(0);
    }

    public static void ChangeDirectory()
    {
        PlanObject* directory = &PlanReader.Header->Directory;
        if (directory->Path == 0)
            return;
        Reporter.Begin(PlanStep.ChangeDirectory);
        long descriptor = ObjectSteps.Open(directory);
        Reporter.Check(descriptor);
        Reporter.Check(Native.ChangeDirectory(descriptor));
        Native.Close(descriptor);
    }

    /// <summary>
    /// Whether the program is still the one that was planned for. It is executed by its name, which the program sees; should another come
    /// there from now on, the layers hold for that one, too, and have no rule for it. What cannot be opened execve says in its own words.
    /// </summary>
    public static void CheckProgram()
    {
        PlanObject* program = &PlanReader.Header->Program;
        Reporter.Begin(PlanStep.CheckProgram);
        long descriptor = Native.OpenPath(PlanReader.At(program->Path));
        if (Native.Failed(descriptor))
            return;
        Reporter.Check(OverlaySteps.Compare(descriptor, program));
        Native.Close(descriptor);
    }

    public static void SetLimits()
    {
        uint count = PlanReader.Header->LimitCount;
        for (uint i = 0; i < count; i++)
        {
            Reporter.Begin(PlanStep.SetLimit, 0, i);
            PlanLimit* limit = PlanReader.Limits + i;
            Reporter.Check(Native.SetLimit(limit->Resource, &limit->Soft));
        }
    }

    /// <summary>Dispositions before the mask: a signal that waits to be unblocked must meet the disposition that the plan wants.</summary>
    public static void SetSignals()
    {
        PlanHeader* header = PlanReader.Header;
        if ((header->Flags & (uint)PlanFlags.SetDispositions) != 0)
        {
            SignalAction action = default;
            for (int signal = 1; signal <= 64; signal++)
            {
                if (signal is KillSignal or StopSignal)
                    continue;
                Reporter.Begin(PlanStep.SetSignals, 0, (uint)signal);
                action.Handler = (header->IgnoredSignals >> (signal - 1)) & 1;
                Reporter.Check(Native.SetSignalAction(signal, &action));
            }
        }

        const long block = 0;
        const long setExactly = 2;
        Reporter.Begin(PlanStep.SetSignals);
        if ((header->Flags & (uint)PlanFlags.SetSignalMask) != 0)
            Reporter.Check(Native.SetSignalMask(setExactly, header->BlockedSignals));
        else if ((header->Flags & (uint)PlanFlags.AddToSignalMask) != 0)
            Reporter.Check(Native.SetSignalMask(block, header->BlockedSignals));
    }

    /// <summary>Loosens what ties the command to the process that started it: the terminal, the order of parents, standard error.</summary>
    public static void Detach()
    {
        PlanHeader* header = PlanReader.Header;
        Reporter.Begin(PlanStep.Detach);
        if ((header->Flags & (uint)PlanFlags.NewGroup) != 0)
            Reporter.Check(Native.BeginGroup());
        if ((header->Flags & (uint)PlanFlags.AdoptOrphans) != 0)
            Reporter.Check(Native.AdoptOrphans());
        if (header->StandardError != 0)
            Reporter.Check(Native.Duplicate(header->StandardError, 2));
    }

    /// <summary>The name is for the audit log only, so it does not matter if the kernel refuses it.</summary>
    public static void SetThreadName()
    {
        PlanHeader* header = PlanReader.Header;
        if ((header->ThreadName0 | header->ThreadName1) != 0)
            Native.SetThreadName((byte*)&header->ThreadName0);
    }

    public static void SetNoNewPrivileges()
    {
        Reporter.Begin(PlanStep.NoNewPrivileges);
        Reporter.Check(Native.SetNoNewPrivileges());
    }

    /// <summary>
    /// Until the tracer has taken hold, nobody would wake or end this process if the tracer were killed. It is the parent, so that its end
    /// can be told, and it may have come before this call.
    /// </summary>
    /// <param name="tracer">Its process id; 0 if there is none.</param>
    public static void EndWith(long tracer)
    {
        if (tracer == 0)
            return;
        Reporter.Check(Native.SetParentDeathSignal(KillSignal));
        if (Native.ParentId() != tracer)
            Native.Exit(PlanLayout.ExitSetupFailed);
    }

    /// <summary>
    /// A tracer takes hold of this process while it waits here. If none does, nobody lets it go on: a filter that hands system calls to a
    /// tracer would make them fail without one.
    /// </summary>
    public static void AwaitTracer()
    {
        if ((PlanReader.Header->Flags & (uint)PlanFlags.AwaitTracer) == 0)
            return;
        Reporter.Begin(PlanStep.AwaitTracer);
        Reporter.Check(Native.SignalSelf(StopSignal));
        // From here on the tracer takes along what it traces, and the command begins as any other.
        Reporter.Check(Native.SetParentDeathSignal(0));
    }

    /// <param name="supervisor">Socket to who answers for the command; 0 if nobody does.</param>
    public static void InstallFilters(long supervisor)
    {
        uint count = PlanReader.Header->FilterCount;
        long listener = 0;
        for (uint i = 0; i < count; i++)
        {
            Reporter.Begin(PlanStep.InstallFilter, 0, i);
            FilterProgram program;
            program.Count = (ushort)PlanReader.Filters[i].Count;
            program.Instructions = PlanReader.At(PlanReader.Filters[i].Offset);
            long result = Native.InstallFilter(&program, listens: i == 0 && supervisor != 0);
            Reporter.Check(result);
            if (i == 0)
                listener = result;
        }

        if (supervisor != 0)
            AwaitSupervisor(supervisor, listener);
    }

    /// <summary>Before the supervisor has the listener, a call that it answers would wait for ever.</summary>
    private static void AwaitSupervisor(long supervisor, long listener)
    {
        Reporter.Begin(PlanStep.AwaitSupervisor);
        PlanListener told;
        told.ProcessId = Native.ProcessId();
        told.Descriptor = (uint)listener;
        Buffer buffer;
        buffer.Address = (byte*)&told;
        buffer.Length = (ulong)sizeof(PlanListener);
        Native.Write((int)supervisor, &buffer, 1);
        int answer = 0;
        long length;
        do
        {
            length = Native.Read(supervisor, (byte*)&answer, sizeof(int));
        }
        while (length == -Native.Interrupted);
        if (length != sizeof(int))
            Reporter.Fail(Native.Failed(length) ? (int)-length : Native.BrokenPipe);
        if (answer != 0)
            Reporter.Fail(answer);
    }

    /// <summary>Becomes the command. Does not return.</summary>
    public static void Execute(byte** arguments, byte** environment)
    {
        Reporter.Begin(PlanStep.Execute);
        Reporter.Executing();
        Reporter.Check(Native.Execute(PlanReader.At(PlanReader.Header->Program.Path), arguments, environment));
    }
}
