using System.Management.Automation;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>
/// What an import does: `landlocked` becomes the program itself, so that it stays a native command with byte-exact pipes, and completes.
/// A script module could say it in two lines, and would make an import twice as long.
/// </summary>
public sealed class ModuleStart : IModuleAssemblyInitializer
{
    // What is wrapped completes as if it stood alone. Of a cmdlet, the engine asks the completers of its parameters, but not right
    // behind "--".
    private const string Wrapped =
        "param($word, $call, $position) [LandlockPS.WrappedCommandCompleter]::CompleteNative($word, $call, $position)";

    /// <inheritdoc/>
    public void OnImport()
    {
        EngineInternals.SetGlobalAlias(StartLandlockedProgramCommand.Name, NativePrograms.Landlocked);
        EngineInternals.AddNativeCompleter(Wrapped, "Invoke-Landlocked", "Trace-LandlockAccess", "nosandbox");
        // The same as without the module. The script is read when Tab needs it.
        string script = Path.Combine(Path.GetDirectoryName(typeof(ModuleStart).Assembly.Location)!, "landlocked.ps1");
        EngineInternals.AddNativeCompleter($"& {PowerShellText.Argument(script)} @args", "landlocked");
    }
}
