using System.Collections.Immutable;

namespace Landlock.Abi;

/// <summary>
/// The Landlock ABI table, versions 1 to 11: which right came with which version, in which kernel release, and how large the ruleset
/// attribute is. Source: include/uapi/linux/landlock.h and Documentation/userspace-api/landlock.rst.
/// </summary>
public static class AbiTable
{
    /// <summary>The newest ABI that this table knows.</summary>
    public const int Newest = 11;

    /// <summary>Most domains that can be nested (LANDLOCK_MAX_NUM_LAYERS, ABI 2 and later).</summary>
    public const int MaxLayers = 16;

    private static readonly string[] Releases = ["5.13", "5.19", "6.2", "6.7", "6.10", "6.12", "6.15", "7.0", "7.1", "7.2", "7.3"];

    /// <summary>Every right, scope and flag, in the kernel's order.</summary>
    public static ImmutableArray<Right> Rights { get; } =
    [
        Fs("execute", AccessFs.Execute, 1, file: true),
        Fs("write_file", AccessFs.WriteFile, 1, file: true),
        Fs("read_file", AccessFs.ReadFile, 1, file: true),
        Fs("read_dir", AccessFs.ReadDir, 1),
        Fs("remove_dir", AccessFs.RemoveDir, 1),
        Fs("remove_file", AccessFs.RemoveFile, 1),
        Fs("make_char", AccessFs.MakeChar, 1),
        Fs("make_dir", AccessFs.MakeDir, 1),
        Fs("make_reg", AccessFs.MakeReg, 1),
        Fs("make_sock", AccessFs.MakeSock, 1),
        Fs("make_fifo", AccessFs.MakeFifo, 1),
        Fs("make_block", AccessFs.MakeBlock, 1),
        Fs("make_sym", AccessFs.MakeSym, 1),
        Fs("refer", AccessFs.Refer, 2),
        Fs("truncate", AccessFs.Truncate, 3, file: true),
        Fs("ioctl_dev", AccessFs.IoctlDev, 5, file: true),
        Fs("resolve_unix", AccessFs.ResolveUnix, 9, file: true),
        Net("bind_tcp", AccessNet.BindTcp, 4),
        Net("connect_tcp", AccessNet.ConnectTcp, 4),
        Net("bind_udp", AccessNet.BindUdp, 10),
        Net("connect_send_udp", AccessNet.ConnectSendUdp, 10),
        new("abstract_unix_socket", RightKind.Scope, (ulong)Scope.AbstractUnixSocket, 6, false),
        new("signal", RightKind.Scope, (ulong)Scope.Signal, 6, false),
        Flag("log_same_exec_off", RestrictFlags.LogSameExecOff, 7),
        Flag("log_new_exec_on", RestrictFlags.LogNewExecOn, 7),
        Flag("log_subdomains_off", RestrictFlags.LogSubdomainsOff, 7),
        Flag("tsync", RestrictFlags.Tsync, 8),
        Flag("no_new_privs", RestrictFlags.NoNewPrivs, 11),
    ];

    // For each kind the mask of each ABI, 0 included.
    private static readonly ulong[][] Masks =
        [MasksOf(RightKind.Fs), MasksOf(RightKind.Net), MasksOf(RightKind.Scope), MasksOf(RightKind.Flag)];

    /// <summary>The rights to make an entry of a directory, of whatever kind.</summary>
    internal const AccessFs Making = AccessFs.MakeChar | AccessFs.MakeDir | AccessFs.MakeReg | AccessFs.MakeSock | AccessFs.MakeFifo
        | AccessFs.MakeBlock | AccessFs.MakeSym;

    /// <summary>The rights that a directory gives over its entries, whatever their names: to make, remove and move them.</summary>
    internal const AccessFs ChangingEntries = Making | AccessFs.RemoveDir | AccessFs.RemoveFile | AccessFs.Refer;

    /// <summary>Filesystem rights that a rule on something other than a directory may hold.</summary>
    public static AccessFs FileRights { get; } = (AccessFs)Compute(RightKind.Fs, Newest, filesOnly: true);

    /// <summary>All filesystem rights of an ABI; 0 or less gives none, a number above the table gives the newest.</summary>
    public static AccessFs AllFs(int abi) => (AccessFs)Mask(RightKind.Fs, abi);

    /// <summary>All network rights of an ABI.</summary>
    public static AccessNet AllNet(int abi) => (AccessNet)Mask(RightKind.Net, abi);

    /// <summary>All scopes of an ABI.</summary>
    public static Scope AllScopes(int abi) => (Scope)Mask(RightKind.Scope, abi);

    /// <summary>All landlock_restrict_self(2) flags of an ABI.</summary>
    public static RestrictFlags AllFlags(int abi) => (RestrictFlags)Mask(RightKind.Flag, abi);

    /// <summary>Whether rulesets and rules have quiet masks (ABI 10).</summary>
    public static bool HasQuiet(int abi) => abi >= 10;

    /// <summary>
    /// First mainline kernel release with an ABI ("6.7"); distributions backport, so only the system call tells the truth.
    /// </summary>
    public static string Release(int abi) => Releases[Math.Clamp(abi, 1, Newest) - 1];

    /// <summary>Size in bytes of <c>struct landlock_ruleset_attr</c> as that ABI defines it.</summary>
    public static int AttributeSize(int abi) => abi switch { < 4 => 8, < 6 => 16, < 10 => 24, _ => 48 };

    /// <summary>The right of a kind with a kernel name; null if there is none.</summary>
    public static Right? Find(RightKind kind, string name)
    {
        foreach (Right right in Rights)
            if (right.Kind == kind && string.Equals(right.Name, name, StringComparison.Ordinal)) return right;
        return null;
    }

    /// <summary>The rights of a kind that a mask holds, in the kernel's order.</summary>
    public static IEnumerable<Right> InMask(RightKind kind, ulong mask)
    {
        foreach (Right right in Rights)
            if (right.Kind == kind && (mask & right.Bit) != 0) yield return right;
    }

    /// <summary>The kernel names of a mask, in the kernel's order.</summary>
    public static IEnumerable<string> Names(AccessFs access) => InMask(RightKind.Fs, (ulong)access).Select(right => right.Name);

    /// <inheritdoc cref="Names(AccessFs)"/>
    public static IEnumerable<string> Names(AccessNet access) => InMask(RightKind.Net, (ulong)access).Select(right => right.Name);

    /// <inheritdoc cref="Names(AccessFs)"/>
    public static IEnumerable<string> Names(Scope scopes) => InMask(RightKind.Scope, (ulong)scopes).Select(right => right.Name);

    private static ulong Mask(RightKind kind, int abi) => Masks[(int)kind][Math.Clamp(abi, 0, Newest)];

    private static ulong[] MasksOf(RightKind kind)
    {
        ulong[] masks = new ulong[Newest + 1];
        for (int abi = 0; abi < masks.Length; abi++) masks[abi] = Compute(kind, abi, filesOnly: false);
        return masks;
    }

    private static ulong Compute(RightKind kind, int abi, bool filesOnly)
    {
        ulong mask = 0;
        foreach (Right right in Rights)
            if (right.Kind == kind && right.Abi <= abi && (!filesOnly || right.AppliesToFiles)) mask |= right.Bit;
        return mask;
    }

    private static Right Fs(string name, AccessFs bit, int abi, bool file = false) => new(name, RightKind.Fs, (ulong)bit, abi, file);

    private static Right Net(string name, AccessNet bit, int abi) => new(name, RightKind.Net, (ulong)bit, abi, false);

    private static Right Flag(string name, RestrictFlags bit, int abi) => new(name, RightKind.Flag, (ulong)bit, abi, false);
}
