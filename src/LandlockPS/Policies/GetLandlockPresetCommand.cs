using System.Management.Automation;
using Landlock.Documents;
using Landlock.Policies;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Get-LandlockPreset: the policies that ship with the module.</summary>
[Cmdlet(VerbsCommon.Get, "LandlockPreset")]
[OutputType(typeof(Preset))]
public sealed class GetLandlockPresetCommand : PSCmdlet
{
    /// <summary>Names, wildcards allowed; default is all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(PresetCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            if (WildcardPattern.ContainsWildcardCharacters(name))
            {
                WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
                WriteObject(Preset.All.Where(preset => pattern.IsMatch(preset.Name)), enumerateCollection: true);
                continue;
            }

            try
            {
                WriteObject(Preset.Find(name));
            }
            catch (PolicyException exception)
            {
                WriteError(Errors.New(exception, "PresetNotFound", ErrorCategory.ObjectNotFound, name,
                    "Get-LandlockPreset lists all presets."));
            }
        }
    }
}
