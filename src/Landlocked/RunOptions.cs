using Landlock.Abi;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Supervision;

namespace Landlocked;

/// <summary>What `landlocked [options] COMMAND` was asked to do.</summary>
internal sealed class RunOptions
{
    private const string Everything = "fs, net, scope";

    /// <summary>The sandbox, but for policies and presets.</summary>
    public Sandbox Sandbox { get; private set; } = Sandbox.Strict;

    /// <summary>Policies and presets.</summary>
    public PolicyOptions Policies { get; } = new();

    /// <summary>Descriptors to keep.</summary>
    public List<int> KeepDescriptors { get; } = [];

    private TimeSpan? Grace { get; set; }

    public bool DryRun { get; private set; }

    public bool Verbose { get; private set; }

    public bool Explain { get; private set; }

    /// <summary>Whether what is shown is JSON, and where it goes.</summary>
    public JsonTarget Json { get; } = new();

    public bool Help { get; private set; }

    public bool Version { get; private set; }

    /// <summary>Every option.</summary>
    public static OptionGroup<RunOptions>[] Table { get; } =
    [
        new("Files and directories (repeatable; a directory stands for everything beneath it)",
        [
            Path("--read-data", AccessClass.ReadData),
            Path("--read-only", AccessClass.ReadOnly),
            Path("--edit", AccessClass.Edit),
            Path("--read-write", AccessClass.ReadWrite),
            Path("--read-write-execute", AccessClass.ReadWriteExecute),
            Path("--unix-socket", AccessClass.UnixSocket),
            new("--access", "RIGHT[,RIGHT...]:PATH", "these rights only: read_file, write_file, execute ...",
                static (options, value) => options.AddAccess(value)),
            new("--except", "PATH", "not PATH, which is beneath a directory given above; nothing new beside it",
                static (options, value) => options.AddException(value)),
            new("--ignore-missing", null, "skip paths that do not exist",
                static (options, _) => options.Sandbox = options.Sandbox with { IgnoreMissing = true }),
            new("--no-closure", null, "do not allow the command's own program, loader and libraries",
                static (options, _) => options.Sandbox = options.Sandbox with { Closure = false }),
            new("--no-baseline", null, "do not allow what every program needs: /dev/null, locales, time zones ...",
                static (options, _) => options.Sandbox = options.Sandbox with { Baseline = false }),
        ]),
        new("Policies (Landlock Config documents, TOML or JSON)",
        [
            new("--policy", "FILE", "enforce a policy; several, and those of a directory, are composed; - is standard input",
                static (options, value) => options.Policies.AddFile(value)),
            new("--preset", "NAME[,NAME...]", $"allow what a kind of program needs: {string.Join(' ', Preset.Names)}",
                static (options, value) => options.Policies.AddPresets(value)),
            new("--variable", "NAME=VALUE", "a value of a policy's variable (repeatable; a variable may have several)",
                static (options, value) => options.Policies.AddVariable(value))
            { Short = "--var" },
        ]),
        new("Network (repeatable; PORTS is a list such as 443,8000-8010)",
        [
            Port("--bind-tcp", AccessNet.BindTcp, "listen on TCP ports; 0 lets the kernel choose one (before ABI 4 all of TCP is opened)"),
            Port("--connect-tcp", AccessNet.ConnectTcp, "connect to TCP ports (before ABI 4 all of TCP is opened)"),
            Port("--bind-udp", AccessNet.BindUdp, "bind UDP ports (before ABI 10 all of UDP is opened)"),
            Port("--connect-send-udp", AccessNet.ConnectSendUdp, "send to UDP ports, from a free one (before ABI 10 all of UDP is opened)"),
            new("--network", "MODE", "sockets: default (what there are rules for), none, tcp, or unrestricted (no seccomp filter)",
                static (options, value) => options.SetNetwork(value)),
            new("--no-unix-socket", null, "no UNIX sockets either: docker.sock, D-Bus ... are out of reach on every kernel",
                static (options, _) => options.Sandbox = options.Sandbox with { NoUnixSocket = true }),
        ]),
        new("Restrictions",
        [
            new("--unrestricted", "fs|net|scope", "leave files, network, or signals and abstract sockets alone",
                static (options, value) => options.AddUnrestricted(value)),
            new("--no-system-v-ipc", null, "no queues, semaphores and shared memory of System V, which all processes of the user share",
                static (options, _) => options.Sandbox = options.Sandbox with { NoSystemVIpc = true }),
            new("--restrict-namespaces", null, "no namespaces (unshare, setns, clone), userfaultfd, bpf and perf_event_open",
                static (options, _) => options.Sandbox = options.Sandbox with { RestrictNamespaces = true }),
            new("--compatibility", "LEVEL",
                "where the kernel lacks something: best-effort (enforce the rest, and warn), soft-requirement or hard-requirement",
                static (options, value) => options.SetCompatibility(value)),
            new("--strict", null, "the same as --compatibility hard-requirement",
                static (options, _) => options.Sandbox = options.Sandbox with { Compatibility = Compatibility.HardRequirement }),
            new("--require", "NAME[,NAME...]", "run nothing unless these protections hold; support lists them", static (options, value) =>
                options.ChangePromises(promises => promises with { Required = promises.Required | ProtectionPromises.Parse(value) })),
            new("--allow-degraded", "NAME[,NAME...]", "these may be missing, without a warning and in spite of --strict",
                static (options, value) => options.ChangePromises(
                    promises => promises with { AllowDegraded = promises.AllowDegraded | ProtectionPromises.Parse(value) })),
            new("--disable", "NAME[,NAME...]", "leave these out", static (options, value) =>
                options.ChangePromises(promises => promises with { Disabled = promises.Disabled | ProtectionPromises.Parse(value) })),
            new("--log-denials", null, "let the kernel log what the command is denied (ABI 7)",
                static (options, _) => options.Sandbox = options.Sandbox with { LogDenials = true }),
        ]),
        new("The command",
        [
            new("--working-directory", "DIR", "start in DIR; paths on this command line still count from here",
                static (options, value) => options.Sandbox = options.Sandbox with
                { WorkingDirectory = value.Length > 0 ? value : throw new UsageException("--chdir: expected a directory, not ''") })
                { Short = "--chdir" },
            new("--clean-environment", null, $"pass on {CleanEnvironment.Names} only",
                static (options, _) => options.ChangeInherited(inherited => inherited with { Clean = true }))
            { Short = "--clean-env" },
            new("--remove-secret", null,
                $"do not pass on variables whose names look like secrets, in any case: {EnvironmentSelection.Secrets}",
                static (options, _) => options.ChangeInherited(inherited => inherited with { RemoveSecrets = true })),
            new("--pass-environment", "PATTERN[,PATTERN...]",
                "pass these on in spite of --clean-env or --remove-secret", static (options, value) => options.ChangeInherited(
                inherited => inherited with { Pass = [.. inherited.Pass, .. value.Split(',')] }))
            { Short = "--pass-env" },
            new("--remove-environment", "PATTERN[,PATTERN...]", "do not pass these on", static (options, value) => options.ChangeInherited(
                inherited => inherited with { Remove = [.. inherited.Remove, .. value.Split(',')] }))
            { Short = "--remove-env" },
            new("--environment", "NAME[=VALUE]", "set a variable, or pass it on in spite of --clean-env",
                static (options, value) => options.AddVariable(value))
            { Short = "--env" },
            new("--keep-fd", "N[,N...]", "keep descriptors other than 0, 1 and 2 open",
                static (options, value) => options.AddDescriptors(value)),
        ]),
        new("Limits (of each process; SIZE is bytes, or with K, M or G)",
        [
            new("--max-memory", "SIZE", "memory: heap and private mappings",
                static (options, value) => options.ChangeLimits(limits => limits with { Memory = Size("--max-memory", value) })),
            new("--max-cpu-seconds", "SECONDS", "processor time", static (options, value) => options.ChangeLimits(
                limits => limits with { CpuSeconds = (long)Math.Ceiling(Seconds("--max-cpu", value, least: 0).TotalSeconds) }))
            { Short = "--max-cpu" },
            new("--max-file-size", "SIZE", "what a file may grow to",
                static (options, value) => options.ChangeLimits(limits => limits with { FileSize = Size("--max-file-size", value) })),
            new("--max-open-files", "N", "descriptors",
                static (options, value) => options.ChangeLimits(limits => limits with { OpenFiles = Number("--max-open-files", value) })),
            new("--max-processes", "N", "processes and threads of the user, those outside counted, too; not for root",
                static (options, value) => options.ChangeLimits(limits => limits with { Processes = Number("--max-processes", value) })),
        ]),
        new("The whole command, with all that it starts (nothing of it is left behind when it ends)",
        [
            new("--timeout-sec", "SECONDS", "stop it after so long: SIGTERM, after a grace SIGKILL, and exit code 124",
                static (options, value) => options.ChangeSupervision(
                    supervision => supervision with { Timeout = Seconds("--timeout", value, least: 0.001) }))
                { Short = "--timeout" },
            new("--timeout-grace-sec", "SECONDS",
                $"time between SIGTERM and SIGKILL; {SupervisionOptions.DefaultGrace.TotalSeconds} if not given",
                static (options, value) => options.Grace = Seconds("--timeout-grace", value, least: 0))
            { Short = "--timeout-grace" },
            new("--max-total-memory", "SIZE", "memory of all processes together; needs a control group (v2)", static (options, value) =>
                options.ChangeSupervision(supervision => supervision with { TotalMemory = Size("--max-total-memory", value) })),
            new("--max-total-processes", "N", "processes and threads, all together; needs a control group (v2)", static (options, value) =>
                options.ChangeSupervision(supervision => supervision with { TotalProcesses = Number("--max-total-processes", value) })),
            new("--private-temp", null, "a new directory for temporary files, allowed and in TMPDIR, removed afterwards",
                static (options, _) => options.ChangeSupervision(supervision => supervision with { PrivateTemp = true })),
            new("--kill-on-parent-exit", null, "end it when the process that has started this one is gone",
                static (options, _) => options.ChangeSupervision(supervision => supervision with { EndWithParent = true })),
        ]),
        new("Information",
        [
            new("--dry-run", null, "show everything that would be allowed, and run nothing", static (options, _) => options.DryRun = true),
            new("--verbose", null, "show the same on standard error, and run the command", static (options, _) => options.Verbose = true),
            new("--explain", null, "after the command, show what it was denied on standard error, and what would allow it",
                static (options, _) => options.Explain = true),
            .. JsonTarget.Options<RunOptions>(static options => options.Json,
                "the plan of --dry-run (standard output), or the denials of --explain (standard error), as JSON"),
            new("--help", null, "show this help", static (options, _) => options.Help = true) { Short = "-h" },
            new("--version", null, "show the version", static (options, _) => options.Version = true) { Short = "-V" },
        ]),
    ];

    /// <summary>What only all options together tell.</summary>
    /// <exception cref="UsageException">One of them would do nothing.</exception>
    public void Complete()
    {
        if (Json.IsWanted && !DryRun && !Explain)
            throw new UsageException("--json does nothing alone; add --dry-run for the plan, or --explain for what is denied");
        if (Grace is not { } grace) return;
        if (Sandbox.Supervision.Timeout is null)
            throw new UsageException("--timeout-grace does nothing without a time limit; add --timeout SECONDS");
        ChangeSupervision(supervision => supervision with { Grace = grace });
    }

    private static Option<RunOptions> Path(string name, AccessClass access) =>
        new(name, "PATH", access.Description, (options, value) => options.Allow(new PathRule(value, access.Rights)));

    private static Option<RunOptions> Port(string name, AccessNet access, string help) => new(name, "PORTS", help, (options, value) =>
    {
        options.Sandbox = options.Sandbox with
        { Ports = [.. options.Sandbox.Ports, .. PortRange.ParseList(value).Select(range => new NetRule(range, access))] };
    });

    private void Allow(PathRule rule) => Sandbox = Sandbox with { Paths = Sandbox.Paths.Add(rule) };

    private void Free(Unrestricted part) => Sandbox = Sandbox with { Unrestricted = Sandbox.Unrestricted | part };

    private void ChangeInherited(Func<EnvironmentSelection, EnvironmentSelection> change) =>
        Sandbox = Sandbox with { Environment = change(Sandbox.Environment) };

    private void ChangeLimits(Func<LimitOptions, LimitOptions> change) => Sandbox = Sandbox with { Limits = change(Sandbox.Limits) };

    private void ChangeSupervision(Func<SupervisionOptions, SupervisionOptions> change) =>
        Sandbox = Sandbox with { Supervision = change(Sandbox.Supervision) };

    private void ChangePromises(Func<ProtectionPromises, ProtectionPromises> change) =>
        Sandbox = Sandbox with { Promises = change(Sandbox.Promises) };

    private void AddAccess(string value)
    {
        int colon = value.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw new UsageException(
                $"--access: expected RIGHT[,RIGHT...]:PATH, such as read_file,read_dir:/srv, not '{PosixText.Printable(value)}'");
        Allow(new PathRule(value[(colon + 1)..], AccessText.ParseFs(value[..colon])));
    }

    private void AddException(string value)
    {
        // An empty path is told with the option's name.
        _ = PathRule.Normalize(value);
        Sandbox = Sandbox with { Except = Sandbox.Except.Add(value) };
    }

    private void AddUnrestricted(string value)
    {
        foreach (string word in value.Split(','))
        {
            switch (word)
            {
                case "fs": Free(Unrestricted.Fs); break;
                case "net": Free(Unrestricted.Net); break;
                case "scope": Free(Unrestricted.Scope); break;
                default:
                    throw new UsageException($"--unrestricted: '{PosixText.Printable(word)}' is none "
                        + $"of {Everything}{Suggestion.Question(word, ["fs", "net", "scope"])}");
            }
        }
    }

    private static long Number(string option, string value) =>
        value.Length is > 0 and < 16 && value.All(char.IsAsciiDigit) ? long.Parse(value)
            : throw new UsageException($"{option}: expected a number, not '{PosixText.Printable(value)}'");

    private static TimeSpan Seconds(string option, string value, double least) =>
        DurationText.Parse(value, isSeconds: true) is { } span && span.TotalSeconds >= least && span.TotalSeconds <= int.MaxValue
            ? span
            : throw new UsageException($"{option}: expected {(least > 0 ? "a positive number of seconds" : "a number of seconds")}, such "
                + $"as 30 or 0.5, or a number and a unit, such as 30s, 10m, 2h or 7d, not '{PosixText.Printable(value)}'");

    private static long Size(string option, string value)
    {
        int shift = value is [.., char unit] ? unit switch { 'K' or 'k' => 10, 'M' or 'm' => 20, 'G' or 'g' => 30, _ => 0 } : 0;
        string digits = shift == 0 ? value : value[..^1];
        return digits.Length is > 0 and < 16 && digits.All(char.IsAsciiDigit) && long.Parse(digits) <= long.MaxValue >> shift
            ? long.Parse(digits) << shift
            : throw new UsageException($"{option}: expected a size, such as 1048576, 512M or 2G, not '{PosixText.Printable(value)}'");
    }

    private void SetNetwork(string value) => Sandbox = Sandbox with
    {
        Network = value switch
        {
            "default" => NetworkMode.Default,
            "none" => NetworkMode.None,
            "tcp" => NetworkMode.Tcp,
            "unrestricted" => NetworkMode.Unrestricted,
            _ => throw new UsageException("--network: expected default, none, tcp or unrestricted, not "
                + $"'{PosixText.Printable(value)}'{Suggestion.Question(value, ["default", "none", "tcp", "unrestricted"])}"),
        },
    };

    private void SetCompatibility(string value) => Sandbox = Sandbox with
    {
        Compatibility = value switch
        {
            "best-effort" => Compatibility.BestEffort,
            "soft-requirement" => Compatibility.SoftRequirement,
            "hard-requirement" => Compatibility.HardRequirement,
            _ => throw new UsageException("--compatibility: expected best-effort, soft-requirement or hard-requirement, not "
                + $"'{PosixText.Printable(value)}'{Suggestion.Question(value, ["best-effort", "soft-requirement", "hard-requirement"])}"),
        },
    };

    private void AddVariable(string value)
    {
        if (value.Length == 0 || value[0] == '=')
            throw new UsageException($"--env: expected NAME or NAME=VALUE, not '{PosixText.Printable(value)}'");
        int equals = value.IndexOf('=', StringComparison.Ordinal);
        EnvironmentChange change =
            equals < 0 ? new EnvironmentChange(value, null, Keeps: true) : new EnvironmentChange(value[..equals], value[(equals + 1)..]);
        ChangeInherited(inherited => inherited with { Changes = inherited.Changes.Add(change) });
    }

    // Checked at once: later, a descriptor of this program's own could have the number.
    private void AddDescriptors(string value)
    {
        foreach (string word in value.Split(','))
        {
            if (word.Length is 0 or > 9 || !word.All(char.IsAsciiDigit))
                throw new UsageException($"--keep-fd: expected descriptor numbers, such as 3 or 3,4, not '{PosixText.Printable(value)}'");
            int descriptor = int.Parse(word);
            if (!Native.IsOpen(descriptor)) throw new UsageException($"--keep-fd: descriptor {descriptor} is not open");
            KeepDescriptors.Add(descriptor);
        }
    }
}
