using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Landlock.Linux;

/// <summary>Who this process is.</summary>
internal static partial class CurrentUser
{
    /// <summary>The effective user ID, as id -u prints it.</summary>
    public static uint Id => EffectiveUserId();

    /// <summary>Whether this process may mount (CAP_SYS_ADMIN among its effective capabilities; capabilities(7)).</summary>
    public static bool CanMount
    {
        get
        {
            const int sysAdmin = 21;
            const string heading = "CapEff:";
            if (SmallFile.ReadStart("/proc/self/status", 8192) is not { } bytes) return Id == 0;
            string status = Encoding.ASCII.GetString(bytes);
            int at = status.IndexOf(heading, StringComparison.Ordinal);
            return at >= 0 && ulong.TryParse(status.AsSpan(at + heading.Length).Trim()[..16], NumberStyles.HexNumber,
                CultureInfo.InvariantCulture, out ulong effective) && (effective & (1UL << sysAdmin)) != 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();
}
