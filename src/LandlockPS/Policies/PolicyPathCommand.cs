using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using LandlockPS.Engine;
using LandlockPS.Policies;

namespace LandlockPS;

/// <summary>The parameters that name policies, shared by the cmdlets that read them.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class PolicyPathCommand : PSCmdlet
{
    private protected const string PathSet = "Path", LiteralPathSet = "LiteralPath";

    /// <summary>Paths taken as they stand.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [PathTransformation]
    [Alias("PSPath", "FullName")]
    [ArgumentCompleter(typeof(PolicyFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Values for variables: text, or several texts; $null asks for the built-in value.</summary>
    [Parameter]
    public IDictionary? Variable { get; set; }

    /// <summary>How the policies are written.</summary>
    [Parameter]
    public PolicyFormat Format { get; set; }

    /// <summary>Exactly as landlockconfig reads them: rights up to ABI 6, no table landlockps, no built-in variables.</summary>
    [Parameter]
    public SwitchParameter Strict { get; set; }

    /// <summary>Files and directories of one record.</summary>
    private protected IEnumerable<string> Named(string[] path) =>
        PolicyLoading.Paths(this, ParameterSetName == PathSet ? path : LiteralPath, literal: ParameterSetName != PathSet);

    /// <summary>Runs an action whose expected failures end the cmdlet with their error records.</summary>
    private protected void Guarded(Action action) => Errors.Guard(this, action);
}
