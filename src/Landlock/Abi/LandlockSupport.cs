using System.Collections.Immutable;

namespace Landlock.Abi;

/// <summary>Why Landlock can or cannot be used.</summary>
public enum SupportState
{
    /// <summary>The kernel answers with an ABI version.</summary>
    Available,

    /// <summary>This is not Linux.</summary>
    NotLinux,

    /// <summary>The kernel has no such system call (ENOSYS): older than 5.13, or built without CONFIG_SECURITY_LANDLOCK.</summary>
    NotBuilt,

    /// <summary>Built, but not enabled at boot (EOPNOTSUPP).</summary>
    DisabledAtBoot,

    /// <summary>A seccomp filter, usually a container's, forbids the call.</summary>
    Blocked,
}

/// <summary>
/// What a kernel can enforce. A pure value: RunningKernel in Landlock.Linux asks the running kernel, <see cref="ForAbi"/> imagines another.
/// </summary>
public sealed record LandlockSupport
{
    private readonly int _kernelAbi;

    /// <summary>Why Landlock can or cannot be used.</summary>
    public required SupportState State { get; init; }

    /// <summary>
    /// The Landlock ABI whose rights can be used: the kernel's, or the newest that this version knows; 0 where Landlock cannot be used.
    /// </summary>
    public required int Abi { get; init; }

    /// <summary>The kernel's own Landlock ABI, which may be newer.</summary>
    public int KernelAbi
    {
        get => Math.Max(_kernelAbi, Abi);
        init => _kernelAbi = value;
    }

    /// <summary>Bit N-1 set: erratum N is fixed; 0 also where the kernel cannot say.</summary>
    public required ulong ErrataMask { get; init; }

    /// <summary>Release of the running kernel (uname -r).</summary>
    public required string Kernel { get; init; }

    /// <summary>Security modules in force, from /sys/kernel/security/lsm; empty where that cannot be read.</summary>
    public string SecurityModules { get; init; } = "";

    /// <summary>
    /// Whether TCP Fast Open gets around connect_tcp on this kernel: probed by <c>landlocked support</c>, null where it was not probed.
    /// </summary>
    public bool? TcpFastOpenBypass { get; init; }

    /// <summary>Whether the kernel has seccomp filters that fail a call with an error.</summary>
    public bool HasSeccompFilter { get; init; } = true;

    /// <summary>Why a command cannot be held to hosts here, and what to change, in sentences; null if it can.</summary>
    public string? HostObstacle { get; init; }

    /// <summary>
    /// Why a preview cannot be had here, and what to change, in words; null if nothing known is in the way, or nobody has looked.
    /// </summary>
    public string? PreviewObstacle { get; init; }

    /// <summary>
    /// Well-known UNIX sockets of daemons that this user may connect to, and through which a command could act outside: looked for by
    /// <c>landlocked support</c>, null where they were not.
    /// </summary>
    public ImmutableArray<KnownSocket>? Sockets { get; init; }

    /// <summary>Whether Landlock can be used.</summary>
    public bool IsAvailable => State == SupportState.Available;

    /// <summary>Filesystem rights that can be handled.</summary>
    public AccessFs AccessFs => AbiTable.AllFs(Abi);

    /// <summary>Network rights that can be handled.</summary>
    public AccessNet AccessNet => AbiTable.AllNet(Abi);

    /// <summary>Scopes that can be set.</summary>
    public Scope Scopes => AbiTable.AllScopes(Abi);

    /// <summary>Flags that landlock_restrict_self(2) knows.</summary>
    public RestrictFlags RestrictFlags => AbiTable.AllFlags(Abi);

    /// <summary>Errata known to be fixed.</summary>
    public ImmutableArray<Erratum> Errata => [.. Erratum.InMask(ErrataMask)];

    /// <summary>Which half of each protection is Landlock's on this kernel, and which the seccomp filter's.</summary>
    public ImmutableArray<ProtectionSupport> Protections => ProtectionSupport.For(this);

    /// <summary>What a sandbox on this kernel leaves open.</summary>
    public ImmutableArray<ResidualHole> ResidualHoles => ResidualHole.For(this);

    /// <summary>One sentence on the state, with what to change where Landlock cannot be used.</summary>
    public string Advice => State switch
    {
        SupportState.Available => KernelAbi == Abi
            ? $"Landlock ABI {Abi} is available."
            : $"Landlock ABI {KernelAbi} is available; this version knows ABI {Abi}, and uses what that has.",
        SupportState.NotLinux => "Landlock exists on Linux only.",
        SupportState.NotBuilt =>
            "This kernel has no Landlock: it is older than 5.13 or was built without CONFIG_SECURITY_LANDLOCK=y. Boot a newer kernel.",
        SupportState.DisabledAtBoot => "Landlock is built into this kernel but off. Add it to the boot parameter: "
            + $"lsm=landlock{(SecurityModules.Length > 0 ? "," + SecurityModules : ",...")} and reboot.",
        _ => "A seccomp filter forbids the Landlock system calls, as older container runtimes do. Update the runtime, or use a seccomp "
            + "profile that allows landlock_create_ruleset, landlock_add_rule and landlock_restrict_self.",
    };

    /// <summary>What an imagined kernel with that ABI could do; for tests and for planning ahead.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ABI is below 0 or above <see cref="AbiTable.Newest"/>.</exception>
    public static LandlockSupport ForAbi(int abi)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(abi);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(abi, AbiTable.Newest);
        return new LandlockSupport
        {
            State = abi == 0 ? SupportState.NotBuilt : SupportState.Available,
            Abi = abi,
            ErrataMask = 0,
            Kernel = abi == 0 ? "none" : AbiTable.Release(abi),
        };
    }
}
