using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Rulesets;

/// <summary>
/// Refuses a layer where an exception would not hold: rules unite, so any other rule may allow what one leaves out, and the same object may
/// have another name that is allowed.
/// </summary>
internal static class ExceptionCheck
{
    /// <summary>Looks for rules that allow an exception again: at its own place, where another mount shows it, or by a hard link.</summary>
    /// <param name="expansions">The rules with exceptions.</param>
    /// <param name="rules">All rules in force, with their real paths.</param>
    /// <param name="origin">Where a rule comes from; null where it was asked for.</param>
    /// <exception cref="RulesetException">There is one; the message names it.</exception>
    public static void Demand(IReadOnlyList<RuleExpansion> expansions, IEnumerable<(PathRule Rule, string Path, AccessFs Access)> rules,
        Func<PathRule, string?> origin)
    {
        List<MountEntry> mounts = MountTable.Read();
        HashSet<ulong> shown =
            [.. mounts.Where(mount => PosixEntry.Look(mount.Point, follow: false).Mount == mount.Id).Select(mount => mount.Id)];
        List<RuleReach> reaches = [];
        foreach ((PathRule rule, string path, AccessFs access) in rules)
        {
            RuleExpansion? own = expansions.FirstOrDefault(expansion => ReferenceEquals(expansion.Rule, rule));
            reaches.Add(new RuleReach(rule, own?.Path ?? path, access, own?.Exceptions ?? []));
        }

        foreach (RuleExpansion expansion in expansions)
        {
            if (expansion.Rule.KeepsNarrow) continue;
            foreach (string exception in expansion.Exceptions)
            {
                foreach (string place in Places(exception, mounts, shown).Prepend(exception))
                {
                    if (reaches.Find(reach => (reach.Access & expansion.Access) != 0 && reach.Touches(place)) is { } reach)
                        throw Refusal(expansion, exception, place, reach, origin(reach.Rule));
                }
            }

            DemandNoOtherName(expansion, reaches, mounts, origin);
        }
    }

    // A directory's own rights do not matter: it has no second name.
    private static void DemandNoOtherName(RuleExpansion expansion, List<RuleReach> reaches, List<MountEntry> mounts,
        Func<PathRule, string?> origin)
    {
        AccessFs wanted = expansion.Access & AbiTable.FileRights;
        if (wanted == 0) return;
        HardLinks links = new(expansion.Exceptions, mounts);
        if (!links.Any) return;
        foreach (RuleReach reach in reaches)
        {
            // What a rule around it allows as well has been, or will be, looked through from there.
            AccessFs rights = reach.Access & wanted;
            if (rights == 0 || reaches.Exists(other => other.Path != reach.Path && other.Exceptions.Count == 0
                && (rights & ~other.Access) == 0 && PathRule.IsBeneath(reach.Path, other.Path)))
            {
                continue;
            }
            if (links.Among(reach) is not (string inside, string other, int files)) continue;
            string source = origin(reach.Rule) is { } from ? $" ({PosixText.Printable(from)})" : "";
            string more = files > 1 ? $", and so have {files - 1} more" : "";
            throw new RulesetException(RulesetProblem.InvalidException, inside,
                $"The exception '{PosixText.Printable(expansion.Exceptions.First(exception => PathRule.IsBeneath(inside, exception)))}' "
                    + $"would not hold: '{PosixText.Printable(inside)}' is the same file as '{PosixText.Printable(other)}' "
                    + $"(a hard link){more}, "
                + "for which the rule "
                + $"for '{PosixText.Printable(reach.Rule.Path)}'{source} allows {string.Join(",", AbiTable.Names(rights))}. "
                + $"Except {(files > 1 ? "those names" : "that name")}, too, or copy the file.");
        }
    }

    private static RulesetException Refusal(RuleExpansion expansion, string exception, string place, RuleReach reach, string? origin)
    {
        string source = origin is null ? "" : $" ({PosixText.Printable(origin)})";
        string rights = string.Join(",", AbiTable.Names(reach.Access & expansion.Access));
        string again = $"The exception '{PosixText.Printable(exception)}' would not hold: the rule for "
            + $"'{PosixText.Printable(reach.Rule.Path)}'{source} allows {rights} ";
        return new RulesetException(RulesetProblem.InvalidException, exception, place != exception
            ? $"{again}at '{PosixText.Printable(place)}', where a mount shows the same files. Except that path, too."
            : PathRule.IsBeneath(exception, reach.Path)
                ? $"{again}there. Give that rule the same exception, or leave one of the two out."
                : $"{again}beneath it. Leave that rule out, or except what is beside it instead.");
    }

    /// <summary>Other places where mounts show a file, something beneath it, or a directory around it.</summary>
    private static IEnumerable<string> Places(string path, List<MountEntry> mounts, HashSet<ulong> shown)
    {
        string existing = path;
        EntryStatus status = PosixEntry.Look(existing, follow: false);
        while (status.Error != Errno.None && existing.Length > 1)
        {
            existing = existing.LastIndexOf('/') is > 0 and var slash ? existing[..slash] : "/";
            status = PosixEntry.Look(existing, follow: false);
        }

        if (mounts.Find(mount => mount.Id == status.Mount) is not { } home || !PathRule.IsBeneath(path, home.Point))
            throw new RulesetException(RulesetProblem.InvalidException, path,
                $"The mount that holds the exception '{PosixText.Printable(path)}' is not in /proc/self/mountinfo, so it cannot be known "
                + "where else its files are shown. Leave the exception out, and allow what is beside it.");
        string inside = Join(home.Root, Rest(path, home.Point));
        foreach (MountEntry mount in mounts)
        {
            if (mount.Device != home.Device || mount.Id == home.Id || !shown.Contains(mount.Id)) continue;
            string? place = PathRule.IsBeneath(inside, mount.Root) ? Join(mount.Point, Rest(inside, mount.Root))
                : PathRule.IsBeneath(mount.Root, inside) ? mount.Point : null;
            if (place is not null && !PathRule.IsBeneath(place, path)) yield return place;
        }
    }

    private static string Rest(string path, string directory) =>
        path == directory ? "" : directory == "/" ? path[1..] : path[(directory.Length + 1)..];

    private static string Join(string directory, string rest) =>
        rest.Length == 0 ? directory : directory == "/" ? "/" + rest : $"{directory}/{rest}";
}
