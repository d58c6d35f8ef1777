using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Access;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Sandboxes;
using Landlock.Tracing;

namespace Landlock.Denials;

/// <summary>
/// Explains what a traced sandbox denied: asks the evaluator about each access that failed. Make it before the command starts, so that
/// rules are bound to the files that they are bound to in the sandbox.
/// </summary>
public sealed class DenialExplainer
{
    private const AccessFs Reading = AccessFs.ReadFile | AccessFs.ReadDir | AccessFs.Execute;

    private readonly AccessEvaluator _evaluator;

    // Directories that command names are looked up in; a shell that may not list them does without.
    private readonly HashSet<string> _searched;
    private readonly DenialGrouping _grouping;
    private readonly bool _hosts;

    // Programs that were seen to search PATH; of denials that are told one by one, earlier ones count.
    private readonly HashSet<string> _searching = [];

    /// <summary>Creates one for a plan.</summary>
    /// <param name="plan">The plan, whose layers are asked.</param>
    /// <param name="baseDirectory">Absolute directory that relative paths of the layers start from.</param>
    /// <param name="home">The home directory, whose secret places are never proposed as a whole; null if there is none.</param>
    /// <exception cref="KernelException">The path of a rule that is not optional cannot be reached any more.</exception>
    public DenialExplainer(LaunchPlan plan, string baseDirectory, string? home)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _evaluator = new AccessEvaluator(plan.Layers, baseDirectory);
        string path = (plan.Start.Environment is { } environment ? EnvironmentSelection.Value(environment, "PATH") : null)
            ?? Environment.GetEnvironmentVariable("PATH") ?? "";
        _searched = [.. path.Split(':').Where(directory => directory.StartsWith('/'))
            .Select(directory => PosixFile.RealPath(directory) ?? directory)];
        _hosts = plan.Hosts is not null;
        _grouping = new DenialGrouping(_evaluator, new GuardedPlaces(home, []), _hosts);
    }

    /// <summary>Explains the accesses of a trace that failed.</summary>
    public ExplanationReport Explain(TraceReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        _evaluator.Refresh();
        FormerPaths former = new();
        List<JudgedDenial> judged = [];
        HashSet<(string From, string To, string Program)> renames = [];
        HashSet<(string Program, string Name)> found =
            [.. report.Records.Where(record => record.Error == Errno.None && record.Operation is "open" or "execute")
                .Select(record => (record.Program, NameOf(record.Path)))];
        _searching.UnionWith(report.Records.Where(record => record.Denied && IsSearch(record)).Select(record => record.Program));
        bool makesTerminals = report.Records.Any(record => Terminals.IsMultiplexer(record.Path));
        foreach (AccessRecord record in report.Records)
        {
            if (!record.Denied) continue;
            if (record.Operation == "rename" && record.Other is { } other)
            {
                // It is recorded from both sides, the one that is moved first, and denied once.
                if (renames.Contains((other, record.Path, record.Program))) continue;
                renames.Add((record.Path, other, record.Program));
            }

            FormerPath? then = former.Find(record);
            bool isTerminal = makesTerminals && then is null && record.Operation is "open" or "ioctl" && Terminals.IsPart(record.Path);
            AccessVerdict? verdict = isTerminal ? JudgeTerminal(record) : Judge(record, then);
            // A C library asks a daemon for names before it asks a name server.
            bool asksDaemon = _hosts && record is { Operation: "socket", Path: "unix" };
            bool probe = record.Operation is "open" or "execute" && (record.Access & ~Reading) == 0
                && (found.Contains((record.Program, NameOf(record.Path))) || IsSearch(record)
                    || (record is { Path: "/", Access: AccessFs.ReadDir } && _searching.Contains(record.Program)
                        && NameOf(record.Program) == "pwsh"));
            judged.Add(new JudgedDenial(record, verdict, probe || asksDaemon || RuntimeLookups.IsOne(record), then?.Note)
            { IsTerminal = isTerminal });
        }

        // What one program did without another may have needed: it is told once.
        HashSet<(string, string)> needed =
            [.. judged.Where(denial => !denial.IsProbe).Select(denial => (denial.Record.Operation, denial.Record.Path))];
        for (int i = 0; i < judged.Count; i++)
            if (needed.Contains((judged[i].Record.Operation, judged[i].Record.Path))) judged[i] = judged[i] with { IsProbe = false };

        return new ExplanationReport(_grouping.Group(WithoutFellows(judged, report.Records), Command(report)), Notes(report));
    }

    // Its first access is that the command is executed. What is told one by one does not begin with it.
    private static int Command(TraceReport report) =>
        report.Records is [{ Operation: "execute", Error: Errno.None } first, ..] ? first.ProcessId : 0;

    // A call fails as a whole, and may have several records: where an interpreter is denied, the program itself is not denied elsewhere.
    private static IEnumerable<JudgedDenial> WithoutFellows(List<JudgedDenial> judged, ImmutableArray<AccessRecord> records)
    {
        HashSet<string> explained = [.. judged.Where(denial => denial.Cause == DenialCause.Sandbox).Select(denial => Call(denial.Record))];
        HashSet<string> ended = [.. records.Where(record => record.BeforeFailure).Select(Call)];
        return judged.Where(denial => denial.Cause == DenialCause.Sandbox || !explained.Contains(Call(denial.Record)))
            .Select(denial => denial with { Record = denial.Record with { BeforeFailure = ended.Contains(Call(denial.Record)) } });
    }

    private static string Call(AccessRecord record)
    {
        string subject = record.Operation switch
        {
            "execute" => record.Other ?? record.Path,
            "rename" when string.CompareOrdinal(record.Path, record.Other) > 0 => $"{record.Other}\0{record.Path}",
            "rename" => $"{record.Path}\0{record.Other}",
            _ => $"{record.Path}\0{record.Access}",
        };
        return $"{record.Operation}\0{subject}\0{record.Program}\0{record.Error}";
    }

    // A pair needs both places for one call.
    private AccessVerdict JudgeTerminal(AccessRecord record)
    {
        AccessVerdict own = _evaluator.Check(record.Path, record.Access);
        return !own.Allowed ? own
            : Terminals.Places().Select(place => _evaluator.Check(place, Terminals.Needed))
                .FirstOrDefault(verdict => !verdict.Allowed) ?? own;
    }

    private AccessVerdict? Judge(AccessRecord record, FormerPath? then)
    {
        if (record.Operation == "mount" || record.IsRefusal || record.IsOutside || record.Host is not null) return null;
        if (record.Net != AccessNet.None && record.Port is { } port) return _evaluator.CheckPort(record.Net, port);
        if (record.Scope != Scope.None) return _evaluator.CheckScope(record.Scope);
        // Landlock has no right for it: UDP before ABI 10, an abstract socket of its own.
        if (!record.Path.StartsWith('/')) return _evaluator.CheckScope(Scope.None);
        if (then is not null) return _evaluator.Check(then.Kept, record.Access);
        if (record.Other is { } other && record.Operation is "rename" or "link")
        {
            AccessVerdict verdict = record.Operation == "link" ? _evaluator.CheckLink(record.Other!, record.Path)
                : _evaluator.CheckRename(record.Path, record.Other!, exchange: (record.Access & AbiTable.Making) != 0);
            // What was to be moved may be gone by now; the rights that it needed are known all the same.
            if (!verdict.Allowed || record.Error == Errno.EXDEV) return verdict;
        }

        return _evaluator.Check(record.Path, record.Access & ~AccessRecord.OnParent, record.Access & AccessRecord.OnParent);
    }

    private static ImmutableArray<string> Notes(TraceReport report) =>
    [
        .. report.Warnings,
        .. report.IsComplete ? (string[])[] : ["The tracer ended early; something may be missing."],
        .. report.Records.Where(record => record is { Operation: "execute", Error: Errno.None }).Select(record => record.Path).Distinct()
            .Where(IsPrivileged).Select(path => $"'{PosixText.Printable(path)}' belongs to another user, whose rights it has outside. "
                + "Every sandbox is without such rights (no_new_privs), so that it ran with the caller's."),
    ];

    // Set-user-ID; of a file of the user's own it changes nothing.
    private static bool IsPrivileged(string path) =>
        PosixEntry.Look(path, follow: true) is { Error: Errno.None } status && (status.Mode & 0x800) != 0
            && status.Owner != CurrentUser.Id;

    // PowerShell lists "/" as well when it looks for a command.
    private bool IsSearch(AccessRecord record) =>
        record.Operation == "open" && record.Access == AccessFs.ReadDir && _searched.Contains(record.Path);

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}

/// <summary>An access that failed, and what the evaluator says about it; null for what every sandbox denies, or the filter.</summary>
/// <param name="Record">The access.</param>
/// <param name="Verdict">What the evaluator says.</param>
/// <param name="IsProbe">Whether a program only looked.</param>
/// <param name="Then">What the path was then, where that has changed; null where it has not.</param>
internal sealed record JudgedDenial(AccessRecord Record, AccessVerdict? Verdict, bool IsProbe, string? Then)
{
    /// <summary>Whether it is denied to every process that has a tracer, as one that is explained has.</summary>
    public static bool IsByTracer(AccessRecord record) => record is { Operation: "ptrace", IsOutside: false } or { Operation: "listener" };

    /// <summary>Whether it is about a pseudo-terminal that the command makes.</summary>
    public bool IsTerminal { get; init; }

    public DenialCause Cause => Verdict is null or { Allowed: false } && !IsByTracer(Record) ? DenialCause.Sandbox : DenialCause.Elsewhere;
}
