using System.Collections.Immutable;
using System.Globalization;
using Landlock.Abi;
using Landlock.Rulesets;
using Landlock.Sandboxes.Running;

namespace Landlock.Sandboxes;

/// <summary>
/// A plan in words, for -WhatIf, -Verbose and --dry-run: what was asked for, and what is granted on top. In full it names everything that
/// the plan allows: a rule or descriptor that is not shown is not granted.
/// </summary>
public static class PlanDescription
{
    /// <summary>Who asked for what no grant explains.</summary>
    internal const string User = "as asked";

    private static readonly string Connect = AbiTable.Names(AccessNet.ConnectTcp).Single();

    /// <summary>The plan, line by line.</summary>
    public static IEnumerable<string> Describe(LaunchPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Lines(plan);
    }

    /// <summary>What was asked for, line by line, what is granted on top in numbers, and what is out of the ordinary.</summary>
    public static IEnumerable<string> Summarize(LaunchPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Brief(plan);
    }

    private static IEnumerable<string> Brief(LaunchPlan plan)
    {
        yield return $"command: {string.Join(' ', plan.Arguments.Select(ShellText.Word))}";
        yield return $"program: {Place(plan.Program, plan.ProgramFound?.RealPath)}";
        if (plan.Start.WorkingDirectory is { } directory) yield return $"directory: {Place(directory, plan.DirectoryFound?.RealPath)}";
        if (Environment(plan) is var environment && environment != "unchanged") yield return $"environment: {environment}";
        if (plan.Start.KeepDescriptors.Length > 0) yield return $"descriptors: {Descriptors(plan)}";
        foreach (ResourceLimit limit in plan.Start.Limits) yield return $"limit: {Amount(limit.Soft)} {LimitOptions.Name(limit.Resource)}";
        foreach (string line in plan.Start.Supervision?.Describe() ?? []) yield return line;
        foreach (string line in plan.Preview?.Describe() ?? []) yield return line;
        for (int i = 0; i < plan.Layers.Length; i++)
        {
            Row[] rows = [.. Rows(plan, plan.Layers[i])];
            Row[] asked = [.. rows.Where(row => row.IsAsked)];
            yield return Title(plan, i);
            foreach (string line in Allowed(asked)) yield return line;
            if (asked.Length == 0) yield return "  allowed: nothing that was asked for";
            if (rows.Length > asked.Length)
                yield return "  allowed on top: " + string.Join(", ", rows.Where(row => !row.IsAsked).GroupBy(row => Kind(row.Origin))
                    .Select(group => $"{group.Count()} for {group.Key}"));
            if (Open(plan.Layers[i]) is { Length: > 0 } open) yield return $"  not restricted: {open}";
            foreach (SkippedRule rule in plan.Layers[i].Status.SkippedRules) yield return $"  skipped: {rule}";
        }

        foreach (string line in Hosts(plan)) yield return line;
        yield return $"sockets: {Sockets(plan)}";
        foreach (string line in Protections([.. plan.Protections.Where(status => status.State is not ProtectionState.Active)]))
            yield return line;
        foreach (SandboxFinding finding in plan.Findings) yield return $"{(finding.IsNote ? "note" : "warning")}: {finding}";
    }

    // "closure: Library of /usr/bin/ls" is one of the closure.
    private static string Kind(string origin) => origin.Split(';')[0].Split(':')[0];

    private static IEnumerable<string> Lines(LaunchPlan plan)
    {
        yield return $"command: {string.Join(' ', plan.Arguments.Select(ShellText.Word))}";
        yield return $"program: {Place(plan.Program, plan.ProgramFound?.RealPath)}";
        yield return "directory: "
            + $"{(plan.Start.WorkingDirectory is null ? "unchanged" : Place(plan.Start.WorkingDirectory, plan.DirectoryFound?.RealPath))}";
        yield return $"environment: {Environment(plan)}";
        if (plan.Names is not null) yield return $"told: {Told(plan)}";
        yield return $"descriptors: {Descriptors(plan)}";
        foreach (ResourceLimit limit in plan.Start.Limits) yield return $"limit: {Amount(limit.Soft)} {LimitOptions.Name(limit.Resource)}";
        foreach (string line in plan.Start.Supervision?.Describe() ?? []) yield return line;
        foreach (string line in plan.Preview?.Describe() ?? []) yield return line;
        if (plan.Start.ExtraBlockedSignals != 0) yield return $"blocked signals: {Signals(plan.Start.ExtraBlockedSignals)}";
        if (plan.Start.NewGroup) yield return "process group: its own";
        for (int i = 0; i < plan.Layers.Length; i++)
            foreach (string line in Layer(plan, i)) yield return line;
        foreach (string line in Hosts(plan)) yield return line;
        yield return $"sockets: {Sockets(plan)}";
        if (plan.Sockets.Length > 0)
            yield return "sockets of other programs that it can connect "
                + $"to: {string.Join(", ", plan.Sockets.Select(socket => socket.Socket))}";
        string refused = plan.Filter is not null ? "refused by the seccomp filter, too" : "not refused, since there is no seccomp filter";
        yield return $"{refused}: {string.Join(", ", Refused(plan))}";
        foreach (string line in Protections(plan.Protections)) yield return line;
        foreach (SandboxFinding finding in plan.Findings) yield return $"{(finding.IsNote ? "note" : "warning")}: {finding}";
    }

    private static string Descriptors(LaunchPlan plan) =>
        "0 1 2" + string.Concat(plan.Start.KeepDescriptors.Select(number => " " + number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>What no command may do that the filter sees.</summary>
    internal static IEnumerable<string> Refused(LaunchPlan plan)
    {
        yield return "typing into the terminal (TIOCSTI, TIOCLINUX)";
        yield return "the kernel's keyrings";
        yield return "limits and scheduling of other processes";
        if (plan.Filter is { SystemVIpc: false }) yield return "System V IPC";
        if (plan.Filter is { Namespaces: false }) yield return "namespaces, userfaultfd, bpf and perf_event_open";
        if (plan.Start.Supervision is { HasGroup: true }) yield return "clone3, which leaves control groups";
    }

    private static IEnumerable<string> Protections(ImmutableArray<ProtectionStatus> protections)
    {
        int width = Width(protections.Select(status => status.Name.Length));
        foreach (ProtectionStatus status in protections)
        {
            string[] parts = [.. By(status.By), .. status.Reason.Length > 0 ? [status.Reason] : Array.Empty<string>()];
            string state = status.State.ToString().ToLowerInvariant();
            yield return $"protection: {status.Name.PadRight(width)}  {state,-11}  {string.Join(": ", parts)}".TrimEnd();
        }
    }

    private static string[] By(ProtectionMeans by) => by switch
    {
        ProtectionMeans.Landlock | ProtectionMeans.Seccomp => ["Landlock and seccomp"],
        0 => [],
        _ => [by.ToString() is "Landlock" ? "Landlock" : "seccomp"],
    };

    private static string Sockets(LaunchPlan plan)
    {
        bool unix = plan.Filter?.Unix ?? true;
        if (plan.Filter?.Network is not { } network)
            return unix ? "any that the layers do not deny"
                : "any but UNIX ones that the layers do not deny; a seccomp filter refuses UNIX ones, and io_uring";
        string[] kinds =
        [
            .. unix ? ["UNIX"] : Array.Empty<string>(), .. network.Tcp ? ["TCP"] : Array.Empty<string>(),
            .. network.Udp ? ["UDP"] : Array.Empty<string>(), .. network.Interfaces ? ["NETLINK_ROUTE"] : Array.Empty<string>(),
        ];
        string made = kinds.Length switch
        {
            0 => "none",
            1 => unix ? "UNIX only" : kinds[0],
            _ => $"{string.Join(", ", kinds[..^1])} and {kinds[^1]}",
        };
        string refused = kinds.Length == 0 ? "all, UNIX ones too" : unix ? "any other" : "any other, UNIX ones too";
        return $"{made}; a seccomp filter refuses {refused}, and {(network.Tcp ? "TCP Fast Open and " : "")}io_uring";
    }

    // Names only: values may be secret, and descriptions end up in logs.
    private static string Environment(LaunchPlan plan)
    {
        string[] told = plan.Names is null ? [] : [SandboxNames.Variable];
        IEnumerable<string> names = (plan.Start.Environment ?? plan.Start.Variables).Select(EnvironmentSelection.NameOf);
        string words = string.Join(' ', names.Except(told).Select(ShellText.Word));
        return plan.Start.Environment is null ? words.Length == 0 ? "unchanged" : $"unchanged, with {words}"
            : words.Length == 0 ? "empty" : $"only {words}";
    }

    private static string Told(LaunchPlan plan)
    {
        string? names = EnvironmentSelection.Value(plan.Start.Environment ?? plan.Start.Variables, SandboxNames.Variable);
        string first = names is null ? "" : $"{SandboxNames.Variable}={ShellText.Word(names)} and ";
        return $"{first}{ToldFile.Variable}, the name of a file that it may read";
    }

    private static IEnumerable<string> Layer(LaunchPlan plan, int index)
    {
        ResolvedLayer layer = plan.Layers[index];
        yield return Title(plan, index);
        // UDP is told with the sockets.
        yield return "  denied unless allowed below: "
            + $"{Names(AbiTable.Names(layer.HandledFs), AbiTable.Names(layer.HandledNet | (layer.FilteredNet & Ruleset.TcpRights)))}";
        if (layer.Scopes != 0) yield return $"  denied outside the sandbox: {Names(AbiTable.Names(layer.Scopes))}";
        if (Open(layer) is { Length: > 0 } open) yield return $"  not restricted: {open}";
        if (layer.RestrictFlags != 0)
            yield return $"  logging: {Names(AbiTable.InMask(RightKind.Flag, (ulong)layer.RestrictFlags).Select(flag => flag.Name))}";

        // What was asked for comes first.
        Row[] rows = [.. Rows(plan, layer).OrderBy(row => !row.IsAsked)];
        foreach (string line in Allowed(rows)) yield return line;
        if (rows.Length == 0) yield return "  allowed: nothing";
        foreach (SkippedRule rule in layer.Status.SkippedRules) yield return $"  skipped: {rule}";
    }

    private static string Title(LaunchPlan plan, int index)
    {
        RestrictionStatus status = plan.Layers[index].Status;
        string name = status.Name is null ? "" : $" '{PosixText.Printable(status.Name)}'";
        string enforcement = status.Enforcement == Enforcement.FullyEnforced ? "fully enforced" : "enforced in part";
        return $"layer {index + 1} of {plan.Layers.Length}{name}: Landlock ABI {status.EffectiveAbi}, {enforcement}";
    }

    private static IEnumerable<Row> Rows(LaunchPlan plan, ResolvedLayer layer)
    {
        foreach (ResolvedPathRule rule in layer.PathRules)
            yield return new(AccessText.Show(rule.Access, layer.HandledFs), Place(rule.Path, rule.RealPath), Origin(plan, layer, rule));
        foreach (ResolvedNetRule rule in layer.NetRules)
            yield return new(string.Join(",", AbiTable.Names(rule.Access)), $"port {rule.Port}", Origin(plan, layer, rule));
        foreach (HostRule rule in layer.HostRules) yield return new(Connect, $"host {rule}", User);
        foreach (PortRange range in layer.OpenPorts) yield return new(Connect, $"port {range} of any other machine", User);
    }

    private static IEnumerable<string> Allowed(Row[] rows)
    {
        int access = Width(rows.Select(row => row.Access.Length)), target = Width(rows.Select(row => row.Target.Length));
        foreach (Row row in rows)
            yield return $"  allowed: {row.Access.PadRight(access)}  {row.Target.PadRight(target)}  {row.Origin}";
    }

    private readonly record struct Row(string Access, string Target, string Origin)
    {
        public bool IsAsked => Origin.StartsWith(User, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Hosts(LaunchPlan plan)
    {
        if (plan.Hosts is not { } hosts) yield break;
        string names = hosts.AllowsAnyName ? "any name, since not every port is one of named hosts"
            : hosts.AllowsNoName ? "no name" : "names of these hosts alone";
        yield return $"hosts: a supervisor connects for the command, and asks name servers for {names}";
    }

    // A path, and where it leads if that is elsewhere.
    private static string Place(string path, string? real) =>
        real is null || real == path ? ShellText.Word(path) : $"{ShellText.Word(path)} -> {ShellText.Word(real)}";

    private static string Open(ResolvedLayer layer) => Names(
        AbiTable.Names(AbiTable.AllFs(layer.KernelAbi) & ~layer.HandledFs),
        AbiTable.Names(AbiTable.AllNet(layer.KernelAbi) & ~layer.HandledNet),
        AbiTable.Names(AbiTable.AllScopes(layer.KernelAbi) & ~layer.Scopes));

    /// <summary>Who asked for a rule.</summary>
    internal static string Origin(LaunchPlan plan, ResolvedLayer layer, ResolvedPathRule rule)
    {
        // Grants are optional and rules that were asked for mostly are not; where both are, they have become one rule.
        AccessFs granted = AccessFs.None;
        List<string> origins = [];
        if (rule.Optional)
        {
            foreach (Grant grant in plan.Grants)
            {
                // Of a grant with exceptions, what is beside them has rules of its own.
                bool isFor = grant.Rule.Path == rule.Path
                    || (!grant.Rule.Except.IsEmpty && PathRule.IsBeneath(rule.Path, grant.Rule.Path));
                if (!isFor || (grant.Rule.Access & layer.HandledFs) == 0) continue;
                granted |= grant.Rule.Access;
                string origin = PosixText.Printable(grant.Origin);
                if (!origins.Contains(origin)) origins.Add(origin);
            }
        }

        if ((rule.Access & ~granted) != 0) origins.Insert(0, User);
        return string.Join("; ", origins);
    }

    /// <inheritdoc cref="Origin(LaunchPlan, ResolvedLayer, ResolvedPathRule)"/>
    internal static string Origin(LaunchPlan plan, ResolvedLayer layer, ResolvedNetRule rule)
    {
        NetGrant[] touching = [.. plan.NetGrants.Where(grant => (grant.Rule.Access & rule.Access) != 0
            && grant.Rule.Port.First <= rule.Port.Last && rule.Port.First <= grant.Rule.Port.Last)];
        AccessNet granted = AccessNet.None;
        foreach (NetGrant grant in touching)
            if (grant.Rule.Port.First <= rule.Port.First && rule.Port.Last <= grant.Rule.Port.Last) granted |= grant.Rule.Access;
        List<string> origins = [.. touching.Select(grant => PosixText.Printable(grant.Origin)).Distinct()];
        if (rule.Port.Last == 0 && UdpSending.Binds(rule.Port.First, rule.Access)
            && layer.NetRules.Any(other => UdpSending.Sends(other.Access)))
        {
            granted |= AccessNet.BindUdp;
            origins.Add(UdpSending.Reason);
        }

        return string.Join("; ", (rule.Access & ~granted) != 0 ? origins.Prepend(User) : origins);
    }

    private static string Names(params IEnumerable<string>[] groups) => string.Join(' ', groups.SelectMany(group => group));

    private static string Amount(ulong limit) => limit == ulong.MaxValue ? "unlimited" : limit.ToString(CultureInfo.InvariantCulture);

    private static string Signals(ulong mask) =>
        string.Join(' ', Enumerable.Range(1, 64).Where(signal => (mask & (1UL << (signal - 1))) != 0));

    // One very long path must not push every other line off the screen.
    private static int Width(IEnumerable<int> lengths) => Math.Min(lengths.DefaultIfEmpty().Max(), 60);
}
