using System.Management.Automation;
using LandlockPS.Engine;
using LandlockPS.Shell;

namespace LandlockPS;

/// <summary>Leaves nothing behind when the module is removed.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        FeedbackSubsystem.Unregister();
        if (EngineInternals.IsHere(psModuleInfo)) EngineInternals.RemoveGlobalAlias(StartLandlockedProgramCommand.Name);
        if (ShellHook.Current is not { } hook) return;
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        EngineIntrinsics engine = (EngineIntrinsics)shell.AddScript("$ExecutionContext").Invoke()[0].BaseObject;
        ShellSession.Disable(hook, engine.InvokeCommand);
        // Import-Module -Force removes it too, and whoever wrote that may not think of the hook.
        engine.Host.UI.WriteWarningLine("The module LandlockPS was removed: native commands run outside of profiles from now on. To run "
            + "them in profiles again, import it and use Enable-LandlockShell.");
    }
}
