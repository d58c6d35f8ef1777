using Landlock.Abi;
using Landlock.Policies;

namespace Landlock.Learning;

/// <summary>The rules of a policy in the making, by path.</summary>
internal sealed class RuleTree(GuardedPlaces guarded)
{
    private const string Guarded = "a guarded place; allow it by name if that is meant";

    private readonly SortedDictionary<string, Node> _nodes = new(StringComparer.Ordinal);

    // What would have opened a guarded place.
    private readonly SortedDictionary<string, Node> _leftOut = new(StringComparer.Ordinal);

    /// <summary>
    /// Adds a need. One that was lifted to a guarded directory is left out, but for reading of processes' own files in /proc.
    /// </summary>
    public void Add(in NeededAccess need)
    {
        const AccessFs reading = AccessFs.ReadFile | AccessFs.ReadDir;
        bool leavesOut = need.Reason is not null && guarded.Contains(need.Path) && !(need.Path == "/proc" && (need.Access & ~reading) == 0);
        Node node = Get(leavesOut ? _leftOut : _nodes, need.Path);
        node.Access |= need.Access;
        node.Seen.Add(need.Seen);
        node.Reason ??= leavesOut ? Guarded : need.Reason;
    }

    /// <summary>Replaces everything beneath a directory by one rule for it.</summary>
    public void Gather(string directory)
    {
        foreach (string path in _leftOut.Keys.Where(path => path == directory || IsBeneath(path, directory)).ToArray())
        {
            Node node = Get(_nodes, path);
            node.Access |= _leftOut[path].Access;
            node.Seen.UnionWith(_leftOut[path].Seen);
            _leftOut.Remove(path);
        }

        string[] beneath = [.. _nodes.Keys.Where(path => IsBeneath(path, directory))];
        if (beneath.Length > 0) Merge(directory, beneath, "asked for");
    }

    /// <summary>Replaces entries of a directory that need the same rights by a rule for the directory, from the bottom up.</summary>
    public void Collapse(int count)
    {
        SortedSet<string> todo = new(Comparer<string>.Create(static (a, b) =>
        {
            int order = b.Count(c => c == '/').CompareTo(a.Count(c => c == '/'));
            return order != 0 ? order : string.CompareOrdinal(a, b);
        }));
        todo.UnionWith(_nodes.Keys.Where(path => path != "/").Select(PosixText.Parent));
        while (todo.Min is { } directory)
        {
            todo.Remove(directory);
            if (guarded.Contains(directory)) continue;
            foreach (string[] same in _nodes.Where(pair => pair.Key != directory && PosixText.Parent(pair.Key) == directory)
                .GroupBy(pair => pair.Value.Access, pair => pair.Key).Select(group => group.ToArray()).ToArray())
            {
                if (same.Length < count) continue;
                Merge(directory, same, $"{same.Length} of its entries need the same");
                todo.Add(PosixText.Parent(directory));
            }
        }
    }

    /// <summary>The rules that are needed, without those that another one contains.</summary>
    public IEnumerable<LearnedRule> Rules(IPathView view)
    {
        foreach ((string path, Node node) in _nodes)
        {
            AccessFs above = AccessFs.None;
            for (string parent = path; parent != "/";)
            {
                parent = PosixText.Parent(parent);
                if (_nodes.TryGetValue(parent, out Node? outer)) above |= outer.Access;
            }

            if ((node.Access & ~above) == 0) continue;
            string? reason = node.Reason;
            if (reason is null && (node.Access & AccessFs.ReadDir) != 0 && guarded.Contains(path))
                reason = "listing a directory means listing everything beneath";
            bool wide = reason is not null;
            yield return new LearnedRule(LearnedState.Granted, path, node.Access, AccessNet.None, node.Seen.Count,
                wide && view.IsDirectory(path) ? view.CountBeneath(path) : null, reason);
        }

        foreach ((string path, Node node) in _leftOut)
            yield return new LearnedRule(LearnedState.LeftOut, path, node.Access, AccessNet.None, node.Seen.Count, null, node.Reason);
    }

    private static bool IsBeneath(string path, string directory) =>
        path != directory && (directory == "/" || path.StartsWith(directory + "/", StringComparison.Ordinal));

    private static Node Get(SortedDictionary<string, Node> nodes, string path) =>
        nodes.TryGetValue(path, out Node? node) ? node : nodes[path] = new Node();

    private void Merge(string directory, string[] paths, string reason)
    {
        Node target = Get(_nodes, directory);
        target.Reason ??= reason;
        foreach (string path in paths)
        {
            Node node = _nodes[path];
            target.Access |= node.Access;
            target.Seen.UnionWith(node.Seen);
            _nodes.Remove(path);
        }
    }

    private sealed class Node
    {
        public AccessFs Access { get; set; }

        public HashSet<string> Seen { get; } = new(StringComparer.Ordinal);

        public string? Reason { get; set; }
    }
}
