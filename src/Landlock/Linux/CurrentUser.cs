using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>Who this process is.</summary>
internal static partial class CurrentUser
{
    /// <summary>The effective user ID, as id -u prints it.</summary>
    public static uint Id => EffectiveUserId();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();
}
