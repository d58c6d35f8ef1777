using System.Collections;
using System.Collections.Immutable;
using System.Management.Automation;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Policies;

namespace LandlockPS;

/// <summary>Compare-LandlockPolicy: what one of two policies allows and the other does not.</summary>
[Cmdlet(VerbsData.Compare, "LandlockPolicy")]
[OutputType(typeof(PolicyDifference))]
public sealed class CompareLandlockPolicyCommand : PSCmdlet
{
    private readonly List<object> _differing = [];

    /// <summary>The one: a ruleset, or the path of a policy.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(PolicyFileCompleter))]
    public object ReferenceObject { get; set; } = null!;

    /// <summary>The other.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(PolicyFileCompleter))]
    public object DifferenceObject { get; set; } = null!;

    /// <summary>Values for variables: text, or several texts; $null asks for the built-in value.</summary>
    [Parameter]
    public IDictionary? Variable { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _differing.Add(DifferenceObject);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_differing.Count == 0) return;
        Errors.Guard(this, () =>
        {
            if (_differing.Count > 1)
                throw new PSInvalidOperationException($"Two policies can be compared, but {_differing.Count} were piped; pipe one.");
            (Ruleset? ruleset, Policy? policy)[] both = [Subject(ReferenceObject), Subject(_differing[0])];
            PolicyVariables variables = SessionVariables.From(this, Variable);
            PolicyLoading.Tell(this, variables.For([.. both.Select(one => one.policy).OfType<Policy>()]).Unused);
            ImmutableArray<Ruleset> rulesets = [.. both.Select(one => one.ruleset
                ?? PolicyLoading.Resolve(this, one.policy!, variables.For([one.policy!]).Used))];
            WriteObject(PolicyDifference.Between(rulesets[0], rulesets[1]), enumerateCollection: true);
        });
    }

    private (Ruleset? Ruleset, Policy? Policy) Subject(object value)
    {
        if (RulesetTransformationAttribute.Find(value) is { } ruleset) return (ruleset, null);
        object? plain = Unwrapped.From(value);
        if ((RulePath.OfEntry(plain) ?? plain) is not string name)
            throw new PSInvalidCastException($"'{PosixText.Printable($"{value}")}' is no policy; give a ruleset, or the path of a policy.");
        ImmutableArray<PolicyDocument> documents =
            PolicyLoading.Read(this, PolicyLoading.Paths(this, [name], literal: false), PolicyFormat.Auto, strict: false);
        return (null, PolicyLoading.Compose(this, documents, allowEmpty: true));
    }
}
