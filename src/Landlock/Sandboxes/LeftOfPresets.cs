using System.Collections.Immutable;
using Landlock.Rulesets;

namespace Landlock.Sandboxes;

/// <summary>
/// What presets grant beside layers: not what somebody has left out of those. Who writes an exception does not know which rule of a preset
/// reaches it; a rule that somebody wrote is refused where it gives an exception back.
/// </summary>
internal sealed class LeftOfPresets
{
    private readonly ExceptionSet? _secrets;
    private readonly ExceptionPlace _places;
    private readonly string[] _left;

    /// <summary>Looks at what layers leave out.</summary>
    /// <param name="layers">The layers, which hold what somebody wrote.</param>
    /// <param name="hasSecrets">Whether secrets are left out.</param>
    /// <param name="baseDirectory">Absolute directory that relative paths start from.</param>
    public LeftOfPresets(ImmutableArray<Ruleset> layers, bool hasSecrets, string baseDirectory)
    {
        _places = new ExceptionPlace(baseDirectory);
        PathRule[] rules = [.. layers.SelectMany(layer => layer.PathRules)];
        _left = [.. rules.Where(rule => !rule.KeepsNarrow).SelectMany(rule => rule.Except).Distinct(StringComparer.Ordinal)];
        if (hasSecrets) _secrets = new ExceptionSet(rules, baseDirectory);
    }

    /// <summary>The rules without what is left out; those for nothing else are gone.</summary>
    public IEnumerable<PathRule> Of(IEnumerable<PathRule> rules)
    {
        foreach (PathRule rule in rules)
            if (Of(rule) is { } left) yield return left;
    }

    private PathRule? Of(PathRule rule)
    {
        PathRule? narrow = _secrets is null ? rule : _secrets.Leave(rule);
        if (narrow is null || _left.Length == 0) return narrow;
        string at = _places.Of(rule.Path);
        if (Array.Exists(_left, path => PathRule.IsBeneath(at, _places.Of(path)))) return null;
        string[] inside = [.. _left.Where(path => _places.IsInside(path, rule.Path, rule.Access))];
        return inside.Length == 0 ? narrow : narrow with { Except = [.. narrow.Except, .. inside], KeepsNarrow = true };
    }
}
