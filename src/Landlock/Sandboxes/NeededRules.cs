using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Sandboxes;

/// <summary>
/// Which rules for what a command needs (its program, its libraries, the baseline) the kernel has to hear of. With --read-only /usr, those
/// beneath /usr allow no more.
/// </summary>
internal static class NeededRules
{
    /// <summary>
    /// Whether a rule that was asked for allows everything that a grant's rule allows, since the object is beneath its own. One that was
    /// asked for is never left out: it is for its object, by whatever path that is reached.
    /// </summary>
    /// <param name="rule">The rule.</param>
    /// <param name="target">Its object.</param>
    /// <param name="layer">The layer of both.</param>
    /// <param name="grants">What was added to what was asked for.</param>
    public static bool IsCovered(ResolvedPathRule rule, FoundPath target, ResolvedLayer layer, ImmutableArray<Grant> grants)
    {
        if (!rule.Optional || rule.Quiet || target.IsOwn || target.RealPath is not { } path) return false;
        AccessFs access = target.Kind == PathKind.File ? rule.FileAccess : rule.Access;
        foreach (ResolvedPathRule other in layer.PathRules)
            if (!other.Optional && (access & ~other.Access) == 0 && IsBeneath(path, other)) return IsGrant(rule, grants);
        return false;
    }

    private static bool IsBeneath(string path, ResolvedPathRule other) => other.RealPath is { } directory && directory.Length < path.Length
        && path.StartsWith(directory, StringComparison.Ordinal) && (directory.Length == 1 || path[directory.Length] == '/');

    private static bool IsGrant(ResolvedPathRule rule, ImmutableArray<Grant> grants)
    {
        foreach (Grant grant in grants)
            if (grant.Rule.Path == rule.Path) return true;
        return false;
    }
}
