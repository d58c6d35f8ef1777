using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>
/// Memory and descriptors of a process below this one (process_vm_readv(2), pidfd_getfd(2)). The kernel allows it as it does tracing
/// (ptrace(2), "Ptrace access mode checking"): Yama to who is an ancestor, Landlock to who is in an outer domain.
/// </summary>
internal static unsafe partial class OtherProcess
{
    private const uint ThreadFlag = 0x80; // PIDFD_THREAD, which is O_EXCL; since Linux 6.9
    private const int OpenNumber = 434, TakeNumber = 438; // the same everywhere

    /// <summary>Reads memory of a thread's process: all of it, or an error.</summary>
    public static Errno Read(int thread, ulong address, Span<byte> bytes)
    {
        if (bytes.IsEmpty) return Errno.None;
        fixed (byte* here = bytes)
        {
            Vector local = new() { Address = (ulong)here, Length = (ulong)bytes.Length };
            Vector remote = new() { Address = address, Length = (ulong)bytes.Length };
            return Result(process_vm_readv(thread, &local, 1, &remote, 1, 0), bytes.Length);
        }
    }

    /// <summary>Writes memory of a thread's process: all of it, or an error.</summary>
    public static Errno Write(int thread, ulong address, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return Errno.None;
        fixed (byte* here = bytes)
        {
            Vector local = new() { Address = (ulong)here, Length = (ulong)bytes.Length };
            Vector remote = new() { Address = address, Length = (ulong)bytes.Length };
            return Result(process_vm_writev(thread, &local, 1, &remote, 1, 0), bytes.Length);
        }
    }

    /// <summary>
    /// A duplicate of a descriptor that a thread has; close-on-exec. Before Linux 6.9 only a process can be asked, so that the descriptors
    /// of a thread which has its own are not found.
    /// </summary>
    /// <returns>The descriptor, or a negative errno.</returns>
    public static int Take(int thread, int descriptor)
    {
        int process = (int)Call(OpenNumber, thread, (nint)ThreadFlag, 0);
        if (process < 0 && Syscalls.LastError == Errno.EINVAL)
        {
            if (ProcessFiles.Number($"/proc/{thread}/status", "Tgid:") is not { } leader) return -(int)Errno.ESRCH;
            // What a number means is the same in both, or nobody's business.
            if (leader != thread && !HaveSameFiles(leader, thread)) return -(int)Errno.EACCES;
            process = (int)Call(OpenNumber, leader, 0, 0);
        }

        if (process < 0) return -(int)Syscalls.LastError;
        int taken = (int)Call(TakeNumber, process, descriptor, 0);
        int error = taken < 0 ? -(int)Syscalls.LastError : 0;
        _ = Syscalls.Close(process);
        return taken >= 0 ? taken : error;
    }

    private static bool HaveSameFiles(int first, int second)
    {
        const int files = 2; // KCMP_FILES
        int number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 272 : 312;
        return Compare(number, first, second, files, 0, 0) == 0;
    }

    private static Errno Result(nint count, int wanted)
    {
        if (count == wanted) return Errno.None;
        return count < 0 && Syscalls.LastError == Errno.EPERM ? Errno.EACCES : Errno.EFAULT;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint process_vm_readv(int process, Vector* local, nuint localCount, Vector* remote, nuint remoteCount,
        nuint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint process_vm_writev(int process, Vector* local, nuint localCount, Vector* remote, nuint remoteCount,
        nuint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Call(long number, nint a, nint b, nint c);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Compare(long number, nint a, nint b, nint c, nint d, nint e);

    private struct Vector
    {
        public ulong Address;
        public ulong Length;
    }
}
