using Landlock.Linux;

namespace Landlock.Rulesets;

/// <summary>
/// Files beneath exceptions that have names elsewhere, too: a rule is bound to the inode, and the walk up from another name never meets the
/// exception. Directories cannot have several names but by mounts, which <see cref="ExceptionCheck"/> looks at.
/// </summary>
internal sealed class HardLinks
{
    /// <summary>Most entries that are looked at for other names. Two seconds or so.</summary>
    public const int MostEntries = 1_000_000;

    private readonly List<MountEntry> _mounts;
    private readonly Dictionary<FileIdentity, Name> _files = [];
    private readonly HashSet<string> _filesystems = new(StringComparer.Ordinal);
    private int _left = MostEntries;

    /// <summary>Looks for files with several names, not all of which are beneath the exceptions.</summary>
    /// <param name="exceptions">Real paths.</param>
    /// <param name="mounts">The mounts of this process.</param>
    public HardLinks(IEnumerable<string> exceptions, List<MountEntry> mounts)
    {
        _mounts = mounts;
        // Mounts may show one name twice.
        HashSet<(FileIdentity Directory, string Name)> names = [];
        foreach (string exception in exceptions)
        {
            Walk(exception, everywhere: true, _ => false, (path, status, directory) =>
            {
                Name name = _files.GetValueOrDefault(status.Identity) ?? (_files[status.Identity] = new Name(path, status.Links));
                // A file that is mounted has its names elsewhere.
                if (status.Mount == directory.Mount && names.Add((directory.Identity, path[path.LastIndexOf('/')..]))) name.Missing--;
                if (FilesystemOf(status.Mount) is { } filesystem) _filesystems.Add(filesystem);
                return true;
            });
        }

        foreach ((FileIdentity identity, Name name) in _files)
            if (name.Missing <= 0) _files.Remove(identity);
    }

    /// <summary>Whether there are such files.</summary>
    public bool Any => _files.Count > 0;

    /// <summary>Other names among what a rule allows: of the first file that has one, and how many files have.</summary>
    public (string Inside, string Other, int Files)? Among(RuleReach reach)
    {
        (string Inside, string Other)? first = null;
        HashSet<FileIdentity> found = [];
        Walk(reach.Path, everywhere: false, reach.LeavesOut, (path, status, _) =>
        {
            if (!_files.TryGetValue(status.Identity, out Name? name)) return true;
            first ??= (name.Path, path);
            found.Add(status.Identity);
            return found.Count < _files.Count;
        });
        return first is { } pair ? (pair.Inside, pair.Other, found.Count) : null;
    }

    // Calls for each file with several names, until it has enough. Directories that cannot be listed hold nothing that
    // could be found by looking.
    private void Walk(string start, bool everywhere, Func<string, bool> leavesOut, Func<string, EntryStatus, EntryStatus, bool> file)
    {
        Stack<(string Path, EntryStatus Status)> directories = [];
        if (!Visit(start, PosixEntry.Look(PosixText.Parent(start), follow: false))) return;
        while (directories.TryPop(out (string Path, EntryStatus Status) directory))
        {
            List<string> names;
            try
            {
                names = PosixDirectory.List(directory.Path);
            }
            catch (KernelException)
            {
                continue;
            }

            foreach (string name in names)
                if (!Visit(directory.Path == "/" ? "/" + name : $"{directory.Path}/{name}", directory.Status)) return;
        }

        bool Visit(string path, EntryStatus directory)
        {
            if (leavesOut(path)) return true;
            EntryStatus status = PosixEntry.Look(path, follow: false);
            if (--_left < 0)
            {
                throw new RulesetException(RulesetProblem.InvalidException, path,
                    "Whether files of the exceptions have other names (hard links) among what is allowed cannot be told: more "
                        + $"than {MostEntries} files and directories would have to be looked at. Allow less, or except the other names "
                        + "and their directories.");
            }

            if (!status.Exists || status.IsLink) return true;
            if (!status.IsDirectory) return status.Links < 2 || file(path, status, directory);
            // Another filesystem holds no name of these files, unless one of theirs is mounted in it again.
            if (everywhere || status.Mount == directory.Mount || Holds(path, status.Mount)) directories.Push((path, status));
            return true;
        }
    }

    private bool Holds(string directory, ulong mount) =>
        FilesystemOf(mount) is not { } filesystem || _filesystems.Contains(filesystem)
        || _mounts.Exists(other => _filesystems.Contains(other.Device) && PathRule.IsBeneath(other.Point, directory));

    private string? FilesystemOf(ulong mount) => _mounts.Find(entry => entry.Id == mount)?.Device;

    private sealed class Name(string path, uint links)
    {
        public string Path => path;

        /// <summary>How many names have not been seen.</summary>
        public long Missing { get; set; } = links;
    }
}
