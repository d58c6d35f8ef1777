using System.Text;
using Landlock.Linux;
using Landlock.Sandboxes.Running;

namespace Landlock.Sandboxes.Previewing;

/// <summary>Whether previews can be had here, as far as that can be known without trying.</summary>
internal static class PreviewSupport
{
    /// <summary>Why not, and what would change that; null if nothing is known to be in the way.</summary>
    public static string? WhyNot()
    {
        if (SandboxNames.IsInside) return "this is inside a sandbox already, where nothing can be mounted. Ask for the preview outside";
        if (RunningKernel.Support.Abi < 3)
            return "this kernel cannot keep a command from truncating files elsewhere (Landlock ABI 3, Linux 6.2)";
        if (!HasOverlay()) return "this kernel has no overlay filesystem (CONFIG_OVERLAY_FS, or the module 'overlay')";
        if (CurrentUser.CanMount) return null;
        if (Setting("/proc/sys/user/max_user_namespaces") == "0")
            return "user namespaces are switched off (user.max_user_namespaces). Root can change that: sysctl "
                + "user.max_user_namespaces=15000";
        if (Setting("/proc/sys/kernel/unprivileged_userns_clone") == "0")
            return "user namespaces are for root only (kernel.unprivileged_userns_clone). Root can change that: "
                + "sysctl kernel.unprivileged_userns_clone=1";
        if (Setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1")
            return "AppArmor lets no user make user namespaces (kernel.apparmor_restrict_unprivileged_userns). Root can change that: "
                + "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or a profile for landlock-exec with the rule 'userns,'";
        return null;
    }

    /// <summary>The directory that the previews of a user are kept in; null where the environment names none.</summary>
    public static string? Parent(Func<string, string?> environment) =>
        XdgDirectory.State.Base(environment) is { } state ? Path.Combine(state, Folder, "previews") : null;

    /// <summary>The name of our folder in the directory for state.</summary>
    public const string Folder = "landlockps";

    private static string? Setting(string path) =>
        SmallFile.ReadStart(path, 256) is { } bytes ? Encoding.ASCII.GetString(bytes).Trim() : null;

    // A module that is not loaded yet is loaded by mounting.
    private static bool HasOverlay()
    {
        if (SmallFile.ReadStart("/proc/filesystems", 64 << 10) is not { } bytes) return true;
        return Encoding.ASCII.GetString(bytes).Split('\n').Any(line => line.EndsWith("\toverlay", StringComparison.Ordinal))
            || Directory.Exists($"/lib/modules/{Setting("/proc/sys/kernel/osrelease")}");
    }
}
