using System.Management.Automation;
using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Tracing;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Running;

namespace LandlockPS;

/// <summary>Trace-LandlockAccess: runs a native command or a script block without a sandbox, and gives what it accessed.</summary>
[Cmdlet(VerbsDiagnostic.Trace, "LandlockAccess")]
[OutputType(typeof(AccessRecord))]
public sealed class TraceLandlockAccessCommand : PSCmdlet, IDisposable
{
    private IRun? _run;
    private SteppablePipeline? _output;

    /// <summary>
    /// A native command (a name or path), or a script block. Not mandatory to the engine, which would ask for it where a
    /// mistyped switch took it along.
    /// </summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(WrappedCommandCompleter))]
    public object? Command { get; set; }

    /// <summary>The command's arguments; after -- they are taken as typed bare.</summary>
    [Parameter(Position = 1, ValueFromRemainingArguments = true)]
    [AllowNull]
    [AllowEmptyCollection]
    [Alias("Args")]
    [ArgumentCompleter(typeof(WrappedCommandCompleter))]
    public object?[]? ArgumentList { get; set; }

    /// <summary>Input for the command.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>
    /// Catches letters that are the beginning of several parameters, such as -p, so that this cmdlet can say what to write instead.
    /// </summary>
    [Parameter(DontShow = true)]
    [Alias("a", "c", "d", "e", "i", "o", "p", "v", "w")]
    public SwitchParameter OneLetter { get; set; }

    /// <summary>
    /// Takes the -- of a script block of plain commands that is sent to another process, as by Start-Job and Invoke-Command: the engine
    /// sends it as a parameter without a name.
    /// </summary>
    [Parameter(DontShow = true)]
    [Alias("")]
    public SwitchParameter DashDash { get; set; }

    /// <summary>
    /// Gives the hosts that were reached, by name, instead of ports. A supervisor answers for the command then, and there is no UDP but
    /// questions for names.
    /// </summary>
    [Parameter]
    public SwitchParameter Hosts { get; set; }

    /// <summary>Directory to start in.</summary>
    [Parameter]
    [PathTransformation]
    [Alias("Chdir")]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        Guarded(Start);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (MyInvocation.ExpectingInput) Guarded(() => _run!.Process(InputObject));
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Guarded(() =>
    {
        _run!.End();
        _output?.End();
        TraceReport? report = _run.Report;
        if (report is not { IsComplete: true })
        {
            ThrowTerminatingError(Errors.New(new InvalidOperationException("The tracer ended before it could report."), "TraceNotComplete",
                ErrorCategory.ResourceUnavailable, Command,
                "If nothing ended it on purpose, another tracer or a security module may keep it from tracing; landlocked trace "
                    + "-- COMMAND says more."));
            return;
        }

        foreach (string warning in report.Warnings) WriteWarning(warning);
        WriteObject(report.Records, enumerateCollection: true);
    });

    /// <inheritdoc/>
    protected override void StopProcessing() => _run?.Stop();

    /// <summary>Ends what still runs.</summary>
    public void Dispose()
    {
        _run?.Dispose();
        _output?.Dispose();
    }

    private void Start()
    {
        object? command = Unwrapped.From(Command);
        BlockArguments arguments = CommandWords.Demand(this, command, ArgumentList);
        LaunchRequest request = new()
        {
            Layers = [],
            Command = command as string ?? "",
            NamedByPath = true,
            BaseDirectory = CurrentDirectory.Of(SessionState.Path),
            Start = new CommandStart
            { Traced = true, WorkingDirectory = WorkingDirectory is null ? null : RulePath.Literal(this, WorkingDirectory) },
            SearchPath = ChildEnvironment.SearchPath,
            Support = RunningKernel.Support,
            TracesHosts = Hosts,
        };
        if (command is ScriptBlock block)
        {
            LaunchPlan plan = ChildPowerShell.Plan(this, ChildPowerShell.Server(this, request, background: false));
            _output = EngineInternals.OwnBlock("Microsoft.PowerShell.Core\\Out-Default").GetSteppablePipeline(MyInvocation.CommandOrigin);
            _output.Begin(expectInput: true);
            BlockRun.Start(this, plan, block, arguments, run => _run = run, item => _output.Process(item));
            return;
        }

        _run = NativeRun.Start(this, LaunchPlanner.Plan(request with
        {
            Command = NativeProgram.Of(this, command),
            Arguments = NativeArguments.From(this, nameof(Command), ArgumentList),
            // The engine starts processes where the session is; a plan is exact.
            Start = request.Start with { WorkingDirectory = request.Start.WorkingDirectory ?? request.BaseDirectory },
        }), toHost: true);
    }

    private void Guarded(Action action) => Errors.Guard(this, action, exception =>
        SessionState.PSVariable.Set("global:LASTEXITCODE", exception is LaunchException launch ? launch.ExitCode : 125));
}
