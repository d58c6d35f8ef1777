using System.Runtime.InteropServices;
using Landlock.Linux;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes.Supervision;

/// <summary>Why a supervisor has ended a command.</summary>
internal enum SupervisorReason
{
    /// <summary>It has not: the command ended by itself.</summary>
    None,

    /// <summary>It has run for too long.</summary>
    TimedOut,

    /// <summary>The parent was gone.</summary>
    ParentGone,
}

/// <summary>What a supervisor has done to a command.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Told">Processes that were told to end (SIGTERM).</param>
/// <param name="Killed">Processes that did not, and were killed (SIGKILL).</param>
/// <param name="Left">Processes that could not be ended.</param>
internal sealed record SupervisorReport(SupervisorReason Reason, int Told, int Killed, int Left)
{
    /// <summary>Processes that the kernel has killed, because all together had no memory left.</summary>
    public int OutOfMemory { get; init; }

    /// <summary>How many times the command was refused another process or thread.</summary>
    public int Refused { get; init; }

    /// <summary>Places that were put back.</summary>
    public int PutBack { get; init; }

    /// <summary>Places that the command has changed and that could not be put back.</summary>
    public int NotPutBack { get; init; }

    // Behind what landlock-exec writes to the same page.
    private const int Offset = 1024;
    private const uint Magic = 0x5053_4C4C; // "LLSP"

    /// <summary>What was stopped, and when, as one sentence without its end.</summary>
    /// <param name="subject">What was stopped, at the beginning of the sentence.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="option">The name of the option that set the time, for the reader.</param>
    public string Sentence(string subject, SupervisionOptions options, string option)
    {
        ArgumentNullException.ThrowIfNull(options);
        string text = $"{subject} was stopped after {SupervisionOptions.Seconds(options.Timeout ?? default)} ({option})";
        if (Told > 1) text += $", with {Count(Told - 1, "process")} that it had started";
        if (Killed > 0)
            text +=
                $"; {Count(Killed, "process")} did not end within {SupervisionOptions.Seconds(options.Grace)} of SIGTERM and got SIGKILL";
        if (Left > 0) text += $"; {Count(Left, "process")} could not be ended and may still run";
        return text;
    }

    /// <summary>What limits on the whole command have done to it, as sentences without their ends.</summary>
    /// <param name="subject">What was limited.</param>
    /// <param name="memory">The name of the option for memory, with its value.</param>
    /// <param name="processes">The name of the option for processes, with its value.</param>
    public IEnumerable<string> Limited(string subject, string memory, string processes)
    {
        if (OutOfMemory > 0)
            yield return $"{subject} reached its limit of memory ({memory}): the kernel killed {Count(OutOfMemory, "process")}";
        if (Refused > 0) yield return $"{subject} reached its limit of processes and threads ({processes}) and was refused another";
    }

    /// <summary>What became of preserved places, as sentences without their ends.</summary>
    /// <param name="subject">What has changed them.</param>
    public IEnumerable<string> Preserved(string subject)
    {
        if (PutBack > 0)
            yield return $"{subject} had changed {PutBack} of the preserved paths, which {(PutBack == 1 ? "was" : "were")} put back; what "
                + $"it had made of them is beside them, named *{PreservedPlace.Aside}";
        if (NotPutBack > 0)
            yield return $"{subject} has changed {NotPutBack} of the preserved paths that could not be put back; look at them before you "
                + "use what is there";
    }

    /// <summary>Writes it to a status page.</summary>
    internal unsafe void Write(int descriptor)
    {
        Record record = new()
        {
            Magic = Magic,
            Reason = (int)Reason,
            Told = Told,
            Killed = Killed,
            Left = Left,
            OutOfMemory = OutOfMemory,
            Refused = Refused,
            PutBack = PutBack,
            NotPutBack = NotPutBack,
        };
        _ = Syscalls.Pwrite(descriptor, (byte*)&record, (nuint)sizeof(Record), Offset);
    }

    /// <summary>Reads it from a status page; null if nothing was written.</summary>
    internal static SupervisorReport? Read(SafeFileHandle status)
    {
        Record record = default;
        int length = RandomAccess.Read(status, MemoryMarshal.AsBytes(new Span<Record>(ref record)), Offset);
        return length == Marshal.SizeOf<Record>() && record.Magic == Magic ? new SupervisorReport((SupervisorReason)record.Reason,
            record.Told, record.Killed, record.Left)
        {
            OutOfMemory = record.OutOfMemory,
            Refused = record.Refused,
            PutBack = record.PutBack,
            NotPutBack = record.NotPutBack,
        } : null;
    }

    private static string Count(int count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}es";

    private struct Record
    {
        public uint Magic;
        public int Reason;
        public int Told;
        public int Killed;
        public int Left;
        public int OutOfMemory;
        public int Refused;
        public int PutBack;
        public int NotPutBack;
    }
}
