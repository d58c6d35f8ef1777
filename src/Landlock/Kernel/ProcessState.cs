using System.Runtime.InteropServices;

namespace Landlock.Kernel;

/// <summary>What the kernel says of this process.</summary>
public static unsafe partial class ProcessState
{
    /// <summary>Whether no_new_privs is set (prctl(2), PR_GET_NO_NEW_PRIVS), as it is in every sandbox.</summary>
    public static bool HasNoNewPrivileges() => Syscalls.Prctl(39, 0, 0, 0, 0) == 1;

    /// <summary>The parent's process id; 0 if it is outside of this PID namespace.</summary>
    internal static int ParentId => Syscalls.GetParentId();

    /// <summary>The hard limit of a resource (getrlimit(2)); <see cref="ulong.MaxValue"/> = unlimited.</summary>
    /// <param name="resource">RLIMIT_* number.</param>
    /// <exception cref="KernelException">There is no such resource.</exception>
    internal static ulong HardLimit(int resource)
    {
        ulong* limit = stackalloc ulong[2];
        return getrlimit(resource, limit) == 0 ? limit[1] : throw new KernelException("getrlimit", Syscalls.LastError);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, ulong* limit);
}
