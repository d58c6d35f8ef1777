using System.Collections.Immutable;
using Landlock.Kernel;
using Landlock.Rulesets;

namespace Landlock.Policies.Profiles;

/// <summary>Finds what a sandbox must never be able to change: the profiles that make it, and the programs that enforce them.</summary>
internal static class ProfileGuard
{
    private const AccessFs Changing =
        AccessFs.WriteFile | AccessFs.Truncate | AccessFs.RemoveDir | AccessFs.RemoveFile | AccessFs.MakeChar | AccessFs.MakeDir
        | AccessFs.MakeReg | AccessFs.MakeSock | AccessFs.MakeFifo | AccessFs.MakeBlock | AccessFs.MakeSym;

    /// <summary>What could be changed, with one finding for each rule that allows it.</summary>
    /// <param name="layers">The layers; what one of them denies is denied.</param>
    /// <param name="profile">The profile to name in messages.</param>
    /// <param name="folders">The folders, with a word for what they hold.</param>
    /// <param name="files">Files elsewhere that belong to them, as symbolic links lead there.</param>
    public static IEnumerable<PolicyFinding> Check(IReadOnlyList<Ruleset> layers, Profile profile, IEnumerable<(string Path, string What)> folders, IEnumerable<string> files)
    {
        ImmutableArray<(string Path, AccessFs Access)>[] rules = [.. layers.Select(Real)];
        HashSet<string> said = new(StringComparer.Ordinal);
        foreach ((string path, string what) in folders)
        {
            if (PosixFile.RealPath(path) is not { } folder) continue;
            // A rule for something in the folder counts as much as one for a directory around it.
            IEnumerable<string> inside = rules.SelectMany(layer => layer).Select(rule => rule.Path).Where(rule => Profile.IsBeneath(rule, folder));
            foreach (string target in inside.Prepend(folder).Distinct())
            {
                if (Find(layers, rules, target) is not { } cause) continue;
                if (said.Add(cause.Rule ?? "")) yield return Problem(profile, target, what, cause);
                break;
            }
        }

        foreach (string file in files)
        {
            if (PosixFile.RealPath(file) is { } real && Find(layers, rules, real) is { } cause && said.Add(cause.Rule ?? "")) yield return Problem(profile, real, "a document of the profile", cause);
        }
    }

    private static PolicyFinding Problem(Profile profile, string target, string what, (AccessFs Access, string? Rule) cause)
    {
        string rights = string.Join(", ", Abi.Names(cause.Access));
        string why = cause.Rule is null ? $"no ruleset of it handles {rights}" : $"the rule for '{PosixText.Printable(cause.Rule)}' allows {rights}";
        return new PolicyFinding(new PolicyLocation(profile.File, 0, 0), FindingSeverity.Error,
            $"a command in the sandbox could change '{PosixText.Printable(target)}' ({what}) and so get out of it: {why}; move the one out of the other");
    }

    private static (AccessFs Access, string? Rule)? Find(IReadOnlyList<Ruleset> layers, ImmutableArray<(string Path, AccessFs Access)>[] rules, string target)
    {
        AccessFs left = Changing;
        string? broadest = null;
        for (int i = 0; i < layers.Count; i++)
        {
            AccessFs allowed = Changing & ~layers[i].HandledFs;
            foreach ((string path, AccessFs access) in rules[i])
            {
                if (!Profile.IsBeneath(target, path) || (access & Changing) == 0) continue;
                allowed |= access;
                broadest ??= path;
            }

            left &= allowed;
        }

        return left == 0 ? null : (left, broadest);
    }

    private static ImmutableArray<(string Path, AccessFs Access)> Real(Ruleset ruleset) =>
    [
        .. ruleset.PathRules.Select(rule => (Path: rule.Path.StartsWith('/') ? PosixFile.RealPath(rule.Path) : null, rule.Access))
            .Where(rule => rule.Path is not null).Select(rule => (rule.Path!, rule.Access)),
    ];
}
