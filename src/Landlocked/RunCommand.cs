using Landlock.Abi;
using Landlock.Denials;
using Landlock.Linux;
using Landlock.Previews;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Needs;
using Landlock.Tracing;

namespace Landlocked;

/// <summary>`landlocked [options] [--] COMMAND [ARG...]`: plans the launch and becomes landlock-exec, which becomes the command.</summary>
internal static class RunCommand
{
    /// <summary>Runs it; returns only if the command is not run.</summary>
    public static int Run(string[] arguments)
    {
        RunOptions options = new();
        int first = OptionParser.Parse(RunOptions.Table, arguments, 0, options);
        if (options.Help) return Output.Print(Help.Lines());
        if (options.Version) return Output.Print([$"{Output.Program} {BuildInfo.Version}"]);
        if (first >= arguments.Length) throw new UsageException($"no command was given; see {Output.Program} --help");
        options.Complete();

        return Run(options, Plan(options, Request(options, arguments[first], arguments[(first + 1)..])));
    }

    /// <summary>Runs a compiled command as it was asked for; returns only if it is not run, or when it has ended.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="directory">The directory that relative paths start from.</param>
    /// <param name="searchPath">Where commands were looked for.</param>
    /// <param name="words">The command and its arguments.</param>
    internal static int Run(RunOptions options, string directory, string? searchPath, string[] words) =>
        Run(options, Plan(options, Request(options, words[0], words[1..], directory, searchPath)));

    private static int Run(RunOptions options, LaunchPlan plan)
    {
        if (options.DryRun && !options.Json.IsWanted)
            return Output.Print(Output.Fit(options.Verbose ? PlanDescription.Describe(plan) : PlanDescription.Summarize(plan), 1));
        options.Json.Open(options.DryRun ? 1 : 2);
        if (options.DryRun) return options.Json.Write(PlanJson.Write(plan));
        if (options.Verbose) Output.Comment(Output.Fit(PlanDescription.Describe(plan), 2));

        if (plan.Start.Supervision is not null)
        {
            return !options.IsLive ? Supervised(plan, options.Json)
                : throw new UsageException("--explain=live does not go with what needs a supervisor (--timeout, --private-temp, "
                    + "--preview, --max-total-memory, --max-total-processes, --kill-on-parent-exit, --preserve, --connect-host); use "
                    + "--explain");
        }

        return !options.Explain ? Become(plan) : options.IsLive ? Live(plan, options.Json) : Explained(plan, options.Json);
    }

    // This process stays, and the supervisor is its child.
    private static int Supervised(LaunchPlan plan, JsonTarget json)
    {
        int parent = plan.Start.Supervision!.EndWithParent ? ProcessState.ParentId : 0;
        if (plan.Start.Supervision.EndWithParent && parent == 0)
            throw new LaunchException(LaunchProblem.SetupFailed, null,
                "The parent is outside of this PID namespace and cannot be watched; nothing was run. Leave out --kill-on-parent-exit.");
        Native.IgnoreFileSizeSignal();
        using SealedPlan launch = SealedPlan.Create(plan, program: Output.Program);
        bool asks = Native.IsTerminal(0) != 0 && Native.IsTerminal(2) != 0;
        CommandEnd end = SuperviseCommand.Front(launch, plan, json.Descriptor, parent);
        if (launch.IsTraced)
        {
            TraceReport report = PlanTrace.Read(launch);
            if (launch.Preview is { } preview) PreviewPrograms.Note(preview, report.Writers());
            Explain(plan, report, json);
        }

        if (launch.Preview is { } place)
        {
            // Nobody holds the preview any more.
            launch.Dispose();
            PreviewEnd.Tell(place, asks);
        }

        return Native.EndAs(end);
    }

    // The same sandbox, with a tracer around it: the command sees no difference but its parent.
    private static int Explained(LaunchPlan plan, JsonTarget json)
    {
        Native.IgnoreFileSizeSignal();
        using SealedPlan launch = SealedPlan.CreateInPlace(plan, Output.Program);
        return Native.EndAs(TraceCommand.Trace(launch.Arguments, report => Explain(plan, report, json)));
    }

    // The command waits while its denial is explained: what is told is as it was then.
    private static int Live(LaunchPlan plan, JsonTarget json)
    {
        Native.IgnoreFileSizeSignal();
        DenialExplainer explainer = Explainer(plan);
        using SealedPlan launch = SealedPlan.CreateInPlace(plan, Output.Program);
        return Native.EndAs(TraceCommand.Trace(launch.Arguments, report => Tell(report.Warnings),
            denied => Tell(explainer.Explain(denied), json)));
    }

    private static void Tell(IEnumerable<string> warnings) =>
        Output.Comment(warnings.Select(warning => $"{Output.Program}: note: {warning}"));

    private static void Tell(ExplanationReport explained, JsonTarget json)
    {
        foreach (DenialExplanation denial in explained.Denials)
        {
            if (json.IsWanted) _ = json.Write(ExplanationJson.Line(denial));
            else if (!denial.IsProbe)
                Output.Comment(ExplanationReport.Lines(denial, denial.Option)
                    .Select((line, number) => number == 0 ? $"{Output.Program}: {line.Trim()}" : line));
        }
    }

    private static DenialExplainer Explainer(LaunchPlan plan) =>
        new(plan, Native.CurrentDirectory(), StartRecord.EnvironmentVariable("HOME"));

    private static void Explain(LaunchPlan plan, TraceReport report, JsonTarget json)
    {
        ExplanationReport explained = Explainer(plan).Explain(report);
        if (json.IsWanted)
        {
            _ = json.Write(ExplanationJson.Write(explained));
            return;
        }

        // Where nothing was run, landlock-exec has said why.
        if (report.Records.Any(record => record.Operation == "execute" && record.Error == Errno.None) || explained.Denials.Length > 0)
            Output.Comment(explained.Lines(denial => denial.Option, "allow these first")
                .Select(line => line.StartsWith(' ') ? line : $"{Output.Program}: {line}"));
    }

    /// <summary>Becomes landlock-exec; returns only by an exception.</summary>
    /// <exception cref="LaunchException">It cannot be executed.</exception>
    internal static int Become(LaunchPlan plan)
    {
        Native.IgnoreFileSizeSignal();
        using SealedPlan launch = SealedPlan.CreateInPlace(plan, Output.Program);
        return OwnProgram.Become(OwnProgram.ExecutorPath(), [OwnProgram.Executor, .. launch.Arguments]);
    }

    /// <summary>Asks for the launch of a command in the sandbox that the options describe.</summary>
    internal static LaunchRequest Request(RunOptions options, string command, string[] arguments, string? directory = null,
        string? searchPath = null)
    {
        directory ??= Native.CurrentDirectory();
        Sandbox sandbox = ProfileOptions.Described(options, directory);
        return sandbox.Launch(
            new LaunchContext
            {
                Support = RunningKernel.Support,
                BaseDirectory = directory,
                Environment = [.. StartRecord.EnvironmentEntries()],
                SearchPath = searchPath,
                OnTerminal = !options.IsLater && Native.IsOnTerminal(),
            },
            command,
            [.. arguments]);
    }

    private static LaunchPlan Plan(RunOptions options, LaunchRequest request)
    {
        // The description has them all.
        bool isDescribed = options.DryRun || options.Verbose;
        if (!isDescribed) Tell(request.Findings);
        LaunchPlan plan = LaunchPlanner.Plan(Complete(options, request));
        if (!isDescribed) Tell(plan.Findings.Except(request.Findings));
        return plan;
    }

    /// <summary>What a request does not know: how this process was started, and what belongs to it.</summary>
    internal static LaunchRequest Complete(RunOptions options, LaunchRequest request) => request with
    {
        Start = request.Start with
        { Traced = options.Explain, KeepDescriptors = [.. options.KeepDescriptors], State = StartRecord.State() },
        Grants = request.Sandbox.Closure && IsThisProgram(request)
            ? [.. request.Grants,
                new Grant(new PathRule(OwnProgram.ExecutorPath(), AccessFs.Execute | AccessFs.ReadFile),
                    $"closure: what {Output.Program} starts")]
            : request.Grants,
    };

    // Notes are for --verbose, and for `policy check`.
    internal static void Tell(IEnumerable<SandboxFinding> findings)
    {
        foreach (SandboxFinding finding in findings.Where(finding => !finding.IsNote))
        {
            if (finding.Place is null) Output.Warning(finding.Text);
            else Output.Comment([$"{Output.Program}: {finding.Place}: warning: {finding.Text}"]);
        }
    }

    // A sandbox in a sandbox: the second part of this program is no library of the first, so no closure finds it.
    private static bool IsThisProgram(LaunchRequest request) =>
        CommandLookup.Find(request.Command, request.SearchPath, request.BaseDirectory) is { Status: CommandStatus.Found, Path: { } path }
            && PosixFile.RealPath(path) == Native.ProgramPath();
}
