using System.Management.Automation;
using Landlock.Sandboxes;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Previews;
using LandlockPS.Running;
using LandlockPS.Sessions;

namespace LandlockPS;

/// <summary>Enter-Landlock: a nested, interactive, sandboxed pwsh on this terminal; "exit" leaves it.</summary>
[Cmdlet(VerbsCommon.Enter, "Landlock", SupportsShouldProcess = true)]
public sealed class EnterLandlockCommand : LayeredSandboxCommand, IDisposable
{
    private NativeRun? _run;

    /// <summary>A name for the prompt.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Load the user's profile scripts; they must be readable inside the sandbox.</summary>
    [Parameter]
    public SwitchParameter LoadProfile { get; set; }

    /// <summary>Save what is typed inside to the shared history file.</summary>
    [Parameter]
    public SwitchParameter SaveHistory { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => Errors.Guard(this, () =>
    {
        CommandWords.DemandNone(this, UnknownWord);
        LaunchPlan plan = ChildPowerShell.Plan(this,
            NestedShell.Request(this, Request("", onTerminal: true), Name, LoadProfile, SaveHistory));
        if (!Approved(plan, "shell")) return;
        if (HasPiped) EngineInternals.ExpectNoInput(MyInvocation);
        string? preview = null;
        _run = NativeRun.Start(this, plan, started: launch => preview = launch.Preview);
        try
        {
            _run.End();
        }
        finally
        {
            _run.Dispose();
            PreviewPrompt.Offer(this, preview);
        }
    });

    /// <summary>Ends what still runs.</summary>
    public void Dispose() => _run?.Dispose();
}
