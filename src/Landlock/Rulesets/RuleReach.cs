using Landlock.Abi;

namespace Landlock.Rulesets;

/// <summary>What a rule in force is for: a file, or a directory without some of what is beneath it.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Path">The real path.</param>
/// <param name="Access">Its rights, as far as the kernel knows them.</param>
/// <param name="Exceptions">The real paths that it leaves out.</param>
internal sealed record RuleReach(PathRule Rule, string Path, AccessFs Access, IReadOnlyList<string> Exceptions)
{
    /// <summary>Whether the rule allows a place, or something beneath it.</summary>
    public bool Touches(string place) => !LeavesOut(place) && (PathRule.IsBeneath(place, Path) || PathRule.IsBeneath(Path, place));

    /// <summary>Whether a place is one of the exceptions, or beneath one.</summary>
    public bool LeavesOut(string place) => Exceptions.Any(exception => PathRule.IsBeneath(place, exception));
}
