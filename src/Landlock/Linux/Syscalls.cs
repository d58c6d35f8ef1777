using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>The raw calls. Numbers 444 to 446 are the same on every architecture.</summary>
internal static unsafe partial class Syscalls
{
    private const long CreateRulesetNumber = 444;
    private const long AddRuleNumber = 445;
    private const long RestrictSelfNumber = 446;

    /// <summary>landlock_create_ruleset(2); with a null attribute and a flag it answers a question.</summary>
    public static long CreateRuleset(void* attribute, nuint size, uint flags) =>
        Syscall(CreateRulesetNumber, (nint)attribute, (nint)size, (nint)flags, 0);

    /// <summary>landlock_restrict_self(2).</summary>
    public static long RestrictSelf(int ruleset, uint flags) => Syscall(RestrictSelfNumber, ruleset, (nint)flags, 0, 0);

    /// <summary>landlock_add_rule(2).</summary>
    public static long AddRule(int ruleset, long type, void* attribute, uint flags) =>
        Syscall(AddRuleNumber, ruleset, (nint)type, (nint)attribute, (nint)flags);

    /// <summary>openat2(2), which has the same number on every architecture.</summary>
    /// <param name="directory">The directory that relative paths start from.</param>
    /// <param name="path">The path.</param>
    /// <param name="how">struct open_how: flags, mode, resolve.</param>
    public static int OpenAt2(int directory, byte* path, ulong* how) =>
        (int)Syscall(437, directory, (nint)path, (nint)how, 3 * sizeof(ulong));

    /// <summary>seccomp(2), whose number is not the same everywhere.</summary>
    public static long Seccomp(uint operation, uint flags, void* argument) =>
        Syscall(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 277 : 317, (nint)operation, (nint)flags, (nint)argument, 0);

    /// <summary>errno of the last call.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, nint a, nint b, nint c, nint d);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    public static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true)]
    public static partial int MemfdCreate(byte* name, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Fcntl(int fd, int command, long argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint Pwrite(int fd, byte* bytes, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Ftruncate(int fd, long length);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(int socket, byte* buffer, nuint length, int flags, byte* address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int GetParentId();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "dup3", SetLastError = true)]
    public static partial int Duplicate(int from, int to, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    /// <summary>pidfd_open(2), which has the same number on every architecture.</summary>
    public static int OpenProcess(int process) => (int)SystemCall(434, process, 0);

    /// <summary>pidfd_send_signal(2), which has the same number on every architecture.</summary>
    public static int SignalProcess(int processDescriptor, int signal) => (int)Syscall(424, processDescriptor, signal, 0, 0);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, nint first, nint second);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        /// <summary>POLLIN.</summary>
        public const short Readable = 1;

        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
