using Landlock.Abi;
using Landlock.Denials;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Needs;
using Landlock.Tracing;

namespace Landlocked;

/// <summary>`landlocked [options] [--] COMMAND [ARG...]`: plans the launch and becomes landlock-exec, which becomes the command.</summary>
internal static class RunCommand
{
    internal const string Executor = "landlock-exec";

    /// <summary>Runs it; returns only if the command is not run.</summary>
    public static int Run(string[] arguments)
    {
        RunOptions options = new();
        int first = OptionParser.Parse(RunOptions.Table, arguments, 0, options);
        if (options.Help) return Output.Print(Help.Lines());
        if (options.Version) return Output.Print([$"{Output.Program} {BuildInfo.Version}"]);
        if (first >= arguments.Length) throw new UsageException($"no command was given; see {Output.Program} --help");
        options.Complete();

        LaunchPlan plan = Plan(options, arguments[first], arguments[(first + 1)..]);
        if (options.DryRun) return Output.Print(PlanDescription.Describe(plan));
        if (options.Verbose) Output.Comment(PlanDescription.Describe(plan));
        else foreach (string warning in PlanDescription.Warnings(plan, all: false)) Output.Warning(warning);

        if (plan.Supervision is not null) return Supervised(plan, options.Explain);
        return options.Explain ? Explained(plan) : Become(plan);
    }

    // This process stays, and the supervisor is its child.
    private static int Supervised(LaunchPlan plan, bool explain)
    {
        int parent = plan.Supervision!.EndWithParent ? ProcessState.ParentId : 0;
        if (plan.Supervision.EndWithParent && parent == 0) throw new LaunchException(LaunchProblem.SetupFailed, null, "The parent is outside of this PID namespace and cannot be watched; nothing was run. Leave out --kill-on-parent-exit.");
        Native.IgnoreFileSizeSignal();
        using TracedLaunch? traced = explain ? TracedLaunch.Create(plan, program: Output.Program) : null;
        using PreparedLaunch launch = traced?.Launch ?? PreparedLaunch.Create(plan, program: Output.Program);
        SetInherited(true);
        CommandEnd end = SuperviseCommand.Front(launch.Supervisor(traced?.Arguments ?? launch.Arguments) with { Parent = parent, Command = plan.Arguments[0] }, keepErrors: explain, started: () => SetInherited(false));
        if (traced is not null) Explain(plan, traced.Read());
        return Native.EndAs(end);

        void SetInherited(bool inherited)
        {
            if (traced is null) launch.SetInherited(inherited);
            else traced.SetInherited(inherited);
        }
    }

    // The same sandbox, with a tracer around it: the command sees no difference but its parent.
    private static int Explained(LaunchPlan plan)
    {
        using PreparedLaunch launch = PreparedLaunch.CreateInPlace(plan, Output.Program);
        return Native.EndAs(TraceCommand.Trace(launch.Arguments, report => Explain(plan, report)));
    }

    private static void Explain(LaunchPlan plan, TraceReport report)
    {
        ExplanationReport explained = new DenialExplainer(plan, Native.CurrentDirectory(), StartRecord.EnvironmentVariable("HOME")).Explain(report);
        // Where nothing was run, landlock-exec has said why.
        if (report.Records.Any(record => record.Operation == "execute" && record.Error == Errno.None) || explained.Denials.Length > 0)
            Output.Comment(explained.Lines(denial => denial.Option, "allow these first").Select(line => line.StartsWith(' ') ? line : $"{Output.Program}: {line}"));
    }

    /// <summary>Becomes landlock-exec; returns only by an exception.</summary>
    /// <exception cref="LaunchException">It cannot be executed.</exception>
    internal static unsafe int Become(LaunchPlan plan)
    {
        string executor = ExecutorPath();
        Native.IgnoreFileSizeSignal();
        using PreparedLaunch launch = PreparedLaunch.CreateInPlace(plan, Output.Program);
        Errno error = Native.Become(executor, [Executor, .. launch.Arguments], StartRecord.Environment);
        throw new LaunchException(LaunchProblem.SetupFailed, executor,
            $"cannot execute '{PosixText.Printable(executor)}': {ErrnoText.Describe(error)}; it belongs next to {Output.Program}, and nothing was run");
    }

    private static LaunchPlan Plan(RunOptions options, string command, string[] arguments)
    {
        LandlockSupport support = RunningKernel.Support;
        string directory = Native.CurrentDirectory();
        RulesetOptions wanted = new()
        {
            BaseDirectory = directory,
            Paths = [.. options.Paths],
            Except = [.. options.Except],
            Ports = [.. options.Ports],
            UnrestrictedFs = options.UnrestrictedFs,
            UnrestrictedNet = options.UnrestrictedNet,
            UnrestrictedScope = options.UnrestrictedScope,
            UnfilteredSockets = options.Network == NetworkMode.Unrestricted,
            IgnoreMissing = options.IgnoreMissing,
            LogDenials = options.LogDenials,
            Compatibility = options.Compatibility ?? Compatibility.BestEffort,
            Promises = options.Promises,
        };
        PolicyVariables variables = options.Policies.Variables(directory);
        Ruleset ruleset = options.Policies.Files.Count == 0 ? Made(options, wanted, support, variables) : FromPolicies(options, wanted, variables);

        string[]? environment = CommandEnvironment.Compose(options);
        string search = CommandEnvironment.SearchPath(environment);
        List<Grant> grants = [];
        if (options.Baseline) grants.AddRange(Baseline.For(Native.IsOnTerminal()));
        if (options.Closure && IsThisProgram(command, search, directory))
            grants.Add(new Grant(new PathRule(ExecutorPath(), AccessFs.Execute | AccessFs.ReadFile), $"closure: what {Output.Program} starts"));
        return LaunchPlanner.Plan(new LaunchRequest
        {
            Layers = [ruleset],
            Command = command,
            Arguments = [.. arguments],
            BaseDirectory = directory,
            WorkingDirectory = options.Directory,
            SearchPath = search,
            Environment = environment is null ? null : [.. environment],
            Grants = [.. grants],
            Limits = options.Limits.Build(),
            Network = options.Network,
            NoUnixSocket = options.NoUnixSocket,
            NoSystemVIpc = options.NoSystemVIpc,
            RestrictNamespaces = options.RestrictNamespaces,
            UnixAsked = options.Paths.Any(rule => rule.Access == AccessFs.ResolveUnix),
            Promises = options.Promises,
            Supervision = options.Supervision.OrNone,
            Traced = options.Explain,
            UdpAsked = options.Ports.Any(rule => rule.HasUdp),
            Closure = options.Closure,
            KeepDescriptors = [.. options.KeepDescriptors],
            StartState = StartRecord.State(),
            Support = support,
        }.WithPresets(options.Policies.Presets, variables));
    }

    private static Ruleset Made(RunOptions options, RulesetOptions wanted, LandlockSupport support, PolicyVariables variables)
    {
        options.Policies.TellUnused(variables);
        Ruleset ruleset = wanted.Build(support, out var notes);
        foreach (string note in notes) Output.Warning(note);
        return ruleset;
    }

    private static Ruleset FromPolicies(RunOptions options, RulesetOptions wanted, PolicyVariables variables)
    {
        if (options.UnrestrictedFs || options.UnrestrictedNet || options.UnrestrictedScope)
            throw new UsageException("--unrestricted cannot loosen a policy; leave out what the policy handles, or --policy");
        Ruleset ruleset = wanted.AddTo(options.Policies.Resolve(variables).Ruleset);
        if (options.Compatibility is { } level) ruleset = ruleset with { Compatibility = level };
        return options.LogDenials ? ruleset.WithLogging(ruleset.LogFlags | RestrictFlags.LogNewExecOn) : ruleset;
    }

    internal static string ExecutorPath()
    {
        string program = Native.ProgramPath();
        return program[..(program.LastIndexOf('/') + 1)] + Executor;
    }

    // A sandbox in a sandbox: the second part of this program is no library of the first, so no closure finds it.
    private static bool IsThisProgram(string command, string search, string directory) =>
        CommandLookup.Find(command, search, directory) is { Status: CommandStatus.Found, Path: { } path } && PosixFile.RealPath(path) == Native.ProgramPath();
}
