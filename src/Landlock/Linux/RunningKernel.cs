using System.Runtime.InteropServices;
using Landlock.Abi;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>The running kernel, asked what it can do.</summary>
public static unsafe class RunningKernel
{
    private const uint VersionFlag = 1, ErrataFlag = 2;

    private static readonly Lazy<LandlockSupport> Answer = new(Ask);

    /// <summary>What it can do; asked once.</summary>
    public static LandlockSupport Support => Answer.Value;

    private static LandlockSupport Ask()
    {
        if (!OperatingSystem.IsLinux()) return Unavailable(SupportState.NotLinux);

        long version = Syscalls.CreateRuleset(null, 0, VersionFlag);
        if (version < 0)
        {
            return Unavailable(Syscalls.LastError switch
            {
                Errno.EOPNOTSUPP => SupportState.DisabledAtBoot,
                // A filter may answer ENOSYS for a call that the kernel has: then the kernel itself still lists the security module.
                Errno.ENOSYS => SecurityModules().Split(',').Contains("landlock") ? SupportState.Blocked : SupportState.NotBuilt,
                _ => SupportState.Blocked,
            });
        }

        string kernel = Release();
        long errata = Syscalls.CreateRuleset(null, 0, ErrataFlag);
        return new LandlockSupport
        {
            State = SupportState.Available,
            // A newer kernel may answer more than the table knows; what is unknown is not used.
            Abi = (int)Math.Min(version, AbiTable.Newest),
            KernelAbi = (int)version,
            ErrataMask = errata < 0 ? 0 : (ulong)errata,
            Kernel = kernel,
            SecurityModules = SecurityModules(),
            HasSeccompFilter = ProcessFilter.CanRefuse(),
            HostObstacle = HostSupport.Obstacle(kernel),
        };
    }

    private static LandlockSupport Unavailable(SupportState state) => new()
    {
        State = state,
        Abi = 0,
        ErrataMask = 0,
        Kernel = Release(),
        SecurityModules = SecurityModules(),
    };

    private static string Release() => Line("/proc/sys/kernel/osrelease") ?? RuntimeInformation.OSDescription;

    private static string SecurityModules() => Line("/sys/kernel/security/lsm") ?? "";

    // Often missing, and then an exception would take longer than all the rest of the probe.
    private static string? Line(string path)
    {
        using SafeFileHandle? file = PosixFile.OpenRead(path);
        if (file is null) return null;
        Span<byte> buffer = stackalloc byte[1024];
        nint count;
        fixed (byte* bytes = buffer) count = Syscalls.Read((int)file.DangerousGetHandle(), bytes, (nuint)buffer.Length);
        return count < 0 ? null : PosixText.Decode(buffer[..(int)count]).TrimEnd('\n');
    }
}
