using System.Collections;
using System.Management.Automation;
using System.Text;
using Landlock.Policies;
using Landlock.Rulesets;

namespace LandlockPS;

/// <summary>ConvertFrom-LandlockPolicy: a ruleset from the text of one policy.</summary>
[Cmdlet(VerbsData.ConvertFrom, "LandlockPolicy")]
[OutputType(typeof(Ruleset))]
public sealed class ConvertFromLandlockPolicyCommand : PSCmdlet
{
    private const string Source = "text";
    private readonly List<string> _lines = [];

    /// <summary>The text; lines that come one by one are joined.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowEmptyString]
    public string[] InputObject { get; set; } = [];

    /// <summary>Values for variables: text, or several texts; $null asks for the built-in value.</summary>
    [Parameter]
    public IDictionary? Variable { get; set; }

    /// <summary>How the policy is written.</summary>
    [Parameter]
    public PolicyFormat Format { get; set; }

    /// <summary>Exactly as landlockconfig reads it: rights up to ABI 6, no table landlockps, no built-in variables.</summary>
    [Parameter]
    public SwitchParameter Strict { get; set; }

    /// <summary>Accept a policy that would restrict nothing.</summary>
    [Parameter]
    public SwitchParameter AllowEmpty { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _lines.AddRange(InputObject);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', _lines));
            PolicyDocument document = PolicyDocument.Read(text, Format.Syntax() ?? PolicySyntaxes.OfText(text), Source, PolicyLoading.Options(Strict));
            PolicyLoading.Tell(this, document.Findings);
            WriteObject(PolicyLoading.Compose(this, [document], SessionVariables.From(this, Variable, Strict), AllowEmpty));
        }
        catch (Exception exception) when (Errors.IsExpected(exception))
        {
            ThrowTerminatingError(Errors.From(exception));
        }
    }
}
