using System.Management.Automation;
using LandlockPS.Shell;

namespace LandlockPS;

/// <summary>Disable-LandlockShell: native commands run as they did before Enable-LandlockShell.</summary>
[Cmdlet(VerbsLifecycle.Disable, "LandlockShell", SupportsShouldProcess = true)]
public sealed class DisableLandlockShellCommand : PSCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ShellHook.Current is { } hook && ShouldProcess("this session", "Run native commands outside of profiles"))
            ShellSession.Disable(hook, InvokeCommand);
    }
}
