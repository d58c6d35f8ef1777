using System.Management.Automation;
using Landlock.Policies;
using LandlockPS.Engine;
using LandlockPS.Policies;

namespace LandlockPS;

/// <summary>ConvertTo-LandlockPolicy: the text of a policy that says what a ruleset says.</summary>
[Cmdlet(VerbsData.ConvertTo, "LandlockPolicy")]
[OutputType(typeof(string))]
public sealed class ConvertToLandlockPolicyCommand : PSCmdlet
{
    /// <summary>Rulesets or merged policies; each becomes a text of its own.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public PSObject InputObject { get; set; } = null!;

    /// <summary>TOML or JSON.</summary>
    [Parameter]
    [ValidateSet(nameof(PolicyFormat.Toml), nameof(PolicyFormat.Json))]
    public PolicyFormat Format { get; set; } = PolicyFormat.Toml;

    /// <summary>Refuse what landlockconfig cannot say, instead of saying it in the table landlockps.</summary>
    [Parameter]
    public SwitchParameter Strict { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Errors.Guard(this, () =>
    {
        PolicyExport export =
            PolicySubject.From(InputObject, MyInvocation.ExpectingInput).Export(new PolicyWriteOptions { Strict = Strict });
        foreach (string note in export.Notes) WriteVerbose(note);
        WriteObject(PolicyWriter.WriteText(export.Document, Format.Syntax()!.Value).TrimEnd('\n'));
    });
}
