using System.Runtime.InteropServices;
using Landlock.Sandboxes;

namespace Landlocked;

/// <summary>What the kernel gave to this process, saved before the runtime started (start-*.S): the very bytes, the very state.</summary>
internal static unsafe partial class StartRecord
{
    private const int OpenFilesLimit = 7; // RLIMIT_NOFILE

    private static readonly Record* Saved = Address();

    /// <summary>The environment as received.</summary>
    public static byte** Environment => Saved->Environment;

    /// <summary>The arguments without the program's own name.</summary>
    public static string[] Arguments() => [.. Texts(Saved->Arguments).Skip(1)];

    /// <summary>The entries of the environment.</summary>
    public static string[] EnvironmentEntries() => [.. Texts(Saved->Environment)];

    /// <summary>The value of a variable of the environment; null if it is not set.</summary>
    public static string? EnvironmentVariable(string name) =>
        Array.Find(EnvironmentEntries(), entry => entry.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    /// <summary>Signals and limits, for landlock-exec to restore.</summary>
    public static StartState State() =>
        new(Saved->Ignored, Saved->Blocked, new ResourceLimit(OpenFilesLimit, Saved->OpenFilesSoft, Saved->OpenFilesHard));

    private static List<string> Texts(byte** pointers)
    {
        List<string> texts = [];
        for (byte** next = pointers; *next is not null; next++)
            texts.Add(PosixText.Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(*next)));
        return texts;
    }

    [LibraryImport("start-state", EntryPoint = "landlocked_start_state")]
    private static partial Record* Address();

#pragma warning disable CS0649 // The assembler fills it in; the layout is that of start-*.S.
    private struct Record
    {
        public byte** Arguments;
        public byte** Environment;
        public ulong OpenFilesSoft;
        public ulong OpenFilesHard;
        public ulong Blocked;
        public ulong Ignored;
    }
#pragma warning restore CS0649
}
