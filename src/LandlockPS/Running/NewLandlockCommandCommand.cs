using System.Collections.Immutable;
using System.Management.Automation;
using Landlock.Profiles;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Compiled;
using Landlock.Sandboxes.Supervision;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Policies;
using LandlockPS.Running;

namespace LandlockPS;

/// <summary>New-LandlockCommand: writes a program that is a native command in its sandbox.</summary>
[Cmdlet(VerbsCommon.New, "LandlockCommand", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class NewLandlockCommandCommand : SandboxCommand
{
    /// <summary>
    /// A native command (a name or path). Not mandatory to the engine, which would ask for it where a mistyped switch took it along.
    /// </summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(WrappedCommandCompleter))]
    public object? Command { get; set; }

    /// <summary>The command's first arguments; after -- they are taken as typed bare.</summary>
    [Parameter(Position = 1, ValueFromRemainingArguments = true)]
    [AllowNull]
    [AllowEmptyCollection]
    [Alias("Args")]
    [ArgumentCompleter(typeof(WrappedCommandCompleter))]
    public object?[]? ArgumentList { get; set; }

    /// <summary>Rulesets (one nested layer each) and profiles.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>The file to write; an older compiled command is replaced.</summary>
    [Parameter(Mandatory = true)]
    [PathTransformation]
    [ValidateNotNullOrEmpty]
    public string OutFile { get; set; } = "";

    /// <summary>Where something has changed, end with exit code 125 instead of planning anew.</summary>
    [Parameter]
    public SwitchParameter Frozen { get; set; }

    /// <summary>Say in one line on standard error what has changed, before it is planned anew.</summary>
    [Parameter]
    public SwitchParameter TellChanges { get; set; }

    /// <summary>Seconds that the command may run.</summary>
    [Parameter]
    [Alias("Timeout")]
    [SecondsTransformation]
    [ArgumentCompleter(typeof(TimeCompleter))]
    [ValidateRange(0.001, int.MaxValue)]
    public double TimeoutSec { get; set; }

    /// <summary>Seconds between SIGTERM and SIGKILL when the time is over.</summary>
    [Parameter]
    [Alias("TimeoutGrace")]
    [SecondsTransformation]
    [ArgumentCompleter(typeof(TimeCompleter))]
    [ValidateRange(0.0, int.MaxValue)]
    public double TimeoutGraceSec { get; set; } = SupervisionOptions.DefaultGrace.TotalSeconds;

    private protected override SupervisionOptions Supervise(SupervisionOptions profile) => base.Supervise(profile) with
    {
        Timeout = Given(nameof(TimeoutSec), TimeSpan.FromSeconds(TimeoutSec), profile.Timeout),
        Grace = Given(nameof(TimeoutGraceSec), TimeSpan.FromSeconds(TimeoutGraceSec), profile.Grace),
    };

    /// <inheritdoc/>
    protected override void BeginProcessing() =>
        Errors.Guard(this, () => _ = CommandWords.Demand(this, Unwrapped.From(Command), ArgumentList));

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is null && !MyInvocation.ExpectingInput) return;
        Errors.Guard(this, () =>
        {
            if (!TakePiped(InputObject)) _ = PipedRuleset.Demand(InputObject);
        });
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Errors.Guard(this, () =>
    {
        if (Unwrapped.From(Command) is ScriptBlock)
        {
            ThrowTerminatingError(Errors.New(
                new ArgumentException("A script block is no native command, and cannot be compiled; nothing was written."),
                "CommandNotNative", ErrorCategory.InvalidArgument, Command, "Put it into a script with a #! line, and compile that."));
        }

        NativePrograms.Demand();
        LaunchRequest request = Request(NativeProgram.Of(this, Unwrapped.From(Command)), onTerminal: false) with
        { Arguments = NativeArguments.From(this, nameof(Command), ArgumentList) };
        // Looked for once: the same file when it is planned anew.
        request = request with { Command = LaunchPlanner.Find(request) };
        string[] policies = [.. PolicyLoading.Paths(this, Policy, literal: false)];
        string file = RulePath.Literal(this, OutFile);
        CompileRequest compile = new()
        {
            Launch = request,
            Path = file,
            Options = Options(file, policies),
            Variable = System.Environment.GetEnvironmentVariable,
            Version = $"{MyInvocation.MyCommand.Module?.Version}",
            Executor = NativePrograms.LandlockExec,
            Planner = NativePrograms.Landlocked,
            Deciding = [.. policies.SelectMany(CompiledCommand.FilesOf), .. ProfileFiles()],
            IsFrozen = Frozen,
            TellsChanges = TellChanges,
        };
        LaunchPlan plan = CompiledCommand.Plan(compile);
        if (!Approved(plan, "command")) return;
        // As Get-Item gives it, so that the view has its mode and owner.
        string written = CompiledCommand.Write(compile, plan);
        WriteObject(InvokeProvider.Item.Get([written], force: true, literalPath: true), enumerateCollection: true);
    });

    // What came as an object is nothing that could be asked for again.
    private ImmutableArray<string>? Options(string file, string[] policies)
    {
        if (Ruleset.Length > 0 || HasPiped) return null;
        if (OptionWords.Of(MyInvocation.BoundParameters, Places) is not { } words
            || OptionWords.OfTable("--variable", Variable) is not { } variables
            || OptionWords.OfTable("--environment", Environment) is not { } environment)
        {
            return null;
        }

        return
        [
            "--output", file, .. Frozen ? ["--frozen"] : Array.Empty<string>(), .. TellChanges ? ["--tell-changes"] : Array.Empty<string>(),
            .. Profile.SelectMany(name => new[] { "--profile", name }), .. policies.SelectMany(path => new[] { "--policy", path }),
            .. Preset.SelectMany(name => new[] { "--preset", name }), .. variables, .. words, .. environment,
        ];
    }

    private IEnumerable<string> Places(string parameter) => parameter switch
    {
        nameof(Except) => Except.SelectMany(text => RulePath.Exceptions(this, text)),
        nameof(WorkingDirectory) => [RulePath.Literal(this, WorkingDirectory!)],
        nameof(Preserve) => Preserve.Select(path => RulePath.Literal(this, path)),
        _ => ((string[])MyInvocation.BoundParameters[parameter]).SelectMany(path => RulePath.Matching(this, path)),
    };

    private IEnumerable<string> ProfileFiles()
    {
        if (Profile.Length == 0) return PipedProfiles.SelectMany(profile => profile.Files);
        ProfileStore store = ProfileStore.All(System.Environment.GetEnvironmentVariable);
        return [.. Profile.Select(store.Find).Concat(PipedProfiles).SelectMany(profile => profile.Files)];
    }
}
