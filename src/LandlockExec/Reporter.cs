using System;
using System.Runtime.InteropServices;
using Landlock.Sandboxes;

namespace LandlockExec;

/// <summary>Says how far the plan came: in the status page for the parent, in one line on standard error for people.</summary>
internal static unsafe class Reporter
{
    private static PlanStatus* status;

    // What the page says is never read back: others can write to it.
    private static PlanStep currentStep;
    private static uint currentLayer;
    private static uint currentIndex;

    private static Line line;
    private static int parts;

    /// <summary>Begins the record, in shared memory or in a local stand-in.</summary>
    public static void Start(PlanStatus* record)
    {
        status = record;
        *record = default;
        record->Outcome = (uint)PlanOutcome.Preparing;
        record->Step = (uint)PlanStep.ReadPlan;
        record->ProcessId = Native.ProcessId();
        record->Magic = PlanLayout.StatusMagic;
    }

    /// <summary>Says how this process is named in the plan.</summary>
    public static void Named(byte* name)
    {
        byte* copy = (byte*)&status->ScratchName0;
        for (int i = 0; i < PlanLayout.ScratchNameLength; i++)
            copy[i] = name[i];
    }

    /// <summary>Says what is done next.</summary>
    public static void Begin(PlanStep step, uint layer = 0, uint index = 0)
    {
        currentStep = step;
        currentLayer = layer;
        currentIndex = index;
        status->Step = (uint)step;
        status->Layer = layer;
        status->Index = index;
    }

    public static void CountSkipped() => status->Skipped++;

    public static void CountEnforced() => status->Enforced++;

    /// <summary>The last word before execve.</summary>
    public static void Executing() => status->Outcome = (uint)PlanOutcome.Executed;

    /// <summary>Ends the process if a system call failed.</summary>
    public static void Check(long result)
    {
        if (Native.Failed(result))
            Fail((int)-result);
    }

    /// <summary>Ends the process because the current step failed. Does not return.</summary>
    public static void Fail(int error)
    {
        CompiledSteps.PlanAnew();
        status->Error = error;
        status->Outcome = (uint)PlanOutcome.Failed;
        if (PlanReader.Header->MessageCount != 0)
            Print(error);
        int code = PlanLayout.ExitSetupFailed;
        if (currentStep == PlanStep.Execute)
            code = error is Native.NoEntry or Native.NotDirectory ? PlanLayout.ExitNotFound : PlanLayout.ExitNotExecutable;
        Native.Exit(code);
    }

    /// <summary>Ends the process before there is a plan to trust. Does not return.</summary>
    public static void Refuse(ReadOnlySpan<byte> text, int error)
    {
        status->Error = error;
        status->Outcome = (uint)PlanOutcome.Failed;
        Say(2, text);
        Native.Exit(PlanLayout.ExitSetupFailed);
    }

    /// <summary>Ends the process because the plan says no more than why it is none. Does not return.</summary>
    public static void Refuse(byte* text)
    {
        status->Outcome = (uint)PlanOutcome.Failed;
        Append(text);
        Flush(2);
        Native.Exit(PlanLayout.ExitSetupFailed);
    }

    public static void Say(int descriptor, ReadOnlySpan<byte> text)
    {
        Append((byte*)text.Address, (ulong)text.Length);
        Flush(descriptor);
    }

    /// <summary>Says what the current step was working on, behind a text.</summary>
    public static void Tell(byte* text)
    {
        Number subject;
        Append(text);
        PlanHeader* header = PlanReader.Header;
        if (currentStep == PlanStep.CheckProgram)
            Append(PlanReader.At(header->Program.Path));
        else if (currentStep is PlanStep.CheckDirectory or PlanStep.ChangeDirectory)
            Append("its directory"u8);
        else
            AppendSubject(&subject);
        Append("\n"u8);
        ulong before = 0;
        Native.BlockSignals(0, &before);
        Flush(2);
        // Whoever this process becomes begins as it was.
        const long setExactly = 2;
        Native.SetSignalMask(setExactly, before);
    }

    private static void Print(int error)
    {
        PlanHeader* header = PlanReader.Header;
        byte* whole = currentStep == PlanStep.Execute
            ? PlanReader.ErrorText(header->ExecuteTextOffset, header->ExecuteTextCount, error)
            : null;
        Number subject;
        Number code;
        if (whole != null)
        {
            Append(whole);
        }
        else
        {
            PlanMessage* message = PlanReader.Messages + (uint)currentStep;
            Append(PlanReader.Text(message->Before));
            AppendSubject(&subject);
            if (error != 0)
            {
                Append(PlanReader.Text(message->Between));
                byte* text = PlanReader.ErrorText(header->ErrorTextOffset, header->ErrorTextCount, error);
                if (text != null)
                {
                    Append(text);
                }
                else
                {
                    Append("error "u8);
                    Append(&code, (uint)error);
                }
            }

            Append(PlanReader.Text(message->After));
        }

        Append("\n"u8);
        Flush(2);
    }

    /// <summary>What the step was working on: the rule's label, the port, or a number.</summary>
    private static void AppendSubject(Number* number)
    {
        PlanLayer* layer = PlanReader.Layers + currentLayer;
        switch (currentStep)
        {
            case PlanStep.OpenPath:
            case PlanStep.AddPathRule:
                Append(PlanReader.Text(PlanReader.PathRules(layer)[currentIndex].Label));
                break;
            case PlanStep.MountOverlay:
                Append(PlanReader.Text(PlanReader.Overlays[currentIndex].Label));
                break;
            case PlanStep.AddPortRule:
                Append(number, PlanReader.PortRules(layer)[currentIndex].Port);
                break;
            case PlanStep.CheckCompiled when currentIndex < PlanReader.Header->WitnessCount:
                Append(PlanReader.Text(PlanReader.Witnesses[currentIndex].Label));
                break;
            case PlanStep.CheckCompiled:
                Append("the kernel"u8);
                break;
            case PlanStep.CreateRuleset:
            case PlanStep.Restrict:
                Append(number, currentLayer + 1);
                break;
            case PlanStep.SetLimit:
            case PlanStep.SetSignals:
                Append(number, currentIndex);
                break;
        }
    }

    private static void Append(ReadOnlySpan<byte> text) => Append((byte*)text.Address, (ulong)text.Length);

    private static void Append(byte* text)
    {
        if (text == null)
            return;
        ulong length = 0;
        while (text[length] != 0)
            length++;
        Append(text, length);
    }

    private static void Append(Number* number, uint value)
    {
        byte* end = (byte*)(number + 1);
        byte* digit = end;
        do
        {
            *--digit = (byte)('0' + (value % 10));
            value /= 10;
        }
        while (value != 0);
        Append(digit, (ulong)(end - digit));
    }

    private static void Append(byte* address, ulong length)
    {
        fixed (Buffer* first = &line.First)
        {
            first[parts].Address = address;
            first[parts].Length = length;
        }

        parts++;
    }

    // One write, so that lines of several processes do not mix. A reader that is gone must not turn the exit code into a signal.
    private static void Flush(int descriptor)
    {
        const ulong brokenPipeAndFileSize = (1ul << 12) | (1ul << 24);
        Native.SetSignalMask(0, brokenPipeAndFileSize);
        fixed (Buffer* first = &line.First)
            Native.Write(descriptor, first, parts);
        parts = 0;
    }

    /// <summary>Room for the parts of one line: Before, subject, Between, "error ", a number, After and the newline.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 7 * 16)]
    private struct Line
    {
        public Buffer First;
    }

    /// <summary>Room for the digits of 32 bits.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 10)]
    private struct Number
    {
        public byte First;
    }
}
