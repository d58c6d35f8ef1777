using System.Globalization;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Learning;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Needs;
using Landlock.Sandboxes.Supervision;
using Landlock.Tracing;
using Microsoft.Win32.SafeHandles;

namespace Landlocked;

/// <summary>`landlocked trace`: runs a command without a sandbox, and says what it accessed.</summary>
internal static class TraceCommand
{
    /// <summary>The option of a tracer whose parent is a supervisor.</summary>
    internal const string Supervised = "--supervised";

    /// <summary>The option of one whose parent answers for hosts: what landlock-exec is given for that.</summary>
    internal const string Hosts = "--hosts-socket";

    private const int HangUp = 1, Kill = 9, Terminate = 15, Continue = 18; // SIG*

    private static readonly OptionGroup<TraceOptions>[] Options =
    [
        new("",
        [
            .. JsonTarget.Options<TraceOptions>(static options => options.Json, ""),
            new("--learn", "FILE", "", static (options, value) => options.Learn = FileName("--learn", value)),
            new("--collapse", "N", "", static (options, value) => options.Collapse = Count(value)),
            new("--collapse-into", "DIR", "", static (options, value) => options.Into.Add(value)),
            new("--hosts", null, "", static (options, _) => options.WithHosts = true),
            new("--allow-guarded", "DIR", "", static (options, value) => options.AllowGuarded.Add(value)),
            new("--prepared", "PLAN,STATUS,REPORT", "", static (options, value) => options.Prepare(value)),
            new("--begin-at", "PATH", "", static (options, value) => options.BeginAt = value),
            new(Supervised, null, "", static (options, _) => options.IsSupervised = true),
            new(Hosts, "WORD", "", static (options, value) => options.HostsSocket = value),
            new("--tell", "N", "", static (options, value) => options.Tell("--tell", value)),
            new("--tell-from-begin", "N", "", static (options, value) => options.Tell("--tell-from-begin", value)),
            new("--sockets", null, "", static (options, _) => options.Sockets = true),
            new("--end-with-command", null, "", static (options, _) => options.EndsWithCommand = true),
            new("--help", null, "", static (options, _) => options.Help = true) { Short = "-h" },
        ]),
    ];

    /// <summary>Runs it; the exit code is the command's.</summary>
    public static int Run(string[] arguments)
    {
        TraceOptions options = new();
        int first = OptionParser.Parse(Options, arguments, 0, options);
        if (options.Help) return Output.Print(Help.Lines("trace"));
        if (options.Prepared is { } descriptors) return Prepared(options, descriptors);
        if (options.Learn is null && options.OnlyForLearning is { } idle)
            throw new UsageException($"{idle} shapes the policy that is learned; add --learn POLICY");
        if (first >= arguments.Length) throw new UsageException($"no command was given; write: {Output.Program} trace -- COMMAND");

        string directory = Native.CurrentDirectory();
        if (options.Learn is { } learned) DemandLearnable(learned, directory);
        LaunchPlan plan = LaunchPlanner.Plan(new LaunchRequest
        {
            Layers = [],
            Command = arguments[first],
            Arguments = [.. arguments[(first + 1)..]],
            BaseDirectory = directory,
            SearchPath = StartRecord.EnvironmentVariable("PATH") ?? CommandLookup.DefaultPath,
            Start = new CommandStart { Traced = true, State = StartRecord.State() },
            Support = RunningKernel.Support,
            TracesHosts = options.WithHosts,
        });

        options.Sockets = true;
        // Opened before the command runs: a report that cannot be written is no reason to run it for nothing.
        options.Json.Open(otherwise: 2);
        LandlockSupport support = RunningKernel.Support;
        Native.IgnoreFileSizeSignal();
        if (options.WithHosts)
        {
            using SealedPlan supervised = SealedPlan.Create(plan, program: Output.Program);
            CommandEnd last = SuperviseCommand.Front(supervised, plan, options.Json.Descriptor);
            TraceReport report = PlanTrace.Read(supervised);
            Report(() => report, take => take(report.Write()));
            return Native.EndAs(last);
        }

        using SealedPlan launch = SealedPlan.CreateInPlace(plan, Output.Program);
        return Native.EndAs(Trace(launch.Arguments, options,
            (tracer, number) => Report(() => tracer.Report(number), take => tracer.Write(number, take))));

        void Report(Func<TraceReport> whole, Action<TakePart> write)
        {
            if (options.Learn is { } policy) Learn(policy, whole(), options, directory, support);
            if (options.Json.IsWanted) _ = options.Json.Write(write);
            else if (options.Learn is null) Output.Comment(TraceText.Lines(whole()));
        }
    }

    // Before the command runs: what it does is not to be done for nothing.
    private static void DemandLearnable(string path, string directory)
    {
        string full = RulesetResolver.Absolute(path, directory);
        PathKind kind = PosixFile.Inspect(full);
        if (kind == PathKind.Directory)
            throw new UsageException($"--learn: '{PosixText.Printable(path)}' is a directory; name a file in it");
        Errno error = PosixFile.WhyNotWrite(kind == PathKind.Missing ? full[..(full.LastIndexOf('/') + 1)] : full);
        if (error != Errno.None)
            throw new UsageException(
                $"--learn: cannot write to '{PosixText.Printable(path)}': {ErrnoText.Describe(error)}; nothing was run");
        // What is there is extended, so that it has to be a policy.
        if (kind == PathKind.File && PosixFile.Stat(full) is { IsRegular: true } && new FileInfo(full).Length > 0)
            _ = PolicyFile.Read(full, PolicySyntaxes.OfFile(full) ?? PolicySyntax.Toml);
    }

    private static void Learn(string path, TraceReport report, TraceOptions options, string directory, LandlockSupport support)
    {
        string full = RulesetResolver.Absolute(path, directory);
        LearnedPolicy learned = PolicyLearner.Learn(report.Records, new LearnOptions
        {
            Collapse = options.Collapse,
            Into = [.. options.Into.Select(into => RulesetResolver.Absolute(into, directory))],
            AllowGuarded = [.. options.AllowGuarded.Select(allowed => RulesetResolver.Absolute(allowed, directory))],
            Home = StartRecord.EnvironmentVariable("HOME"),
            Abi = support.Abi > 0 ? support.Abi : AbiTable.Newest,
        }, new PathView());
        try
        {
            (learned, byte[] text) = LearnedDocument.Compose(full, learned, replace: false, new PolicyOptions().Variables(directory));
            PolicyFile.Write(full, text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Output.Warning($"cannot write the policy '{PosixText.Printable(path)}': {ErrnoText.Describe(exception)}");
        }
        catch (PolicyException exception)
        {
            Output.Warning($"the policy '{PosixText.Printable(path)}' is left as it is: {exception.Message}");
        }

        foreach (string note in report.Warnings.Concat(learned.Notes)) Output.Warning(note);
        foreach (LearnedRule rule in learned.Rules.Where(rule => rule.IsOverGrant || rule.State == LearnedState.LeftOut))
            Output.Comment([$"{Output.Program}: {rule}"]);
    }

    private static string FileName(string option, string value) => value switch
    {
        "" => throw new UsageException($"{option}: expected a file, not ''"),
        // Both standard streams are the command's.
        "-" => throw new UsageException($"{option}: '-' is no file here; for a file of that name write {option} ./-"),
        _ => value,
    };

    private static int Count(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 1
        ? count
        : throw new UsageException($"--collapse: expected a number above 1, not '{PosixText.Printable(value)}'");

    private static int Prepared(TraceOptions options, int[] descriptors) =>
        Native.EndAs(Trace([Number(descriptors[0]), Number(descriptors[1])], options, (tracer, number) =>
        {
            Native.Rewind(descriptors[2]);
            tracer.Write(number, part => Native.Write(descriptors[2], part) == Errno.None);
        }));

    /// <summary>Runs a plan that waits for a tracer; the report is complete when the last process has ended.</summary>
    /// <param name="plan">Arguments of landlock-exec.</param>
    /// <param name="write">Takes the report.</param>
    /// <param name="denied">Takes what was denied for the first time, as it happens.</param>
    internal static CommandEnd Trace(string[] plan, Action<TraceReport> write, Action<TraceReport>? denied = null) =>
        Trace(plan, new TraceOptions { Denied = denied }, (tracer, number) => write(tracer.Report(number)));

    private static CommandEnd Trace(string[] plan, TraceOptions options, Action<Tracer, int> write)
    {
        int process = OwnProgram.Start(OwnProgram.ExecutorPath(), [OwnProgram.Executor, .. plan,
            .. options.HostsSocket is null ? Array.Empty<string>() : [options.HostsSocket], $"@{Environment.ProcessId}"]);
        try
        {
            return Trace(process, options, write);
        }
        catch
        {
            // It waits for a tracer that will not come.
            Native.Send(process, Kill);
            throw;
        }
    }

    private static CommandEnd Trace(int process, TraceOptions options, Action<Tracer, int> write)
    {
        int parent = ProcessState.ParentId;
        // A shell that waits for this process with its job stands in another group. Whoever stands in the same is stopped by Ctrl+Z itself,
        // and would never continue this process.
        bool hasShell =
            !options.IsSupervised && ForegroundTerminal.GroupOf(parent) is not 0 and var group && group != ForegroundTerminal.GroupOf(0);
        bool isForeground = !options.IsSupervised && ForegroundTerminal.IsOurs();
        bool stopped = false;
        object writing = new();
        int reports = 0;
        bool isOver = false;
        Tracer tracer = new()
        {
            BeginAt = options.BeginAt,
            Sockets = options.Sockets,
            EndsWithCommand = options.EndsWithCommand,
            Denied = options.Denied,
            DeniedFromBegin = options.DeniedFromBegin,
            Stopped = _ =>
            {
                Volatile.Write(ref stopped, true);
                if (options.IsSupervised) Native.Send(parent, Supervisor.CommandStopped);
                else if (hasShell) Native.StopSelf();
            },
            Continued = () =>
            {
                if (Volatile.Read(ref stopped) && options.IsSupervised) Native.Send(parent, Supervisor.CommandGoesOn);
                Volatile.Write(ref stopped, false);
            },
        };
        ulong ignored = StartRecord.State().IgnoredSignals;
        int[] caught = [.. ((int[])[Terminate, HangUp]).Where(signal => (ignored & (1UL << (signal - 1))) == 0), Continue,
            .. options.Prepared is null ? Array.Empty<int>() : [PlanTrace.ReportSignal]];
        CommandEnd end;
        using (new SignalThread(caught, Told)) end = tracer.Run(process);
        lock (writing)
        {
            isOver = true;
            write(tracer, reports == 0 ? 0 : reports + 1);
        }

        if (isForeground) ForegroundTerminal.TakeBack();
        return end;

        void Told(int signal)
        {
            if (signal == PlanTrace.ReportSignal)
            {
                lock (writing)
                    if (!isOver) write(tracer, ++reports);
            }
            else if (signal != Continue)
            {
                // Nobody is left who could want what it has started.
                if (signal == HangUp) tracer.HangUp();
                Native.Send(process, signal);
            }
            else if (Volatile.Read(ref stopped))
            {
                // Whoever has continued this process, such as a shell, means the command.
                ForegroundTerminal.HandOver(process);
                Native.Send(process, Continue);
            }
        }
    }

    private static string Number(int descriptor) => descriptor.ToString(CultureInfo.InvariantCulture);

    private sealed class TraceOptions
    {
        public JsonTarget Json { get; } = new();

        public bool Help { get; set; }

        public string? Learn { get; set; }

        public int Collapse { get; set; }

        public List<string> Into { get; } = [];

        public List<string> AllowGuarded { get; } = [];

        public string? OnlyForLearning =>
            Collapse > 0 ? "--collapse" : Into.Count > 0 ? "--collapse-into" : AllowGuarded.Count > 0 ? "--allow-guarded" : null;

        public string? BeginAt { get; set; }

        public bool EndsWithCommand { get; set; }

        public bool Sockets { get; set; }

        public bool IsSupervised { get; set; }

        public string? HostsSocket { get; set; }

        public bool WithHosts { get; set; }

        public Action<TraceReport>? Denied { get; set; }

        public bool DeniedFromBegin { get; private set; }

        public void Tell(string option, string value)
        {
            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor) || descriptor < 3)
                throw new UsageException($"{option}: expected a descriptor; use LandlockPS");
            DeniedFromBegin = option == "--tell-from-begin";
            FileStream pipe = new(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            Denied = report =>
            {
                try
                {
                    pipe.Write(report.Write());
                }
                catch (IOException)
                {
                    // Nobody reads it any more; the command goes on.
                }
            };
        }

        public int[]? Prepared { get; private set; }

        public void Prepare(string value)
        {
            int[] numbers = [.. value.Split(',')
                .Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)];
            if (numbers.Length != 3 || numbers.Any(number => number < 3))
                throw new UsageException("--prepared: expected three descriptors; use LandlockPS");
            Prepared = numbers;
        }
    }
}
