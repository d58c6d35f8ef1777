using System.Collections.Immutable;

namespace Landlock.Abi;

/// <summary>One row of the table of protections: its name, the rights it consists of, and which half does what.</summary>
internal sealed record ProtectionPart
{
    private ProtectionPart(Protection protection, string name, int abi, string landlock, string seccomp) =>
        (Protection, Name, Abi, Landlock, Seccomp) = (protection, name, abi, landlock, seccomp);

    /// <summary>Every protection, in the order of the enumeration.</summary>
    public static ImmutableArray<ProtectionPart> All { get; } =
    [
        new(Protection.Refer, "refer", 2, "links and moves between directories", "") { Fs = AccessFs.Refer },
        new(Protection.Truncate, "truncate", 3, "truncating files", "") { Fs = AccessFs.Truncate },
        new(Protection.IoctlDev, "ioctl_dev", 5, "ioctl on devices",
            "typing into the terminal, on every kernel")
        { Fs = AccessFs.IoctlDev },
        new(Protection.NetTcp, "net_tcp", 4, "TCP ports",
            "TCP where no rule is for it; MPTCP, TCP Fast Open, io_uring")
        { Net = AccessNet.BindTcp | AccessNet.ConnectTcp },
        new(Protection.NetUdp, "net_udp", 10, "UDP ports",
            "UDP where no rule is for it")
        { Net = AccessNet.BindUdp | AccessNet.ConnectSendUdp },
        new(Protection.ResolveUnix, "resolve_unix", 9, "UNIX sockets in the filesystem",
            "every UNIX socket, if asked to (NoUnixSocket)")
        { Fs = AccessFs.ResolveUnix },
        new(Protection.ScopeSignal, "scope_signal", 6, "signals to processes outside", "") { Scopes = Scope.Signal },
        new(Protection.ScopeAbstractUnixSocket, "scope_abstract_unix_socket", 6, "abstract UNIX sockets of processes outside",
            "the same")
        { Scopes = Scope.AbstractUnixSocket },
        new(Protection.Logging, "logging", 7, "denials in the kernel's log", "") { Flags = RestrictFlags.LogNewExecOn },
        new(Protection.Seccomp, "seccomp", 0, "", "every other socket but UNIX ones; typing into the terminal; keyrings; limits and "
            + "scheduling of other processes; if asked to, System V IPC (NoSystemVIpc) and namespaces (RestrictNamespaces)"),
    ];

    /// <summary>The protection; always a single bit.</summary>
    public Protection Protection { get; }

    /// <summary>Its name in lower snake case, made of the kernel's words.</summary>
    public string Name { get; }

    /// <summary>First Landlock ABI that has it; 0 where Landlock has no part in it.</summary>
    public int Abi { get; }

    /// <summary>What Landlock restricts; "" for nothing.</summary>
    public string Landlock { get; }

    /// <summary>What the seccomp filter refuses; "" for nothing.</summary>
    public string Seccomp { get; }

    /// <summary>What both restrict, on one line.</summary>
    public string Summary => string.Join("; ", new[]
    {
        Abi == 0 ? "" : $"Landlock ABI {Abi} (Linux {AbiTable.Release(Abi)}): {Landlock}",
        Seccomp.Length == 0 ? "" : $"seccomp: {Seccomp}",
    }.Where(text => text.Length > 0));

    /// <summary>The filesystem rights that it consists of.</summary>
    public AccessFs Fs { get; private init; }

    /// <summary>The network rights that it consists of.</summary>
    public AccessNet Net { get; private init; }

    /// <summary>The scopes that it consists of.</summary>
    public Scope Scopes { get; private init; }

    /// <summary>The flags that it consists of.</summary>
    public RestrictFlags Flags { get; private init; }

    /// <summary>The parts of a mask.</summary>
    public static IEnumerable<ProtectionPart> In(Protection mask) => All.Where(part => (mask & part.Protection) != 0);

    /// <summary>The names of a mask, separated by commas.</summary>
    public static string Names(Protection mask) => string.Join(", ", In(mask).Select(part => part.Name));

    /// <summary>The protection that a right, scope or flag belongs to; none for the rights of ABI 1.</summary>
    public static Protection Of(Right right)
    {
        ArgumentNullException.ThrowIfNull(right);
        // All flags about logging came together.
        if (right.Kind == RightKind.Flag)
            return right.Name.StartsWith("log_", StringComparison.Ordinal) ? Protection.Logging : Protection.None;
        return All.FirstOrDefault(part => (right.Bit & part.Mask(right.Kind)) != 0)?.Protection ?? Protection.None;
    }

    /// <summary>Those protections of a mask of which anything is handled.</summary>
    public static Protection Handled(Protection mask, AccessFs fs, AccessNet net, Scope scopes, RestrictFlags flags) =>
        In(mask).Where(part => (part.Fs & fs) != 0 || (part.Net & net) != 0 || (part.Scopes & scopes) != 0 || (part.Flags & flags) != 0)
            .Aggregate(Protection.None, (all, part) => all | part.Protection);

    /// <summary>The bits of a kind that it consists of.</summary>
    public ulong Mask(RightKind kind) => kind switch
    {
        RightKind.Fs => (ulong)Fs,
        RightKind.Net => (ulong)Net,
        RightKind.Scope => (ulong)Scopes,
        _ => (ulong)Flags,
    };

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Who keeps a protection on a kernel: which half is Landlock's, and which the seccomp filter's.</summary>
/// <param name="Name">The protection's name.</param>
/// <param name="Landlock">What Landlock restricts, or the ABI that it needs; "" where it has no part in it.</param>
/// <param name="Seccomp">What the filter refuses; "" where it has no part in it.</param>
public sealed record ProtectionSupport(string Name, string Landlock, string Seccomp)
{
    /// <summary>All protections on a kernel.</summary>
    public static ImmutableArray<ProtectionSupport> For(LandlockSupport support)
    {
        ArgumentNullException.ThrowIfNull(support);
        return [.. ProtectionPart.All.Select(part => new ProtectionSupport(part.Name, Landlocks(part, support),
            support.HasSeccompFilter || part.Seccomp.Length == 0 ? part.Seccomp : "no: this kernel has no seccomp filters"))];
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}  {string.Join("; ", new[]
    {
        ("Landlock", Landlock), ("seccomp", Seccomp),
    }.Where(half => half.Item2.Length > 0).Select(half => $"{half.Item1}: {half.Item2}"))}";

    private static string Landlocks(ProtectionPart part, LandlockSupport support)
    {
        if (part.Abi == 0) return "";
        if (part.Abi <= support.Abi) return part.Landlock;
        string missing = $"no: needs ABI {part.Abi}, Linux {AbiTable.Release(part.Abi)}";
        return part.Protection == Protection.Refer && support.Abi > 0
            ? $"{part.Landlock}, all of them; allowing some needs ABI {part.Abi}, Linux {AbiTable.Release(part.Abi)}"
            : missing;
    }
}
