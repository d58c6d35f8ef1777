using System.Collections.Immutable;
using System.Management.Automation;
using Landlock.Policies;

namespace LandlockPS;

/// <summary>Test-LandlockPolicy: whether each file or directory can be used as a policy, or everything that was found in it.</summary>
[Cmdlet(VerbsDiagnostic.Test, "LandlockPolicy", DefaultParameterSetName = PathSet)]
[OutputType(typeof(bool), typeof(PolicyFinding))]
public sealed class TestLandlockPolicyCommand : PolicyPathCommand
{
    /// <summary>Files and directories, wildcards allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(PolicyFileCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Everything that was found, errors or not, with its place.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guarded(() =>
    {
        PolicyVariables variables = SessionVariables.From(this, Variable, Strict);
        foreach (string path in Named(Path))
        {
            ImmutableArray<PolicyFinding> findings = PolicyCheck.Path(path, variables, Format.Syntax(), PolicyLoading.Options(Strict));
            if (Detailed) WriteObject(findings, enumerateCollection: true);
            else WriteObject(findings.All(finding => finding.Severity != FindingSeverity.Error));
        }
    });
}
