using System.ComponentModel;
using System.Management.Automation;

namespace LandlockPS;

/// <summary>
/// Carries the alias `landlocked`, which a module without a script can only export from a cmdlet. An alias of the cmdlet's name leads on to
/// the program, so that this is never run.
/// </summary>
[Cmdlet(VerbsLifecycle.Start, "LandlockedProgram")]
[Alias("landlocked")]
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class StartLandlockedProgramCommand : PSCmdlet
{
    internal const string Name = "Start-LandlockedProgram";

    /// <inheritdoc/>
    protected override void EndProcessing() => throw new NotSupportedException(
        "This version of PowerShell does not let LandlockPS make the alias 'landlocked'; nothing was run. PowerShell 7.4 to 7.6 do.");
}
