using System.Collections.Immutable;
using System.Management.Automation;
using System.Text;
using Landlock.Documents;
using Landlock.Policies;
using LandlockPS.Policies;

namespace LandlockPS;

/// <summary>
/// Test-LandlockPolicy: whether each file, directory or text can be used as a policy, or everything that was found in it.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "LandlockPolicy", DefaultParameterSetName = PathSet)]
[OutputType(typeof(bool), typeof(PolicyFinding))]
public sealed class TestLandlockPolicyCommand : PolicyPathCommand
{
    private const string TextSet = "Text";

    /// <summary>Files and directories, wildcards allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [PathTransformation]
    [ArgumentCompleter(typeof(PolicyFileCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The text of a policy; several lines are joined.</summary>
    [Parameter(Mandatory = true, ParameterSetName = TextSet)]
    [AllowEmptyString]
    public string[] Text { get; set; } = [];

    /// <summary>Everything that was found, errors or not, with its place.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guarded(() =>
    {
        PolicyVariables variables = SessionVariables.From(this, Variable, Strict);
        if (ParameterSetName == TextSet)
            Tell(PolicyCheck.Text(Encoding.UTF8.GetBytes(string.Join('\n', Text)), PolicyLoading.TextSource, variables, Format.Syntax(),
                PolicyLoading.Options(Strict)));
        else foreach (string path in Named(Path)) Tell(PolicyCheck.Path(path, variables, Format.Syntax(), PolicyLoading.Options(Strict)));
    });

    private void Tell(ImmutableArray<PolicyFinding> findings)
    {
        if (Detailed) WriteObject(findings, enumerateCollection: true);
        else WriteObject(findings.All(finding => finding.Severity != FindingSeverity.Error));
    }
}
