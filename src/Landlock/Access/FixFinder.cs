using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>Finds the smallest rules that would allow what is denied. Used once.</summary>
internal sealed class FixFinder(AccessEvaluator evaluator)
{
    private readonly FileRules _rules = evaluator.Rules;
    // By inode, as rules are: through a mount the same directory can be above itself.
    private readonly Dictionary<(int Layer, FileIdentity Inode), AccessFs> _added = [];
    private readonly Dictionary<FileIdentity, PathNode> _places = [];

    public ImmutableArray<AccessFix> Find(ImmutableArray<Demand> demands, ReferRequest? refer)
    {
        // What lets an entry into a directory may give it rights there that it did not have, and so on; rights only grow, so this ends.
        while (AddDemands(demands) | AddGains(refer))
        {
        }

        Prune(demands, refer);
        return
        [
            .. _added.Select(rule => (rule.Key.Layer, Place: _places[rule.Key.Inode], Rights: rule.Value))
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

    // What one rule grants another may grant already, from above. No right stays that is not needed.
    private void Prune(ImmutableArray<Demand> demands, ReferRequest? refer)
    {
        foreach ((int Layer, FileIdentity Inode) key in _added.Keys.ToArray())
        {
            foreach (Right right in AbiTable.InMask(RightKind.Fs, (ulong)_added[key]))
            {
                AccessFs before = _added[key];
                _added[key] = before & ~(AccessFs)right.Bit;
                if (!IsEnough(demands, refer)) _added[key] = before;
            }
        }
    }

    private bool IsEnough(ImmutableArray<Demand> demands, ReferRequest? refer)
    {
        for (int layer = 0; layer < _rules.Handled.Length; layer++)
            foreach (Demand demand in demands)
                if (!demand.Node.IsInternal && (demand.Rights & _rules.Handled[layer] & ~Granted(layer, demand.Node, true)) != 0)
                    return false;
        return refer is null || !refer.Gains(_rules, Granted).Any();
    }

    private bool AddDemands(ImmutableArray<Demand> demands)
    {
        bool changed = false;
        for (int layer = 0; layer < _rules.Handled.Length; layer++)
            foreach (Demand demand in demands)
                if (!demand.Node.IsInternal)
                    changed |= Add(layer, demand.Node, demand.Rights & _rules.Handled[layer] & ~Granted(layer, demand.Node, true));
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
        AccessFs onFile =
            node.Exists && node.Kind is not (NodeKind.Directory or NodeKind.SymbolicLink) ? rights & AbiTable.FileRights : AccessFs.None;
        Put(layer, node, onFile);
        if (rights != onFile) Put(layer, node.Upwards().First(place => place.IsDirectory), rights & ~onFile);
        return rights != 0;
    }

    private void Put(int layer, PathNode place, AccessFs rights)
    {
        if (rights == 0) return;
        _places.TryAdd(place.Identity, place);
        _added[(layer, place.Identity)] = Added(layer, place) | rights;
    }

    private AccessFs Added(int layer, PathNode place) => place.Exists ? _added.GetValueOrDefault((layer, place.Identity)) : AccessFs.None;

    private AccessFs Granted(int layer, PathNode node, bool withRoot) =>
        PathExplanation.Granted(layer, node, withRoot) | Added(layer, node) | AddedAbove(layer, node);

    private AccessFs AddedAbove(int layer, PathNode node) =>
        node.Upwards().Skip(1)
            .Aggregate(AccessFs.None, (all, place) => place.Identity == node.Identity && node.Exists ? all : all | Added(layer, place));
}
