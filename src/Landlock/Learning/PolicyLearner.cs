using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Tracing;

namespace Landlock.Learning;

/// <summary>
/// Makes a policy from traces: one that lets the same be done again, and says where it allows more than that. Several traces at once are
/// what any of them needs.
/// </summary>
internal static class PolicyLearner
{
    /// <summary>Learns.</summary>
    public static LearnedPolicy Learn(IEnumerable<AccessRecord> records, LearnOptions options, IPathView view)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(view);
        AccessRecord[] used = [.. records.Where(IsNeeded)];
        GuardedPlaces guarded = new(options.Home, options.AllowGuarded);
        RuleTree tree = new(guarded);
        foreach (NeededAccess need in Needs(used)) tree.Add(need);
        foreach (string directory in options.Into) tree.Gather(PathRule.Normalize(directory));
        if (options.Collapse > 0) tree.Collapse(options.Collapse);

        List<string> notes = [];
        Ruleset ruleset = For(used, options.Abi, notes) with { Name = options.Name };
        if (used.Any(record => record.Scope == Scope.AbstractUnixSocket && record.Error == Errno.None)
            && (ruleset.Scopes & Scope.AbstractUnixSocket) != 0)
        {
            ruleset = ruleset.Without(AccessFs.None, AccessNet.None, Scope.AbstractUnixSocket);
            notes.Add("It connected to abstract UNIX sockets, which no rule can allow one by one, so the policy leaves all of them alone.");
        }

        if (used.Any(record => record.Operation == "interfaces"))
        {
            ruleset = ruleset with { ListInterfaces = true };
            notes.Add("It listed network interfaces, addresses or routes, which the policy allows.");
        }

        if (used.Any(record => record is { Operation: "socket", Path: "raw" }))
            notes.Add("It made raw sockets, which no sandbox has but with -Network Unrestricted (--network unrestricted).");

        HostRule[] hosts = [.. Hosts(used)];
        NetRule[] made = [.. Sockets(used)];
        ImmutableArray<LearnedRule> rules = [.. tree.Rules(view), .. Ports(used), .. Binding(used, ruleset.HandledNet),
            .. made.Select(Made), .. HostRule.Canonical(hosts).Select(rule => Named(rule, used))];
        IEnumerable<LearnedRule> granted = rules.Where(rule => rule.State == LearnedState.Granted);
        ruleset = ruleset.WithGrants(
            granted.Where(rule => rule.Access != AccessFs.None).Select(rule => new PathRule(rule.Path, rule.Access) { Optional = true }),
            used.Where(HasPort).Select(Port).Concat(made)).WithHosts(hosts);
        return new LearnedPolicy(ruleset, rules, [.. notes]);
    }

    /// <summary>Adds what was learned to a policy that is there: its rules stay, and what it allows already is marked so.</summary>
    public static LearnedPolicy AddTo(Ruleset present, LearnedPolicy learned)
    {
        ArgumentNullException.ThrowIfNull(present);
        ArgumentNullException.ThrowIfNull(learned);
        Ruleset all = (present with { ListInterfaces = present.ListInterfaces || learned.Ruleset.ListInterfaces })
            .HandlingPorts(learned.Ruleset)
            .WithGrants(learned.Ruleset.PathRules.Where(rule => !Allows(present, rule.Path, rule.Access)), learned.Ruleset.NetRules)
            .WithHosts(learned.Ruleset.HostRules);
        ImmutableArray<LearnedRule> rules = [.. learned.Rules.Select(rule =>
            rule.State == LearnedState.Granted && rule.Access != AccessFs.None && Allows(present, rule.Path, rule.Access)
            ? rule with { State = LearnedState.Present }
            : rule)];
        return learned with { Ruleset = all, Rules = rules };
    }

    // A port that the kernel cannot tell from another is still one that the filter has to know of: the policy is for the ABI that can.
    private static Ruleset For(AccessRecord[] records, int kernelAbi, List<string> notes)
    {
        AccessNet net = records.Where(HasPort).Aggregate(AccessNet.None, (all, record) => all | record.Net)
            | Sockets(records).Aggregate(AccessNet.None, (all, rule) => all | rule.Access);
        int abi = AbiTable.InMask(RightKind.Net, (ulong)net).Select(right => right.Abi).Append(kernelAbi).Max();
        // TCP before ABI 4 is the filter's alone, with or without a word about it.
        if (abi <= kernelAbi || (net & Ruleset.UdpRights) == 0) return Ruleset.DenyAllOn(kernelAbi);
        notes.Add($"It used UDP, whose ports this kernel (ABI {kernelAbi}) cannot tell apart: the policy names them, and is for ABI {abi}; "
            + "before that it opens all of UDP.");
        Ruleset ruleset = Ruleset.DenyAll(abi);
        Protection missing = ProtectionPart.All.Where(part => part.Abi > kernelAbi)
            .Aggregate(Protection.None, (all, part) => all | part.Protection);
        missing = ProtectionPart.Handled(missing, ruleset.HandledFs, ruleset.HandledNet, ruleset.Scopes, ruleset.LogFlags);
        return ruleset.WithPromises(ProtectionPromises.None.Allowing(missing));
    }

    // Rules of a directory hold for what is beneath it; what the policy does not handle is allowed anyway.
    private static bool Allows(Ruleset ruleset, string path, AccessFs access)
    {
        AccessFs allowed = ~ruleset.HandledFs;
        foreach (PathRule rule in ruleset.PathRules)
            if (rule.IsFor(path)) allowed |= rule.Access;
        return (access & ~allowed) == 0;
    }

    // What failed because nothing was there needs no right. An ioctl or a connection needs it before it can fail.
    private static bool IsNeeded(AccessRecord record) =>
        !record.Denied && (record.Error == Errno.None || record.Operation is "ioctl"
            || (record.Operation is "connect" or "send" && !(record.Error is Errno.ENOENT or Errno.ENOTDIR)));

    private static IEnumerable<NeededAccess> Needs(AccessRecord[] records)
    {
        // What the run itself made is not there when it begins again: its rights are those of the directory that is.
        HashSet<string> made = [.. records.Where(record => record.Error == Errno.None && (record.Access & AbiTable.Making) != 0)
            .Select(record => record.Path)];
        int main = records.Length == 0 ? 0 : records[0].ProcessId;
        foreach (AccessRecord record in records)
        {
            foreach (PathRule need in record.Needs())
            {
                string? reason = null;
                string path = Standing(need.Path, made, ref reason);
                path = OfProcess(path, main, ref reason);
                if (Terminals.Standing(path) is var standing && standing != path)
                    (path, reason) = (standing, "terminals have other numbers next time");
                if ((need.Access & AbiTable.ChangingEntries) != 0) reason ??= "it makes or removes entries there";
                yield return new NeededAccess(path, need.Access, record.Path, reason);
            }
        }
    }

    private static string Standing(string path, HashSet<string> made, ref string? reason)
    {
        for (int slash = path.IndexOf('/', 1); ; slash = path.IndexOf('/', slash + 1))
        {
            string prefix = slash < 0 ? path : path[..slash];
            if (made.Contains(prefix))
            {
                reason = "it makes files there";
                return PosixText.Parent(prefix);
            }

            if (slash < 0) return path;
        }
    }

    // /proc/PID is another one each time. /proc/self is the command's own; those of its children have no name of their own.
    private static string OfProcess(string path, int main, ref string? reason)
    {
        const string proc = "/proc/";
        if (!path.StartsWith(proc, StringComparison.Ordinal)) return path;
        int end = path.IndexOf('/', proc.Length);
        ReadOnlySpan<char> name = end < 0 ? path.AsSpan(proc.Length) : path.AsSpan(proc.Length, end - proc.Length);
        if (!int.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int process))
            return path;
        if (process != main)
        {
            reason = "processes have other numbers next time";
            return "/proc";
        }

        return "/proc/self" + (end < 0 ? "" : path.Contains("/task/", StringComparison.Ordinal) ? "/task" : path[end..]);
    }

    private static bool HasPort(AccessRecord record) => record is { Net: not AccessNet.None, Port: not null };

    private static NetRule Port(AccessRecord record) =>
        new(new PortRange((ushort)record.Port!.Value, (ushort)record.Port.Value), record.Net);

    // The ruleset gets it by itself; here it is told.
    private static IEnumerable<LearnedRule> Binding(AccessRecord[] records, AccessNet handled)
    {
        AccessRecord[] sent = [.. records.Where(record => HasPort(record) && UdpSending.Sends(record.Net))];
        if (UdpSending.LacksBind(handled, sent.Length > 0,
            records.Where(HasPort).Select(record => ((ulong)record.Port!.Value, record.Net))))
            yield return new LearnedRule(LearnedState.Granted, "port 0", AccessFs.None, AccessNet.BindUdp,
                sent.Select(record => record.Path).Distinct().Count(), 1, UdpSending.Reason);
    }

    // A socket that is only made needs a rule as well, since without any the filter makes none of its kind. On port 0 a rule allows next to
    // nothing: no connection at all, and of UDP a free port.
    private static IEnumerable<NetRule> Sockets(AccessRecord[] records)
    {
        PortRange none = new(0, 0);
        if (Makes("tcp") && !Uses(Ruleset.TcpRights)) yield return new NetRule(none, AccessNet.ConnectTcp);
        if (Makes("udp") && !Uses(Ruleset.UdpRights)) yield return new NetRule(none, AccessNet.BindUdp);

        bool Makes(string kind) => records.Any(record => record.Operation == "socket" && record.Path == kind);
        bool Uses(AccessNet rights) => records.Any(record => (HasPort(record) && (record.Net & rights) != 0)
            || (record is { Operation: "connect", Host: not null } && (rights & AccessNet.ConnectTcp) != 0));
    }

    // What was connected to, and the names that were asked for and not connected to: which port those are for, nobody has said.
    private static IEnumerable<HostRule> Hosts(AccessRecord[] records)
    {
        HostRule[] connected =
            [.. records.Where(record => record is { Operation: "connect", Host: not null }).Select(record => HostRule.Parse(record.Host!))];
        return connected.Concat(records.Where(record => record is { Operation: "resolve", Host: not null })
            .Select(record => HostRule.Parse(record.Host!)).Where(asked => !connected.Any(rule => rule.Name == asked.Name)));
    }

    private static LearnedRule Named(HostRule rule, AccessRecord[] records)
    {
        bool isConnected = records.Any(record => record.Operation == "connect" && record.Host == rule.ToString());
        return new LearnedRule(LearnedState.Granted, rule.ToString(), AccessFs.None, AccessNet.ConnectTcp, 1, isConnected ? null : 1,
            isConnected ? null : "its name was asked for, and no port of it was connected to");
    }

    private static LearnedRule Made(NetRule rule) => new(LearnedState.Granted, "port 0", AccessFs.None, rule.Access, 1, 1,
        $"it makes {(rule.HasTcp ? "TCP" : "UDP")} sockets and uses none: without a rule there are none");

    private static IEnumerable<LearnedRule> Ports(AccessRecord[] records) => records.Where(HasPort)
        .GroupBy(record => (record.Port, record.Net)).OrderBy(group => group.Key.Port)
        .Select(group => new LearnedRule(LearnedState.Granted, $"port {group.Key.Port}", AccessFs.None, group.Key.Net,
            group.Select(record => record.Path).Distinct().Count(), null, null));
}

/// <summary>Rights that are needed on a path.</summary>
/// <param name="Path">The path.</param>
/// <param name="Access">The rights.</param>
/// <param name="Seen">The path that was accessed.</param>
/// <param name="Reason">Why the two differ; null if they do not.</param>
internal readonly record struct NeededAccess(string Path, AccessFs Access, string Seen, string? Reason);
