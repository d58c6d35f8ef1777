using Landlock.Abi;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Profiles;

/// <summary>Finds what a sandbox must never be able to change: the profiles that make it, and the programs that enforce them.</summary>
internal static class ProfileGuard
{
    /// <summary>The rights that change something.</summary>
    public const AccessFs Changing =
        AccessFs.WriteFile | AccessFs.Truncate | AccessFs.RemoveDir | AccessFs.RemoveFile | AbiTable.Making;

    /// <summary>What could be changed, with one finding for each rule that allows it.</summary>
    /// <param name="layers">
    /// The layers, with rules for what was found at their paths (<see cref="Ruleset.Bound"/>); what one of them denies is denied.
    /// </param>
    /// <param name="profile">The profile to name in messages.</param>
    /// <param name="folders">The folders, with a word for what they hold.</param>
    /// <param name="files">Files elsewhere that belong to them, as symbolic links lead there.</param>
    public static IEnumerable<PolicyFinding> Check(IReadOnlyList<Ruleset> layers, Profile profile,
        IEnumerable<(string Path, string What)> folders, IEnumerable<string> files)
    {
        HashSet<string> said = new(StringComparer.Ordinal);
        foreach ((string path, string what) in folders)
        {
            if (PosixFile.Find(path) is not { RealPath: not null } folder) continue;
            // A rule for something in the folder counts as much as one for a directory around it.
            IEnumerable<FoundPath> inside = layers.SelectMany(layer => layer.PathRules).Where(rule => (rule.Access & Changing) != 0)
                .Select(rule => rule.Found).OfType<FoundPath>().Where(found => Way(found).Contains(folder.Identity));
            foreach (FoundPath target in inside.Prepend(folder).DistinctBy(found => found.RealPath))
            {
                if (Find(layers, target) is not { } cause) continue;
                if (said.Add(cause.Rule ?? "")) yield return Problem(profile, target.RealPath!, what, cause);
                break;
            }
        }

        foreach (string file in files)
        {
            if (PosixFile.Find(file) is { RealPath: { } real } found && Find(layers, found) is { } cause && said.Add(cause.Rule ?? ""))
                yield return Problem(profile, real, "a document of the profile", cause);
        }
    }

    private static PolicyFinding Problem(Profile profile, string target, string what, (AccessFs Access, string? Rule) cause)
    {
        string rights = string.Join(", ", AbiTable.Names(cause.Access));
        string why =
            cause.Rule is null ? $"no ruleset of it handles {rights}" : $"the rule for '{PosixText.Printable(cause.Rule)}' allows {rights}";
        return new PolicyFinding(new PolicyLocation(profile.File, 0, 0), FindingSeverity.Error,
            $"a command in the sandbox could change '{PosixText.Printable(target)}' ({what}) and so get out of it: {why}; move the "
                + "one out of the other");
    }

    private static (AccessFs Access, string? Rule)? Find(IReadOnlyList<Ruleset> layers, FoundPath target)
    {
        HashSet<FileIdentity> way = Way(target);
        AccessFs left = Changing;
        string? broadest = null;
        foreach (Ruleset layer in layers)
        {
            AccessFs allowed = Changing & ~layer.HandledFs;
            foreach (PathRule rule in layer.PathRules)
            {
                if ((rule.Access & Changing) == 0 || rule.Found is not { Exists: true } found || !way.Contains(found.Identity)) continue;
                allowed |= rule.Access;
                broadest ??= found.RealPath;
            }

            left &= allowed;
        }

        return left == 0 ? null : (left, broadest);
    }

    // The object itself and the directories that it is in, up to the root: other mounts may show them under other names.
    private static HashSet<FileIdentity> Way(FoundPath found)
    {
        HashSet<FileIdentity> way = [];
        if (found.RealPath is null) return way;
        way.Add(found.Identity);
        for (string? part = Path.GetDirectoryName(found.RealPath); part is not null; part = Path.GetDirectoryName(part))
            if (PosixFile.Stat(part)?.Identity is { } identity) way.Add(identity);
        return way;
    }
}
