using System.Collections.Immutable;
using System.Management.Automation;
using Landlock.Documents;
using Landlock.Profiles;
using LandlockPS.Profiles;

namespace LandlockPS;

/// <summary>Test-LandlockProfile: whether profiles can be used, and what is wrong with those that cannot.</summary>
[Cmdlet(VerbsDiagnostic.Test, "LandlockProfile")]
[OutputType(typeof(PolicyFinding), typeof(bool))]
public sealed class TestLandlockProfileCommand : ProfileCommand
{
    /// <summary>Names, with wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ProfileNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Only say true or false, for each profile.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guarded(() =>
    {
        ProfileStore store = ProfilePlaces.ReadStore();
        foreach (Profile profile in Matching(store, Name))
        {
            ProfileSources sources = ProfilePlaces.Sources(this, profile);
            ImmutableArray<PolicyFinding> findings = ProfileSandbox.Check([profile], store, sources);
            if (Quiet)
            {
                WriteObject(findings.All(finding => finding.Severity != FindingSeverity.Error));
                continue;
            }

            foreach (PolicyFinding finding in findings) WriteObject(finding);
            foreach (string degradation in ProfileSandbox.FindDegradations([profile], store, sources))
                WriteObject(new PolicyFinding(new PolicyLocation(profile.PolicyDirectory, 0, 0), FindingSeverity.Warning, degradation));
        }
    });
}
