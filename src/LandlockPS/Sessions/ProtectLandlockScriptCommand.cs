using System.Management.Automation;
using Landlock.Linux;
using Landlock.Sandboxes;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Previews;
using LandlockPS.Running;
using LandlockPS.Sessions;

namespace LandlockPS;

/// <summary>
/// Protect-LandlockScript: the first line of a script that runs the same script again inside a sandbox, and ends the outer run.
/// </summary>
[Cmdlet(VerbsSecurity.Protect, "LandlockScript", SupportsShouldProcess = true)]
public sealed class ProtectLandlockScriptCommand : LayeredSandboxCommand, IDisposable
{
    // What is laid down before a process starts, or is done by somebody who watches it.
    private static readonly string[] OfAnotherProcess =
    [
        nameof(Environment), nameof(CleanEnvironment), nameof(RemoveSecret), nameof(PassEnvironment), nameof(RemoveEnvironment),
        nameof(WorkingDirectory),
        nameof(MaxMemory), nameof(MaxProcesses), nameof(MaxCpuSeconds), nameof(MaxFileSize), nameof(MaxOpenFiles), nameof(MaxTotalMemory),
        nameof(MaxTotalProcesses),
        nameof(PrivateTemp), nameof(Preview), nameof(Preserve), nameof(KillOnParentExit), nameof(ConnectHost),
    ];

    private NativeRun? _run;
    private readonly BindingFailure _binding;
    private bool _isDecided;

    /// <summary>Made when the call is about to be bound.</summary>
    public ProtectLandlockScriptCommand() => _binding = new BindingFailure(this);

    /// <summary>Restrict the running process instead of starting another (ABI 8).</summary>
    [Parameter]
    public SwitchParameter InPlace { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _binding.Dispose();

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        int exitCode;
        _isDecided = true;
        try
        {
            CommandWords.DemandNone(this, UnknownWord);
            string script = ProtectedScript.Caller(this);
            if (ProtectedScript.IsInside(script)) return;
            if (InPlace)
            {
                if (RestrictInPlace()) return;
                exitCode = 0;
            }
            else
            {
                exitCode = RunInside(script);
            }
        }
        catch (Exception exception) when (exception is not PipelineStoppedException)
        {
            Report(Errors.From(exception));
            exitCode = 125;
        }

        // "exit" in the calling script's own scope: whatever happened, the rest of it never runs outside of the sandbox.
        InvokeCommand.InvokeScript(useLocalScope: false, ScriptBlock.Create("exit $args[0]"), null, [exitCode]);
    }

    /// <summary>Ends what still runs; the script, too, if this cmdlet never got to the end.</summary>
    public void Dispose()
    {
        _run?.Dispose();
        _binding.Dispose();
        if (_isDecided) return;
        _isDecided = true;
        if (!Stopping) UndecidedScript.Stop(this, _binding.Reason);
    }

    private int RunInside(string script)
    {
        using InsideProof proof = new(script);
        LaunchPlan plan = ChildPowerShell.Plan(this, ProtectedScript.Request(this, Request("", onTerminal: true), script, proof));
        if (!Approved(plan, "script")) return 0;
        IEnumerable<object?>? input = ProtectedScript.Input(this);
        if (input is not null) EngineInternals.ExpectInput(MyInvocation);
        else if (HasPiped) EngineInternals.ExpectNoInput(MyInvocation);
        string? preview = null;
        _run = NativeRun.Start(this, plan, alsoInherited: proof.SetInherited, started: launch => preview = launch.Preview);
        foreach (object? item in input ?? []) _run.Process(PSObject.AsPSObject(item ?? ""));
        try
        {
            _run.End();
        }
        catch (RuntimeException exception) when (exception is not PipelineStoppedException)
        {
            // $PSNativeCommandUseErrorActionPreference would make an error of the exit code, which the script has the right to.
        }

        if (preview is not null)
        {
            // Nobody holds the preview any more.
            _run.Dispose();
            PreviewPrompt.Offer(this, preview);
        }

        return LanguagePrimitives.ConvertTo<int>(SessionState.PSVariable.GetValue("global:LASTEXITCODE"));
    }

    private bool IsGiven(string name) =>
        MyInvocation.BoundParameters.TryGetValue(name, out object? value) && value is not SwitchParameter { IsPresent: false };

    // An error that ends the statement could be caught, and the script would go on outside of the sandbox.
    private void Report(ErrorRecord error)
    {
        object? preference =
            MyInvocation.BoundParameters.TryGetValue("ErrorAction", out object? bound) ? bound : GetVariableValue("ErrorActionPreference");
        if (LanguagePrimitives.TryConvertTo(preference, out ActionPreference action)
            && action is ActionPreference.Continue or ActionPreference.SilentlyContinue or ActionPreference.Ignore) WriteError(error);
        else Host.UI?.WriteErrorLine($"{MyInvocation.MyCommand.Name}: {error.Exception.Message}");
    }

    private bool RestrictInPlace()
    {
        if (OfAnotherProcess.FirstOrDefault(IsGiven) is { } name)
            throw new LaunchException(LaunchProblem.SetupFailed, null, $"-{name} is for a process that is started, and -InPlace restricts "
                + $"the one that runs already. Leave out -{name} or -InPlace.");
        InPlaceRestriction.Require(RunningKernel.Support.Abi, "Leave out -InPlace.");
        LaunchRequest request = Request("", onTerminal: true) with { OwnSockets = [] };
        if (request.Layers.Any(layer => layer.HostRules.Length > 0))
            throw new LaunchException(LaunchProblem.SetupFailed, null, "A layer names hosts, to which a running process cannot be held: "
                + "that takes a supervisor outside of it. Leave out -InPlace.");
        if (request.Sandbox.NeedsProcess)
            throw new LaunchException(LaunchProblem.SetupFailed, null, "The profile sets the environment, the directory, limits or what "
                + "needs somebody who stays, which is for a process that is started. Leave out -InPlace.");
        // Its own sockets lead to itself, which is inside then.
        LaunchPlan plan = ChildPowerShell.Plan(this, ChildPowerShell.Shell(this, request, []));
        if (!Approved(plan, "process")) return false;
        InPlaceRestriction.Apply(plan);
        return true;
    }
}
