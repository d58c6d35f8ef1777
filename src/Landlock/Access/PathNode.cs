using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Access;

/// <summary>What is at a place, as far as rights go.</summary>
internal enum NodeKind
{
    Directory,
    Regular,
    CharDevice,
    BlockDevice,
    Fifo,
    Socket,
    SymbolicLink,

    /// <summary>Nothing is there.</summary>
    Missing,

    /// <summary>It cannot be looked at.</summary>
    Unreachable,
}

/// <summary>A place in the file tree as it was seen, and what the rules from there up to the root grant.</summary>
internal sealed class PathNode
{
    private Dictionary<string, PathNode>? _children;
    private string? _path;

    public PathNode(PathNode? parent, string name, NodeKind kind, FileIdentity identity, ulong mount, AccessFs[]? own, AccessFs[] granted)
    {
        Parent = parent;
        Name = name;
        Kind = kind;
        Identity = identity;
        Mount = mount;
        Own = own;
        Granted = granted;
    }

    /// <summary>The directory that holds it, through mount points; null for the root.</summary>
    public PathNode? Parent { get; }

    public string Name { get; }

    public NodeKind Kind { get; }

    /// <summary>Inode, if it exists.</summary>
    public FileIdentity Identity { get; }

    /// <summary>The mount that it was reached through.</summary>
    public ulong Mount { get; }

    /// <summary>What rules on this very inode grant, for each layer; null if there are none.</summary>
    public AccessFs[]? Own { get; }

    /// <summary>What rules grant from here up to the root, for each layer.</summary>
    public AccessFs[] Granted { get; }

    /// <summary>A pipe, socket, namespace or memory file, reached through /proc: Landlock does not restrict those.</summary>
    public bool IsInternal { get; init; }

    /// <summary>Where a symbolic link leads; null if that is not known yet or it is none.</summary>
    public PathNode? Target { get; set; }

    public bool IsDirectory => Kind == NodeKind.Directory;

    public bool Exists => Kind < NodeKind.Missing;

    /// <summary>The directory whose rights decide on making and removing this entry.</summary>
    public PathNode Directory => Parent ?? this;

    public string Path => _path ??= Parent is null ? "/" : Parent.Parent is null ? "/" + Name : $"{Parent.Path}/{Name}";

    public PathNode? Child(string name) => _children is not null && _children.TryGetValue(name, out PathNode? child) ? child : null;

    public PathNode Add(PathNode child)
    {
        (_children ??= new Dictionary<string, PathNode>(StringComparer.Ordinal))[child.Name] = child;
        return child;
    }

    /// <summary>The place itself, its directory, and so on up to the root.</summary>
    public IEnumerable<PathNode> Upwards()
    {
        for (PathNode? node = this; node is not null; node = node.Parent) yield return node;
    }
}
