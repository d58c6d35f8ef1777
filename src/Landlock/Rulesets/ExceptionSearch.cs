using Landlock.Linux;

namespace Landlock.Rulesets;

/// <summary>Looks for what patterns mean, beneath some directories, as they are now. No link is followed.</summary>
internal sealed class ExceptionSearch
{
    /// <summary>Most files and directories that are looked at. A second or so.</summary>
    public const int MostEntries = 1_000_000;

    private readonly string[] _allowed;
    private readonly HashSet<string> _leftOut;
    private int _left = MostEntries;

    /// <summary>Creates a search.</summary>
    /// <param name="allowed">Real paths of what is allowed: what is beneath none of them is not looked at.</param>
    /// <param name="leftOut">Real paths that are left out anyway: nothing is looked for there.</param>
    public ExceptionSearch(IEnumerable<string> allowed, IEnumerable<string> leftOut)
    {
        _leftOut = [.. leftOut];
        string[] all = [.. allowed.Distinct()];
        _allowed = [.. all.Where(path => !all.Any(other => other != path && PathRule.IsBeneath(path, other)))];
    }

    /// <summary>What each pattern means; nothing beneath what is left out already.</summary>
    /// <param name="patterns">Patterns.</param>
    /// <param name="baseDirectory">Absolute directory that relative patterns start from.</param>
    /// <exception cref="RulesetException">
    /// A pattern begins beneath nothing that is allowed, a directory cannot be listed, or there is too much to look at.
    /// </exception>
    public List<string>[] Find(IReadOnlyList<ExceptionText> patterns, string? baseDirectory)
    {
        List<string>[] found = [.. patterns.Select(_ => new List<string>())];
        Dictionary<string, List<State>> starts = new(StringComparer.Ordinal);
        for (int i = 0; i < patterns.Count; i++)
        {
            foreach (string start in Starts(patterns[i], baseDirectory))
            {
                if (!starts.TryGetValue(start, out List<State>? states)) starts[start] = states = [];
                Enter(states, patterns, new State(i, 0));
            }
        }

        foreach ((string start, List<State> states) in starts) Walk(start, states, patterns, found);
        return found;
    }

    private string[] Starts(ExceptionText pattern, string? baseDirectory)
    {
        if (pattern.Start is null) return _allowed;
        if (baseDirectory is null && !pattern.Start.StartsWith('/'))
            throw new RulesetException(RulesetProblem.InvalidException, pattern.Text,
                $"The pattern '{PosixText.Printable(pattern.Text)}' starts from no directory that is known here. Write it with one, or "
                    + "with **/ in front for every allowed directory.");
        string start = PosixFile.RealPlace(RulesetResolver.Absolute(pattern.Start, baseDirectory ?? "/"));
        return IsNear(start) ? [start] : throw new RulesetException(RulesetProblem.InvalidException, pattern.Text,
            $"The pattern '{PosixText.Printable(pattern.Text)}' begins in '{PosixText.Printable(start)}', which is beneath none of the "
                + $"allowed paths ({string.Join(", ", _allowed.Select(PosixText.Printable))}). Correct it, or write **/ in front for every "
                + "allowed directory.");
    }

    // Whether something allowed is there, beneath, or around.
    private bool IsNear(string path) => Array.Exists(_allowed, allowed => PathRule.IsBeneath(path, allowed)
        || PathRule.IsBeneath(allowed, path));

    private void Walk(string start, List<State> first, IReadOnlyList<ExceptionText> patterns, List<string>[] found)
    {
        Stack<(string Path, List<State> States)> directories = [];
        directories.Push((start, first));
        while (directories.TryPop(out (string Path, List<State> States) directory))
        {
            foreach ((string name, bool? isDirectory) in Entries(directory.Path))
            {
                if (--_left < 0)
                {
                    throw new RulesetException(RulesetProblem.InvalidException, directory.Path,
                        $"What {string.Join(", ", patterns.Select(pattern => $"'{PosixText.Printable(pattern.Text)}'"))} mean cannot be "
                            + $"told: more than {MostEntries} files and directories would have to be looked at. Allow less, or begin the "
                            + "pattern with a directory (/srv/app/**/.env).");
                }

                List<State> next = [];
                int meant = -1;
                foreach (State state in directory.States)
                {
                    string[] parts = patterns[state.Pattern].Parts;
                    bool isAny = parts[state.Part] == "**";
                    if (!isAny && !ExceptionText.Matches(parts[state.Part], name)) continue;
                    if (state.Part == parts.Length - 1) meant = state.Pattern;
                    else Enter(next, patterns, isAny ? state : state with { Part = state.Part + 1 });
                    if (meant >= 0) break;
                }

                if (meant < 0 && next.Count == 0) continue;
                string path = directory.Path == "/" ? "/" + name : $"{directory.Path}/{name}";
                if (!IsNear(path) || _leftOut.Contains(path)) continue;
                if (meant >= 0) found[meant].Add(path);
                else if (isDirectory ?? PosixEntry.Look(path, follow: false).IsDirectory) directories.Push((path, next));
            }
        }
    }

    // "**" stands for no name, too.
    private static void Enter(List<State> states, IReadOnlyList<ExceptionText> patterns, State state)
    {
        for (; ; state = state with { Part = state.Part + 1 })
        {
            if (!states.Contains(state)) states.Add(state);
            string[] parts = patterns[state.Pattern].Parts;
            if (parts[state.Part] != "**" || state.Part == parts.Length - 1) return;
        }
    }

    private static List<(string Name, bool? IsDirectory)> Entries(string directory)
    {
        try
        {
            return PosixDirectory.ListKinds(directory);
        }
        catch (KernelException e)
        {
            // What vanished, or is a file, holds nothing. What may be searched and not listed may hold anything, but for the kernel's own.
            if (e.Error is not Errno.EACCES || !PosixEntry.IsPermitted(directory, read: false, write: false, execute: true)
                || PosixEntry.IsProc(directory))
            {
                return [];
            }

            throw new RulesetException(RulesetProblem.PathNotUsable, directory,
                $"The directory '{PosixText.Printable(directory)}' must be listed for the patterns of the exceptions, and cannot be "
                    + $"({ErrnoText.Describe(e.Error)}). Except the directory itself as well.");
        }
    }

    private readonly record struct State(int Pattern, int Part);
}
