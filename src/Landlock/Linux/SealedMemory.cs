using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>
/// Memory files (memfd_create(2)) that carry a plan to landlock-exec and its outcome back. Close-on-exec until asked otherwise.
/// </summary>
internal static unsafe class SealedMemory
{
    private const uint CloseOnExec = 1, AllowSealing = 2, Executable = 16;
    private const int DuplicateClosed = 0x80000; // O_CLOEXEC
    private const int AddSeals = 1033, SetDescriptorFlags = 2, DuplicateCloseOnExec = 1030, FirstFree = 3;
    private const int GetSeals = 1034, SealSeal = 1, SealShrink = 2, SealGrow = 4, SealWrite = 8;
    private const int LargestRead = 1 << 20;

    /// <summary>A memory file that holds the bytes and can never be changed again.</summary>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public static SafeFileHandle Create(ReadOnlySpan<byte> content)
    {
        SafeFileHandle handle = New();
        Write(handle, content);
        Seal(handle, SealSeal | SealShrink | SealGrow | SealWrite);
        return handle;
    }

    /// <summary>
    /// The bytes of a descriptor that leads to a memory file which can never be changed again; null if it leads elsewhere.
    /// </summary>
    public static byte[]? Read(int descriptor)
    {
        const int Never = SealSeal | SealShrink | SealGrow | SealWrite;
        if (descriptor < FirstFree || Syscalls.Fcntl(descriptor, GetSeals, 0) is var seals && (seals < 0 || (seals & Never) != Never))
            return null;
        using SafeFileHandle handle = new(descriptor, ownsHandle: false);
        long length = RandomAccess.GetLength(handle);
        if (length > LargestRead) return null;
        byte[] bytes = new byte[length];
        return RandomAccess.Read(handle, bytes, 0) == bytes.Length ? bytes : null;
    }

    /// <summary>Lets a descriptor lead to another such file from now on, in one step. Who has opened the old one keeps it.</summary>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public static void Replace(SafeFileHandle handle, ReadOnlySpan<byte> content)
    {
        using SafeFileHandle next = Create(content);
        if (Syscalls.Duplicate(Number(next), Number(handle), DuplicateClosed) < 0) throw new KernelException("dup3", Syscalls.LastError);
    }

    /// <summary>A memory file that can be executed and never be changed again.</summary>
    /// <exception cref="KernelException">No descriptor or memory is left, or the system (vm.memfd_noexec) allows none.</exception>
    public static SafeFileHandle CreateExecutable(ReadOnlySpan<byte> content)
    {
        SafeFileHandle handle = New(Executable);
        Write(handle, content);
        Seal(handle, SealSeal | SealShrink | SealGrow | SealWrite);
        return handle;
    }

    /// <summary>A memory file of a fixed size, filled with zeros, that stays writable.</summary>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public static SafeFileHandle CreateWritable(int size)
    {
        SafeFileHandle handle = New();
        if (Syscalls.Ftruncate(Number(handle), size) < 0) throw new KernelException("ftruncate", Syscalls.LastError);
        Seal(handle, SealSeal | SealShrink | SealGrow);
        return handle;
    }

    /// <summary>An empty memory file that grows as it is written.</summary>
    /// <exception cref="KernelException">No descriptor is left.</exception>
    public static SafeFileHandle CreateEmpty() => New();

    /// <summary>Sets or clears close-on-exec; while cleared, every process started meanwhile inherits the descriptor.</summary>
    public static void SetInherited(SafeFileHandle handle, bool inherited)
    {
        if (Syscalls.Fcntl(Number(handle), SetDescriptorFlags, inherited ? 0 : 1) < 0)
            throw new KernelException("fcntl(F_SETFD)", Syscalls.LastError);
    }

    private static SafeFileHandle New(uint executable = 0)
    {
        ReadOnlySpan<byte> name = executable == 0 ? "landlock-plan\0"u8 : "landlock-script\0"u8;
        int fd;
        fixed (byte* text = name)
        {
            fd = Syscalls.MemfdCreate(text, CloseOnExec | AllowSealing | executable);
            // Before Linux 6.3 there is no such flag, and every memory file can be executed.
            if (fd < 0 && executable != 0 && Syscalls.LastError == Errno.EINVAL)
                fd = Syscalls.MemfdCreate(text, CloseOnExec | AllowSealing);
        }

        if (fd < 0) throw new KernelException("memfd_create", Syscalls.LastError);
        if (fd >= FirstFree) return new SafeFileHandle(fd, ownsHandle: true);

        // Started with a standard stream closed. Its number is the command's, and stays closed.
        int high = Syscalls.Fcntl(fd, DuplicateCloseOnExec, FirstFree);
        Errno error = Syscalls.LastError;
        _ = Syscalls.Close(fd);
        if (high < 0) throw new KernelException("fcntl(F_DUPFD_CLOEXEC)", error);
        return new SafeFileHandle(high, ownsHandle: true);
    }

    private static void Write(SafeFileHandle handle, ReadOnlySpan<byte> content)
    {
        long done = 0;
        while (content.Length > 0)
        {
            nint count;
            fixed (byte* bytes = content) count = Syscalls.Pwrite(Number(handle), bytes, (nuint)content.Length, done);
            Errno error = Syscalls.LastError;
            if (count < 0 && error != Errno.EINTR) throw new KernelException("write", error, "landlock-plan");
            if (count <= 0) continue;
            content = content[(int)count..];
            done += count;
        }
    }

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static void Seal(SafeFileHandle handle, int seals)
    {
        if (Syscalls.Fcntl(Number(handle), AddSeals, seals) < 0)
            throw new KernelException("fcntl(F_ADD_SEALS)", Syscalls.LastError);
    }
}
