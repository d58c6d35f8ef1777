using System.Globalization;
using System.Management.Automation;
using Landlock.Sandboxes.Running;
using Landlock.Sandboxes.Supervision;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Stop-LandlockProcess: ends sandboxes with all that they have started.</summary>
[Cmdlet(VerbsLifecycle.Stop, "LandlockProcess", SupportsShouldProcess = true)]
public sealed class StopLandlockProcessCommand : RunningSandboxCommand
{
    /// <summary>What tells sandboxes apart, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(LandlockProcessCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (RunningSandbox sandbox in Matching(Id, sandbox => sandbox.Id))
        {
            if (!ShouldProcess($"{sandbox}", "Stop sandbox")) continue;
            int left = sandbox.Stop(SupervisionOptions.DefaultGrace);
            if (left == 0) continue;
            WriteError(Errors.New(
                new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                    $"{left} {(left == 1 ? "process" : "processes")} of the sandbox '{sandbox.Id}' could not be ended.")),
                "ProcessNotStopped", ErrorCategory.PermissionDenied, sandbox.Id,
                "Look at them with (Get-LandlockProcess ID).Processes; they may belong to another user by now."));
        }
    }
}
