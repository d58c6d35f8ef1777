using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Sandboxes;

/// <summary>
/// PATH in a sandbox. A directory in which nothing may be executed would hide the programs of those behind it: shells and env(1) stop at
/// the first file of the name, whether they may execute it or not.
/// </summary>
internal static class CommandPath
{
    /// <summary>
    /// PATH for looking up the command: first the directories in which the sandbox may execute something, then the others, each in its
    /// order.
    /// </summary>
    public static string SearchOrder(LaunchRequest request, Func<string, FoundPath> look)
    {
        string[] entries = request.SearchPath.Split(':');
        if (!Matters(request, entries, look)) return request.SearchPath;
        string[] closed = Closed(entries, Layers(request, _ => true, look), look);
        return closed.Length == 0 ? request.SearchPath : string.Join(':', [.. entries.Except(closed), .. closed]);
    }

    /// <summary>
    /// The directories of the command's own PATH in which it may execute nothing, each once: none where the user has said what PATH is.
    /// </summary>
    public static string[] LeftOut(LaunchRequest request, ImmutableArray<ResolvedLayer> layers, Func<string, FoundPath> look)
    {
        if (request.Path is not { } path || !Matters(request, path.Split(':'), look)) return [];
        List<List<string>> places = [];
        foreach (ResolvedLayer layer in layers)
        {
            if (!layer.HandledFs.HasFlag(AccessFs.Execute)) continue;
            List<string> reals = [];
            foreach (ResolvedPathRule rule in layer.PathRules)
                if (((rule.Access | rule.FileAccess) & AccessFs.Execute) != 0 && rule.RealPath is { } real) reals.Add(real);
            places.Add(reals);
        }

        return Closed(path.Split(':'), places, look);
    }

    /// <summary>PATH without some of its directories.</summary>
    public static string Without(string path, string[] directories) =>
        string.Join(':', path.Split(':').Where(entry => !directories.Contains(entry)));

    /// <summary>Says that the sandbox finds another file for the command than PATH as it is; null if it finds the same.</summary>
    public static SandboxFinding? OtherProgram(LaunchRequest request, string searchPath, string program)
    {
        if (searchPath == request.SearchPath || request.Command.Contains('/')
            || Needs.CommandLookup.Find(request.Command, request.SearchPath, request.BaseDirectory).Path is not { } usual
            || usual == program)
        {
            return null;
        }

        string command = PosixText.Printable(request.Command), shown = PosixText.Printable(usual);
        return SandboxFinding.Warning($"'{command}' is '{PosixText.Printable(program)}' in this sandbox. '{shown}', which comes first in "
            + "PATH, is in a directory in which it may execute nothing.", $"Write the path to run that one: {ShellText.Word(usual)}");
    }

    // Only where somebody has allowed a directory of PATH as a whole. Elsewhere nothing is hidden: what the command starts is denied,
    // which says more than that it is not found.
    private static bool Matters(LaunchRequest request, string[] entries, Func<string, FoundPath> look)
    {
        List<List<string>> asked = Layers(request, grant => grant.IsAsked, look);
        return asked.Count > 0 && asked.TrueForAll(layer => layer.Count > 0) && Array.Exists(entries, entry => entry.StartsWith('/')
            && (Allows(entry) || (look(entry).RealPath is { } real && Allows(real))) && PosixFile.Inspect(entry) == PathKind.Directory);

        bool Allows(string path) => asked.TrueForAll(layer => layer.Exists(place => PathRule.IsBeneath(path, place)));
    }

    // The real paths of the rules that allow executing, for each layer that restricts it.
    private static List<List<string>> Layers(LaunchRequest request, Func<Grant, bool> counts, Func<string, FoundPath> look)
    {
        List<List<string>> places = [];
        foreach (Ruleset layer in request.Layers)
        {
            if (!layer.HandledFs.HasFlag(AccessFs.Execute)) continue;
            List<string> reals = [];
            foreach (PathRule rule in layer.PathRules) Add(rule, reals);
            foreach (Grant grant in request.Grants)
                if (counts(grant)) Add(grant.Rule, reals);
            places.Add(reals);
        }

        return places;

        void Add(PathRule rule, List<string> reals)
        {
            if (rule.Access.HasFlag(AccessFs.Execute)
                && (rule.Found ?? look(RulesetResolver.Absolute(rule.Path, request.BaseDirectory))).RealPath is { } real)
            {
                reals.Add(real);
            }
        }
    }

    // None, if that would be all of those that exist. What is relative is another directory for each process.
    private static string[] Closed(string[] entries, List<List<string>> places, Func<string, FoundPath> look)
    {
        bool open = false;
        HashSet<string> closed = new(StringComparer.Ordinal);
        foreach (string entry in entries)
        {
            if (!entry.StartsWith('/') || closed.Contains(entry)) continue;
            // Most lie where the rules are, and are not looked at any closer.
            if (IsOpen(entry)) open = open || PosixFile.Inspect(entry) == PathKind.Directory;
            else if (look(entry) is not { Kind: PathKind.Directory, RealPath: { } real }) continue;
            else if (IsOpen(real)) open = true;
            else closed.Add(entry);
        }

        return open ? [.. closed] : [];

        bool IsOpen(string path)
        {
            foreach (List<string> layer in places)
                if (!layer.Exists(place => PathRule.IsBeneath(path, place) || PathRule.IsBeneath(place, path))) return false;
            return true;
        }
    }
}
