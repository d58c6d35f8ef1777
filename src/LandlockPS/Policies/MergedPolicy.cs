using System.Collections.Immutable;
using Landlock.Policies;
using Landlock.Rulesets;

namespace LandlockPS;

/// <summary>
/// Documents composed into one policy, and what that changed. Every parameter and pipeline that takes a ruleset takes it too.
/// </summary>
public sealed class MergedPolicy
{
    internal MergedPolicy(PolicyComposition composition, ResolvedPolicy resolved, bool isOpen)
    {
        Policy = composition.Policy;
        Ruleset = resolved.Ruleset;
        Loosened = composition.Loosened;
        Withdrawn = composition.Withdrawn;
        Reduced = composition.Reduced;
        Shared = composition.Shared;
        IsOpen = isOpen;
    }

    /// <summary>The ruleset, with every variable replaced by its values.</summary>
    public Ruleset Ruleset { get; }

    /// <summary>The policy, its variables still open.</summary>
    public Policy Policy { get; }

    /// <summary>Rights that one of the documents handles and the merged policy does not: they are allowed everywhere.</summary>
    public ImmutableArray<LoosenedRight> Loosened { get; }

    /// <summary>
    /// refer, if one of the documents handles it and the merged policy does not: it is denied everywhere then. Null otherwise.
    /// </summary>
    public WithdrawnRight? Withdrawn { get; }

    /// <summary>Rules that lost rights.</summary>
    public ImmutableArray<ReducedRule> Reduced { get; }

    /// <summary>Variables with values from several documents.</summary>
    public ImmutableArray<SharedVariable> Shared { get; }

    /// <summary>Whether it is written with its variables; not if they were given values.</summary>
    internal bool IsOpen { get; }

    /// <inheritdoc/>
    public override string ToString() => Ruleset.ToString();
}
