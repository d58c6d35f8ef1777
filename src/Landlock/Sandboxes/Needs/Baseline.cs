using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Sandboxes.Needs;

/// <summary>
/// What nearly every program needs besides its closure and what tells nothing about the user: devices that hold nothing, and the tables
/// by which text, time and terminals are understood. Each is skipped where it does not exist.
/// </summary>
/// <remarks>
/// Left out on purpose: /etc/passwd, /etc/hosts, /etc/resolv.conf (who and where one is), /proc/PID (what else runs), /tmp, /dev/shm
/// and pseudo-terminals (shared with every other program).
/// </remarks>
internal static class Baseline
{
    private const AccessFs ReadFile = AccessFs.ReadFile;
    private const AccessFs ReadTree = AccessFs.ReadFile | AccessFs.ReadDir;
    private const AccessFs UseDevice = AccessFs.ReadFile | AccessFs.WriteFile | AccessFs.IoctlDev;
    private const string Origin = "baseline";

    /// <summary>The grants that are the same everywhere.</summary>
    public static ImmutableArray<Grant> Grants { get; } =
    [
        // Devices that keep nothing. With ioctl_dev, so that isatty(3) on them says "no" and not "permission denied".
        Of("/dev/null", UseDevice),
        Of("/dev/zero", UseDevice),
        Of("/dev/full", UseDevice),
        Of("/dev/random", ReadFile),
        Of("/dev/urandom", ReadFile),

        // The program loader: where libraries are, and which come first. The libraries themselves are not granted.
        Of("/etc/ld.so.cache", ReadFile),
        Of("/etc/ld.so.preload", ReadFile),

        // Text: locales, message catalogues, character set converters.
        Of("/etc/locale.alias", ReadFile),
        Of("/usr/lib/locale", ReadTree),
        Of("/usr/share/locale", ReadTree),
        Of("/usr/lib/gconv", ReadTree),
        Of("/usr/lib64/gconv", ReadTree),
        Of("/usr/lib/x86_64-linux-gnu/gconv", ReadTree),
        Of("/usr/lib/aarch64-linux-gnu/gconv", ReadTree),

        // Time zones.
        Of("/etc/localtime", ReadFile),
        Of("/etc/timezone", ReadFile),
        Of("/usr/share/zoneinfo", ReadTree),

        // What terminals can do.
        Of("/etc/terminfo", ReadTree),
        Of("/lib/terminfo", ReadTree),
        Of("/usr/lib/terminfo", ReadTree),
        Of("/usr/share/terminfo", ReadTree),

        // How large the machine is: allocators, thread pools and garbage collectors ask.
        Of("/proc/cpuinfo", ReadFile),
        Of("/proc/meminfo", ReadFile),
        Of("/proc/sys/kernel/cap_last_cap", ReadFile),
        Of("/proc/sys/vm/overcommit_memory", ReadFile),
        Of("/sys/devices/system/cpu/online", ReadFile),
        Of("/sys/devices/system/cpu/possible", ReadFile),
        Of("/sys/kernel/mm/transparent_hugepage", ReadTree),
    ];

    /// <summary>
    /// The controlling terminal. Only for a command that is given the terminal anyway, as its standard input, output or error: to any other
    /// it would be a way to read what is typed.
    /// </summary>
    public static Grant Terminal { get; } = Of("/dev/tty", UseDevice);

    /// <summary>The grants for a command.</summary>
    /// <param name="onTerminal">Whether its standard input, output or error is a terminal.</param>
    public static ImmutableArray<Grant> For(bool onTerminal) => onTerminal ? Grants.Add(Terminal) : Grants;

    private static Grant Of(string path, AccessFs access) => new(new PathRule(path, access) { Optional = true }, Origin);
}
