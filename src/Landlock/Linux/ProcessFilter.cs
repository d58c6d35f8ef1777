using System.Collections.Immutable;

namespace Landlock.Linux;

/// <summary>Seccomp filters of this process (seccomp(2)).</summary>
internal static unsafe class ProcessFilter
{
    private const uint SetModeFilter = 1, GetActionAvailable = 2; // SECCOMP_SET_MODE_FILTER, SECCOMP_GET_ACTION_AVAIL
    private const uint AllThreads = 0x1 | 0x10; // SECCOMP_FILTER_FLAG_TSYNC, and an error if a thread cannot follow (TSYNC_ESRCH)
    private const uint FailWithError = 0x0005_0000; // SECCOMP_RET_ERRNO

    /// <summary>Whether the kernel has filters, and may be asked for one.</summary>
    public static bool CanRefuse()
    {
        uint action = FailWithError;
        return Syscalls.Seccomp(GetActionAvailable, 0, &action) == 0;
    }

    /// <summary>Installs a filter on every thread of this process, for good. Needs no_new_privs, which every thread gets as well.</summary>
    /// <param name="instructions">struct sock_filter, each as one number.</param>
    /// <exception cref="KernelException">The call failed; then no thread has the filter.</exception>
    public static void Install(ImmutableArray<ulong> instructions)
    {
        fixed (ulong* code = instructions.AsSpan())
        {
            // struct sock_fprog.
            nint* program = stackalloc nint[2] { instructions.Length, (nint)code };
            if (Syscalls.Seccomp(SetModeFilter, AllThreads, program) != 0) throw new KernelException("seccomp", Syscalls.LastError);
        }
    }
}
