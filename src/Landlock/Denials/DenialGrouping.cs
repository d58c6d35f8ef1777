using System.Collections.Immutable;
using System.Globalization;
using Landlock.Abi;
using Landlock.Access;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Tracing;

namespace Landlock.Denials;

/// <summary>
/// Puts denials together that are the same to the reader, and orders them: what most likely made the command fail comes first.
/// </summary>
internal sealed class DenialGrouping(AccessEvaluator evaluator, GuardedPlaces guarded, bool hosts)
{
    // From this many entries of a directory on, it is the directory that the command needs.
    private const int WholeDirectory = 4;

    // Runtimes look at these about themselves and the machine, and can do without.
    private static readonly string[] SystemPlaces = ["/proc/", "/sys/", "/dev/"];

    private static readonly string[] TemporaryPlaces = ["/tmp", "/var/tmp"];

    private const AccessFs InDirectory = AccessFs.ReadFile | AccessFs.ReadDir | AccessFs.Execute | AccessFs.WriteFile | AccessFs.Truncate;

    private const string TracerNote = "The tracer that explains the command takes its place: a process has one tracer, and one listener. "
        + "What traces itself (gdb, strace, LeakSanitizer, a container) is run without -Explain (--explain).";

    private const string Terminal = "A program that makes a terminal needs both places; the second also opens the user's other terminals.";

    // The process of the command itself; 0 if it is not known.
    private int _command;

    /// <summary>Groups denials.</summary>
    /// <param name="denials">The denials.</param>
    /// <param name="command">The process of the command itself; 0 if it is not known.</param>
    public ImmutableArray<DenialExplanation> Group(IEnumerable<JudgedDenial> denials, int command)
    {
        _command = command;
        List<(DenialExplanation Explanation, JudgedDenial[] Members)> groups = [];
        foreach (IGrouping<object, JudgedDenial> same in denials.GroupBy(Sameness))
        {
            JudgedDenial[] members = [.. same];
            groups.Add((Explain(Shown(members[0].Record), members), members));
        }

        return
        [
            .. Entries(Directories(groups))
                .OrderBy(item => item.Explanation.Cause)
                .ThenBy(item => item.Explanation.IsProbe)
                .ThenByDescending(item => item.Explanation.BeforeFailure)
                .ThenBy(item => Weight(item.Explanation))
                .ThenByDescending(item => item.Members.Max(member => member.Record.Last))
                .Select(item => item.Explanation),
        ];
    }

    // One operation on one place, whoever did it. Layers deny the same rights then.
    private static object Sameness(JudgedDenial denial) =>
        // A tracer's attempts are told once, however many processes it tried.
        JudgedDenial.IsByTracer(denial.Record) ? denial.Record.Operation
        // What looks through processes looks at many.
        : denial.Record is { IsOutside: true, Operation: "open" } ? (denial.Record.Operation, IsOutside: true)
        : (denial.Record.Operation, Shown(denial.Record), denial.Record.Other, denial.Record.Error, denial.Cause, denial.IsProbe,
            denial.Then, string.Join(',', Missing(denial)));

    // A process that looks at itself is gone by now, and was one of many.
    private static string Shown(AccessRecord record)
    {
        string own = string.Create(CultureInfo.InvariantCulture, $"/proc/{record.ProcessId}/");
        if (!record.Path.StartsWith(own, StringComparison.Ordinal)) return record.Path;
        string[] rest = record.Path[own.Length..].Split('/', 3);
        return rest is ["task", _, { } name] ? $"/proc/thread-self/{name}" : $"/proc/self/{record.Path[own.Length..]}";
    }

    private static IEnumerable<string> Missing(JudgedDenial denial) => denial.Verdict?.Missing ?? [];

    // A command that cannot start something or write its result is stopped by that; what it cannot read it may do without.
    private static int Weight(DenialExplanation denial) => denial switch
    {
        _ when SystemPlaces.Any(place => denial.Path.StartsWith(place, StringComparison.Ordinal)) => 5,
        { Operation: "execute" } or { Host: not null } => 0,
        // A program that cannot keep something for a while mostly says so; what it reads to be safe it goes without in silence.
        { BeforeFailure: false } when TemporaryPlaces.Contains(denial.Paths.Length > 1 ? denial.Path : PosixText.Parent(denial.Path))
            && denial.Missing.Any(right => right.StartsWith("make_", StringComparison.Ordinal)) => 3,
        { Operation: "open", Path: "/", IsProbe: true } => 4,
        { Operation: "open" } when denial.Missing.All(right => right == "read_dir") => 3,
        { Operation: "open" } when denial.Missing.All(right => right is "read_file" or "read_dir") => 2,
        _ => 1,
    };

    private IEnumerable<(DenialExplanation Explanation, JudgedDenial[] Members)> Directories(
        List<(DenialExplanation Explanation, JudgedDenial[] Members)> groups)
    {
        foreach (var same in groups.GroupBy(group => (group.Explanation.Operation, group.Explanation.Error, group.Explanation.Cause,
            group.Explanation.IsProbe, Parent(group), Rights(group.Members))))
        {
            var all = same.ToArray();
            if (same.Key.Item5 is not { } directory || all.Length < WholeDirectory || guarded.Contains(directory))
            {
                foreach (var group in all) yield return group;
                continue;
            }

            JudgedDenial[] members = [.. all.SelectMany(group => group.Members)];
            yield return (Explain(directory, members) with { Paths = [.. members.Select(member => member.Record.Path).Distinct()] },
                members);
        }
    }

    // What makes and removes entries of one directory has one rule that allows it.
    private static IEnumerable<(DenialExplanation Explanation, JudgedDenial[] Members)> Entries(
        IEnumerable<(DenialExplanation Explanation, JudgedDenial[] Members)> groups)
    {
        foreach (var same in groups.GroupBy(group => OnDirectory(group.Explanation, group.Members) is { } directory
            ? (group.Explanation.Operation, group.Explanation.Error, directory, string.Join(',', group.Explanation.Missing),
                group.Explanation.Option, group.Explanation.IsProbe)
            : (object)group.Explanation))
        {
            var all = same.ToArray();
            DenialExplanation first = all[0].Explanation;
            if (all.Length == 1)
            {
                yield return all[0];
                continue;
            }

            JudgedDenial[] members = [.. all.SelectMany(group => group.Members)];
            yield return (first with
            {
                Path = PosixText.Parent(first.Path),
                Paths = [.. all.SelectMany(group => group.Explanation.Paths).Distinct()],
                Count = all.Sum(group => group.Explanation.Count),
                Programs = [.. all.SelectMany(group => group.Explanation.Programs).Distinct()],
                BeforeFailure = all.Any(group => group.Explanation.BeforeFailure),
            }, members);
        }
    }

    private static string? OnDirectory(DenialExplanation denial, JudgedDenial[] members) =>
        denial is { Cause: DenialCause.Sandbox, Other: null } && denial.Path.StartsWith('/')
            && (Rights(members) & AccessRecord.OnParent) != 0 ? PosixText.Parent(denial.Path) : null;

    // Only files and directories of their own: what is made or moved counts on the directory already.
    private static string? Parent((DenialExplanation Explanation, JudgedDenial[] Members) group) =>
        group.Explanation is { Cause: DenialCause.Sandbox, Operation: "open" or "execute", Other: null }
            && (Rights(group.Members) & ~InDirectory) == 0 && group.Explanation.Path.StartsWith('/')
            ? PosixText.Parent(group.Explanation.Path) : null;

    private static AccessFs Rights(JudgedDenial[] members) => members.Aggregate(AccessFs.None, (all, member) => all | member.Record.Access);

    private DenialExplanation Explain(string path, JudgedDenial[] members)
    {
        AccessRecord first = members[0].Record;
        if (first.IsRefusal || first.IsOutside || first.Host is not null) return Refusal(first, members);
        // A rule cannot name a process that is yet to come, but for the command itself.
        bool ofProcess = Shown(first) != first.Path && members[0].Cause == DenialCause.Sandbox;
        bool ofCommand = ofProcess && path.StartsWith("/proc/self/", StringComparison.Ordinal)
            && members.All(member => member.Record.ProcessId == _command);
        AccessVerdict? verdict =
            ofProcess ? evaluator.Check("/proc", Rights(members))
            : path == Shown(first) ? members[0].Verdict : evaluator.Check(path, Rights(members));
        bool own = members[0].Cause == DenialCause.Sandbox;
        return new DenialExplanation
        {
            Cause = members[0].Cause,
            Operation = first.Operation,
            Path = path,
            Other = first.Other,
            Paths = [path],
            Missing = own ? [.. members.SelectMany(Missing).Distinct()] : [],
            Layers = own && verdict is not null ? verdict.Denials : [],
            Error = first.Error,
            Count = members.Sum(member => member.Record.Count),
            Programs = [.. members.Select(member => member.Record.Program).Where(program => program.Length > 0).Distinct()],
            BeforeFailure = members.Any(member => member.Record.BeforeFailure),
            IsProbe = members[0].IsProbe,
            Fix = !own || verdict is null ? []
                : ofCommand ? [.. verdict.Fixes.Select(fix => AtCommand(fix, path))]
                : members[0].IsTerminal ? [.. Terminals.Places().SelectMany(place => evaluator.Check(place, Terminals.Needed).Fixes)]
                : verdict.Fixes,
            Note = members[0].Then is { } then ? string.Join(' ', new[] { then, verdict?.Note }.OfType<string>())
                : own && members[0].IsTerminal ? Terminal
                : ofCommand ? "That is for the command itself; a process that it starts has another one."
                : own ? OwnNote(first, verdict) : Elsewhere(first, verdict),
        };
    }

    // When the rule is made, /proc/self is the command's own.
    private AccessFix AtCommand(AccessFix fix, string path) => AccessFix.For(fix.Layers, new PathRule(path, fix.PathRule!.Access),
        isDirectory: false, evaluator.Rules.Handled.Aggregate(AccessFs.None, (all, handled) => all | handled), AccessFs.None);

    private DenialExplanation Refusal(AccessRecord first, JudgedDenial[] members) => new()
    {
        Cause = members[0].Cause,
        Operation = first.Operation,
        Path = first.Path.StartsWith('/') && members.Any(member => member.Record.Path != first.Path) ? "/proc" : first.Path,
        Paths = [.. members.Select(member => member.Record.Path).Distinct().Take(first.Path.StartsWith('/') ? members.Length : 1)],
        Missing = first.IsOutside ? ["ptrace"] : [],
        Error = first.Error,
        Count = members.Sum(member => member.Record.Count),
        Programs = [.. members.Select(member => member.Record.Program).Where(program => program.Length > 0).Distinct()],
        BeforeFailure = members.Any(member => member.Record.BeforeFailure),
        IsProbe = members[0].IsProbe,
        Host = first.Host is { } host && HostRule.Find(host) is not null ? host : null,
        Network = first is { Operation: "socket", Path: not "unix" } ? first.Path : null,
        Note = first.Path switch
        {
            _ when first.IsOutside => "A sandboxed command cannot look into a process outside, at its environment, memory or descriptors, "
                + "nor trace it, and nothing allows it.",
            _ when first.Operation == "listener" => TracerNote,
            _ when first.Operation == "keyring" => "A sandboxed command has no access to the kernel's keyrings, and nothing allows it.",
            _ when first.Operation == "terminal" => "A sandboxed command cannot type into its terminal, and nothing allows it.",
            _ when first.Operation == "process" => "A sandboxed command sets the limits and the scheduling of the caller only (process 0), "
                + "and nothing allows others: its threads cannot be distinguished from processes outside.",
            _ when first.Operation == "ipc" =>
                "System V IPC is refused, since -NoSystemVIpc (--no-system-v-ipc) was asked for. Leave it out if the command needs it.",
            _ when first.Operation == "namespace" => "Namespaces, userfaultfd, bpf and perf_event_open are refused, since "
                + "-RestrictNamespaces (--restrict-namespaces) was asked for. Leave it out if the command needs them.",
            _ when first.Host is { } named => HostRule.Find(named) is null ? "No rule can be for it: it is no name of a host." : null,
            "unix" when hosts => "Where hosts are named, no UNIX socket can be made unless rules for some are given (-UnixSocket, "
                + "--unix-socket), since a daemon behind one connects for anybody.",
            "unix" =>
                "No UNIX socket can be made, since -NoUnixSocket (--no-unix-socket) was asked for. Leave it out if the command needs one.",
            "tcp" => "A sandbox makes TCP sockets only if some TCP port is allowed.",
            "udp" => "A sandbox makes UDP sockets only if some UDP port is allowed; names are looked up on port 53.",
            "netlink_route" => "A sandbox asks for no network interfaces, addresses and routes unless that is allowed.",
            _ => "A sandbox makes no sockets but UNIX, TCP and UDP ones.",
        },
    };

    private string? OwnNote(AccessRecord record, AccessVerdict? verdict)
    {
        if (verdict is null) return "No process in a sandbox may change mounts, and no rule allows it.";
        string[] wide = [.. verdict.Fixes.Where(fix => fix.PathRule is { } rule && guarded.Contains(rule.Path))
            .Select(fix => fix.PathRule!.Path).Distinct()];
        string? guard = wide.Length == 0 ? null : $"That opens everything beneath {string.Join(", ", wide.Select(PosixText.Printable))}.";
        string?[] notes = [verdict.Note, guard, IsPermitted(record) ? null : "The file's own permissions would deny it all the same."];
        return notes.All(note => note is null) ? null : string.Join(' ', notes.OfType<string>());
    }

    // Of what is there; what is made and removed is up to the directory.
    private static bool IsPermitted(AccessRecord record)
    {
        if (!record.Path.StartsWith('/') || (record.Access & AccessRecord.OnParent) != 0
            || PosixEntry.Look(record.Path, follow: true).Error != Errno.None)
        {
            return true;
        }
        return PosixEntry.IsPermitted(
            record.Path,
            read: record.Operation == "open" && (record.Access & (AccessFs.ReadFile | AccessFs.ReadDir)) != 0,
            write: (record.Access & (AccessFs.WriteFile | AccessFs.Truncate)) != 0,
            execute: (record.Access & AccessFs.Execute) != 0);
    }

    private static string? Elsewhere(AccessRecord record, AccessVerdict? verdict)
    {
        if (verdict?.Note is { } note) return note;
        if (JudgedDenial.IsByTracer(record)) return TracerNote;
        if (record.Operation == "inspect") return "The process belongs to another user, or another security module denies it.";
        if (record.Operation == "signal")
            return record.Scope == Scope.None ? "The process is in the sandbox, too: it belongs to another user."
                : "Every layer allows it: the process belongs to another user, or another security module denies it.";
        if (!record.Path.StartsWith('/')) return "Every layer allows it: a firewall, the address, or another security module denies it.";
        EntryStatus status = PosixEntry.Look(record.Path, follow: true);
        string mode = status.Error == Errno.None
            ? $" (its mode is {Convert.ToString(status.Mode & 0xFFF, 8).PadLeft(4, '0').ToString(CultureInfo.InvariantCulture)})"
            : "";
        return $"Every layer allows it: the file's own permissions{mode}, its mount, an outer sandbox or another "
            + "security module denies it.";
    }
}
