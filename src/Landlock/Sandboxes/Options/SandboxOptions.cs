using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Supervision;

namespace Landlock.Sandboxes.Options;

/// <summary>
/// Every option of a sandbox. The command line, its help, the keys of a profile and their schema are made from this table.
/// </summary>
internal static class SandboxOptions
{
    private static readonly ImmutableArray<string> Networks = ["default", "none", "tcp", "unrestricted"];
    private static readonly ImmutableArray<string> Levels = ["best-effort", "soft-requirement", "hard-requirement"];

    private static readonly (string Word, string Help)[] Parts =
        [("fs", "files and directories"), ("net", "the network"), ("scope", "signals and abstract sockets")];

    /// <summary>All of them.</summary>
    public static ImmutableArray<SandboxOption> All { get; } =
    [
        Path("read-data", AccessClass.ReadData),
        Path("read-only", AccessClass.ReadOnly),
        Path("edit", AccessClass.Edit),
        Path("read-write", AccessClass.ReadWrite),
        Path("read-write-execute", AccessClass.ReadWriteExecute),
        Path("unix-socket", AccessClass.UnixSocket),
        new PlaceOption("except", "PATH", "not PATH, '**/.env' or Secrets, beneath an allowed directory; nothing can be made beside it",
            true, static (sandbox, text) =>
            {
                // What is none is told with the option's name.
                if (!ExceptionSet.IsWord(text)) _ = ExceptionText.Parse(text);
                return sandbox with { Except = sandbox.Except.Add(text) };
            })
        { TextOf = PathRule.ExceptionOf },
        new FlagOption("ignore-missing", "skip paths that do not exist", static (sandbox, on) => sandbox with { IgnoreMissing = on }),
        new FlagOption("no-closure", "do not allow the command's own program, loader and libraries",
            static (sandbox, on) => sandbox with { Closure = !on }),
        new FlagOption("no-baseline", "do not allow what nearly every program needs: /dev/null, locales, time zones ...",
            static (sandbox, on) => sandbox with { Baseline = !on }),

        new PortsOption("bind-tcp", "listen on TCP ports; 0 lets the kernel choose one (below ABI 4, opens all of TCP)",
            AccessNet.BindTcp),
        new PortsOption("connect-tcp", "connect to TCP ports (below ABI 4, opens all of TCP)", AccessNet.ConnectTcp),
        new PortsOption("bind-udp", "bind UDP ports (below ABI 10, opens all of UDP)", AccessNet.BindUdp),
        new PortsOption("connect-send-udp", "send to UDP ports, from a free port (below ABI 10, opens all of UDP)",
            AccessNet.ConnectSendUdp),
        new HostsOption("connect-host", "connect by TCP to these hosts only: NAME, *.NAME, ADDRESS or ADDRESS/BITS, each with :PORT (443 "
            + "if not given); closes UDP, except to look up names, and UNIX sockets that no option allows"),
        new WordOption("network", "MODE", "sockets: default (what rules allow), none, tcp, or unrestricted (no seccomp filter)",
            Networks, static (sandbox, mode) => sandbox with { Network = (NetworkMode)mode })
        { Helps = ["what rules allow", "UNIX sockets only", "UNIX sockets, and TCP by the rules", "no seccomp filter"] },
        new FlagOption("list-interfaces", "list network interfaces, addresses and routes (a socket of NETLINK_ROUTE)",
            static (sandbox, on) => sandbox with { ListInterfaces = on }),
        new FlagOption("no-unix-socket", "refuse UNIX sockets: docker.sock, D-Bus ... are out of reach on every kernel",
            static (sandbox, on) => sandbox with { NoUnixSocket = on }),

        new WordsOption("unrestricted", "fs|net|scope", "leave files, network, or signals and abstract sockets alone", static () => Parts,
            static (sandbox, part) => sandbox with
            { Unrestricted = sandbox.Unrestricted | (Unrestricted)(1 << Array.FindIndex(Parts, one => one.Word == part)) }),
        new FlagOption("no-system-v-ipc", "refuse System V queues, semaphores and shared memory, which all processes of the user share",
            static (sandbox, on) => sandbox with { NoSystemVIpc = on }),
        new FlagOption("restrict-namespaces", "refuse namespaces (unshare, setns, clone), userfaultfd, bpf and perf_event_open",
            static (sandbox, on) => sandbox with { RestrictNamespaces = on }),
        new WordOption("compatibility", "LEVEL",
            "if the kernel lacks something: best-effort (enforce the rest, and warn), soft-requirement or hard-requirement", Levels,
            static (sandbox, level) => sandbox with { Compatibility = (Compatibility)level })
        { Helps = ["enforce the rest, and warn", "enforce nothing and run nothing", "fail"] },
        Protections("require", "run nothing unless these protections hold; support lists them",
            static (promises, more) => promises with { Required = promises.Required | more }),
        Protections("allow-degraded", "let these be missing, without a warning, even with --strict",
            static (promises, more) => promises with { AllowDegraded = promises.AllowDegraded | more }),
        Protections("disable", "leave these out", static (promises, more) => promises with { Disabled = promises.Disabled | more }),
        new FlagOption("log-denials", "have the kernel log what the command is denied (ABI 7)",
            static (sandbox, on) => sandbox with { LogDenials = on }),

        new PlaceOption("working-directory", "DIR", "start in DIR; paths on this command line still count from here", false,
            static (sandbox, directory) => sandbox with { WorkingDirectory = directory }) { Short = "chdir" },
        new FlagOption("clean-environment", $"pass on only {CleanEnvironment.Names}",
            static (sandbox, on) => Inherit(sandbox, inherited => inherited with { Clean = on })) { Short = "clean-env" },
        new FlagOption("remove-secret", "do not pass on variables whose names look like secrets, in any case: "
            + EnvironmentSelection.Secrets, static (sandbox, on) => Inherit(sandbox, inherited => inherited with { RemoveSecrets = on })),
        new PatternsOption("pass-environment", "pass these on even with --clean-env or --remove-secret",
            static (sandbox, pattern) => Inherit(sandbox, inherited => inherited with { Pass = inherited.Pass.Add(pattern) }))
            { Short = "pass-env" },
        new PatternsOption("remove-environment", "do not pass these on",
            static (sandbox, pattern) => Inherit(sandbox, inherited => inherited with { Remove = inherited.Remove.Add(pattern) }))
            { Short = "remove-env" },

        Limit("max-memory", "memory: heap and private mappings", true, static (limits, most) => limits with { Memory = most }),
        new TimeOption("max-cpu-seconds", "processor time", 0,
            static (sandbox, time) => Limited(sandbox, limits => limits with { CpuSeconds = (long)Math.Ceiling(time.TotalSeconds) }))
            { Short = "max-cpu" },
        Limit("max-file-size", "size of a file that it writes", true, static (limits, most) => limits with { FileSize = most }),
        Limit("max-open-files", "open descriptors", false, static (limits, most) => limits with { OpenFiles = most }),
        Limit("max-processes", "processes and threads of the user, counting those outside; not for root", false,
            static (limits, most) => limits with { Processes = most }),

        new TimeOption("timeout-sec", "stop it after this time: SIGTERM, then SIGKILL; exit code 124", 0.001,
            static (sandbox, time) => Supervise(sandbox, supervision => supervision with { Timeout = time })) { Short = "timeout" },
        new TimeOption("timeout-grace-sec",
            $"time between SIGTERM and SIGKILL; {(int)SupervisionOptions.DefaultGrace.TotalSeconds} if not given", 0,
            static (sandbox, time) => Supervise(sandbox, supervision => supervision with { Grace = time })) { Short = "timeout-grace" },
        new NumberOption("max-total-memory", "memory of all processes together; needs a control group (v2)", true,
            static (sandbox, most) => Supervise(sandbox, supervision => supervision with { TotalMemory = most })),
        new NumberOption("max-total-processes", "processes and threads, all together; needs a control group (v2)", false,
            static (sandbox, most) => Supervise(sandbox, supervision => supervision with { TotalProcesses = most })),
        new FlagOption("private-temp", "make a directory for temporary files, allowed and in TMPDIR, and remove it afterwards",
            static (sandbox, on) => Supervise(sandbox, supervision => supervision with { PrivateTemp = on })),
        new FlagOption("preview", "keep what it changes apart: look at it, then apply or drop it (landlocked preview)",
            static (sandbox, on) => Supervise(sandbox, supervision => supervision with { Preview = on })),
        new PlaceOption("preserve", "PATH", "if the command has changed PATH, put it back when it ends, and say so", true,
            static (sandbox, path) => Supervise(sandbox, supervision =>
                supervision with { Preserve = supervision.Preserve.Add(PathRule.Normalize(path)) })) { MayBeNone = true },
        new FlagOption("kill-on-parent-exit", "end it when the process that started this one is gone",
            static (sandbox, on) => Supervise(sandbox, supervision => supervision with { EndWithParent = on })),
    ];

    /// <summary>The option of a name.</summary>
    public static SandboxOption Find(string name) => All.First(option => option.Name == name);

    private static PathsOption Path(string name, AccessClass access) => new(name, access.Description, access);

    private static WordsOption Protections(string name, string help, Func<ProtectionPromises, Protection, ProtectionPromises> add) =>
        new(name, "NAME[,NAME...]", help, static () => ProtectionPromises.Table,
            (sandbox, words) => sandbox with { Promises = add(sandbox.Promises, ProtectionPromises.Parse(words)) });

    private static NumberOption Limit(string name, string help, bool isSize, Func<LimitOptions, long, LimitOptions> set) =>
        new(name, help, isSize, (sandbox, most) => Limited(sandbox, limits => set(limits, most)));

    private static Sandbox Limited(Sandbox sandbox, Func<LimitOptions, LimitOptions> change) =>
        sandbox with { Limits = change(sandbox.Limits) };

    private static Sandbox Inherit(Sandbox sandbox, Func<EnvironmentSelection, EnvironmentSelection> change) =>
        sandbox with { Environment = change(sandbox.Environment) };

    private static Sandbox Supervise(Sandbox sandbox, Func<SupervisionOptions, SupervisionOptions> change) =>
        sandbox with { Supervision = change(sandbox.Supervision) };
}
