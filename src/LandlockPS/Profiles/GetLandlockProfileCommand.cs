using System.Management.Automation;
using Landlock.Documents;
using Landlock.Profiles;
using LandlockPS.Binding;
using LandlockPS.Profiles;

namespace LandlockPS;

/// <summary>Get-LandlockProfile: profiles by name, or those that apply to a directory.</summary>
[Cmdlet(VerbsCommon.Get, "LandlockProfile", DefaultParameterSetName = ByName)]
[OutputType(typeof(Profile))]
public sealed class GetLandlockProfileCommand : ProfileCommand
{
    private const string ByName = "Name";
    private const string ByLocation = "Active";

    /// <summary>Names, with wildcards.</summary>
    [Parameter(Position = 0, ParameterSetName = ByName)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ProfileNameCompleter))]
    [ValidateNotNull]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Those that apply to a directory, from the broadest to the narrowest.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByLocation)]
    public SwitchParameter Active { get; set; }

    /// <summary>The directory; without it, the current one.</summary>
    [Parameter(ParameterSetName = ByLocation)]
    [PathTransformation]
    [ValidateNotNullOrEmpty]
    public string Location { get; set; } = ".";

    /// <inheritdoc/>
    protected override void EndProcessing() => Guarded(() =>
    {
        ProfileStore store = ProfilePlaces.ReadStore();
        IEnumerable<Profile> profiles = ParameterSetName == ByName ? Matching(store, Name)
            : store.FindActive(RulePath.Literal(this, Location)).Select(match => match.Profile);
        foreach (Profile profile in profiles)
        {
            if (!profile.IsValid)
                WriteWarning(string.Join('\n', profile.Findings.Where(finding => finding.Severity == FindingSeverity.Error)));
            WriteObject(profile);
        }
    });
}
