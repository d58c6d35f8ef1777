using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using Landlock.Linux;
using Landlock.Profiles;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Supervision;
using LandlockPS.Binding;
using LandlockPS.Denials;
using LandlockPS.Engine;
using LandlockPS.Output;
using LandlockPS.Policies;
using LandlockPS.Profiles;
using LandlockPS.Running;

namespace LandlockPS;

/// <summary>The parameters that describe a sandbox, shared by every cmdlet that starts one.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class SandboxCommand : AccessCommand
{
    /// <summary>Paths beneath those that are allowed here, and that are not; wildcards allowed.</summary>
    [Parameter]
    [PathTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Except { get; set; } = [];

    /// <summary>Parts to leave alone: Fs, Net or Scope.</summary>
    [Parameter]
    [ValidateNotNull]
    public RestrictionKind[] Unrestricted { get; set; } = [];

    /// <summary>Which sockets a seccomp filter lets the command make.</summary>
    [Parameter]
    public NetworkMode Network { get; set; }

    /// <summary>Let the command ask for network interfaces, addresses and routes, by a socket of NETLINK_ROUTE.</summary>
    [Parameter]
    public SwitchParameter ListInterfaces { get; set; }

    /// <summary>Let the command make no UNIX socket, so that it reaches none of another program, whatever the kernel.</summary>
    [Parameter]
    public SwitchParameter NoUnixSocket { get; set; }

    /// <summary>Let the command use no queue, semaphore or shared memory of System V, which all processes of the user share.</summary>
    [Parameter]
    public SwitchParameter NoSystemVIpc { get; set; }

    /// <summary>Let the command make and enter no namespace, nor call userfaultfd(2), bpf(2) and perf_event_open(2).</summary>
    [Parameter]
    public SwitchParameter RestrictNamespaces { get; set; }

    /// <summary>Rulesets to enforce, one nested layer each, outermost first.</summary>
    [Parameter]
    [RulesetTransformation]
    public Ruleset[] Ruleset { get; set; } = [];

    /// <summary>Profiles: whole sandboxes with a name, which the other parameters add to; of several, each is a layer of its own.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ProfileNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Profile { get; set; } = [];

    /// <summary>Policy files and directories; they are composed into one ruleset.</summary>
    [Parameter]
    [PathTransformation]
    [ArgumentCompleter(typeof(PolicyFileCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Policy { get; set; } = [];

    /// <summary>Presets that grant what a kind of program needs.</summary>
    [Parameter]
    [PresetTransformation]
    [ArgumentCompleter(typeof(PresetCompleter))]
    public string[] Preset { get; set; } = [];

    /// <summary>Values for the variables of policies and presets; $null asks for the built-in value.</summary>
    [Parameter]
    public IDictionary? Variable { get; set; }

    /// <summary>What to do where the kernel lacks something.</summary>
    [Parameter]
    public Compatibility Compatibility { get; set; }

    /// <summary>Protections without which nothing is started.</summary>
    [Parameter]
    [ProtectionTransformation]
    [ArgumentCompleter(typeof(ProtectionCompleter))]
    public string[] Require { get; set; } = [];

    /// <summary>Protections that may be missing, without a warning and in spite of -Compatibility.</summary>
    [Parameter]
    [ProtectionTransformation]
    [ArgumentCompleter(typeof(ProtectionCompleter))]
    public string[] AllowDegraded { get; set; } = [];

    /// <summary>Protections to leave out.</summary>
    [Parameter]
    [ProtectionTransformation]
    [ArgumentCompleter(typeof(ProtectionCompleter))]
    public string[] Disable { get; set; } = [];

    /// <summary>Skip, and report, rules whose path does not exist.</summary>
    [Parameter]
    public SwitchParameter IgnoreMissing { get; set; }

    /// <summary>Variables to set, or with $null to remove.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary Environment { get; set; } = new Hashtable();

    /// <summary>Start from a minimal environment.</summary>
    [Parameter]
    public SwitchParameter CleanEnvironment { get; set; }

    /// <summary>Do not pass on variables whose names look like those of secrets.</summary>
    [Parameter]
    public SwitchParameter RemoveSecret { get; set; }

    /// <summary>Names to pass on in spite of -CleanEnvironment or -RemoveSecret.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VariableNameCompleter))]
    [ValidateNotNull]
    public string[] PassEnvironment { get; set; } = [];

    /// <summary>Names not to pass on.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VariableNameCompleter))]
    [ValidateNotNull]
    public string[] RemoveEnvironment { get; set; } = [];

    /// <summary>Directory to start in.</summary>
    [Parameter]
    [PathTransformation]
    [Alias("Chdir")]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>Bytes of memory of each process.</summary>
    [Parameter]
    [SizeTransformation]
    [ArgumentCompleter(typeof(SizeCompleter))]
    public long? MaxMemory { get; set; }

    /// <summary>Processes and threads of the user.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CountCompleter))]
    public long? MaxProcesses { get; set; }

    /// <summary>Seconds of processor time of each process.</summary>
    [Parameter]
    [SecondsTransformation]
    [ArgumentCompleter(typeof(TimeCompleter))]
    public long? MaxCpuSeconds { get; set; }

    /// <summary>Bytes that a file may grow to.</summary>
    [Parameter]
    [SizeTransformation]
    [ArgumentCompleter(typeof(SizeCompleter))]
    public long? MaxFileSize { get; set; }

    /// <summary>Descriptors of each process.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CountCompleter))]
    public long? MaxOpenFiles { get; set; }

    /// <summary>Bytes of memory of all processes together.</summary>
    [Parameter]
    [SizeTransformation]
    [ArgumentCompleter(typeof(SizeCompleter))]
    public long? MaxTotalMemory { get; set; }

    /// <summary>Processes and threads, all together.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CountCompleter))]
    public long? MaxTotalProcesses { get; set; }

    /// <summary>Give the command a new directory for temporary files, and remove it afterwards.</summary>
    [Parameter]
    public SwitchParameter PrivateTemp { get; set; }

    /// <summary>Keep what the command changes apart, to be looked at and then applied or dropped.</summary>
    [Parameter]
    public SwitchParameter Preview { get; set; }

    /// <summary>Files and directories to put back when the command ends, if it has changed them.</summary>
    [Parameter]
    [PathTransformation]
    [ValidateNotNullOrEmpty]
    public string[] Preserve { get; set; } = [];

    /// <summary>End the command when this PowerShell process is gone, however it ended.</summary>
    [Parameter]
    public SwitchParameter KillOnParentExit { get; set; }

    /// <summary>Do not grant the command's own files and libraries.</summary>
    [Parameter]
    public SwitchParameter NoClosure { get; set; }

    /// <summary>Do not grant the harmless things that nearly every program needs.</summary>
    [Parameter]
    public SwitchParameter NoBaseline { get; set; }

    /// <summary>Let the kernel log denials (ABI 7).</summary>
    [Parameter]
    public SwitchParameter LogDenials { get; set; }

    private readonly HashSet<SandboxFinding> _told = [];
    private int _given;

    private ProtectionPromises Promises => ProtectionTransformationAttribute.Promises(Require, AllowDegraded, Disable);

    /// <summary>What the parameters make of what needs somebody who stays while the command runs.</summary>
    private protected virtual SupervisionOptions Supervise(SupervisionOptions profile) => profile with
    {
        PrivateTemp = Given<bool>(nameof(PrivateTemp), PrivateTemp, profile.PrivateTemp),
        Preview = Given<bool>(nameof(Preview), Preview, profile.Preview),
        EndWithParent = Given<bool>(nameof(KillOnParentExit), KillOnParentExit, profile.EndWithParent),
        Preserve = [.. profile.Preserve, .. Preserve.Select(path => RulePath.Literal(this, path))],
        TotalMemory = MaxTotalMemory ?? profile.TotalMemory,
        TotalProcesses = MaxTotalProcesses ?? profile.TotalProcesses,
    };

    /// <summary>Rulesets that came down the pipeline.</summary>
    private protected List<Ruleset> Piped { get; } = [];

    /// <summary>Whether anything of the pipeline was taken as a ruleset or a profile.</summary>
    private protected bool HasPiped => Piped.Count + PipedProfiles.Count > 0;

    /// <summary>Profiles that came down the pipeline.</summary>
    private protected List<Profile> PipedProfiles { get; } = [];

    /// <summary>The current directory of the filesystem, which relative paths start from.</summary>
    private protected string BaseDirectory => CurrentDirectory.Of(SessionState.Path);

    /// <summary>Takes what came down the pipeline, if it is a ruleset or a profile.</summary>
    /// <exception cref="PSInvalidCastException">It was one in another process.</exception>
    private protected bool TakePiped(PSObject? value)
    {
        if (PipedProfile.Find(value) is { } profile) PipedProfiles.Add(profile);
        else if (PipedRuleset.Find(value) is { } ruleset) Piped.Add(ruleset);
        else return false;
        return true;
    }

    /// <summary>The value of a parameter that was given, or what a profile says.</summary>
    private protected T Given<T>(string parameter, T value, T profile) =>
        MyInvocation.BoundParameters.ContainsKey(parameter) ? value : profile;

    /// <summary>The sandbox that the parameters describe: that of the profiles, and what the other parameters make of it.</summary>
    private Sandbox Described() => ProfilePlaces.Changed(this, Profile, PipedProfiles, Changed,
        hasLayers: Ruleset.Length > 0 || Piped.Count > 0 || Policy.Length > 0, Variable);

    private Sandbox Changed(Sandbox profile) => profile with
    {
        Rulesets = [.. profile.Rulesets, .. Ruleset, .. Piped],
        Policies = [.. profile.Policies, .. PolicyLoading.Documents(this, Policy)],
        Presets = [.. profile.Presets, .. Preset],
        Variables = SessionVariables.Over(this, Variable, profile.Variables),
        Paths = [.. profile.Paths, .. PathRules],
        Except = [.. profile.Except, .. Except.SelectMany(text => RulePath.Exceptions(this, text))],
        Ports = [.. profile.Ports, .. PortRules],
        Hosts = [.. profile.Hosts, .. ConnectHost],
        Unrestricted = profile.Unrestricted | RestrictionKinds.Parts(Unrestricted),
        IgnoreMissing = Given<bool>(nameof(IgnoreMissing), IgnoreMissing, profile.IgnoreMissing),
        LogDenials = Given<bool>(nameof(LogDenials), LogDenials, profile.LogDenials),
        Compatibility = Given<Compatibility?>(nameof(Compatibility), Compatibility, profile.Compatibility),
        Promises = profile.Promises.With(Promises),
        Network = Given(nameof(Network), Network, profile.Network),
        ListInterfaces = Given<bool>(nameof(ListInterfaces), ListInterfaces, profile.ListInterfaces),
        NoUnixSocket = Given<bool>(nameof(NoUnixSocket), NoUnixSocket, profile.NoUnixSocket),
        NoSystemVIpc = Given<bool>(nameof(NoSystemVIpc), NoSystemVIpc, profile.NoSystemVIpc),
        RestrictNamespaces = Given<bool>(nameof(RestrictNamespaces), RestrictNamespaces, profile.RestrictNamespaces),
        Closure = Given(nameof(NoClosure), !NoClosure, profile.Closure),
        Baseline = Given(nameof(NoBaseline), !NoBaseline, profile.Baseline),
        Environment = new EnvironmentSelection
        {
            Clean = Given<bool>(nameof(CleanEnvironment), CleanEnvironment, profile.Environment.Clean),
            RemoveSecrets = Given<bool>(nameof(RemoveSecret), RemoveSecret, profile.Environment.RemoveSecrets),
            Pass = [.. profile.Environment.Pass, .. PassEnvironment],
            Remove = [.. profile.Environment.Remove, .. RemoveEnvironment],
            Changes = [.. profile.Environment.Changes, .. ChildEnvironment.Changes(Environment)],
        },
        Limits = new LimitOptions
        {
            Memory = MaxMemory ?? profile.Limits.Memory,
            Processes = MaxProcesses ?? profile.Limits.Processes,
            CpuSeconds = MaxCpuSeconds ?? profile.Limits.CpuSeconds,
            FileSize = MaxFileSize ?? profile.Limits.FileSize,
            OpenFiles = MaxOpenFiles ?? profile.Limits.OpenFiles,
        },
        Supervision = Supervise(profile.Supervision),
        WorkingDirectory = WorkingDirectory is null ? profile.WorkingDirectory : RulePath.Literal(this, WorkingDirectory),
    };

    /// <summary>Asks for the launch of a command in the sandbox that the parameters describe; tells what is to be known of it.</summary>
    /// <param name="command">The command; empty where it is filled in later.</param>
    /// <param name="onTerminal">Whether the command may get the terminal as its standard input, output or error.</param>
    private protected LaunchRequest Request(string command, bool onTerminal)
    {
        Sandbox sandbox = Described();
        _given = Ruleset.Length + Piped.Count + (Policy.Length == 0 ? 0 : 1);
        LaunchRequest request = sandbox.Launch(
            new LaunchContext
            {
                Support = RunningKernel.Support,
                BaseDirectory = BaseDirectory,
                Environment = ChildEnvironment.Present,
                SearchPath = ChildEnvironment.SearchPath,
                OnTerminal = onTerminal && !(Console.IsInputRedirected && Console.IsOutputRedirected && Console.IsErrorRedirected),
                OwnSockets = PowerShellSockets.All,
            },
            command);
        request = request with { NamedByPath = true };
        PolicyLoading.Tell(this, request.Findings.Where(_told.Add));
        // The session finds its own sandboxes in the log again.
        return !request.Layers.Any(layer => layer.LogFlags != 0)
            ? request
            : request with
            {
                Start = request.Start with
                { DomainName = LaunchedSandboxes.Add(MyInvocation.Line.Trim() is { Length: > 0 } line ? line : command) },
            };
    }

    /// <summary>Reports the plan and asks as -WhatIf and -Confirm say. Composing the text is skipped when nobody reads it.</summary>
    private protected bool Approved(LaunchPlan plan, string what)
    {
        Report(plan);
        bool shown = MyInvocation.BoundParameters.Keys.Any(name => name is "WhatIf" or "Verbose" or "Confirm")
            || LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"))
            || GetVariableValue("VerbosePreference")?.ToString() is not (null or "SilentlyContinue");
        bool isWhole = MyInvocation.BoundParameters.ContainsKey("Verbose")
            || GetVariableValue("VerbosePreference")?.ToString() is not (null or "SilentlyContinue");
        IEnumerable<string> lines = isWhole ? PlanDescription.Describe(plan) : PlanDescription.Summarize(plan);
        string description = shown ? string.Join('\n', ConsoleWidth.Fit(lines.Concat(Added), "What if: ".Length))
            : $"Start a sandboxed {what}: {plan.Program}";
        return ShouldProcess(description, description, MyInvocation.MyCommand.Name);
    }

    // Who pipes a ruleset, and allows more beside it, might think of a layer of its own that takes away.
    private IEnumerable<string> Added
    {
        get
        {
            string[] granting = [nameof(ReadData), nameof(ReadOnly), nameof(Edit), nameof(ReadWrite), nameof(ReadWriteExecute),
                nameof(UnixSocket), nameof(BindTcp), nameof(ConnectTcp), nameof(BindUdp), nameof(ConnectSendUdp),
                nameof(ConnectHost), nameof(Preset)];
            string written = string.Join(", ", granting.Where(MyInvocation.BoundParameters.ContainsKey).Select(name => $"-{name}"));
            return _given == 0 || written.Length == 0 ? [] : [$"note: what is allowed here ({written}) is added "
                + $"to {(_given == 1 ? "the layer that was given" : $"each of the {_given} layers that were given")}"];
        }
    }

    /// <summary>Says once what the kernel cannot enforce of a plan, and -Verbose what was skipped.</summary>
    private void Report(LaunchPlan plan)
    {
        SandboxFinding[] news = [.. plan.Findings.Where(finding => !_told.Contains(finding))];
        if (string.Join(' ', news.Where(finding => !finding.IsNote)) is { Length: > 0 } warning) WriteWarning(warning);
        foreach (RestrictionStatus status in plan.Status)
        {
            foreach (SkippedRule rule in status.SkippedRules) WriteVerbose($"Skipped {rule}");
        }

        PolicyLoading.Tell(this, news.Where(finding => finding.IsNote));
    }
}
