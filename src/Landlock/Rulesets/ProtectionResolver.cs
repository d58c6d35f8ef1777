using System.Collections.Immutable;
using Landlock.Abi;

namespace Landlock.Rulesets;

/// <summary>Says which protections hold: of one ruleset, or of all layers of a sandbox together with its filter. Pure.</summary>
internal static class ProtectionResolver
{
    /// <summary>The protections of layers on a kernel, as far as Landlock keeps them.</summary>
    /// <param name="layers">The rulesets. What one of them denies is denied, so that a protection holds if any has it.</param>
    /// <param name="support">The kernel.</param>
    public static ImmutableArray<ProtectionStatus> Resolve(IReadOnlyCollection<Ruleset> layers, LandlockSupport support)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(support);
        ImmutableArray<ProtectionStatus>.Builder all = ImmutableArray.CreateBuilder<ProtectionStatus>(ProtectionPart.All.Length);
        foreach (ProtectionPart part in ProtectionPart.All)
            if (part.Abi > 0) all.Add(Landlocks(part, layers, support));
        return all.ToImmutable();
    }

    /// <summary>Likewise, where the filter keeps rights that the kernel lacks.</summary>
    internal static ImmutableArray<ProtectionStatus> Resolve(IReadOnlyCollection<Ruleset> layers, LandlockSupport support,
        AccessNet filtered) =>
    [
        .. Resolve(layers, support).Select(status => status.Protection switch
        {
            Protection.NetTcp when (filtered & Ruleset.TcpRights) != 0 => NoTcp(status),
            Protection.NetUdp when (filtered & Ruleset.UdpRights) != 0 => NoUdp(status),
            _ => status,
        }),
    ];

    /// <summary>The protections of a sandbox.</summary>
    /// <param name="layers">The rulesets.</param>
    /// <param name="support">The kernel.</param>
    /// <param name="filter">What the filter does.</param>
    /// <param name="disabled">What was left out on purpose.</param>
    public static ImmutableArray<ProtectionStatus> Resolve(IReadOnlyCollection<Ruleset> layers, LandlockSupport support,
        FilterEffect filter, Protection disabled)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return
        [
            .. Resolve(layers, support).Select(status => status.Protection switch
            {
                Protection.NetTcp => Tcp(status, support, filter),
                Protection.NetUdp => Udp(status, filter),
                Protection.ResolveUnix or Protection.ScopeAbstractUnixSocket when filter is { Installed: true, Unix: false } =>
                    NoUnix(status),
                _ => status,
            }),
            Seccomp(support, filter, (disabled & Protection.Seccomp) != 0),
        ];
    }

    /// <summary>The protections of a ruleset of which nothing is enforced.</summary>
    internal static ImmutableArray<ProtectionStatus> Unenforced(Ruleset ruleset, LandlockSupport support) =>
    [
        .. Resolve([ruleset], support).Select(status => status.State != ProtectionState.Active ? status
            : status with
            { State = ProtectionState.Degraded, By = 0, Reason = "nothing of the ruleset is enforced, since the kernel lacks some of it" }),
    ];

    private static ProtectionStatus Landlocks(ProtectionPart part, IReadOnlyCollection<Ruleset> layers, LandlockSupport support)
    {
        if (part.Protection == Protection.Refer) return Refer(layers, support);
        ulong all = Bits(part.Fs, part.Net, part.Scopes, part.Flags);
        ulong asked =
            layers.Aggregate(0UL, (mask, layer) => mask | (Bits(layer.HandledFs, layer.HandledNet, layer.Scopes, layer.LogFlags) & all));
        string needs = support.Abi == 0 ? "this kernel has no Landlock"
            : $"it needs Landlock ABI {part.Abi} (Linux {AbiTable.Release(part.Abi)}), and this kernel has ABI {support.Abi}";
        if (part.Abi > support.Abi)
            return new(part.Protection,
                asked != 0 ? ProtectionState.Degraded : Purpose(part, layers) ? ProtectionState.Disabled : ProtectionState.Unavailable, 0,
                Purpose(part, layers) && asked == 0 ? "left out as asked" : needs);
        if (asked == all) return new(part.Protection, ProtectionState.Active, ProtectionMeans.Landlock, "");
        if (asked != 0)
            return new(part.Protection, ProtectionState.Degraded, 0, $"{string.Join(", ", Missing(part, all & ~asked))} is not handled");
        return new(part.Protection, ProtectionState.Disabled, 0,
            Purpose(part, layers) ? "left out as asked"
            : part.Protection == Protection.Logging ? "not asked for"
            : layers.Count > 0 && layers.All(layer => layer.Abi < part.Abi)
            ? $"it needs ABI {part.Abi}, and the ruleset is for ABI {layers.Max(layer => layer.Abi)}"
            : "no ruleset handles it");
    }

    // Denied by every ruleset that handles a filesystem right, whether or not it handles refer, and on every ABI.
    private static ProtectionStatus Refer(IReadOnlyCollection<Ruleset> layers, LandlockSupport support)
    {
        if (support.Abi == 0)
            return new(Protection.Refer, layers.Any(layer => layer.HandledFs != 0) ? ProtectionState.Degraded : ProtectionState.Unavailable,
                0, "this kernel has no Landlock");
        if (layers.All(layer => (layer.HandledFs & AbiTable.AllFs(support.Abi)) == 0))
            return new(Protection.Refer, ProtectionState.Disabled, 0, "no ruleset handles a filesystem right");
        string reason = layers.Any(layer => (layer.HandledFs & AccessFs.Refer) != 0) && support.Abi < 2
            ? "every link and move between directories is denied; allowing some needs ABI 2 (Linux 5.19)"
            : "";
        return new(Protection.Refer, ProtectionState.Active, ProtectionMeans.Landlock, reason);
    }

    private static ProtectionStatus NoTcp(ProtectionStatus landlock) =>
        landlock with
        {
            State = ProtectionState.Active,
            By = (landlock.State == ProtectionState.Active ? ProtectionMeans.Landlock : 0) | ProtectionMeans.Seccomp,
            Reason = "there are no TCP sockets",
        };

    private static ProtectionStatus Tcp(ProtectionStatus landlock, LandlockSupport support, FilterEffect filter)
    {
        if (filter is { Sockets: true, Tcp: false }) return NoTcp(landlock);
        if (filter is { Sockets: true, Hosts: true })
            return NoTcp(landlock) with { Reason = "a supervisor connects in its place, to the named hosts alone" };
        if (support.IsAvailable && (support.AccessNet & Ruleset.TcpRights) == 0)
        {
            // The filter would have kept it, had anybody asked.
            if (landlock.State == ProtectionState.Unavailable && support.HasSeccompFilter)
                return landlock with { State = ProtectionState.Disabled, Reason = "no ruleset handles it, so the filter leaves TCP alone" };
            return landlock.State == ProtectionState.Degraded
                ? landlock with { Reason = $"every TCP port is open: {landlock.Reason}" }
                : landlock;
        }

        if (landlock.State != ProtectionState.Active) return landlock;
        if (filter.Sockets) return landlock with { By = ProtectionMeans.Landlock | ProtectionMeans.Seccomp };
        return landlock with
        {
            State = ProtectionState.Degraded,
            By = 0,
            Reason = "no filter looks at sockets, so that MPTCP, and TCP Fast Open before Linux 7.2, connect without a rule",
        };
    }

    private static ProtectionStatus Udp(ProtectionStatus landlock, FilterEffect filter)
    {
        if (filter is { Sockets: true, Udp: false }) return NoUdp(landlock);
        // The rules for UDP are lost on a kernel that cannot tell its ports apart, or opened the filter for it.
        if (filter.Sockets && landlock.State == ProtectionState.Unavailable)
            return landlock with { State = ProtectionState.Degraded, Reason = $"rules for UDP open all of it: {landlock.Reason}" };
        return landlock;
    }

    private static ProtectionStatus NoUdp(ProtectionStatus landlock) =>
        landlock with
        {
            State = ProtectionState.Active,
            By = (landlock.State == ProtectionState.Active ? ProtectionMeans.Landlock : 0) | ProtectionMeans.Seccomp,
            Reason = "there are no UDP sockets",
        };

    private static ProtectionStatus NoUnix(ProtectionStatus landlock) => landlock with
    {
        State = ProtectionState.Active,
        By = (landlock.State == ProtectionState.Active ? ProtectionMeans.Landlock : 0) | ProtectionMeans.Seccomp,
        Reason = "there are no UNIX sockets",
    };

    private static ProtectionStatus Seccomp(LandlockSupport support, FilterEffect filter, bool disabled)
    {
        if (filter.Installed)
        {
            return filter.Sockets
                ? new(Protection.Seccomp, ProtectionState.Active, ProtectionMeans.Seccomp, "")
                : new(Protection.Seccomp, ProtectionState.Degraded, 0,
                    "the filter does not look at sockets: the network is unrestricted, or no ruleset handles TCP");
        }

        if (disabled) return new(Protection.Seccomp, ProtectionState.Disabled, 0, "left out as asked");
        return support.HasSeccompFilter
            ? new(Protection.Seccomp, ProtectionState.Disabled, 0, "no filter is installed")
            : new(Protection.Seccomp, ProtectionState.Degraded, 0, "this kernel has no seccomp filters (CONFIG_SECCOMP_FILTER)");
    }

    private static bool Purpose(ProtectionPart part, IReadOnlyCollection<Ruleset> layers) =>
        layers.Any(layer => (layer.Promises.Disabled & part.Protection) != 0);

    private static IEnumerable<string> Missing(ProtectionPart part, ulong bits) =>
        AbiTable.Rights.Where(right => (part.Mask(right.Kind) & right.Bit) != 0 && (Bits(right) & bits) != 0).Select(right => right.Name);

    // A protection consists of one kind of bits only, so that the kinds can share a mask if they are kept apart.
    private static ulong Bits(AccessFs fs, AccessNet net, Scope scopes, RestrictFlags flags) =>
        (ulong)fs | ((ulong)net << 24) | ((ulong)scopes << 32) | ((ulong)flags << 40);

    private static ulong Bits(Right right) => right.Kind switch
    {
        RightKind.Fs => right.Bit,
        RightKind.Net => right.Bit << 24,
        RightKind.Scope => right.Bit << 32,
        _ => right.Bit << 40,
    };
}
