using System.Globalization;
using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>Starts children, waits for them, and finds them.</summary>
internal static unsafe partial class ChildProcesses
{
    private const int AllKinds = 0x4000_0000, NoHang = 1, StoppedToo = 2, ContinuedToo = 8; // __WALL, WNOHANG, WUNTRACED, WCONTINUED
    private const int AttributesSize = 512; // more than posix_spawnattr_t and sigset_t of any C library
    private const short SetDefaults = 4, SetMask = 8; // POSIX_SPAWN_SETSIGDEF, POSIX_SPAWN_SETSIGMASK
    private const int AdoptOrphansOption = 36; // PR_SET_CHILD_SUBREAPER

    /// <summary>Starts a program with the environment and the descriptors of this process that are not close-on-exec.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments, its own name first.</param>
    /// <param name="environment">Its environment, as the kernel wants it.</param>
    /// <param name="defaults">Signals that it does not ignore, though this process does.</param>
    /// <exception cref="KernelException">It cannot be started.</exception>
    public static int Spawn(string program, string[] arguments, byte** environment, ReadOnlySpan<int> defaults)
    {
        byte* attributes = stackalloc byte[AttributesSize], set = stackalloc byte[AttributesSize];
        _ = posix_spawnattr_init(attributes);
        _ = sigemptyset(set);
        foreach (int signal in defaults) _ = sigaddset(set, signal);
        _ = posix_spawnattr_setsigdefault(attributes, set);
        _ = posix_spawnattr_setflags(attributes, SetDefaults);
        byte** pointers = Terminated(arguments);
        byte* path = Terminated(program);
        try
        {
            int process;
            int error = posix_spawn(&process, path, null, attributes, pointers, environment);
            if (error != 0) throw new KernelException("posix_spawn", (Errno)error, program);
            return process;
        }
        finally
        {
            Free(pointers);
            NativeMemory.Free(path);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>
    /// Starts a program that gets no descriptor of this process's but 0, 1, 2 and those given, if all others are close-on-exec. Its signals
    /// are at their defaults, and none is blocked.
    /// </summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments, its own name first.</param>
    /// <param name="environment">Its environment.</param>
    /// <param name="descriptors">Descriptors here, and what they are there.</param>
    /// <param name="emptyInput">Whether its standard input is /dev/null.</param>
    /// <exception cref="KernelException">It cannot be started.</exception>
    public static int Spawn(string program, string[] arguments, string[] environment, IEnumerable<(int From, int To)> descriptors,
        bool emptyInput)
    {
        byte* attributes = stackalloc byte[AttributesSize], set = stackalloc byte[AttributesSize], actions =
            stackalloc byte[AttributesSize];
        _ = posix_spawnattr_init(attributes);
        _ = posix_spawn_file_actions_init(actions);
        byte** words = Terminated(arguments), entries = Terminated(environment);
        byte* path = Terminated(program);
        try
        {
            _ = sigemptyset(set);
            _ = posix_spawnattr_setsigmask(attributes, set);
            _ = sigfillset(set);
            _ = posix_spawnattr_setsigdefault(attributes, set);
            _ = posix_spawnattr_setflags(attributes, SetDefaults | SetMask);
            int error = 0;
            fixed (byte* nothing = "/dev/null\0"u8)
                if (emptyInput) error = posix_spawn_file_actions_addopen(actions, 0, nothing, 0, 0);
            // A descriptor that keeps its number is no longer close-on-exec there.
            foreach ((int from, int to) in descriptors)
                if (error == 0) error = posix_spawn_file_actions_adddup2(actions, from, to);
            int process = 0;
            if (error == 0) error = posix_spawn(&process, path, actions, attributes, words, entries);
            if (error != 0) throw new KernelException("posix_spawn", (Errno)error, program);
            return process;
        }
        finally
        {
            Free(words);
            Free(entries);
            NativeMemory.Free(path);
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>Waits until a child has ended, and gives its status.</summary>
    /// <exception cref="KernelException">It is no child, or somebody else has waited for it.</exception>
    public static int Wait(int child)
    {
        int status;
        while (waitpid(child, &status, 0) < 0)
            if (Syscalls.LastError != Errno.EINTR) throw new KernelException("waitpid", Syscalls.LastError);
        return status;
    }

    /// <summary>From now on descendants whose own parent ends become children of this process.</summary>
    /// <exception cref="KernelException">A filter refuses it.</exception>
    public static void AdoptOrphans()
    {
        if (Syscalls.Prctl(AdoptOrphansOption, 1, 0, 0, 0) != 0)
            throw new KernelException("prctl(PR_SET_CHILD_SUBREAPER)", Syscalls.LastError);
    }

    /// <summary>Takes note of one child that has ended, stopped or gone on: its number; 0 if none has, -1 if there is no child.</summary>
    public static int TryWait(out int status)
    {
        while (true)
        {
            int child;
            fixed (int* result = &status) child = waitpid(-1, result, AllKinds | NoHang | StoppedToo | ContinuedToo);
            if (child >= 0 || Syscalls.LastError != Errno.EINTR) return child;
        }
    }

    /// <summary>
    /// The children of this process, those that have ended and were not waited for included: none of these numbers can belong to another
    /// process. Empty where the kernel does not say (CONFIG_PROC_CHILDREN), or /proc may not be read.
    /// </summary>
    public static List<int> List()
    {
        List<int> children = [];
        try
        {
            // A child belongs to the thread that has made or adopted it.
            foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
                foreach (string word in File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    children.Add(int.Parse(word, CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A strict sandbox around this process, or a kernel without the file.
        }

        return children;
    }

    private static byte** Terminated(string[] texts)
    {
        byte** pointers = (byte**)NativeMemory.AllocZeroed((nuint)(texts.Length + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < texts.Length; i++) pointers[i] = Terminated(texts[i]);
        return pointers;
    }

    private static void Free(byte** pointers)
    {
        for (int i = 0; pointers[i] is not null; i++) NativeMemory.Free(pointers[i]);
        NativeMemory.Free(pointers);
    }

    private static byte* Terminated(string text)
    {
        byte[] bytes = PosixText.Encode(text);
        byte* copy = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        return copy;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int process, int* status, int options);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int descriptor, byte* path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int sigfillset(byte* set);

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* set);

    [LibraryImport("libc")]
    private static partial int sigaddset(byte* set, int signal);

    [LibraryImport("libc")]
    private static partial int posix_spawn(int* process, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);
}
