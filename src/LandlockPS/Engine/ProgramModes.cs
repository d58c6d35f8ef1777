using System.Management.Automation;

namespace LandlockPS.Engine;

/// <summary>
/// Makes the programs executable when the module is imported, for the alias landlocked. A failure is told when it matters.
/// </summary>
public sealed class ProgramModes : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport() => _ = NativePrograms.MakeExecutable();
}
