using System.Collections;
using System.Management.Automation;
using Landlock.Rulesets;
using LandlockPS.Binding;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Accepts rulesets, also those that came through a job or a remote session and lost their type on the way.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RulesetTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = Unwrapped.From(inputData);
        if (Find(inputData) is { } single) return single;
        if (value is IEnumerable many and not string)
        {
            List<Ruleset> rulesets = [];
            foreach (object? item in many) rulesets.Add(One(item));
            return rulesets.ToArray();
        }

        return One(inputData);
    }

    private static Ruleset One(object? value)
    {
        return Find(value)
            ?? throw new ArgumentTransformationMetadataException($"'{value}' is no ruleset; make one with New-LandlockRuleset.");
    }

    /// <summary>The ruleset that an object is or holds; null if it is something else.</summary>
    internal static Ruleset? Find(object? value) => Unwrapped.From(value) switch
    {
        Ruleset ruleset => ruleset,
        MergedPolicy merged => merged.Ruleset,
        _ => value is PSObject wrapper && RulesetConverter.IsDeserialized(wrapper) ? RulesetConverter.Restore(wrapper) : null,
    };
}
