using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>Locks on a file (flock(2)), which end with the last descriptor of whoever holds one.</summary>
internal static unsafe partial class FileLock
{
    private const int Shared = 1; // LOCK_SH
    private const int Exclusive = 2; // LOCK_EX
    private const int AtOnce = 4; // LOCK_NB
    private const int CloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>Takes a lock that others may share; null if somebody has it alone, or there is no such file.</summary>
    public static SafeFileHandle? Share(string path) => Take(path, Shared);

    /// <summary>Takes a lock that nobody shares; null if somebody has one.</summary>
    public static SafeFileHandle? Own(string path) => Take(path, Exclusive);

    private static SafeFileHandle? Take(string path, int operation)
    {
        fixed (byte* text = PosixText.Terminated(path))
        {
            SafeFileHandle file = new(open(text, CloseOnExec | NoFollow, 0), ownsHandle: true);
            if (!file.IsInvalid && flock((int)file.DangerousGetHandle(), operation | AtOnce) == 0) return file;
            file.Dispose();
            return null;
        }
    }

    // The libc declares a third, variadic argument; no mode is needed without O_CREAT.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(int file, int operation);
}
