using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>A pipe (pipe2(2)); no program that is started inherits its ends.</summary>
internal static unsafe partial class KernelPipe
{
    private const int CloseOnExec = 0x8_0000; // O_CLOEXEC

    /// <summary>Makes one.</summary>
    /// <exception cref="KernelException">No descriptor is left.</exception>
    public static (SafeFileHandle Reader, SafeFileHandle Writer) Create()
    {
        int* ends = stackalloc int[2];
        if (pipe2(ends, CloseOnExec) != 0) throw new KernelException("pipe2", Syscalls.LastError);
        return (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);
}
