using System.Management.Automation;
using Landlock.Rulesets;
using LandlockPS.Engine;

namespace LandlockPS.Binding;

/// <summary>
/// Rulesets of a pipeline: only those that this process has made. What a command, a sandboxed block, a job or a file puts out is data,
/// whatever it looks like; where somebody means it as rules, the parameter -Ruleset takes it.
/// </summary>
internal static class PipedRuleset
{
    /// <summary>The ruleset that an object is or holds; null if it is something else.</summary>
    /// <exception cref="PSInvalidCastException">It was a ruleset elsewhere.</exception>
    public static Ruleset? Find(object? value) => Unwrapped.From(value) switch
    {
        Ruleset ruleset => ruleset,
        MergedPolicy merged => merged.Ruleset,
        _ => value is PSObject wrapper && RulesetConverter.IsDeserialized(wrapper) ? throw Foreign() : null,
    };

    /// <summary>The ruleset that an object is or holds.</summary>
    /// <exception cref="PSInvalidCastException">It is none of this process.</exception>
    public static Ruleset Demand(object? value) =>
        Find(value) ?? throw new PSInvalidCastException(value is null ? "What was piped is $null, and no ruleset: the variable is not set."
            : $"'{value}' is no ruleset; make one with New-LandlockRuleset.");

    /// <summary>The ruleset that a parameter got: from the pipeline, or as it was written.</summary>
    /// <exception cref="PSInvalidCastException">It is none, or came from elsewhere down the pipeline.</exception>
    public static Ruleset Take(object? value, bool isPiped) =>
        isPiped ? Demand(value) : RulesetTransformationAttribute.Find(value) ?? Demand(value);

    private static PSInvalidCastException Foreign() =>
        new("In a pipeline, a ruleset that came from another process, a session or a file is data and no rule; nothing was run. If it is "
            + "meant as rules: -Ruleset $ruleset.");
}
