using System.Runtime.InteropServices;
using Landlock.Abi;

namespace Landlock.Linux;

/// <summary>What the kernel says of this process.</summary>
internal static unsafe partial class ProcessState
{
    /// <summary>How many layers of Landlock this process is in; null where the kernel does not tell.</summary>
    /// <remarks>It tells nobody. So a thread is put into more of them, until it takes no more, and ends with them.</remarks>
    public static int? CountLayers()
    {
        int? count = null;
        Thread thread = new(() => count = CountOnThread());
        thread.Start();
        thread.Join();
        return count;
    }

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

    private static int? CountOnThread()
    {
        // Linux before 5.19 takes 64.
        const int Most = 16, MostOnce = 64;
        try
        {
            RulesetDescriptor.GiveUpPrivileges();
            using RulesetDescriptor ruleset = RulesetDescriptor.Create([(ulong)AccessFs.MakeChar]);
            for (int added = 0; added <= MostOnce; added++)
            {
                if (ruleset.TryEnforce(RestrictFlags.None, out Errno error)) continue;
                return error != Errno.E2BIG ? null : added <= Most ? Most - added : MostOnce - added;
            }
        }
        catch (KernelException)
        {
            // There is no Landlock here, or it is not allowed.
        }

        return null;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, ulong* limit);
}
