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
            reaches.Add(new RuleReach(rule, own?.Path ?? path, access, own is null ? [] : [.. own.Exceptions, .. own.Links]));
        }

        foreach (RuleExpansion expansion in expansions)
        {
            if (expansion.Rule.KeepsNarrow) continue;
            // Of a link it only matters whether it can be exchanged.
            AccessFs exchange = expansion.Access & RuleExpansion.OverEntries;
            foreach ((string exception, AccessFs access) in expansion.Exceptions.Concat(expansion.Elsewhere)
                .Select(path => (path, expansion.Access)).Concat(expansion.Links.Select(path => (path, exchange))))
            {
                // A mount in it may show what is allowed elsewhere.
                IEnumerable<string> within = mounts.Where(mount => mount.Point != exception && shown.Contains(mount.Id)
                    && PathRule.IsBeneath(mount.Point, exception)).SelectMany(mount => Places(mount.Point, mounts, shown));
                foreach (string place in Places(exception, mounts, shown).Prepend(exception).Concat(within))
                {
                    if (reaches.Find(reach => (reach.Access & access) != 0 && reach.Touches(place)) is { } reach)
                        throw Refusal(exception, access, place, reach, origin(reach.Rule));
                }
            }

            DemandNotAround(expansion, expansions, reaches, origin);
            DemandNoOtherName(expansion, reaches, mounts, origin);
        }
    }

    // A directory around an exception may be what another path leads to, by a mount: the kernel's way up from the exception passes it.
    private static void DemandNotAround(RuleExpansion expansion, IReadOnlyList<RuleExpansion> expansions, List<RuleReach> reaches,
        Func<PathRule, string?> origin)
    {
        Dictionary<FileIdentity, string> passed = RuleExpansion.Passed(expansion.Exceptions.Concat(expansion.Elsewhere));
        foreach (RuleReach reach in reaches)
        {
            if (ReferenceEquals(reach.Rule, expansion.Rule)) continue;
            IEnumerable<(string Path, AccessFs Access)> inForce =
                expansions.FirstOrDefault(other => ReferenceEquals(other.Rule, reach.Rule)) is { } other
                    ? other.Rules.Select(rule => (rule.Path, rule.Access)) : [(reach.Path, reach.Access)];
            foreach ((string path, AccessFs access) in inForce)
            {
                if ((access & expansion.Access) == 0 || !passed.TryGetValue(PosixEntry.Look(path, follow: false).Identity, out string? same)
                    || same == path)
                {
                    continue;
                }

                string exception = expansion.Exceptions.Concat(expansion.Elsewhere).First(one => PathRule.IsBeneath(one, same));
                throw new RulesetException(RulesetProblem.InvalidException, exception,
                    $"{Again(exception, access & expansion.Access, reach, origin(reach.Rule))} there, as '{PosixText.Printable(path)}' is "
                        + $"the same as '{PosixText.Printable(same)}' (a mount). Leave that rule out, or allow what is beside it instead.");
            }
        }
    }

    // A directory's own rights do not matter: it has no second name.
    private static void DemandNoOtherName(RuleExpansion expansion, List<RuleReach> reaches, List<MountEntry> mounts,
        Func<PathRule, string?> origin)
    {
        AccessFs wanted = expansion.Access & AbiTable.FileRights;
        if (wanted == 0) return;
        List<string> exceptions = [.. expansion.Exceptions, .. expansion.Elsewhere];
        HardLinks links = new(exceptions, mounts);
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
                $"The exception '{PosixText.Printable(exceptions.First(exception => PathRule.IsBeneath(inside, exception)))}' "
                    + $"would not hold: '{PosixText.Printable(inside)}' is the same file as '{PosixText.Printable(other)}' "
                    + $"(a hard link){more}, "
                + "for which the rule "
                + $"for '{PosixText.Printable(reach.Rule.Path)}'{source} allows {string.Join(",", AbiTable.Names(rights))}. "
                + $"Except {(files > 1 ? "those names" : "that name")} as well, or copy the file.");
        }
    }

    private static RulesetException Refusal(string exception, AccessFs access, string place, RuleReach reach, string? origin)
    {
        string again = Again(exception, reach.Access & access, reach, origin) + " ";
        return new RulesetException(RulesetProblem.InvalidException, exception, place != exception
            ? $"{again}at '{PosixText.Printable(place)}', where a mount shows the same files. Except that path as well."
            : PathRule.IsBeneath(exception, reach.Path)
                ? $"{again}there. Give that rule the same exception, or leave one of the two out."
                : $"{again}beneath it. Leave that rule out, or except what is beside it instead.");
    }

    private static string Again(string exception, AccessFs rights, RuleReach reach, string? origin) =>
        $"The exception '{PosixText.Printable(exception)}' would not hold: the rule for '{PosixText.Printable(reach.Rule.Path)}'"
            + $"{(origin is null ? "" : $" ({PosixText.Printable(origin)})")} allows {string.Join(",", AbiTable.Names(rights))}";

    /// <summary>Other places where mounts show a file, something beneath it, or a directory around it.</summary>
    private static IEnumerable<string> Places(string path, List<MountEntry> mounts, HashSet<ulong> shown)
    {
        string existing = path;
        EntryStatus status = PosixEntry.Look(existing, follow: false);
        while (status.Error != Errno.None && existing.Length > 1)
        {
            existing = PosixText.Parent(existing);
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
