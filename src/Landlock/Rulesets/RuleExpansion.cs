using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Rulesets;

/// <summary>
/// What a rule with exceptions comes to on this filesystem, as it is now: a rule on every entry beside the way to an exception. On the
/// directories on the way a rule would hold for the exception, too; they can be listed where it is a file.
/// </summary>
internal sealed class RuleExpansion
{
    /// <summary>Most rules that the exceptions of one layer may come to. Setting up as many takes the kernel some 20 ms.</summary>
    public const int MostRules = 5000;

    /// <summary>
    /// Rights of a directory over its entries. None is given on the way to an exception: it would hold for that, too, and a file
    /// that could be made there could not be opened.
    /// </summary>
    public const AccessFs OverEntries = AbiTable.ChangingEntries;

    // A sentence names no more paths than this.
    private const int MostNamed = 4;

    private RuleExpansion(PathRule rule, string path, AccessFs access, IReadOnlyList<string> exceptions,
        IReadOnlyList<string> links, IReadOnlyList<string> elsewhere)
    {
        Rule = rule;
        Path = path;
        Access = access;
        Exceptions = exceptions;
        Links = links;
        Elsewhere = elsewhere;
    }

    /// <summary>The rule.</summary>
    public PathRule Rule { get; }

    /// <summary>The real path of its directory.</summary>
    public string Path { get; }

    /// <summary>Its rights, as far as the kernel knows them.</summary>
    public AccessFs Access { get; }

    /// <summary>The real paths that are excepted; none is beneath another.</summary>
    public IReadOnlyList<string> Exceptions { get; }

    /// <summary>
    /// The real paths of links that lead to exceptions, where the rule could exchange them: a name that is excepted stays what it is.
    /// </summary>
    public IReadOnlyList<string> Links { get; }

    /// <summary>The real paths that the links lead to out of the directory. Nothing of the rule holds there, but by another name.</summary>
    public IReadOnlyList<string> Elsewhere { get; }

    /// <summary>The rules instead of it.</summary>
    public List<ResolvedPathRule> Rules { get; } = [];

    /// <summary>What it costs.</summary>
    public string Note { get; private set; } = "";

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
        List<string> exceptions = [], links = [], elsewhere = [];
        foreach (string exception in rule.Except)
        {
            string absolute = RulesetResolver.Absolute(exception, baseDirectory);
            string place = RealPlace(absolute, rule.Optional);
            if (ExceptionPlace.LinksWithin(absolute, real, access) is { Count: > 0 } within)
            {
                links.AddRange(within);
                if (!PathRule.IsBeneath(place, real))
                {
                    elsewhere.Add(place);
                    continue;
                }
            }

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

        List<string> outermost = Outermost(exceptions);
        RuleExpansion expansion = new(rule, real, access, outermost,
            [.. links.Distinct().Where(link => !Around(link).Any(outermost.Contains)).Order(StringComparer.Ordinal)],
            elsewhere);
        expansion.Walk(found, quiet, most);
        return expansion;
    }

    private static List<string> Outermost(IEnumerable<string> paths)
    {
        HashSet<string> all = new(paths, StringComparer.Ordinal);
        return [.. all.Where(path => !Around(path).Any(all.Contains)).Order(StringComparer.Ordinal)];
    }

    /// <summary>The objects that the kernel passes on its way up from some paths: a rule for one of them is for the path, too.</summary>
    public static Dictionary<FileIdentity, string> Passed(IEnumerable<string> paths)
    {
        Dictionary<FileIdentity, string> passed = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string path in paths)
            foreach (string place in Around(path).Prepend(path).TakeWhile(seen.Add))
                if (PosixEntry.Look(place, follow: false) is { Exists: true } found) passed.TryAdd(found.Identity, place);
        return passed;
    }

    private static IEnumerable<string> Around(string path)
    {
        while (path != "/") yield return path = PosixText.Parent(path);
    }

    private void Walk(FoundPath top, bool quiet, int most)
    {
        string[] inside = [.. Exceptions, .. Links], all = [.. inside, .. Elsewhere];
        SortedSet<string> way = new(StringComparer.Ordinal);
        foreach (string place in inside)
            foreach (string directory in Around(place))
                if (!way.Add(directory) || directory == Path) break;

        // The same entry may be listed by another name than it was given: where names ignore case, or where a mount shows it again.
        Dictionary<FileIdentity, string> passed = Passed(all);
        // Listing a directory means nothing for a file in it. What does not exist may come as a directory.
        Dictionary<FileIdentity, string> unlisted =
            Passed(all.Where(place => PosixEntry.Look(place, follow: false) is not { Exists: true, IsDirectory: false }));
        AccessFs fileAccess = Access & AbiTable.FileRights;
        AccessFs listing = Access & AccessFs.ReadDir;
        List<string> closed = [];
        foreach (string directory in way)
        {
            // An exception that does not exist may lack some of the way, too.
            EntryStatus around = PosixEntry.Look(directory, follow: false);
            if (!around.IsDirectory) continue;
            if (unlisted.ContainsKey(around.Identity)) closed.Add(directory);
            else if (listing != 0) Add(directory, around, listing);
            foreach (string name in Entries(directory).Order(StringComparer.Ordinal))
            {
                string entry = directory == "/" ? "/" + name : $"{directory}/{name}";
                EntryStatus status = PosixEntry.Look(entry, follow: false);
                // What vanished needs no rule. A link has none of its own: a rule on it would be for what it leads
                // to, which may be excepted.
                if (!status.Exists || status.IsLink || passed.ContainsKey(status.Identity)) continue;
                if (!status.IsDirectory && fileAccess == 0 && !quiet) continue;
                Add(entry, status, Access);
            }
        }

        Note = Told(way, listing == 0 ? [] : closed);

        void Add(string path, EntryStatus status, AccessFs access)
        {
            if (Rules.Count >= most)
            {
                throw new RulesetException(RulesetProblem.InvalidException, Path,
                    $"Around the exceptions of the rule for '{PosixText.Printable(Path)}' are more than {MostRules} files and "
                        + "directories, and each would need a rule. Allow the directories beneath it that are needed, by "
                        + "separate rules.");
            }

            AccessFs fileRights = access & AbiTable.FileRights;
            Rules.Add(new ResolvedPathRule(path, status.IsDirectory ? access : fileRights, fileRights, Optional: true, quiet)
            {
                Found = new FoundPath(path, status.IsDirectory ? PathKind.Directory : PathKind.File)
                {
                    RealPath = path,
                    Identity = status.Identity,
                    IsRenumbered = top.IsRenumbered && status.Device == top.Identity.Device,
                },
            });
        }
    }

    private string Told(SortedSet<string> way, List<string> unlisted)
    {
        string around = Join(way);
        string cost = (Access & OverEntries) != 0
            ? $"in {around} nothing can be made, removed or renamed, and what others make there is not allowed"
                + (unlisted.Count == 0 ? "" : $"; {Join(unlisted)} cannot be listed")
            : unlisted.Count == 0 ? $"what is made in {around} later is not allowed"
            : $"{Join(unlisted)} cannot be listed, and what is made {(unlisted.Count == way.Count ? "there" : $"in {around}")} later is "
                + "not allowed";
        return $"'{PosixText.Printable(Path)}' is allowed without {Join([.. Exceptions, .. Links])}, "
            + $"by {Rules.Count} rule{(Rules.Count == 1 ? "" : "s")} for what is "
            + $"beside {(Exceptions.Count + Links.Count == 1 ? "it" : "them")} now: {cost}.";
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
        string parent = RealPlace(PosixText.Parent(path), optional);
        return parent == "/" ? "/" + name : $"{parent}/{name}";
    }

    private static string Join(IReadOnlyCollection<string> paths) =>
        PosixText.Some(paths, paths.Count <= MostNamed ? MostNamed : MostNamed - 1);
}
