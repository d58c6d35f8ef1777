using System.Globalization;
using System.Runtime.InteropServices;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;

namespace Landlocked;

/// <summary>The calls that the library does not need.</summary>
internal static unsafe partial class Native
{
    private const int GetDescriptorFlags = 1;
    private const int PathMax = 4096;
    private const nuint ExecutedPath = 31; // AT_EXECFN
    private const int FileSizeSignal = 25; // SIGXFSZ
    private const int ChildSignal = 17; // SIGCHLD
    private const nint Ignore = 1; // SIG_IGN

    /// <summary>Columns of the terminal that a descriptor is; null where it is none (ioctl_tty(2), TIOCGWINSZ).</summary>
    public static int? Columns(int descriptor)
    {
        const nuint getSize = 0x5413;
        ushort* size = stackalloc ushort[4];
        return Control(descriptor, getSize, size) == 0 && size[1] > 0 ? size[1] : null;
    }

    /// <summary>This program.</summary>
    public static string ProgramPath()
    {
        byte* target = stackalloc byte[PathMax];
        nint length;
        fixed (byte* link = "/proc/self/exe\0"u8) length = ReadLink(link, target, PathMax);
        if (length is > 0 and < PathMax && *target == '/') return PosixText.Decode(new ReadOnlySpan<byte>(target, (int)length));

        // Without /proc: the path that execve(2) was given.
        string given = PosixText.Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)AuxiliaryValue(ExecutedPath)));
        return RulesetResolver.Absolute(given, CurrentDirectory());
    }

    /// <summary>The current directory. One that has been removed, or lies outside the root, has no name but this.</summary>
    public static string CurrentDirectory()
    {
        byte* path = stackalloc byte[PathMax];
        if (GetCurrentDirectory(path, PathMax) is null || *path != '/') return "/proc/self/cwd";
        return PosixText.Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(path));
    }

    /// <summary>Becomes another program; returns only if that fails.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, its own name first.</param>
    /// <param name="environment">Its environment, as the kernel wants it.</param>
    public static Errno Become(string path, string[] arguments, byte** environment)
    {
        byte** pointers = (byte**)NativeMemory.Alloc((nuint)(arguments.Length + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < arguments.Length; i++) pointers[i] = Bytes(arguments[i]);
        pointers[arguments.Length] = null;
        _ = Execute(Bytes(path), pointers, environment);
        return (Errno)Marshal.GetLastPInvokeError();
    }

    /// <summary>Undoes what the runtime did to this process at its start, for a program that takes its place.</summary>
    public static void Restore(StartState state)
    {
        const int pipe = 13; // SIGPIPE
        if ((state.IgnoredSignals & (1UL << (pipe - 1))) == 0) _ = Signal(pipe, 0);
        if (state.OpenFiles is not { } files) return;
        ulong* limits = stackalloc ulong[2];
        limits[0] = files.Soft;
        limits[1] = files.Hard;
        _ = SetLimit(files.Resource, limits);
    }

    /// <summary>Writes all of a text; the error if that fails.</summary>
    public static Errno Write(int descriptor, ReadOnlySpan<byte> text)
    {
        while (text.Length > 0)
        {
            nint count;
            fixed (byte* bytes = text) count = Write(descriptor, bytes, (nuint)text.Length);
            Errno error = (Errno)Marshal.GetLastPInvokeError();
            if (count >= 0) text = text[(int)count..];
            else if (error != Errno.EINTR) return error;
        }

        return Errno.None;
    }

    /// <summary>
    /// Under a tiny limit for file sizes (ulimit -f), writing the plan shall be an error and not the end. The command
    /// gets the signal as it was.
    /// </summary>
    public static void IgnoreFileSizeSignal() => _ = SetSignal(FileSizeSignal, Ignore);

    /// <summary>Whether a descriptor was open when this program was started. What the runtime has opened since is close-on-exec.</summary>
    public static bool IsOpen(int descriptor) => Fcntl(descriptor, GetDescriptorFlags, 0) == 0;

    /// <summary>Whether standard input, output or error is a terminal.</summary>
    public static bool IsOnTerminal() => IsTerminal(0) != 0 || IsTerminal(1) != 0 || IsTerminal(2) != 0;

    /// <summary>The terminal that this process belongs to, to ask there; null if there is none.</summary>
    public static FileStream? OpenTerminal()
    {
        try
        {
            FileStream terminal = new("/dev/tty", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            if (IsTerminal((int)terminal.SafeFileHandle.DangerousGetHandle()) != 0) return terminal;
            terminal.Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // Nobody is there.
        }

        return null;
    }

    /// <summary>Opens a file to write it anew; a negative errno if that fails.</summary>
    public static int OpenForWriting(string path)
    {
        const int flags = 1 | 0x40 | 0x200 | 0x80000; // O_WRONLY, O_CREAT, O_TRUNC, O_CLOEXEC
        byte* name = Bytes(path);
        int descriptor = Open(name, flags, 0x1B6);
        return descriptor < 0 ? -Marshal.GetLastPInvokeError() : descriptor;
    }

    /// <summary>
    /// Forgets what was written to a descriptor before, where it can be; on a pipe or terminal what is written next comes after.
    /// </summary>
    public static void Rewind(int descriptor)
    {
        if (Truncate(descriptor, 0) == 0) _ = Seek(descriptor, 0, 0);
    }

    /// <summary>
    /// Starts the command, or what leads to it, in the state that this process was given. From then on Ctrl+C, Ctrl+\ and Ctrl+Z are for
    /// the command alone, the terminal does not stop this process, whoever has it, and a closed pipe is an error and not the end.
    /// </summary>
    /// <param name="program">What is executed.</param>
    /// <param name="arguments">Its arguments, argv[0] first.</param>
    /// <param name="before">
    /// Called just before, when the signals are as the command gets them: what is caught from here on is at its default there.
    /// </param>
    /// <returns>The process.</returns>
    public static int Start(string program, string[] arguments, Action? before = null)
    {
        StartState state = StartRecord.State();
        Restore(state);
        // Ignored before, and not after: the command may be stopped the moment it begins.
        int[] ignored = [2, 3, 13, 20, 21, 22];
        foreach (int signal in ignored) _ = SetSignal(signal, Ignore);
        before?.Invoke();
        return ChildProcesses.Spawn(program, arguments, StartRecord.Environment,
            [.. ignored.Where(signal => (state.IgnoredSignals & (1UL << (signal - 1))) == 0)]);
    }

    /// <summary>
    /// Lets go of what was inherited for somebody else: as long as this process held it, the other end of a pipe would not see it closed.
    /// </summary>
    /// <param name="keep">A descriptor to keep.</param>
    /// <param name="keepErrors">Whether standard error is kept, too.</param>
    public static void LetGo(ReadOnlySpan<int> keep, bool keepErrors)
    {
        int nothing;
        fixed (byte* path = "/dev/null\0"u8) nothing = Open(path, 2 | 0x80000, 0); // O_RDWR, O_CLOEXEC
        for (int stream = 0; nothing > 2 && stream < (keepErrors ? 2 : 3); stream++) _ = Duplicate(nothing, stream, 0);
        // What this process has opened for itself is close-on-exec.
        foreach (int descriptor in PossibleDescriptors())
            if (descriptor > 2 && !keep.Contains(descriptor) && IsOpen(descriptor)) _ = Close(descriptor);
    }

    /// <summary>The descriptors that whatever is started inherits.</summary>
    public static IEnumerable<int> Inherited() => PossibleDescriptors().Where(IsOpen);

    private static IEnumerable<int> PossibleDescriptors()
    {
        try
        {
            return [.. Directory.GetFileSystemEntries("/proc/self/fd")
                .Select(entry => int.Parse(Path.GetFileName(entry), CultureInfo.InvariantCulture))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // In a sandbox without /proc, or a chroot: every number that there may be.
            const ulong most = 1 << 20;
            return Enumerable.Range(0, (int)Math.Min(StartRecord.State().OpenFiles?.Hard ?? most, most));
        }
    }

    /// <summary>
    /// Lets children that end be waited for. Where this process was started with SIGCHLD ignored, the kernel, and then the runtime, would
    /// wait for them and forget how they ended. The command gets the signal as it was.
    /// </summary>
    public static void KeepChildren() => _ = SetSignal(ChildSignal, 0);

    /// <summary>Sends a signal to a process that this one has started.</summary>
    public static void Send(int process, int signal) => _ = Kill(process, signal);

    /// <summary>Stops this process until SIGCONT.</summary>
    public static void StopSelf() => _ = Kill(Environment.ProcessId, 19);

    /// <summary>
    /// Ends as another process did: the exit code, or this process is ended by the same signal (without a second core dump).
    /// </summary>
    public static int EndAs(CommandEnd end)
    {
        if (end.Signal == 0) return end.ExitCode;
        ulong* none = stackalloc ulong[2] { 0, 0 };
        _ = SetLimit(4, none);
        _ = SetSignal(end.Signal, 0);
        _ = Kill(Environment.ProcessId, end.Signal);
        Thread.Sleep(100);
        return 128 + end.Signal;
    }

    private static byte* Bytes(string text)
    {
        byte[] bytes = PosixText.Encode(text);
        byte* copy = (byte*)NativeMemory.Alloc((nuint)bytes.Length + 1);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        copy[bytes.Length] = 0;
        return copy;
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true)]
    private static partial int Execute(byte* path, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, ulong* limits);

    [LibraryImport("libc", EntryPoint = "readlink")]
    private static partial nint ReadLink(byte* path, byte* target, nuint size);

    [LibraryImport("libc", EntryPoint = "getcwd")]
    private static partial byte* GetCurrentDirectory(byte* path, nuint size);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(int descriptor, int command, long argument);

    [LibraryImport("libc", EntryPoint = "getauxval")]
    private static partial nuint AuxiliaryValue(nuint type);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetSignal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "dup3")]
    private static partial int Duplicate(int from, int to, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "ftruncate")]
    private static partial int Truncate(int descriptor, long length);

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(int descriptor, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "isatty")]
    internal static partial int IsTerminal(int descriptor);
}
