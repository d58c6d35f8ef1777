using System.Management.Automation;
using Landlock.Rulesets;
using LandlockPS.Binding;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Add-LandlockNetRule: allows ports and ranges of ports.</summary>
[Cmdlet(VerbsCommon.Add, "LandlockNetRule")]
[OutputType(typeof(Ruleset))]
public sealed class AddLandlockNetRuleCommand : PortCommand
{
    private bool _rulesetIsPiped;

    /// <summary>
    /// The ruleset to add to. Of type object, since the engine passes over what is piped and not taken, and goes on without.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? Ruleset { get; set; }

    /// <summary>Do not log denials on the ports (ABI 10).</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>Overrides the ruleset's level for these rules.</summary>
    [Parameter]
    public Compatibility Compatibility { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _rulesetIsPiped = !MyInvocation.BoundParameters.ContainsKey(nameof(Ruleset));

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Compatibility? level = MyInvocation.BoundParameters.ContainsKey(nameof(Compatibility)) ? Compatibility : null;
        NetRule[] rules = [.. PortRules.Select(rule => rule with { Quiet = Quiet, Compatibility = level })];
        if (rules.Length == 0)
        {
            ThrowTerminatingError(
                Errors.New(new ArgumentException("No port was given; use -ConnectTcp, -BindTcp, -ConnectSendUdp or -BindUdp."),
                    "PortMissing", ErrorCategory.InvalidArgument, Ruleset, "For example: Add-LandlockNetRule -ConnectTcp 443"));
        }

        try
        {
            Ruleset ruleset = PipedRuleset.Take(Ruleset, _rulesetIsPiped);
            WriteObject(ruleset.With([], rules));
        }
        catch (Exception exception) when (exception is RulesetException or PSInvalidCastException)
        {
            ThrowTerminatingError(Errors.From(exception));
        }
    }
}
