using System.ComponentModel;
using System.Management.Automation;
using Landlock.Rulesets;

namespace LandlockPS;

/// <summary>A cmdlet that starts a sandbox and whose pipeline gives nothing but rulesets.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class LayeredSandboxCommand : SandboxCommand
{
    /// <summary>Rulesets, one nested layer each.</summary>
    [Parameter(ValueFromPipeline = true)]
    [RulesetTransformation]
    public Ruleset? InputObject { get; set; }

    /// <summary>Catches what no parameter takes. The engine's own error would end the statement, and a script could go on without its sandbox.</summary>
    [Parameter(ValueFromRemainingArguments = true, DontShow = true)]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? UnknownWord { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject is not null) Piped.Add(InputObject);
    }
}
