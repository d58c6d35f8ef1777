using System.ComponentModel;
using System.Management.Automation;
using LandlockPS.Binding;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>A cmdlet that starts a sandbox and whose pipeline gives nothing but rulesets and profiles.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class LayeredSandboxCommand : SandboxCommand
{
    /// <summary>
    /// Rulesets, one nested layer each, and profiles. Of type object, since the engine passes over what a parameter does not take, and goes
    /// on.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>
    /// Catches what no parameter takes. The engine's own error would end the statement, and a script could go on without its sandbox.
    /// </summary>
    [Parameter(ValueFromRemainingArguments = true, DontShow = true)]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? UnknownWord { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is null && !MyInvocation.ExpectingInput) return;
        try
        {
            if (!TakePiped(InputObject)) _ = PipedRuleset.Demand(InputObject);
        }
        catch (PSInvalidCastException exception)
        {
            ThrowTerminatingError(Errors.From(exception, InputObject));
        }
    }
}
