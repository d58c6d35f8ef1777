using System.Runtime.InteropServices;

namespace Landlock.Kernel;

/// <summary>Asks the running kernel what it can do.</summary>
internal static unsafe class SupportProbe
{
    private const uint VersionFlag = 1, ErrataFlag = 2;

    public static LandlockSupport Run()
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

        long errata = Syscalls.CreateRuleset(null, 0, ErrataFlag);
        return new LandlockSupport
        {
            State = SupportState.Available,
            // A newer kernel may answer more than the table knows; what is unknown is not used.
            Abi = (int)Math.Min(version, Abi.Newest),
            ErrataMask = errata < 0 ? 0 : (ulong)errata,
            Kernel = Release(),
            SecurityModules = SecurityModules(),
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

    private static string Release()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/osrelease").TrimEnd('\n');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return RuntimeInformation.OSDescription;
        }
    }

    private static string SecurityModules()
    {
        try
        {
            return File.ReadAllText("/sys/kernel/security/lsm").TrimEnd('\n');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
