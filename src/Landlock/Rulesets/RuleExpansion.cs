using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Rulesets;

/// <summary>
/// What a rule with exceptions comes to on this filesystem, as it is now: a rule on every entry beside the way to an exception. The
/// directories on the way get none, since a rule on them would hold beneath, too.
/// </summary>
internal sealed class RuleExpansion
{
    /// <summary>Most rules that the exceptions of one layer may come to. Setting up as many takes the kernel some 20 ms.</summary>
    public const int MostRules = 5000;

    // Rights of a directory over its own entries: with no rule on the directories on the way, nobody has them there.
    private const AccessFs OverEntries =
        AccessFs.MakeChar | AccessFs.MakeDir | AccessFs.MakeReg | AccessFs.MakeSock | AccessFs.MakeFifo | AccessFs.MakeBlock
            | AccessFs.MakeSym
        | AccessFs.RemoveDir | AccessFs.RemoveFile | AccessFs.Refer;

    private RuleExpansion(PathRule rule, string path, AccessFs access, IReadOnlyList<string> exceptions)
    {
        Rule = rule;
        Path = path;
        Access = access;
        Exceptions = exceptions;
    }

    /// <summary>The rule.</summary>
    public PathRule Rule { get; }

    /// <summary>The real path of its directory.</summary>
    public string Path { get; }

    /// <summary>Its rights, as far as the kernel knows them.</summary>
    public AccessFs Access { get; }

    /// <summary>The real paths that are excepted; none is beneath another.</summary>
    public IReadOnlyList<string> Exceptions { get; }

    /// <summary>The rules instead of it.</summary>
    public List<ResolvedPathRule> Rules { get; } = [];

    /// <summary>What it costs.</summary>
    public string Note { get; private set; } = "";

    /// <summary>Refuses rights that no rule beside an exception can give where they would be looked for.</summary>
    /// <exception cref="RulesetException">There are such rights.</exception>
    public static void DemandRights(PathRule rule, AccessFs access)
    {
        AccessFs lost = access & OverEntries;
        if (rule.Except.Length == 0 || lost == 0) return;
        string path = PosixText.Printable(rule.Path);
        throw new RulesetException(RulesetProblem.InvalidException, rule.Path,
            $"The rule for '{path}' cannot have exceptions with this access: {string.Join(",", AbiTable.Names(lost))} in '{path}' itself "
                + $"would hold for '{PosixText.Printable(rule.Except[0])}', too. "
            + "Use ReadData, ReadOnly or Edit here, and give ReadWrite by rules of their own for the directories beneath that need it.");
    }

    /// <summary>Looks at the directories on the way.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="found">Its directory.</param>
    /// <param name="baseDirectory">Absolute directory that relative exceptions start from.</param>
    /// <param name="access">Its rights, as far as the kernel knows them.</param>
    /// <param name="quiet">Whether its denials are silenced.</param>
    /// <param name="most">How many rules it may come to.</param>
    /// <exception cref="RulesetException">
    /// An exception is not beneath the path, or a directory cannot be listed, or there are too many entries.
    /// </exception>
    public static RuleExpansion Of(PathRule rule, FoundPath found, string baseDirectory, AccessFs access, bool quiet, int most)
    {
        string path = found.Path;
        string real = found.RealPath ?? throw new RulesetException(RulesetProblem.PathNotFound, path,
            $"The path '{PosixText.Printable(path)}' does not exist any more.");
        List<string> exceptions = [];
        foreach (string exception in rule.Except)
        {
            string absolute = RulesetResolver.Absolute(exception, baseDirectory);
            string place = RealPlace(absolute, rule.Optional);
            if (place == real || !PathRule.IsBeneath(place, real))
            {
                string where = place == absolute ? "" : $" (which is '{PosixText.Printable(place)}')";
                throw new RulesetException(RulesetProblem.InvalidException, absolute, PathRule.IsBeneath(real, place)
                    ? $"The exception '{PosixText.Printable(absolute)}'{where} leaves nothing of the rule for "
                        + $"'{PosixText.Printable(path)}'. Leave out the rule."
                    : $"The exception '{PosixText.Printable(absolute)}'{where} is not beneath '{PosixText.Printable(real)}', so this rule "
                        + "does not allow it anyway. Leave out the exception.");
            }

            exceptions.Add(place);
        }

        RuleExpansion expansion = new(rule, real, access, [.. exceptions.Distinct()
            .Where(one => !exceptions.Any(other => other != one && PathRule.IsBeneath(one, other))).Order(StringComparer.Ordinal)]);
        expansion.Walk(found, quiet, most);
        return expansion;
    }

    private void Walk(FoundPath top, bool quiet, int most)
    {
        SortedSet<string> way = new(StringComparer.Ordinal);
        foreach (string exception in Exceptions)
            for (string directory = Parent(exception); way.Add(directory) && directory != Path; directory = Parent(directory)) { }

        // The same entry may be listed by another name than it was given: where names ignore case, or where a mount shows it again.
        HashSet<FileIdentity> passed = [];
        foreach (string path in way.Concat(Exceptions))
            if (PosixEntry.Look(path, follow: false) is { Exists: true } found) passed.Add(found.Identity);

        AccessFs fileAccess = Access & AbiTable.FileRights;
        foreach (string directory in way)
        {
            // An exception that does not exist may lack some of the way, too.
            if (PosixFile.Inspect(directory) != PathKind.Directory) continue;
            foreach (string name in Entries(directory).Order(StringComparer.Ordinal))
            {
                string entry = directory == "/" ? "/" + name : $"{directory}/{name}";
                EntryStatus status = PosixEntry.Look(entry, follow: false);
                // What vanished needs no rule. A link has none of its own: a rule on it would be for what it leads
                // to, which may be excepted.
                if (!status.Exists || status.IsLink || passed.Contains(status.Identity)) continue;
                bool isDirectory = status.IsDirectory;
                if (!isDirectory && fileAccess == 0 && !quiet) continue;
                if (Rules.Count >= most)
                {
                    throw new RulesetException(RulesetProblem.InvalidException, Path,
                        $"Around the exceptions of the rule for '{PosixText.Printable(Path)}' are more than {MostRules} files and "
                            + "directories, and each would need a rule. Allow the directories beneath it that are needed, by "
                            + "rules of their own.");
                }

                FoundPath found = new(entry, isDirectory ? PathKind.Directory : PathKind.File)
                { RealPath = entry, Identity = status.Identity, IsRenumbered = top.IsRenumbered && status.Device == top.Identity.Device };
                Rules.Add(new ResolvedPathRule(entry, isDirectory ? Access : fileAccess, fileAccess, Optional: true,
                    quiet)
                { Found = found });
            }
        }

        string listing =
            (Access & AccessFs.ReadDir) != 0 ? " cannot be listed, and what is made there later" : ", what is made there later";
        Note = $"'{PosixText.Printable(Path)}' is allowed without {Join(Exceptions)}, "
            + $"by {Rules.Count} rule{(Rules.Count == 1 ? "" : "s")} for what is "
            + $"beside {(Exceptions.Count == 1 ? "it" : "them")} now: {Join(way)}{listing} is not allowed.";
    }

    private static List<string> Entries(string directory)
    {
        try
        {
            return PosixDirectory.List(directory);
        }
        catch (KernelException e)
        {
            throw new RulesetException(RulesetProblem.PathNotUsable, directory,
                $"The directory '{PosixText.Printable(directory)}' must be listed for the exceptions beneath it, and cannot be "
                    + $"({ErrnoText.Describe(e.Error)}). Except the directory itself.");
        }
    }

    /// <summary>Where a path really is. Of one that does not exist: where it would be.</summary>
    private static string RealPlace(string path, bool optional)
    {
        if (PosixFile.RealPath(path) is { } real) return real;
        string shown = PosixText.Printable(path);
        if (PosixFile.Find(path) is { Kind: PathKind.Unreachable } found)
            throw new RulesetException(RulesetProblem.PathNotUsable, path,
                $"The exception '{shown}' cannot be reached: {found.WhyUnreachable}. Except the directory that is in the way.");
        if (!optional)
        {
            throw new RulesetException(RulesetProblem.PathNotFound, path,
                $"The exception '{shown}' does not exist. Correct it, or mark the rule as optional: then it is denied "
                    + "if it comes to exist.");
        }

        if (PosixEntry.Look(path, follow: false).Error == Errno.None)
            throw new RulesetException(RulesetProblem.InvalidException, path, $"The exception '{shown}' is a symbolic link that leads "
                + "nowhere yet, so what it will stand for cannot be kept out. Except its target.");
        string name = path[(path.LastIndexOf('/') + 1)..];
        if (name is "..")
            throw new RulesetException(RulesetProblem.InvalidException, path,
                $"The exception '{shown}' does not exist, and ends with '..'. Write the path without it.");
        string parent = RealPlace(Parent(path), optional);
        return parent == "/" ? "/" + name : $"{parent}/{name}";
    }

    private static string Parent(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";

    private static string Join(IEnumerable<string> paths) => string.Join(", ", paths.Select(path => $"'{PosixText.Printable(path)}'"));
}
