using System.Management.Automation;
using Landlock.Profiles;
using LandlockPS.Engine;
using LandlockPS.Profiles;

namespace LandlockPS;

/// <summary>New-LandlockProfile: makes a profile.</summary>
[Cmdlet(VerbsCommon.New, "LandlockProfile", SupportsShouldProcess = true)]
[OutputType(typeof(Profile))]
public sealed class NewLandlockProfileCommand : ProfileWritingCommand
{
    /// <summary>The name.</summary>
    [Parameter(Position = 0, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>No directories of its own, and no access to those it is for but by its rules.</summary>
    [Parameter]
    public SwitchParameter NoWorkspace { get; set; }

    /// <summary>Replace a profile of the name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => Guarded(() =>
    {
        if (!Profile.IsName(Name))
            ThrowTerminatingError(Errors.New(
                new ArgumentException($"'{Name}' cannot be the name of a profile: it becomes the name of a folder."), "ProfileNameInvalid",
                ErrorCategory.InvalidArgument, Name, "Use letters, digits, '-', '_' and '.', and begin with a letter or digit."));
        string folder = Path.Combine(ProfilePlaces.ReadStore().Roots[0].Directory, Name);
        if (Directory.Exists(folder) && !Force)
            ThrowTerminatingError(Errors.New(new InvalidOperationException($"There is a profile '{Name}' already."), "ProfileExists",
                ErrorCategory.ResourceExists, Name, "Change it with Set-LandlockProfile, or replace it with -Force."));
        string profile = ProfileWriter.WriteProfile(Contexts, Variables, !NoWorkspace);
        string policy = PolicyText;
        if (!ShouldProcess(folder, "New profile")) return;
        ProfileFiles.Put(folder, [(ProfileReader.FileName, profile), ($"{ProfileReader.PolicyFolder}/{ProfileWriter.PolicyName}", policy)],
            draft => DemandUsable(draft, folder, ProfileOrigin.LandlockPS));
        WriteObject(ProfileReader.Read(folder));
    });
}
