using System.Runtime.InteropServices;
using Landlock.Sandboxes;

namespace Landlocked;

/// <summary>What the kernel gave to this process, saved before the runtime started (start-*.S): the very bytes, the very state.</summary>
internal static unsafe partial class StartRecord
{
    private const int OpenFilesLimit = 7; // RLIMIT_NOFILE

    private static readonly Record* Saved = Address();

    private static Dictionary<string, string?>? s_decided;

    /// <summary>
    /// From now on, what is asked for by these names is what it was when a command was compiled, here and in the library; null = it was
    /// not set. The command gets what was received.
    /// </summary>
    public static void Decide(Dictionary<string, string?> variables)
    {
        s_decided = variables;
        foreach ((string name, string? value) in variables) System.Environment.SetEnvironmentVariable(name, value);
    }

    /// <summary>The environment as received.</summary>
    public static byte** Environment => Saved->Environment;

    /// <summary>The arguments without the program's own name.</summary>
    public static string[] Arguments() => *Saved->Arguments is null ? [] : Texts(Saved->Arguments + 1);

    /// <summary>The entries of the environment.</summary>
    public static string[] EnvironmentEntries() => Texts(Saved->Environment);

    /// <summary>The value of a variable of the environment; null if it is not set.</summary>
    public static string? EnvironmentVariable(string name)
    {
        if (s_decided is { } decided && decided.TryGetValue(name, out string? value)) return value;
        ReadOnlySpan<byte> wanted = PosixText.Encode(name);
        for (byte** next = Saved->Environment; *next is not null; next++)
        {
            ReadOnlySpan<byte> entry = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(*next);
            if (entry.Length > wanted.Length && entry[wanted.Length] == (byte)'=' && entry.StartsWith(wanted))
                return PosixText.Decode(entry[(wanted.Length + 1)..]);
        }

        return null;
    }

    /// <summary>Signals and limits, for landlock-exec to restore.</summary>
    public static StartState State() =>
        new(Saved->Ignored, Saved->Blocked, new ResourceLimit(OpenFilesLimit, Saved->OpenFilesSoft, Saved->OpenFilesHard));

    private static string[] Texts(byte** pointers)
    {
        int count = 0;
        while (pointers[count] is not null) count++;
        string[] texts = new string[count];
        for (int i = 0; i < count; i++) texts[i] = PosixText.Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(pointers[i]));
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
