using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Policies.Converting;

/// <summary>
/// Where some rights hold, as tools have it that hide and show directories within one another: of what was said of a path and of the
/// directories around it, the nearest decides. A path is compared by where it leads, and written as it was.
/// </summary>
/// <param name="access">The rights.</param>
/// <param name="baseDirectory">Absolute directory that relative paths start from.</param>
/// <param name="realPlace">Where an absolute path leads; of one that does not exist, where it would be.</param>
internal sealed class AccessArea(AccessFs access, string baseDirectory, Func<string, string> realPlace)
{
    /// <summary>The rights that change something.</summary>
    public const AccessFs Writing = AccessFs.WriteFile | AccessFs.Truncate | AccessFs.IoctlDev | AbiTable.ChangingEntries;

    /// <summary>What is said where <see cref="IsReopened"/>.</summary>
    public const string Reopened = "a path is allowed within one that is denied: other names of what is denied (hard links, mounts) are "
        + "not looked for, and a policy file cannot hold such rules";

    private readonly Dictionary<string, (string Path, bool Allowed)> _said = new(StringComparer.Ordinal);

    /// <summary>Whether the exceptions of a rule hold something that another rule allows.</summary>
    public bool IsReopened { get; private set; }

    /// <summary>Allows a path and what is beneath it; what was said of a path beneath stays.</summary>
    public void Allow(string path) => _said[Place(path)] = (path, true);

    /// <summary>Leaves out a path and what is beneath it, but for what was or will be allowed there.</summary>
    public void Deny(string path) => _said[Place(path)] = (path, false);

    /// <summary>Leaves out a path and everything beneath it, whatever was said of that before.</summary>
    public void Cover(string path)
    {
        string place = Place(path);
        foreach (string beneath in _said.Keys.Where(known => PathRule.IsBeneath(known, place)).ToArray()) _said.Remove(beneath);
        Deny(path);
    }

    /// <summary>Whether the rights hold for a path.</summary>
    public bool Holds(string path) => Nearest(Place(path), orItself: true) is { Allowed: true };

    /// <summary>The rules: one for each path that is allowed where nothing around it is.</summary>
    /// <param name="devices">Paths for which rights over the entries of directories mean nothing.</param>
    public IEnumerable<PathRule> Rules(params IReadOnlyCollection<string> devices)
    {
        string[] denied = [.. _said.Keys.Where(place => !_said[place].Allowed && Nearest(place)?.Allowed == true)];
        string[] allowed = [.. _said.Keys.Where(place => _said[place].Allowed && Nearest(place)?.Allowed != true)];
        List<PathRule> rules = [];
        foreach (string place in allowed)
        {
            string[] without = [.. denied.Where(other => Around(other, allowed) == place)];
            bool narrow = without.Any(other => allowed.Any(again => PathRule.IsBeneath(again, other)));
            IsReopened |= narrow;
            rules.Add(new PathRule(_said[place].Path, devices.Contains(place) ? access & AbiTable.FileRights : access)
            {
                Optional = true,
                Except = [.. without.Select(other => _said[other].Path)],
                KeepsNarrow = narrow,
            });
        }

        return rules;
    }

    private static string? Around(string place, IEnumerable<string> places) =>
        places.Where(other => PathRule.IsBeneath(place, other)).MaxBy(other => other.Length);

    private (string Path, bool Allowed)? Nearest(string place, bool orItself = false) =>
        Around(place, _said.Keys.Where(other => orItself || other != place)) is { } found ? _said[found] : null;

    private string Place(string path) => Path.GetFullPath(realPlace(RulesetResolver.Absolute(PathRule.Normalize(path), baseDirectory)));
}
