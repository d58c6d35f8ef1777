using System.Management.Automation;
using Landlock.Rulesets;
using LandlockPS.Binding;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Add-LandlockNetRule: allows ports, ranges of ports, and hosts.</summary>
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
        if (rules.Length == 0 && ConnectHost.Length == 0)
        {
            ThrowTerminatingError(
                Errors.New(new ArgumentException("No port and no host was given; use -ConnectTcp, -BindTcp, -ConnectSendUdp, -BindUdp or "
                    + "-ConnectHost."),
                    "PortMissing", ErrorCategory.InvalidArgument, Ruleset, "For example: Add-LandlockNetRule -ConnectTcp 443"));
        }

        if (ConnectHost.Length > 0 && (Quiet || level is not null))
        {
            ThrowTerminatingError(Errors.New(
                new ArgumentException($"-{(Quiet ? nameof(Quiet) : nameof(Compatibility))} is for rules for ports, which the kernel keeps; "
                    + "hosts are kept by a supervisor, or nothing runs. Add the hosts by a call without it."),
                "HostModifier", ErrorCategory.InvalidArgument, ConnectHost[0],
                "For example: Add-LandlockNetRule -ConnectTcp 22 -Quiet | Add-LandlockNetRule -ConnectHost api.example.com"));
        }

        try
        {
            Ruleset ruleset = PipedRuleset.Take(Ruleset, _rulesetIsPiped);
            WriteObject(ruleset.WithHosts(ConnectHost).With([], rules));
        }
        catch (Exception exception) when (exception is RulesetException or PSInvalidCastException)
        {
            ThrowTerminatingError(Errors.From(exception));
        }
    }
}
