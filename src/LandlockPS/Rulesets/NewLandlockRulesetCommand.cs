using System.Management.Automation;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using LandlockPS.Binding;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>New-LandlockRuleset: a ruleset that denies everything the kernel can deny; rules give back.</summary>
[Cmdlet(VerbsCommon.New, "LandlockRuleset")]
[OutputType(typeof(Ruleset))]
public sealed class NewLandlockRulesetCommand : PSCmdlet
{
    /// <summary>A name for messages and views.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Write the ruleset for this ABI; default is what the running kernel has.</summary>
    [Parameter]
    [ValidateRange(1, AbiTable.Newest)]
    public int Abi { get; set; }

    /// <summary>Parts to leave alone: Fs, Net or Scope.</summary>
    [Parameter]
    [ValidateNotNull]
    public RestrictionKind[] Unrestricted { get; set; } = [];

    /// <summary>Hosts to connect to by TCP, and no others; port 443 where none is given.</summary>
    [Parameter]
    [HostTransformation]
    [ArgumentCompleter(typeof(HostCompleter))]
    public HostRule[] ConnectHost { get; set; } = [];

    /// <summary>What to do where a kernel lacks something.</summary>
    [Parameter]
    public Compatibility Compatibility { get; set; }

    /// <summary>Protections without which no command runs.</summary>
    [Parameter]
    [ProtectionTransformation]
    [ArgumentCompleter(typeof(ProtectionCompleter))]
    public string[] Require { get; set; } = [];

    /// <summary>Protections that may be missing, without a warning and in spite of -Compatibility.</summary>
    [Parameter]
    [ProtectionTransformation]
    [ArgumentCompleter(typeof(ProtectionCompleter))]
    public string[] AllowDegraded { get; set; } = [];

    /// <summary>Protections to leave out.</summary>
    [Parameter]
    [ProtectionTransformation]
    [ArgumentCompleter(typeof(ProtectionCompleter))]
    public string[] Disable { get; set; } = [];

    /// <summary>Let network interfaces, addresses and routes be listed.</summary>
    [Parameter]
    public SwitchParameter ListInterfaces { get; set; }

    /// <summary>Let the kernel log denials of the sandboxed command (ABI 7).</summary>
    [Parameter]
    public SwitchParameter LogDenials { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        ProtectionPromises promises = ProtectionTransformationAttribute.Promises(Require, AllowDegraded, Disable);
        Sandbox sandbox = new()
        {
            Compatibility = Compatibility,
            LogDenials = LogDenials,
            Promises = promises,
            Unrestricted = RestrictionKinds.Parts(Unrestricted),
            Hosts = [.. ConnectHost],
        };
        try
        {
            WriteObject(sandbox.MakeRuleset(RunningKernel.Support, baseDirectory: null, out _, Abi == 0 ? null : Abi)
                .WithPromises(promises) with
            { Name = Name, ListInterfaces = ListInterfaces });
        }
        catch (RulesetException exception)
        {
            ThrowTerminatingError(Errors.From(exception));
        }
    }
}
