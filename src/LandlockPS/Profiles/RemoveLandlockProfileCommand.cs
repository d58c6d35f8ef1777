using System.Management.Automation;
using Landlock.Profiles;
using Landlock.Sandboxes;
using LandlockPS.Profiles;

namespace LandlockPS;

/// <summary>Remove-LandlockProfile: removes profiles. The directories of their workspaces stay.</summary>
[Cmdlet(VerbsCommon.Remove, "LandlockProfile", SupportsShouldProcess = true)]
public sealed class RemoveLandlockProfileCommand : ProfileCommand
{
    /// <summary>Names, with wildcards.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ProfileNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guarded(() =>
    {
        foreach (Profile profile in Matching(ProfilePlaces.ReadStore(), Name))
        {
            if (profile.Origin == ProfileOrigin.Shipped)
            {
                // Who removes all of them means his own.
                if (!MyInvocation.ExpectingInput && !WildcardPattern.ContainsWildcardCharacters(string.Join("", Name)))
                    WriteError(ProfileErrors.Shipped(profile));
                continue;
            }

            // A folder of profiles that cannot be read is listed as one, and is none.
            if (File.Exists(profile.File) && ShouldProcess(profile.Directory, "Remove profile")) ScratchDirectory.Remove(profile.Directory);
        }
    });
}
