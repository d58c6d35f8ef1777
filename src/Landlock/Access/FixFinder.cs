using System.Collections.Immutable;
using Landlock.Kernel;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>Finds the smallest rules that would allow what is denied. Used once.</summary>
internal sealed class FixFinder(AccessEvaluator evaluator)
{
    private readonly FileRules _rules = evaluator.Rules;
    private readonly Dictionary<(int Layer, PathNode Place), AccessFs> _added = [];

    public ImmutableArray<AccessFix> Find(ImmutableArray<Demand> demands, ReferRequest? refer)
    {
        // What lets an entry into a directory may give it rights there that it did not have, and so on; rights only grow, so this ends.
        while (AddDemands(demands) | AddGains(refer))
        {
        }

        return
        [
            .. _added.Keys.ToArray().Select(key => (key.Layer, key.Place, Rights: _added[key] & ~AddedAbove(key.Layer, key.Place)))
                .Where(rule => rule.Rights != 0)
                .GroupBy(rule => (rule.Place, rule.Rights))
                .Select(group => AccessFix.For(
                    [.. group.Select(rule => rule.Layer + 1)],
                    new PathRule(group.Key.Place.Path, group.Key.Rights),
                    group.Key.Place.IsDirectory,
                    group.Aggregate(AccessFs.None, (all, rule) => all | _rules.Handled[rule.Layer]),
                    group.Aggregate((AccessFs)ulong.MaxValue, (all, rule) => all & group.Key.Place.Granted[rule.Layer]))),
        ];
    }

    private bool AddDemands(ImmutableArray<Demand> demands)
    {
        bool changed = false;
        for (int layer = 0; layer < _rules.Handled.Length; layer++)
            foreach (Demand demand in demands)
                if (!demand.Node.IsInternal) changed |= Add(layer, demand.Node, demand.Rights & _rules.Handled[layer] & ~Granted(layer, demand.Node, true));
        return changed;
    }

    private bool AddGains(ReferRequest? refer)
    {
        bool changed = false;
        foreach (Gain gain in refer?.Gains(_rules, Granted) ?? []) changed |= Add(gain.Layer, gain.Entry, gain.Rights);
        return changed;
    }

    // Each right goes to the smallest place that can have it: file rights to a file, all others to the directory. A rule for a symbolic
    // link would be one for its target.
    private bool Add(int layer, PathNode node, AccessFs rights)
    {
        AccessFs onFile = node.Exists && node.Kind is not (NodeKind.Directory or NodeKind.SymbolicLink) ? rights & Abi.FileRights : AccessFs.None;
        if (onFile != 0) _added[(layer, node)] = _added.GetValueOrDefault((layer, node)) | onFile;
        if (rights == onFile) return rights != 0;
        PathNode directory = node.Upwards().First(place => place.IsDirectory);
        _added[(layer, directory)] = _added.GetValueOrDefault((layer, directory)) | (rights & ~onFile);
        return true;
    }

    private AccessFs Granted(int layer, PathNode node, bool withRoot) => PathExplanation.Granted(layer, node, withRoot) | _added.GetValueOrDefault((layer, node)) | AddedAbove(layer, node);

    private AccessFs AddedAbove(int layer, PathNode node) =>
        node.Upwards().Skip(1).Aggregate(AccessFs.None, (all, place) => all | _added.GetValueOrDefault((layer, place)));
}
