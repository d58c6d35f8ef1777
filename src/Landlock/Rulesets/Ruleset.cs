using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Rulesets;

/// <summary>
/// A Landlock ruleset as an immutable value: what is handled (denied unless a rule allows it) and the rules that give back. Nothing is
/// opened and no descriptor is held. Rules are kept in canonical order, with rights that the ruleset does not handle left out, so two
/// rulesets that mean the same are equal.
/// </summary>
public sealed record Ruleset
{
    private const RestrictFlags LoggingFlags = RestrictFlags.LogSameExecOff | RestrictFlags.LogNewExecOn | RestrictFlags.LogSubdomainsOff;

    /// <summary>The rights for TCP.</summary>
    internal const AccessNet TcpRights = AccessNet.BindTcp | AccessNet.ConnectTcp;
    internal const AccessNet UdpRights = AccessNet.BindUdp | AccessNet.ConnectSendUdp;

    /// <summary>Why rules for UDP do not go with hosts.</summary>
    internal const string NoUdp =
        "UDP cannot be held to a host, and where hosts are named there is none but questions for their names";

    private const int TcpAbi = 4;

    private Ruleset(int abi) => Abi = abi;

    /// <summary>A name for messages and views.</summary>
    public string? Name { get; init; }

    /// <summary>The ABI the ruleset was written for; nothing newer is used, on newer kernels either.</summary>
    public int Abi { get; private init; }

    /// <summary>Filesystem rights denied unless a path rule allows them.</summary>
    public AccessFs HandledFs { get; private init; }

    /// <summary>Network rights denied unless a port rule allows them.</summary>
    public AccessNet HandledNet { get; private init; }

    /// <summary>What must not reach outside the domain.</summary>
    public Scope Scopes { get; private init; }

    /// <summary>Path-beneath rules, ordered by path.</summary>
    public ImmutableArray<PathRule> PathRules { get; private init; } = [];

    /// <summary>Net-port rules: disjoint ranges, ordered by port.</summary>
    public ImmutableArray<NetRule> NetRules { get; private init; } = [];

    /// <summary>
    /// Hosts that may be connected to by TCP, in order. Where there is one, its ports lead to the named hosts alone, a supervisor answers
    /// for the command, and there is no UDP but questions for the names (docs/hosts.md).
    /// </summary>
    public ImmutableArray<HostRule> HostRules { get; private init; } = [];

    /// <summary>Which denials the kernel logs (ABI 7).</summary>
    public RestrictFlags LogFlags { get; private init; }

    /// <summary>Filesystem denials that quiet rules silence (ABI 10).</summary>
    public AccessFs QuietFs { get; private init; }

    /// <summary>Network denials that quiet rules silence (ABI 10).</summary>
    public AccessNet QuietNet { get; private init; }

    /// <summary>Scope denials that are never logged (ABI 10).</summary>
    public Scope QuietScopes { get; private init; }

    /// <summary>What to do where the kernel lacks something; rules may override it.</summary>
    public Compatibility Compatibility { get; init; }

    /// <summary>
    /// Whether a command may list network interfaces, addresses and routes, by sockets of NETLINK_ROUTE: the seccomp filter lets them be
    /// made where every layer that claims sockets allows it.
    /// </summary>
    public bool ListInterfaces { get; init; }

    /// <summary>What is asked of single protections.</summary>
    public ProtectionPromises Promises { get; private init; } = ProtectionPromises.None;

    /// <summary>Whether the ruleset restricts nothing at all.</summary>
    public bool IsEmpty => HandledFs == AccessFs.None && HandledNet == AccessNet.None && Scopes == Scope.None;

    /// <summary>
    /// Whether it means to keep a command off TCP: it handles both rights, and no rule gives one back. A layer that
    /// leaves either alone does not.
    /// </summary>
    internal bool DeniesTcp => HandlesTcp && HostRules.IsEmpty && !NetRules.Any(rule => rule.HasTcp);

    /// <summary>
    /// Whether it has a say in which sockets a command can make. A layer that leaves either of TCP's rights alone does not mean to keep a
    /// command off the network, unless it names hosts; one that leaves TCP out on purpose still keeps it off the rest.
    /// </summary>
    internal bool ClaimsSockets => HandlesTcp || HostRules.Length > 0 || (Promises.Disabled & Protection.NetTcp) != 0;

    /// <summary>
    /// Whether it keeps a command off UDP: it claims sockets, has no rule for UDP, and does not leave UDP out on purpose.
    /// </summary>
    internal bool DeniesUdp => ClaimsSockets && (Promises.Disabled & Protection.NetUdp) == 0 && !NetRules.Any(rule => rule.HasUdp);

    /// <summary>Whether it handles both rights for TCP.</summary>
    internal bool HandlesTcp => (HandledNet & TcpRights) == TcpRights;

    /// <summary>A ruleset that denies everything an ABI can deny.</summary>
    /// <exception cref="RulesetException">The ABI is not between 1 and the newest known.</exception>
    public static Ruleset DenyAll(int abi) => Handling(abi, AbiTable.AllFs(abi), AbiTable.AllNet(abi), AbiTable.AllScopes(abi));

    /// <summary>
    /// A ruleset that denies everything that a sandbox can deny on a kernel with that ABI: all that Landlock has there, and TCP
    /// before it, too, since the seccomp filter lets no TCP socket be made where no rule asks for one. It is for ABI 4 at least,
    /// which has the rights for TCP.
    /// </summary>
    /// <exception cref="RulesetException">The ABI is not between 1 and the newest known.</exception>
    public static Ruleset DenyAllOn(int kernelAbi)
    {
        Ruleset landlocks = DenyAll(kernelAbi);
        return landlocks.HandlesTcp ? landlocks : Handling(TcpAbi, landlocks.HandledFs, landlocks.HandledNet | TcpRights, landlocks.Scopes);
    }

    /// <summary>A ruleset that handles the given rights and scopes only.</summary>
    /// <exception cref="RulesetException">The ABI is out of range or lacks one of the rights, or a bit is no right.</exception>
    public static Ruleset Handling(int abi, AccessFs fs, AccessNet net, Scope scopes)
    {
        if (abi is < 1 or > AbiTable.Newest)
            throw new RulesetException(RulesetProblem.InvalidAbi, $"{abi}", $"ABI {abi} is unknown; use 1 to {AbiTable.Newest}.");
        Demand(RightKind.Fs, "filesystem right", (ulong)fs, abi);
        Demand(RightKind.Net, "network right", (ulong)net, abi);
        Demand(RightKind.Scope, "scope", (ulong)scopes, abi);
        return new Ruleset(abi) { HandledFs = fs, HandledNet = net, Scopes = scopes };
    }

    /// <summary>Adds a path rule; a rule for the same path with the same modifiers grows.</summary>
    /// <exception cref="RulesetException">The ruleset handles none of the rule's rights, so the rule would allow nothing.</exception>
    public Ruleset With(PathRule rule) => With([rule], []);

    /// <summary>
    /// Adds a port rule; one for sending by UDP brings bind_udp on port 0 along, without which a socket that is not bound cannot send.
    /// </summary>
    /// <exception cref="RulesetException">The ruleset handles none of the rule's rights, so the rule would allow nothing.</exception>
    public Ruleset With(NetRule rule) => With([], [rule]);

    /// <summary>
    /// Adds many rules at once; one for sending by UDP brings bind_udp on port 0 along, without which a socket that
    /// is not bound cannot send.
    /// </summary>
    /// <exception cref="RulesetException">The ruleset handles none of a rule's rights, so the rule would allow nothing.</exception>
    public Ruleset With(IEnumerable<PathRule> paths, IEnumerable<NetRule> ports)
    {
        NetRule[] added = [.. ports ?? throw new ArgumentNullException(nameof(ports))];
        Ruleset all = WithExactly(paths, added);
        // A rule with modifiers of its own may come or go without it, so that the order of rules does not matter.
        IEnumerable<NetRule> plain = all.NetRules.Where(rule => rule is { Quiet: false, Compatibility: null });
        return UdpSending.LacksBind(HandledNet, added.Any(rule => UdpSending.Sends(rule.Access)),
            plain.Select(rule => ((ulong)rule.Port.First, rule.Access)))
            ? all.WithExactly([], [UdpSending.Bind])
            : all;
    }

    /// <summary>Adds these rules and no other: what was read somewhere stays what it is.</summary>
    /// <exception cref="RulesetException">The ruleset handles none of a rule's rights, so the rule would allow nothing.</exception>
    public Ruleset WithExactly(IEnumerable<PathRule> paths, IEnumerable<NetRule> ports)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(ports);
        List<PathRule> morePaths = [];
        foreach (PathRule rule in paths)
        {
            AccessFs access = rule.Access & HandledFs;
            if (access == AccessFs.None && !(rule.Quiet && rule.Access == AccessFs.None))
                throw Unhandled(RightKind.Fs, (ulong)rule.Access, $"The rule for '{PosixText.Printable(rule.Path)}'", rule.Path);
            morePaths.Add(access == rule.Access ? rule : rule with { Access = access });
        }

        List<NetRule> morePorts = [];
        foreach (NetRule rule in ports)
        {
            AccessNet access = rule.Access & HandledNet;
            if (access == AccessNet.None && !(rule.Quiet && rule.Access == AccessNet.None))
                throw Unhandled(RightKind.Net, (ulong)rule.Access, $"The rule for port {rule.Port}", rule.Port.ToString());
            morePorts.Add(rule with { Access = access });
        }

        DemandNoUdp(morePorts, HostRules);
        return this with
        {
            PathRules = morePaths.Count == 0 ? PathRules : Canonical(PathRules.Concat(morePaths)),
            NetRules = morePorts.Count == 0 ? NetRules : NetRule.Canonical(NetRules.Concat(morePorts)),
        };
    }

    /// <summary>The same with other path rules, and no others.</summary>
    /// <inheritdoc cref="WithExactly"/>
    internal Ruleset WithOtherPaths(IEnumerable<PathRule> paths) => (this with { PathRules = [] }).WithExactly(paths, []);

    /// <summary>Adds hosts. The ruleset handles connect_tcp from then on.</summary>
    /// <exception cref="RulesetException">
    /// The ruleset has rules for UDP, which no supervisor answers for, or restricting TCP is disabled in it.
    /// </exception>
    public Ruleset WithHosts(IEnumerable<HostRule> hosts)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        ImmutableArray<HostRule> all = HostRule.Canonical(HostRules.Concat(hosts));
        if (all.IsEmpty) return this;
        DemandNoUdp(NetRules, all);
        if ((Promises.Disabled & Protection.NetTcp) != 0)
            throw new RulesetException(RulesetProblem.Contradictory, "net_tcp", $"The protection net_tcp is disabled, and hosts such as "
                + $"{all[0]} are kept by it. Leave out one of them.");
        return this with { Abi = Math.Max(Abi, TcpAbi), HandledNet = HandledNet | AccessNet.ConnectTcp, HostRules = all };
    }

    /// <summary>Refuses rules for UDP beside hosts.</summary>
    /// <exception cref="RulesetException">There are both.</exception>
    internal static void DemandNoUdp(IEnumerable<NetRule> ports, ImmutableArray<HostRule> hosts)
    {
        // Not the one for port 0 that those for sending bring along.
        if (!hosts.IsEmpty && ports.LastOrDefault(rule => rule.HasUdp) is { } udp)
            throw new RulesetException(RulesetProblem.Contradictory, udp.Port.ToString(), $"The rule for UDP on port {udp.Port} does not "
                + $"go with hosts such as {hosts[0]}: {NoUdp}. Leave out one of them.");
    }

    /// <summary>The same for the command itself, which connects to nobody where hosts are named: the supervisor does.</summary>
    internal Ruleset WithoutConnecting() => HostRules.IsEmpty ? this : this with
    {
        NetRules = NetRule.Canonical(NetRules.Select(rule => rule with { Access = rule.Access & ~AccessNet.ConnectTcp })
            .Where(rule => rule.Access != 0)),
    };

    /// <summary>Adds path rules as far as the ruleset handles their rights; a rule that would allow nothing is left out.</summary>
    public Ruleset WithGrants(IEnumerable<PathRule> paths) => WithGrants(paths, []);

    /// <summary>Adds rules as far as the ruleset handles their rights; a rule that would allow nothing is left out.</summary>
    public Ruleset WithGrants(IEnumerable<PathRule> paths, IEnumerable<NetRule> ports)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(ports);
        return With(paths.Where(rule => (rule.Access & HandledFs) != 0), ports.Where(rule => (rule.Access & HandledNet) != 0));
    }

    /// <summary>
    /// The same, with path rules that are for what is found at their paths now, or that are skipped if nothing is,
    /// whatever comes there later.
    /// </summary>
    internal Ruleset Bound(Func<PathRule, FoundPath?> find) =>
        this with { PathRules = [.. PathRules.Select(rule => rule.Found is null ? rule with { Found = find(rule) } : rule)] };

    /// <summary>
    /// The same, for rules of another one for ports of UDP too: it handles what those need, and what it is said there that may be missing
    /// may be missing here.
    /// </summary>
    internal Ruleset HandlingPorts(Ruleset other)
    {
        AccessNet more = other.HandledNet & UdpRights & ~HandledNet;
        if (more == 0 || !ClaimsSockets || !other.NetRules.Any(rule => (rule.Access & more) != 0)) return this;
        return this with
        {
            Abi = Math.Max(Abi, other.Abi),
            HandledNet = HandledNet | more,
            Promises = Promises.Allowing(other.Promises.AllowDegraded & Protection.NetUdp),
        };
    }

    /// <summary>The same rights without rules for ports and hosts.</summary>
    internal Ruleset WithoutNetRules() => this with { NetRules = [], HostRules = [] };

    /// <summary>The same, without its rules.</summary>
    internal Ruleset WithoutRules() => this with { PathRules = [], NetRules = [], HostRules = [] };

    /// <summary>Stops handling rights and scopes: they stay allowed everywhere. Rules lose them too.</summary>
    public Ruleset Without(AccessFs fs, AccessNet net, Scope scopes)
    {
        Ruleset bare = this with
        {
            HandledFs = HandledFs & ~fs,
            HandledNet = HandledNet & ~net,
            Scopes = Scopes & ~scopes,
            QuietFs = QuietFs & ~fs,
            QuietNet = QuietNet & ~net,
            QuietScopes = QuietScopes & ~scopes,
            PathRules = [],
            NetRules = [],
            HostRules = net.HasFlag(AccessNet.ConnectTcp) ? [] : HostRules,
        };
        // A quiet rule still silences the other denials when it no longer allows anything.
        return bare.WithExactly(
            PathRules.Select(rule => rule with { Access = rule.Access & bare.HandledFs })
                .Where(rule => rule.Access != 0 || (rule.Quiet && bare.HandledFs != 0)),
            NetRules.Select(rule => rule with { Access = rule.Access & bare.HandledNet })
                .Where(rule => rule.Access != 0 || (rule.Quiet && bare.HandledNet != 0)));
    }

    /// <summary>Sets which denials the kernel logs.</summary>
    /// <exception cref="ArgumentException">A flag is not about logging.</exception>
    public Ruleset WithLogging(RestrictFlags flags)
    {
        if ((flags & ~LoggingFlags) != 0) throw new ArgumentException($"{flags & ~LoggingFlags} is not about logging.", nameof(flags));
        return this with { LogFlags = flags };
    }

    /// <summary>Sets what is asked of single protections.</summary>
    /// <exception cref="RulesetException">The promises contradict each other, or this ruleset handles what is disabled.</exception>
    public Ruleset WithPromises(ProtectionPromises promises)
    {
        ArgumentNullException.ThrowIfNull(promises);
        promises.Demand();
        if (((promises.Disabled | promises.AllowDegraded) & Protection.Seccomp) != 0)
            throw new RulesetException(RulesetProblem.InvalidProtection, "seccomp", "The seccomp filter belongs to the command and not to "
                + "a ruleset, which can only require it. Say it where the command is started.");
        promises.DemandFree(this);
        return this with { Promises = promises };
    }

    /// <summary>Sets the denials that are not logged: for quiet rules (filesystem, network) or always (scopes).</summary>
    public Ruleset WithQuiet(AccessFs fs, AccessNet net, Scope scopes) =>
        this with { QuietFs = fs & HandledFs, QuietNet = net & HandledNet, QuietScopes = scopes & Scopes };

    /// <inheritdoc/>
    public bool Equals(Ruleset? other) =>
        other is not null
        && Name == other.Name && Abi == other.Abi && HandledFs == other.HandledFs && HandledNet == other.HandledNet
        && Scopes == other.Scopes
        && LogFlags == other.LogFlags && QuietFs == other.QuietFs && QuietNet == other.QuietNet && QuietScopes == other.QuietScopes
        && Compatibility == other.Compatibility && Promises == other.Promises && ListInterfaces == other.ListInterfaces
        && PathRules.SequenceEqual(other.PathRules) && NetRules.SequenceEqual(other.NetRules) && HostRules.SequenceEqual(other.HostRules);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = new();
        hash.Add(Name);
        hash.Add(Abi);
        hash.Add(HandledFs);
        hash.Add(HandledNet);
        hash.Add(Scopes);
        foreach (PathRule rule in PathRules) hash.Add(rule);
        foreach (NetRule rule in NetRules) hash.Add(rule);
        foreach (HostRule rule in HostRules) hash.Add(rule);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Name is null ? "ruleset" : PosixText.Printable(Name))}: ABI {Abi}, {PathRules.Length} path "
            + $"rule{(PathRules.Length == 1 ? "" : "s")}, {NetRules.Length} port rule{(NetRules.Length == 1 ? "" : "s")}"
            + (HostRules.IsEmpty ? "" : $", {HostRules.Length} host{(HostRules.Length == 1 ? "" : "s")}");

    private static ImmutableArray<PathRule> Canonical(IEnumerable<PathRule> rules)
    {
        PathRule[] ordered = [.. rules];
        Array.Sort(ordered, Compare);
        ImmutableArray<PathRule>.Builder union = ImmutableArray.CreateBuilder<PathRule>(ordered.Length);
        foreach (PathRule rule in ordered)
        {
            if (union.Count > 0 && Compare(union[^1], rule) == 0
                && (union[^1].Found is null || rule.Found is null || union[^1].Found == rule.Found))
                union[^1] = union[^1] with { Access = union[^1].Access | rule.Access, Found = union[^1].Found ?? rule.Found };
            else union.Add(rule);
        }

        return union.DrainToImmutable();
    }

    // By everything but the rights: rules that are equal in this are one rule.
    private static int Compare(PathRule a, PathRule b)
    {
        int order = string.CompareOrdinal(a.Path, b.Path);
        if (order == 0) order = a.Optional.CompareTo(b.Optional);
        if (order == 0) order = a.Quiet.CompareTo(b.Quiet);
        if (order == 0) order = Nullable.Compare(a.Compatibility, b.Compatibility);
        if (order == 0) order = a.KeepsNarrow.CompareTo(b.KeepsNarrow);
        return order != 0 ? order : CompareTexts(a.Except, b.Except);
    }

    /// <summary>The order of two lists of texts.</summary>
    internal static int CompareTexts(IReadOnlyList<string> a, IReadOnlyList<string> b)
    {
        for (int i = 0; i < Math.Min(a.Count, b.Count); i++)
            if (string.CompareOrdinal(a[i], b[i]) is var order and not 0) return order;
        return a.Count.CompareTo(b.Count);
    }

    private static void Demand(RightKind kind, string what, ulong mask, int abi)
    {
        ulong unknown = mask;
        foreach (Right right in AbiTable.InMask(kind, mask))
        {
            unknown &= ~right.Bit;
            if (right.Abi > abi)
                throw new RulesetException(RulesetProblem.InvalidAbi, right.Name,
                    $"A ruleset for ABI {abi} cannot handle {right.Name}, which needs ABI {right.Abi}.");
        }

        if (unknown != 0)
            throw new RulesetException(RulesetProblem.UnknownName, $"0x{unknown:x}",
                $"A ruleset cannot handle 0x{unknown:x}, which is no known {what}.");
    }

    private RulesetException Unhandled(RightKind kind, ulong access, string rule, string target)
    {
        string[] names = [.. AbiTable.InMask(kind, access).Select(right => right.Name)];
        if (names.Length == 0)
            return new RulesetException(RulesetProblem.EmptyAccess, target, $"{rule} allows no right; name at least one.");
        int needed = AbiTable.InMask(kind, access).Min(right => right.Abi);
        string reason = needed > Abi ? $"needs ABI {needed}, and this ruleset is for ABI {Abi}" : "is not handled by this ruleset";
        // Every ruleset that handles a filesystem right denies refer, handled or not.
        bool refer = kind == RightKind.Fs && HandledFs != 0 && (access & (ulong)AccessFs.Refer) != 0;
        string effect = !refer ? "it is allowed everywhere already" : names.Length == 1 ? "it stays denied everywhere"
            : "it is allowed everywhere already, but refer stays denied";
        return new RulesetException(RulesetProblem.EmptyAccess, target,
            $"{rule} would change nothing: {string.Join(",", names)} {reason}, so {effect}.");
    }
}
