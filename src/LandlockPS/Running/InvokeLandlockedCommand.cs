using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Host;
using Landlock.Denials;
using Landlock.Previews;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Supervision;
using Landlock.Tracing;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Feedback;
using LandlockPS.Policies;
using LandlockPS.Previews;
using LandlockPS.Running;
using LandlockPS.Tracing;

namespace LandlockPS;

/// <summary>Invoke-Landlocked: runs a native command or a script block inside a sandbox.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Landlocked", SupportsShouldProcess = true)]
[OutputType(typeof(object))]
public sealed class InvokeLandlockedCommand : SandboxCommand, IDisposable
{
    private IRun? _run;
    private DenialExplainer? _explainer;
    private LaunchPlan? _plan;
    private DenialPrompt? _prompt;
    private DenialAction? _action;
    private BlockArguments _arguments = new(null);
    private string? _preview;

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

    /// <summary>Rulesets (one nested layer each) and profiles, and input for the command.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>
    /// Catches letters that are the beginning of several parameters, such as -c. The engine would call them ambiguous before this cmdlet
    /// can say what to write instead.
    /// </summary>
    [Parameter(DontShow = true)]
    [Alias("a", "b", "c", "d", "e", "i", "l", "m", "n", "o", "p", "r", "t", "u", "v")]
    public SwitchParameter OneLetter { get; set; }

    /// <summary>
    /// Takes the -- of a script block of plain commands that is sent to another process, as by Start-Job and Invoke-Command: the engine
    /// sends it as a parameter without a name.
    /// </summary>
    [Parameter(DontShow = true)]
    [Alias("")]
    public SwitchParameter DashDash { get; set; }

    /// <summary>Run in the background, and give a job.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>Say afterwards what the sandbox denied, and what would allow it.</summary>
    [Parameter]
    public SwitchParameter Explain { get; set; }

    /// <summary>Name of a variable for the denials; implies Explain.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ExplainVariable { get; set; }

    /// <summary>Run for each denial when it happens, with the denial in $_; implies Explain, without the report at the end.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? ExplainAction { get; set; }

    /// <summary>Ask about each denial afterwards, and run the command again with what was allowed; implies Explain.</summary>
    [Parameter]
    public SwitchParameter Interactive { get; set; }

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

    private bool Reports => Explain || Interactive || ExplainVariable is not null;

    private bool Explains => Reports || ExplainAction is not null;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Interactive && MyInvocation.ExpectingInput)
            ThrowTerminatingError(
                Errors.New(new ArgumentException("-Interactive may run the command again, for which its input is gone; nothing was run."),
                    "InteractiveWithInput", ErrorCategory.InvalidArgument, Command,
                    "Give rulesets with -Ruleset, and input by a file; or use -Explain."));
        Guarded(() => _arguments = CommandWords.Demand(this, Unwrapped.From(Command), ArgumentList));
        if (!MyInvocation.ExpectingInput) Guarded(Start);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Without a pipeline the engine calls this once, with nothing.
        if (!MyInvocation.ExpectingInput) return;
        bool isTaken = false;
        Guarded(() => isTaken = TakePiped(InputObject));
        if (isTaken)
        {
            if (_run is not null)
                ThrowTerminatingError(Errors.New(
                    new InvalidOperationException("A ruleset came after input for the command had begun. Pipe all rulesets first."),
                    "RulesetAfterInput", ErrorCategory.InvalidOperation, InputObject, "Give the rulesets with -Ruleset."));
            return;
        }

        Guarded(() =>
        {
            if (_run is null) Start();
            _run?.Process(InputObject);
        });
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Guarded(() =>
    {
        if (_run is null && MyInvocation.ExpectingInput)
        {
            // Only rulesets came down the pipeline: the command's stdin is the terminal's, as without them.
            if (HasPiped) EngineInternals.ExpectNoInput(MyInvocation);
            Start();
        }

        try
        {
            while (EndRun() && _run?.Report is { } report && _explainer is not null && Asks(report))
            {
                _run.Dispose();
                if (_preview is not null) Landlock.Previews.Preview.Open(_preview)?.Drop();
                Start();
            }
        }
        finally
        {
            if (_preview is not null)
            {
                // Nobody holds the preview any more.
                _run?.Dispose();
                PreviewPrompt.Offer(this, _preview);
            }
        }
    });

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _run?.Stop();
        _action?.Stop();
    }

    /// <summary>Ends what still runs.</summary>
    public void Dispose()
    {
        _run?.Dispose();
        _action?.Dispose();
    }

    // Reports whatever became of the command; its own error goes on from here.
    private bool EndRun()
    {
        try
        {
            _run?.End();
        }
        finally
        {
            if (_plan is not null && _run is not null && !Stopping)
            {
                if (HadErrors()) SandboxFeedback.Remember(this, _plan, BaseDirectory, Explains);
                else if (_run is NativeRun && !Explains) FailureHint.Offer(this, _plan, BaseDirectory);
            }

            if (_preview is not null && _run?.Report is { } traced) PreviewPrograms.Note(_preview, traced.Writers());
            if (Reports && _run?.Report is { } report && _explainer is not null)
                DenialReport.Write(this, _explainer.Explain(report), ExplainVariable);
            EndAction();
        }

        return true;
    }

    // A tracer tells until the last process has ended, that of a block too.
    private void EndAction()
    {
        if (_action is null || _run is null || Stopping) return;
        if (_run is BlockRun) _run.Dispose();
        _action.End();
    }

    private bool Asks(TraceReport report)
    {
        if (!Interactive) return false;
        _prompt ??= new DenialPrompt(this, PolicyToExtend());
        try
        {
            return _prompt.Ask(_explainer!.Explain(report));
        }
        catch (Exception exception) when (exception is PSInvalidOperationException or HostException or NotImplementedException)
        {
            WriteError(Errors.New(exception, "HostCannotAsk", ErrorCategory.InvalidOperation, Command,
                "-Interactive needs somebody to ask; -Explain and -ExplainVariable report without asking."));
            return false;
        }
    }

    // Rules can be added to the end of one document in TOML, and nowhere else as surely.
    private string? PolicyToExtend() =>
        Policy is [{ } one] && PolicyLoading.Paths(this, [one], literal: false).ToArray() is [{ } path] && File.Exists(path)
            && path.EndsWith(".toml", StringComparison.OrdinalIgnoreCase)
            ? path : null;

    private LaunchRequest WithAnswers(LaunchRequest request) =>
        _prompt is null ? request
            : request with { Grants = [.. request.Grants, .. _prompt.Grants], NetGrants = [.. request.NetGrants, .. _prompt.NetGrants] };

    private LaunchRequest Traced(LaunchRequest request) => request with
    { Start = request.Start with { Traced = Explains, TellsDenials = ExplainAction is not null } };

    // Another explainer than that of the report, on another thread.
    private Action<SealedPlan> Telling(LaunchPlan plan)
    {
        if (ExplainAction is not null) _action ??= new DenialAction(this, ExplainAction);
        return launch =>
        {
            _preview = launch.Preview;
            _action?.Start(launch.TakeDenials()!, Explainer(plan));
        };
    }

    private void Start()
    {
        object? command = Unwrapped.From(Command);
        if (AsJob) StartJob(command);
        else if (command is ScriptBlock block) StartBlock(block);
        else StartNative(NativeProgram.Of(this, command));
    }

    private void StartNative(string command)
    {
        LaunchRequest request = Traced(WithAnswers(Request(command, onTerminal: true))) with
        { Arguments = NativeArguments.From(this, nameof(Command), ArgumentList) };
        LaunchPlan plan = LaunchPlanner.Plan(request);
        if (!Approved(plan, "command")) return;
        _plan = plan;
        if (Explains) _explainer = Explainer(plan);
        _run = NativeRun.Start(this, plan, started: Telling(plan));
    }

    private DenialExplainer Explainer(LaunchPlan plan) => new(plan, BaseDirectory, System.Environment.GetEnvironmentVariable("HOME"));

    private void StartJob(object? command)
    {
        if (Explains)
            ThrowTerminatingError(Errors.New(
                new ArgumentException("-Explain reports when the command has ended, and a job is still running then; nothing was run."),
                "ExplainWithJob", ErrorCategory.InvalidArgument, command,
                "Leave out -AsJob, or put the call into Start-ThreadJob { Invoke-Landlocked -Explain ... }."));
        LaunchRequest request = ChildPowerShell.Server(this, Request("", onTerminal: false), background: true);
        BlockArguments arguments = _arguments;
        string? text = null;
        if (command is not ScriptBlock block)
        {
            // In the background a native command has no terminal: a sandboxed pwsh runs it, and its output lines are the job's.
            // By its path, since looking a name up means listing the directories of PATH.
            LaunchRequest named = request with { Command = NativeProgram.Of(this, command) };
            string program = LaunchPlanner.Find(named);
            if (request.Sandbox.Closure) request = request with { Grants = [.. request.Grants, .. LaunchPlanner.ClosureOf(named)] };
            string[] words = [program, .. NativeArguments.From(this, nameof(Command), ArgumentList)];
            text = string.Join(' ', words.Skip(1).Prepend(named.Command).Select(PowerShellText.Argument));
            block = ScriptBlock.Create(NativeCall.Text(words.Length));
            arguments = new BlockArguments([words]);
        }

        LaunchPlan plan = ChildPowerShell.Plan(this, request);
        if (Approved(plan, "job")) JobRun.Start(this, plan, block, arguments, run => _run = run, text);
    }

    private void StartBlock(ScriptBlock block)
    {
        LaunchRequest request = Traced(WithAnswers(Request("", onTerminal: false)));
        LaunchPlan plan = ChildPowerShell.Plan(this, ChildPowerShell.Server(this, request, background: false));
        if (!Approved(plan, "command")) return;
        _plan = plan;
        if (Explains) _explainer = Explainer(plan);
        BlockRun.Start(this, plan, block, _arguments, run => _run = run, telling: Telling(plan));
    }

    // Only an error makes the shell ask for feedback; of a native command's exit code it makes one if it is told to.
    private bool HadErrors()
    {
        if (_run is BlockRun block) return block.HadErrors;
        if (GetVariableValue("Error") is not ArrayList { Count: > 0 } errors || Unwrapped.From(errors[0])
            is not ErrorRecord { InvocationInfo: null, FullyQualifiedErrorId: SandboxFeedback.ExitCodeError } record)
        {
            return false;
        }
        EngineInternals.Locate(record, LandlockExecCommand.Named(Path.GetFileName(_plan!.Program), InvokeCommand), MyInvocation);
        return true;
    }

    private void Guarded(Action action) => Errors.Guard(this, action, exception =>
    {
        SessionState.PSVariable.Set("global:LASTEXITCODE", exception is LaunchException launch ? launch.ExitCode : 125);
        if (_plan is not null) SandboxFeedback.Remember(this, _plan, BaseDirectory, Explains);
    });
}
