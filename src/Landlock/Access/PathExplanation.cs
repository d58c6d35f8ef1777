using System.Collections.Immutable;
using Landlock.Kernel;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>Says why something about paths is allowed or denied, and which rules would allow it.</summary>
internal static class PathExplanation
{
    public static VerdictDetails Of(AccessEvaluator evaluator, ImmutableArray<Demand> demands, ReferRequest? refer)
    {
        FileRules rules = evaluator.Rules;
        List<LayerDenial> denials = [];
        List<(int Layer, PathNode Node, AccessFs Rights)> wanted = [];
        List<string> notes = [];
        AccessFs denied = AccessFs.None;
        for (int layer = 0; layer < rules.Handled.Length; layer++)
        {
            string? name = evaluator.Layers[layer].Status.Name;
            foreach (Demand demand in demands)
            {
                AccessFs missing = demand.Node.IsInternal ? AccessFs.None : demand.Rights & rules.Handled[layer] & ~demand.Node.Granted[layer];
                if (missing == 0) continue;
                denied |= missing;
                denials.Add(new LayerDenial(layer + 1, name, demand.Node.Path, [.. Abi.Names(missing)]));
                if ((missing & AccessFs.Refer & ~evaluator.Layers[layer].HandledFs) != 0) notes.Add($"Layer {layer + 1} does not handle refer, which is then denied everywhere; no rule can allow it until the layer handles it.");
                wanted.Add((layer, demand.Node, missing));
            }

            foreach (Gain gain in refer?.Gains(rules) ?? [])
            {
                if (gain.Layer != layer) continue;
                denials.Add(new LayerDenial(layer + 1, name, gain.Entry.Path, [.. Abi.Names(gain.Rights)]));
                notes.Add($"By moving, '{PosixText.Printable(gain.Entry.Path)}' would gain {string.Join(",", Abi.Names(gain.Rights))} in layer {layer + 1}; it can be copied instead.");
                wanted.Add((layer, gain.Entry, gain.Rights));
            }
        }

        if (demands.Any(demand => demand.Node.Kind == NodeKind.Unreachable)) notes.Add("A directory on the way cannot be searched by this user, so that rules beneath it are not seen.");
        Errno error = denials.Count == 0 ? Errno.None : refer is null || (denied & ~AccessFs.Refer) != 0 ? Errno.EACCES : Errno.EXDEV;
        // Without a rule that could grant it in each layer, rules for the others would be no help.
        bool hopeless = wanted.Any(item => (item.Rights & AccessFs.Refer & ~evaluator.Layers[item.Layer].HandledFs) != 0);
        return new VerdictDetails(error, [.. denials], Contributing(rules, demands), hopeless ? [] : Fixes(evaluator, wanted), notes.Count == 0 ? null : string.Join(" ", notes.Distinct()));
    }

    private static ImmutableArray<ContributingRule> Contributing(FileRules rules, ImmutableArray<Demand> demands)
    {
        List<ContributingRule> found = [];
        foreach (Demand demand in demands)
        {
            foreach (PathNode place in demand.Node.Upwards())
                found.AddRange(rules.Texts(place.Identity).Where(rule => place.Exists && (rule.PathRule!.Access & demand.Rights & rules.Handled[rule.Layer - 1]) != 0));
        }

        return [.. found.Distinct().OrderBy(rule => rule.Layer)];
    }

    private static ImmutableArray<AccessFix> Fixes(AccessEvaluator evaluator, List<(int Layer, PathNode Node, AccessFs Rights)> wanted)
    {
        // Each right goes to the smallest place that can have it: file rights to a file, all others to the directory.
        Dictionary<(int Layer, PathNode Place), AccessFs> rules = [];
        foreach ((int layer, PathNode node, AccessFs rights) in wanted)
        {
            AccessFs onFile = node.Exists && !node.IsDirectory ? rights & Abi.FileRights : AccessFs.None;
            if (onFile != 0) Add(layer, node, onFile);
            if (rights != onFile) Add(layer, node.Upwards().First(place => place.IsDirectory), rights & ~onFile);
        }

        return
        [
            .. rules.GroupBy(rule => (rule.Key.Place, rule.Value)).Select(group => AccessFix.For(
                [.. group.Select(rule => rule.Key.Layer + 1)],
                new PathRule(group.Key.Place.Path, group.Key.Value),
                group.Key.Place.IsDirectory,
                group.Aggregate(AccessFs.None, (all, rule) => all | evaluator.Rules.Handled[rule.Key.Layer]),
                group.Aggregate((AccessFs)ulong.MaxValue, (all, rule) => all & group.Key.Place.Granted[rule.Key.Layer]))),
        ];

        void Add(int layer, PathNode place, AccessFs rights) => rules[(layer, place)] = rules.GetValueOrDefault((layer, place)) | rights;
    }
}
