using System.Management.Automation;
using Landlock.Policies;
using Landlock.Rulesets;

namespace LandlockPS;

/// <summary>What is written as a document: a ruleset, or a merged policy, whose variables stay open.</summary>
internal sealed record PolicySubject(Ruleset Ruleset, Policy? Policy)
{
    /// <summary>Takes an object of the pipeline.</summary>
    /// <exception cref="PSInvalidCastException">It is neither.</exception>
    public static PolicySubject From(object? value) => Unwrapped.From(value) is MergedPolicy merged
        ? new PolicySubject(merged.Ruleset, merged.IsOpen ? merged.Policy : null)
        : new PolicySubject(RulesetTransformationAttribute.Find(value) ?? throw new PSInvalidCastException($"'{value}' is no ruleset; make one with New-LandlockRuleset or Import-LandlockPolicy."), null);

    /// <summary>The document.</summary>
    /// <exception cref="PolicyException">It cannot be written.</exception>
    public PolicyExport Export(PolicyWriteOptions options) => Policy is null ? PolicyWriter.Export(Ruleset, options) : PolicyWriter.Export(Policy, options);
}
