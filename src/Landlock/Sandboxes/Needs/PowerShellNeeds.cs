using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Policies;
using Landlock.Rulesets;

namespace Landlock.Sandboxes.Needs;

/// <summary>
/// What a child pwsh needs in order to start: the preset PowerShell, ready to use. Reading the document instead would cost the first script
/// block of every session 60 ms, most of it for compiling the reader; a test holds the two together.
/// </summary>
internal static class PowerShellNeeds
{
    private const AccessFs ReadTree = AccessFs.ReadFile | AccessFs.ReadDir;
    private const AccessFs Use = ReadTree | AccessFs.Execute;

    /// <summary>The grants.</summary>
    /// <param name="home">$PSHOME.</param>
    /// <param name="dotnetRoot">The .NET installation that it runs on; null if it brings its own.</param>
    /// <param name="dataHome">The user's data ($XDG_DATA_HOME); null without one.</param>
    /// <param name="configurationHome">The user's configuration ($XDG_CONFIG_HOME); null without one.</param>
    public static ImmutableArray<Grant> Of(string home, string? dotnetRoot, string? dataHome, string? configurationHome) =>
    [
        Grant(BuiltinVariables.PowerShellFolder(home), Use),
        .. dotnetRoot is null ? [] : (Grant[])[Grant(dotnetRoot, Use)],
        Grant("/lib", ReadTree),
        Grant("/lib64", ReadTree),
        Grant("/usr/lib", ReadTree),
        Grant("/usr/lib64", ReadTree),
        Grant("/usr/share/icu", ReadTree),
        Grant("/usr/share/zoneinfo", ReadTree),
        Grant("/usr/share/terminfo", ReadTree),
        // The loader, and the names of users, hosts and services; not /etc as a whole, which holds secrets where one is root.
        Grant("/etc/ld.so.cache", ReadTree),
        Grant("/etc/ld.so.conf", ReadTree),
        Grant("/etc/ld.so.conf.d", ReadTree),
        Grant("/etc/passwd", ReadTree),
        Grant("/etc/group", ReadTree),
        Grant("/etc/nsswitch.conf", ReadTree),
        Grant("/etc/hosts", ReadTree),
        Grant("/etc/host.conf", ReadTree),
        Grant("/etc/resolv.conf", ReadTree),
        Grant("/etc/gai.conf", ReadTree),
        Grant("/etc/services", ReadTree),
        Grant("/etc/os-release", ReadTree),
        Grant("/etc/debian_version", ReadTree),
        // Time, terminals, certificates, and where .NET and PowerShell are configured.
        Grant("/etc/localtime", ReadTree),
        Grant("/etc/timezone", ReadTree),
        Grant("/etc/terminfo", ReadTree),
        Grant("/etc/ssl/certs", ReadTree),
        Grant("/etc/ssl/openssl.cnf", ReadTree),
        Grant("/etc/pki/tls/certs", ReadTree),
        Grant("/etc/pki/ca-trust", ReadTree),
        Grant("/etc/ca-certificates", ReadTree),
        Grant("/etc/crypto-policies", ReadTree),
        Grant("/etc/dotnet", ReadTree),
        Grant("/etc/opt/powershell", ReadTree),
        .. dataHome is null ? [] : (Grant[])[Grant($"{dataHome}/powershell/Modules", ReadTree)],
        Grant("/usr/local/share/powershell/Modules", ReadTree),
        Grant("/proc", ReadTree),
        Grant("/sys/devices/system/cpu", ReadTree),
        Grant("/sys/devices/system/node", ReadTree),
        Grant("/sys/fs/cgroup", ReadTree),
        Grant("/sys/kernel/mm/transparent_hugepage", ReadTree),
        .. configurationHome is null ? []
            : (Grant[])[Grant($"{configurationHome}/powershell/powershell.config.json", AccessFs.ReadFile)],
        Grant("/dev/random", AccessFs.ReadFile),
        Grant("/dev/urandom", AccessFs.ReadFile),
        Grant("/dev/null", AccessFs.ReadFile | AccessFs.WriteFile | AccessFs.Truncate | AccessFs.IoctlDev),
    ];

    private static Grant Grant(string path, AccessFs access) => new(new PathRule(path, access) { Optional = true }, "preset PowerShell");
}
