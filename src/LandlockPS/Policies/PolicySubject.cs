using System.Management.Automation;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using LandlockPS.Binding;
using LandlockPS.Engine;

namespace LandlockPS.Policies;

/// <summary>What is written as a document: a ruleset, or a merged policy, whose variables stay open.</summary>
internal sealed record PolicySubject(Ruleset Ruleset, Policy? Policy)
{
    /// <summary>Takes an object.</summary>
    /// <param name="value">The object.</param>
    /// <param name="isPiped">Whether it came down the pipeline, and was not written as a parameter.</param>
    /// <exception cref="PSInvalidCastException">It is neither.</exception>
    public static PolicySubject From(object? value, bool isPiped) => Unwrapped.From(value) is MergedPolicy merged
        ? new PolicySubject(merged.Ruleset, merged.IsOpen ? merged.Policy : null)
        : new PolicySubject((isPiped ? PipedRuleset.Find(value) : RulesetTransformationAttribute.Find(value))
            ?? throw new PSInvalidCastException($"'{value}' is no ruleset; make one with New-LandlockRuleset or Import-LandlockPolicy."),
            null);

    /// <summary>The document.</summary>
    /// <exception cref="PolicyException">It cannot be written.</exception>
    public PolicyExport Export(PolicyWriteOptions options) =>
        Policy is null ? PolicyWriter.Export(Ruleset, options) : PolicyWriter.Export(Policy, options);
}
