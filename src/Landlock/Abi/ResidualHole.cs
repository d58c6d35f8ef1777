using System.Collections.Immutable;

namespace Landlock.Abi;

/// <summary>Something that a sandbox leaves open on a kernel, said aloud.</summary>
/// <param name="Name">Short name.</param>
/// <param name="Description">What remains possible.</param>
/// <param name="ClosedByAbi">The ABI that closes it; null if none does.</param>
public sealed record ResidualHole(string Name, string Description, int? ClosedByAbi)
{
    private static readonly ImmutableArray<ResidualHole> Gaps =
    [
        new("file rename", "linking or renaming between directories can only be denied, never allowed", 2),
        new("truncate", "files can be emptied without write_file", 3),
        new("tcp", "Landlock does not restrict TCP ports; a seccomp filter refuses TCP, or opens all of it for any TCP rule", 4),
        new("device ioctl", "ioctl on devices is not restricted", 5),
        new("scopes", "signals and abstract UNIX sockets reach processes outside the sandbox", 6),
        new("audit", "denials are not logged", 7),
        new("pathname unix sockets", "connecting to a UNIX socket in the filesystem (docker.sock, D-Bus) needs no right, whatever the "
            + "rules say, unless UNIX sockets are refused (-NoUnixSocket, --no-unix-socket)", 9),
        new("udp", "Landlock does not restrict UDP; a seccomp filter refuses it, or opens all of it for any UDP rule", 10),
    ];

    private static readonly ImmutableArray<ResidualHole> Always =
    [
        new("other sockets", "Landlock restricts no MPTCP, ICMP, raw, packet, netlink or vsock socket; a seccomp filter refuses them "
            + "unless the network is unrestricted", null),
        new("metadata", "stat, readlink, chmod, chown, utimes, xattrs, chdir, access and inotify work on every path", null),
        new("execute", "execute is no boundary: memfd programs, and ld.so with a readable program, run without it", null),
        new("inherited descriptors", "a descriptor that is handed over stays usable; only 0, 1, 2 and those asked for are", null),
    ];

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name}: {Description}{(ClosedByAbi is { } abi ? $" (closed by ABI {abi}, Linux {AbiTable.Release(abi)})" : "")}";

    /// <summary>The holes of a kernel.</summary>
    public static ImmutableArray<ResidualHole> For(LandlockSupport support)
    {
        ArgumentNullException.ThrowIfNull(support);
        if (!support.IsAvailable) return [new("everything", "Landlock cannot be used: nothing would be restricted", 1)];
        ImmutableArray<ResidualHole>.Builder holes = ImmutableArray.CreateBuilder<ResidualHole>();
        foreach (ResidualHole gap in Gaps)
            if (gap.ClosedByAbi > support.Abi)
                holes.Add(gap.ClosedByAbi == 9 && support.Sockets is { Length: > 0 } sockets
                    ? gap with { Description = $"{gap.Description}; this user may connect to: {string.Join(", ", sockets)}" }
                    : gap);
        if (support.TcpFastOpenBypass is true)
            holes.Add(new("tcp fast open", "sendto with MSG_FASTOPEN connects without connect_tcp on this kernel (fixed in 7.2 and later "
                + "stable releases); a seccomp filter refuses it unless the network is unrestricted", null));
        holes.AddRange(Always);
        return holes.ToImmutable();
    }
}
