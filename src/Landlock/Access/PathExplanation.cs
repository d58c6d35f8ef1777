using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>Says why something about paths is allowed or denied, and which rules would allow it.</summary>
internal static class PathExplanation
{
    public static VerdictDetails Of(AccessEvaluator evaluator, ImmutableArray<Demand> demands, ReferRequest? refer)
    {
        FileRules rules = evaluator.Rules;
        List<LayerDenial> denials = [];
        bool hopeless = false;
        List<string> notes = [];
        AccessFs denied = AccessFs.None;
        for (int layer = 0; layer < rules.Handled.Length; layer++)
        {
            string? name = evaluator.Layers[layer].Status.Name;
            foreach (Demand demand in demands)
            {
                AccessFs missing =
                    demand.Node.IsInternal ? AccessFs.None : demand.Rights & rules.Handled[layer] & ~demand.Node.Granted[layer];
                if (missing == 0) continue;
                denied |= missing;
                denials.Add(new LayerDenial(layer + 1, name, demand.Node.Path, [.. AbiTable.Names(missing)]));
                if ((missing & AccessFs.Refer & ~evaluator.Layers[layer].HandledFs) == 0) continue;
                // Rules for the other layers alone would be no help.
                hopeless = true;
                notes.Add($"Layer {layer + 1} does not handle refer, which is then denied everywhere; no rule can allow it until "
                    + "the layer handles it.");
            }

            foreach (Gain gain in refer?.Gains(rules, Granted) ?? [])
            {
                if (gain.Layer != layer) continue;
                denials.Add(new LayerDenial(layer + 1, name, gain.Entry.Path, [.. AbiTable.Names(gain.Rights)]));
                notes.Add($"By moving, '{PosixText.Printable(gain.Entry.Path)}' would "
                    + $"gain {string.Join(",", AbiTable.Names(gain.Rights))} in layer {layer + 1}; it can be copied instead.");
            }
        }

        if (refer?.Obstacle is { } obstacle) notes.Add(obstacle);
        if (demands.Any(demand => demand.Node.Kind == NodeKind.Unreachable))
            notes.Add("A directory on the way cannot be searched by this user, so that rules beneath it are not seen.");
        Errno error = denials.Count == 0 ? Errno.None : refer is null || (denied & ~AccessFs.Refer) != 0 ? Errno.EACCES : Errno.EXDEV;
        ImmutableArray<AccessFix> fixes = hopeless ? [] : new FixFinder(evaluator).Find(demands, refer);
        if (fixes.Select(fix => Refusal(evaluator, fix)).FirstOrDefault(refusal => refusal is not null) is { } refusal)
        {
            fixes = [];
            notes.Add(refusal);
        }

        return new VerdictDetails(error, [.. denials], Contributing(rules, demands), fixes,
            notes.Count == 0 ? null : string.Join(" ", notes.Distinct()));
    }

    /// <summary>Why a rule would be refused: it would allow again what another one leaves out.</summary>
    private static string? Refusal(AccessEvaluator evaluator, AccessFix fix)
    {
        if (fix.PathRule is not { } rule) return null;
        foreach (ResolvedExceptions with in fix.Layers.SelectMany(layer => evaluator.Layers[layer - 1].Exceptions))
        {
            if (with.Refuses(rule.Path, rule.Access) is not { } exception) continue;
            return $"'{PosixText.Printable(exception)}' is an exception of the rule for '{PosixText.Printable(with.Path)}', so a rule for "
                + $"'{PosixText.Printable(rule.Path)}' would be refused. Take the exception out, or allow more narrowly.";
        }

        return null;
    }

    /// <summary>What rules grant at a place in a layer, with or without rules on the root directory.</summary>
    internal static AccessFs Granted(int layer, PathNode node, bool withRoot) => withRoot
        ? node.Granted[layer]
        : node.Upwards().Aggregate(AccessFs.None, (all, place) => place.Parent is null || place.Own is null ? all : all | place.Own[layer]);

    private static ImmutableArray<ContributingRule> Contributing(FileRules rules, ImmutableArray<Demand> demands)
    {
        List<ContributingRule> found = [];
        foreach (Demand demand in demands)
        {
            foreach (PathNode place in demand.Node.Upwards())
                found.AddRange(rules.Texts(place.Identity)
                    .Where(rule => place.Exists && (rule.PathRule!.Access & demand.Rights & rules.Handled[rule.Layer - 1]) != 0));
        }

        return [.. found.Distinct().OrderBy(rule => rule.Layer)];
    }
}
