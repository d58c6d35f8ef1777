using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Landlock.Tests.Exec;

/// <summary>The few calls of the C library that starting landlock-exec with chosen descriptors needs.</summary>
internal static unsafe partial class Posix
{
    public const int CloseOnExec = 1;
    public const int AllowSealing = 2;
    public const int AllSeals = 0x1 | 0x2 | 0x4 | 0x8;
    public const int AddSeals = 1033;
    public const int DuplicateCloseOnExec = 1030;
    public const int ReadWriteCreate = 0x2 | 0x40;
    public const int OpenCloseOnExec = 0x80000;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, long argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pwrite(int descriptor, byte* data, nint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pread(int descriptor, byte* data, nint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int descriptor, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(int descriptor, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int process, int* status, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long a, long b, long c);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollDescriptor* descriptors, ulong count, int milliseconds);

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial int posix_spawn(int* process, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(void* actions, int source, int target);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclose(void* actions, int target);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(void* attributes, ulong* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(void* attributes, ulong* signals);

    public static int MemoryFile(string name, uint flags = CloseOnExec | AllowSealing) => Check(memfd_create(name, flags));

    /// <summary>A memfd with this content, sealed against every change.</summary>
    public static int SealedFile(ReadOnlySpan<byte> content, int seals = AllSeals)
    {
        int descriptor = MemoryFile("plan");
        Write(descriptor, content);
        if (seals != 0)
            Check(fcntl(descriptor, AddSeals, seals));
        return descriptor;
    }

    public static void Write(int descriptor, ReadOnlySpan<byte> content)
    {
        fixed (byte* data = content)
        {
            long done = 0;
            while (done < content.Length)
                done += Check(pwrite(descriptor, data + done, (nint)(content.Length - done), done));
        }
    }

    public static void SetLength(int descriptor, long length) => Check(ftruncate(descriptor, length));

    /// <summary>All of a memfd.</summary>
    public static byte[] Read(int descriptor)
    {
        long length = Check(lseek(descriptor, 0, 2));
        byte[] content = new byte[length];
        fixed (byte* data = content)
        {
            long done = 0;
            while (done < length)
            {
                long count = Check(pread(descriptor, data + done, (nint)(length - done), done));
                if (count == 0)
                    break;
                done += count;
            }
        }

        return content;
    }

    public static int Open(string path, int flags) => Check(open(path, flags | OpenCloseOnExec, 0x1A4));

    /// <summary>The end to write to of a pipe that nobody reads.</summary>
    public static int BrokenPipe()
    {
        int* ends = stackalloc int[2];
        Check(pipe2(ends, OpenCloseOnExec));
        Close(ends[0]);
        return ends[1];
    }

    public static void Close(int descriptor) => _ = close(descriptor);

    /// <summary>Landlock's ABI, or 0.</summary>
    public static int LandlockAbi() => (int)Math.Max(0, syscall(444, 0, 0, 1));

    /// <summary>Starts a program with exactly these descriptors above 2 besides what this process leaks anyway.</summary>
    public static int Spawn(
        string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, IReadOnlyDictionary<int, int> descriptors,
        ulong blocked)
    {
        byte* actions = stackalloc byte[512];
        byte* attributes = stackalloc byte[1024];
        ulong* signals = stackalloc ulong[16];
        List<int> sources = [];
        byte** argumentPointers = Pointers(arguments);
        byte** environmentPointers = Pointers(environment);
        byte* pathBytes = Bytes(path);
        try
        {
            Must(posix_spawn_file_actions_init(actions));
            Must(posix_spawnattr_init(attributes));
            foreach ((int target, int source) in descriptors)
            {
                if (source < 0)
                {
                    Must(posix_spawn_file_actions_addclose(actions, target));
                    continue;
                }

                // High numbers, so that no target overwrites a later source.
                int high = Check(fcntl(source, DuplicateCloseOnExec, 500));
                sources.Add(high);
                Must(posix_spawn_file_actions_adddup2(actions, high, target));
            }

            new Span<ulong>(signals, 16).Clear();
            signals[0] = blocked;
            Must(posix_spawnattr_setsigmask(attributes, signals));
            new Span<ulong>(signals, 16).Fill(ulong.MaxValue);
            Must(posix_spawnattr_setsigdefault(attributes, signals));
            Must(posix_spawnattr_setflags(attributes, 0x04 | 0x08));
            int process;
            Must(posix_spawn(&process, pathBytes, actions, attributes, argumentPointers, environmentPointers));
            return process;
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
            sources.ForEach(Close);
            Free(argumentPointers);
            Free(environmentPointers);
            NativeMemory.Free(pathBytes);
        }
    }

    /// <summary>Ends a process as nothing can prevent.</summary>
    public static void Kill(int process) => _ = kill(process, 9);

    /// <summary>Waits; kills the process if it takes too long. The result is that of waitpid(2).</summary>
    public static int Wait(int process, TimeSpan limit)
    {
        int status;
        int watch = Check((int)syscall(434, process, 0, 0));
        PollDescriptor entry = new() { Descriptor = watch, Events = 1 };
        int ready;
        do
        {
            ready = poll(&entry, 1, (int)limit.TotalMilliseconds);
        }
        while (ready < 0);
        Close(watch);
        if (ready == 0)
            _ = kill(process, 9);
        while (waitpid(process, &status, 0) != process)
        {
        }

        return ready == 0 ? throw new TimeoutException($"process {process} did not end") : status;
    }

    private static byte** Pointers(IReadOnlyList<string> texts)
    {
        byte** pointers = (byte**)NativeMemory.Alloc((nuint)(texts.Count + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < texts.Count; i++)
            pointers[i] = Bytes(texts[i]);
        pointers[texts.Count] = null;
        return pointers;
    }

    private static void Free(byte** pointers)
    {
        for (int i = 0; pointers[i] != null; i++)
            NativeMemory.Free(pointers[i]);
        NativeMemory.Free(pointers);
    }

    // Any bytes: texts are those of PosixText.
    private static byte* Bytes(string text)
    {
        byte[] bytes = PosixText.Encode(text);
        byte* copy = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        return copy;
    }

    private static int Check(int result) => result < 0 ? throw new Win32Exception() : result;

    private static long Check(long result) => result < 0 ? throw new Win32Exception() : result;

    private static void Must(int error)
    {
        if (error != 0)
            throw new Win32Exception(error);
    }

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
