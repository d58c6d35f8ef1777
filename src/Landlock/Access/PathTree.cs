using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Access;

/// <summary>
/// Finds places as the kernel does: links followed, ".." through mount points. The kernel's check walks up from an inode, skipping mount
/// points that are covered; so what it meets is what each part of the resolved path shows, and no table of mounts is needed.
/// </summary>
/// <remarks>
/// Everything seen is remembered until <see cref="Forget"/>. That is sound as long as no directory or link on the way is renamed, replaced
/// or mounted over meanwhile; the content of files does not matter.
/// </remarks>
internal sealed class PathTree
{
    private const int MaxLinks = 40;

    // Of a place that is remembered, besides its name.
    private const int Overhead = 32;
    private const long MaxCharacters = 16 << 20;
    private readonly FileRules _rules;
    private readonly Dictionary<string, PathNode> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, bool> _proc = [];
    private PathNode _root;
    private long _characters;

    public PathTree(FileRules rules)
    {
        _rules = rules;
        _root = Root();
    }

    /// <summary>Forgets what was seen.</summary>
    public void Forget()
    {
        _places.Clear();
        _characters = 0;
        _root = Root();
    }

    /// <summary>The place that an absolute path leads to; a symbolic link at its end is followed.</summary>
    public PathNode Follow(string path)
    {
        // Rounds of use over a whole filesystem must not fill the memory.
        if (_characters > MaxCharacters) Forget();
        return Find(path, 0);
    }

    /// <summary>The entry that an absolute path names; a symbolic link at its end is the entry itself.</summary>
    public PathNode Entry(string path)
    {
        int end = path.Length;
        while (end > 1 && path[end - 1] == '/') end--;
        int slash = path.LastIndexOf('/', end - 1);
        string name = path[(slash + 1)..end];
        if (end <= 1 || name is "." or "..") return Follow(path);
        return Step(Follow(slash <= 0 ? "/" : path[..slash]), name);
    }

    private PathNode Find(string path, int links)
    {
        if (_places.TryGetValue(path, out PathNode? known)) return known;
        int end = path.Length;
        while (end > 0 && path[end - 1] == '/') end--;
        if (end == 0) return _root;
        int slash = path.LastIndexOf('/', end - 1);
        PathNode directory = slash <= 0 ? _root : Find(path[..slash], links);
        PathNode found = Resolve(Step(directory, path[(slash + 1)..end]), links);
        _places[path] = found;
        _characters += path.Length + Overhead;
        return found;
    }

    private PathNode Step(PathNode directory, string name)
    {
        if (name is "" or ".") return directory;
        if (name == "..")
        {
            // Through what does not exist there is no way back either.
            return directory.Kind is NodeKind.Directory or NodeKind.Unreachable ? directory.Directory
                : Absent(directory, name, NodeKind.Missing);
        }

        if (directory.Child(name) is { } known) return known;
        return directory.Add(directory.Kind switch
        {
            NodeKind.Directory => Look(directory, name),
            NodeKind.Unreachable => Absent(directory, name, NodeKind.Unreachable),
            _ => Absent(directory, name, NodeKind.Missing),
        });
    }

    private PathNode Look(PathNode directory, string name)
    {
        EntryStatus status = PosixEntry.Look(directory.Parent is null ? "/" + name : $"{directory.Path}/{name}", follow: false);
        return status.Error switch
        {
            Errno.None => Present(directory, name, status),
            Errno.ENOENT or Errno.ENOTDIR => Absent(directory, name, NodeKind.Missing),
            _ => Absent(directory, name, NodeKind.Unreachable),
        };
    }

    private PathNode Resolve(PathNode node, int links)
    {
        if (node.Kind != NodeKind.SymbolicLink) return node;
        if (node.Target is not null) return node.Target;
        if (links >= MaxLinks) return Absent(node.Directory, node.Name, NodeKind.Missing);
        string? text = PosixEntry.ReadLink(node.Path);
        if (text is null or "") return Absent(node.Directory, node.Name, NodeKind.Unreachable);
        PathNode target =
            IsMagic(node, text) ? Magic(node, text, links) : Find(text[0] == '/' ? text : $"{node.Directory.Path}/{text}", links + 1);
        node.Target = target;
        return target;
    }

    // In /proc, fd/N, cwd, root, exe and ns/X lead to the thing itself; their text only describes it.
    private bool IsMagic(PathNode node, string text)
    {
        if (text[0] != '/' && !text.Contains(":[", StringComparison.Ordinal)) return false;
        ulong device = node.Identity.Device;
        if (!_proc.TryGetValue(device, out bool proc)) _proc[device] = proc = PosixEntry.IsProc(node.Directory.Path);
        return proc;
    }

    private PathNode Magic(PathNode node, string text, int links)
    {
        const string Deleted = " (deleted)";
        EntryStatus status = PosixEntry.Look(node.Path, follow: true);
        if (status.Error != Errno.None) return Absent(node.Directory, node.Name, NodeKind.Unreachable);
        FileIdentity identity = status.Identity;
        if (text[0] != '/' || text.StartsWith("/memfd:", StringComparison.Ordinal))
            return Made(node.Directory, node.Name, status, isInternal: true);
        if (Find(text, links + 1) is { Exists: true } named && named.Identity == identity) return named;

        // A file that was unlinked is still judged by the directory it was in.
        string last = text.EndsWith(Deleted, StringComparison.Ordinal) ? text[..^Deleted.Length] : text;
        int slash = last.LastIndexOf('/');
        return Made(Find(slash <= 0 ? "/" : last[..slash], links + 1), last[(slash + 1)..], status, isInternal: false);
    }

    private PathNode Root()
    {
        EntryStatus status = PosixEntry.Look("/", follow: true);
        AccessFs[]? own = _rules.On(status.Identity);
        return new PathNode(null, "", NodeKind.Directory, status.Identity, status.Mount, own, own ?? _rules.Nothing);
    }

    private PathNode Present(PathNode directory, string name, EntryStatus status) => Made(directory, name, status, isInternal: false);

    private PathNode Made(PathNode directory, string name, EntryStatus status, bool isInternal)
    {
        FileIdentity identity = status.Identity;
        AccessFs[]? own = _rules.On(identity);
        AccessFs[] granted = own is null ? directory.Granted : _rules.Union(own, directory.Granted);
        return new PathNode(directory, name, KindOf(status.Mode), identity, status.Mount, own, granted) { IsInternal = isInternal };
    }

    private static PathNode Absent(PathNode directory, string name, NodeKind kind) =>
        new(directory, name, kind, default, directory.Mount, null, directory.Granted) { IsInternal = directory.IsInternal };

    private static NodeKind KindOf(ushort mode) => (mode & 0xF000) switch
    {
        0x4000 => NodeKind.Directory,
        0x2000 => NodeKind.CharDevice,
        0x6000 => NodeKind.BlockDevice,
        0x1000 => NodeKind.Fifo,
        0xC000 => NodeKind.Socket,
        0xA000 => NodeKind.SymbolicLink,
        _ => NodeKind.Regular,
    };
}
