using Landlock.Abi;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Options;

namespace Landlocked;

/// <summary>What `landlocked [options] COMMAND` was asked to do.</summary>
internal sealed class RunOptions
{
    private readonly List<Func<Sandbox, Sandbox>> _changes = [];
    private bool _hasGrace;

    /// <summary>Whether nothing will run: somebody asks what would be allowed.</summary>
    public bool IsQuestion { get; init; }

    /// <summary>Whether the command is run later, and descriptors to keep are those of that process.</summary>
    public bool IsLater { get; init; }

    /// <summary>The compiled command to write; empty if it was not named.</summary>
    public string OutputFile { get; private set; } = "";

    /// <summary>Whether a compiled command ends where something has changed.</summary>
    public bool Frozen { get; private set; }

    /// <summary>Whether a compiled command says what has changed.</summary>
    public bool TellsChanges { get; private set; }

    /// <summary>Names of profiles.</summary>
    public List<string> Profiles { get; } = [];

    /// <summary>Policies and presets.</summary>
    public PolicyOptions Policies { get; } = new();

    /// <summary>Descriptors to keep.</summary>
    public List<int> KeepDescriptors { get; } = [];

    public bool DryRun { get; private set; }

    public bool Verbose { get; private set; }

    public bool Explain { get; private set; }

    /// <summary>Whether denials are explained as they happen.</summary>
    public bool IsLive { get; private set; }

    /// <summary>Whether what is shown is JSON, and where it goes.</summary>
    public JsonTarget Json { get; } = new();

    public bool Help { get; private set; }

    public bool Version { get; private set; }

    /// <summary>Every option.</summary>
    public static OptionGroup<RunOptions>[] Table { get; } =
    [
        new("Files and directories (repeatable; a directory stands for everything beneath it)",
        [
            Shared("read-data"), Shared("read-only"), Shared("edit"), Shared("read-write"), Shared("read-write-execute"),
            Shared("unix-socket"),
            new("--access", "RIGHT[,RIGHT...]:PATH", "only these rights: read_file, write_file, execute ...",
                static (options, value) => options.AddAccess(value)),
            Shared("except"), Shared("ignore-missing"), Shared("no-closure"), Shared("no-baseline"),
        ]),
        new("Profiles and policies (a profile is a whole sandbox with a name; a policy is a Landlock Config document, TOML or JSON)",
        [
            new("--profile", "NAME", "the sandbox of that name, to which other options add; several are nested layers",
                static (options, value) => options.Profiles.Add(value)),
            new("--policy", "FILE", "enforce a policy; several, or a directory of them, are merged; - is standard input",
                static (options, value) => options.Policies.AddFile(value)),
            new("--preset", "NAME[,NAME...]", $"allow what a kind of program needs: {string.Join(' ', Preset.Names)}",
                static (options, value) => options.Policies.AddPresets(value)),
            new("--variable", "NAME=VALUE", "a value of a policy's or profile's variable (repeatable; it may have several)",
                static (options, value) => options.Policies.AddVariable(value))
            { Short = "--var" },
        ]),
        new("Network (repeatable; PORTS is a list such as 443,8000-8010)",
        [
            Shared("bind-tcp"), Shared("connect-tcp"), Shared("bind-udp"), Shared("connect-send-udp"), Shared("connect-host"),
            Shared("network"),
            Shared("list-interfaces"), Shared("no-unix-socket"),
        ]),
        new("Restrictions",
        [
            Shared("unrestricted"), Shared("no-system-v-ipc"), Shared("restrict-namespaces"), Shared("compatibility"),
            new("--strict", null, "the same as --compatibility hard-requirement", static (options, _) =>
                options.Change(sandbox => sandbox with { Compatibility = Compatibility.HardRequirement })),
            Shared("require"), Shared("allow-degraded"), Shared("disable"), Shared("log-denials"),
        ]),
        new("The command",
        [
            Shared("working-directory"), Shared("clean-environment"), Shared("remove-secret"), Shared("pass-environment"),
            Shared("remove-environment"),
            new("--environment", "NAME[=VALUE]", "set a variable, or pass it on even with --clean-env",
                static (options, value) => options.AddVariable(value))
            { Short = "--env" },
            new("--keep-fd", "N[,N...]", "keep descriptors other than 0, 1 and 2 open",
                static (options, value) => options.AddDescriptors(value)),
        ]),
        new("Limits (of each process; SIZE is bytes, or with a unit: 512K, 512MB, 2GiB)",
        [
            Shared("max-memory"), Shared("max-cpu-seconds"), Shared("max-file-size"), Shared("max-open-files"), Shared("max-processes"),
        ]),
        new("The command and all that it starts (nothing is left running when it ends)",
        [
            Shared("timeout-sec"),
            Shared("timeout-grace-sec"),
            Shared("max-total-memory"), Shared("max-total-processes"), Shared("private-temp"), Shared("preview"),
            Shared("preserve"), Shared("kill-on-parent-exit"),
        ]),
        new("Information",
        [
            new("--dry-run", null, "show what would be allowed, and run nothing; with --verbose everything",
                static (options, _) => options.DryRun = true),
            new("--verbose", null, "show the same on standard error, and run the command", static (options, _) => options.Verbose = true),
            new("--explain", null, "show on standard error what the command was denied, and what would allow it: afterwards, or as it "
                + "happens (live)", static (options, value) => (options.Explain, options.IsLive) = (true, value.Length > 0))
            { Choice = "live" },
            .. JsonTarget.Options<RunOptions>(static options => options.Json,
                "the plan of --dry-run (standard output), or the denials of --explain (standard error), as JSON"),
            new("--help", null, "show this help", static (options, _) => options.Help = true) { Short = "-h" },
            new("--version", null, "show the version", static (options, _) => options.Version = true) { Short = "-V" },
        ]),
    ];

    /// <summary>The options of `landlocked compile`: all that say what a command runs in, and what the file is.</summary>
    public static OptionGroup<RunOptions>[] ToCompile { get; } =
    [
        .. Table[..^1],
        new("The compiled command",
        [
            new("--output", "FILE", "the file to write; an older compiled command is replaced",
                static (options, value) => options.OutputFile = value) { Short = "-o" },
            new("--frozen", null, "where something has changed, end with exit code 125 instead of planning anew",
                static (options, _) => options.Frozen = true),
            new("--tell-changes", null, "say in one line on standard error what has changed, before it is planned anew",
                static (options, _) => options.TellsChanges = true),
            new("--help", null, "show this help", static (options, _) => options.Help = true) { Short = "-h" },
        ]),
    ];

    /// <summary>Those that say what is allowed: of files, policies, the network, and restrictions.</summary>
    public static OptionGroup<RunOptions>[] OfSandbox => Table[..4];

    /// <summary>What only all options together tell.</summary>
    /// <exception cref="UsageException">One of them would do nothing.</exception>
    public void Complete()
    {
        if (Json.IsWanted && !DryRun && !Explain)
            throw new UsageException("--json does nothing alone; add --dry-run for the plan, or --explain for what is denied");
    }

    /// <summary>What the options make of a sandbox, that of profiles or the strictest.</summary>
    /// <exception cref="UsageException">One of them would do nothing.</exception>
    public Sandbox Apply(Sandbox sandbox)
    {
        Sandbox changed = _changes.Aggregate(sandbox, (before, change) => change(before));
        if (_hasGrace && changed.Supervision.Timeout is null)
            throw new UsageException("--timeout-grace does nothing without a time limit; add --timeout SECONDS");
        return changed;
    }

    /// <summary>Notes what an option makes of the sandbox.</summary>
    /// <exception cref="RulesetException">It cannot be meant.</exception>
    public void Change(Func<Sandbox, Sandbox> change)
    {
        // A mistake is told with the option that it stands in.
        _ = change(Sandbox.Strict);
        _changes.Add(change);
    }

    private static Option<RunOptions> Shared(string name)
    {
        SandboxOption option = SandboxOptions.Find(name);
        return new Option<RunOptions>($"--{name}", SandboxArgument.NameFor(option), option.Help, (options, value) =>
        {
            options.Change(SandboxArgument.Read(option, value));
            options._hasGrace |= name == "timeout-grace-sec";
        })
        {
            Short = option.Short is null ? null : $"--{option.Short}",
            Shared = option,
        };
    }

    private void AddAccess(string value)
    {
        int colon = value.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw new UsageException(
                $"--access: expected RIGHT[,RIGHT...]:PATH, such as read_file,read_dir:/srv, not '{PosixText.Printable(value)}'");
        AccessFs rights = AccessText.ParseFs(value[..colon]);
        Change(sandbox => sandbox.Allow(rights, value[(colon + 1)..]));
    }

    private void AddVariable(string value)
    {
        if (value.Length == 0 || value[0] == '=')
            throw new UsageException($"--env: expected NAME or NAME=VALUE, not '{PosixText.Printable(value)}'");
        int equals = value.IndexOf('=', StringComparison.Ordinal);
        EnvironmentChange change =
            equals < 0 ? new EnvironmentChange(value, null, Keeps: true) : new EnvironmentChange(value[..equals], value[(equals + 1)..]);
        Change(sandbox => sandbox with
        { Environment = sandbox.Environment with { Changes = sandbox.Environment.Changes.Add(change) } });
    }

    // Checked at once: later, a descriptor of this program's own could have the number.
    private void AddDescriptors(string value)
    {
        foreach (string word in value.Split(','))
        {
            if (word.Length is 0 or > 9 || !word.All(char.IsAsciiDigit))
                throw new UsageException($"--keep-fd: expected descriptor numbers, such as 3 or 3,4, not '{PosixText.Printable(value)}'");
            int descriptor = int.Parse(word);
            if (!IsLater && !Native.IsOpen(descriptor)) throw new UsageException($"--keep-fd: descriptor {descriptor} is not open");
            KeepDescriptors.Add(descriptor);
        }
    }
}
