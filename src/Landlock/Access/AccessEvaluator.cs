using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>
/// Answers what the kernel would answer in a domain, without running anything: built once for its layers, asked many times. It speaks of
/// Landlock alone: what ordinary permissions, mount options or other security modules say comes on top.
/// </summary>
/// <remarks>
/// Rules are bound to the inodes that their paths lead to when the evaluator is made, as in a sandbox that is started then. What was seen
/// of directories and links is remembered; call <see cref="Refresh"/> after some were renamed, replaced or mounted over. Not safe for
/// several threads at once. Paths are absolute or relative to the base directory, and /proc/self is this process.
/// </remarks>
public sealed class AccessEvaluator
{
    private readonly string _baseDirectory;
    private readonly FileRules _rules;
    private readonly PathTree _tree;

    /// <summary>Makes an evaluator; every rule's path is looked at.</summary>
    /// <param name="layers">The layers, outermost first.</param>
    /// <param name="baseDirectory">Absolute directory that relative paths start from.</param>
    /// <exception cref="KernelException">The path of a rule that is not optional cannot be reached any more.</exception>
    public AccessEvaluator(IEnumerable<ResolvedLayer> layers, string baseDirectory)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(baseDirectory);
        Layers = [.. layers];
        _baseDirectory = baseDirectory;
        _rules = new FileRules(Layers);
        _tree = new PathTree(_rules);
    }

    /// <summary>The layers, outermost first.</summary>
    public ImmutableArray<ResolvedLayer> Layers { get; }

    internal FileRules Rules => _rules;

    /// <summary>An evaluator for rulesets on a kernel.</summary>
    /// <param name="layers">The rulesets, outermost first.</param>
    /// <param name="support">The kernel.</param>
    /// <param name="baseDirectory">Absolute directory that relative paths, of rules too, start from.</param>
    /// <exception cref="RulesetException">
    /// A rule's path is missing or its access empty, or something required cannot be enforced.
    /// </exception>
    public static AccessEvaluator For(IEnumerable<Ruleset> layers, LandlockSupport support, string baseDirectory)
    {
        ArgumentNullException.ThrowIfNull(layers);
        return new AccessEvaluator(layers.Select(layer => HostLayer.Mark(layer, RulesetResolver.Resolve(layer.WithoutConnecting(), support,
            baseDirectory, PosixFile.Inspect, null, RulesetResolver.Filtered(layer, support)))), baseDirectory);
    }

    /// <summary>Forgets what was seen of the filesystem. Rules stay bound to the inodes that they were bound to.</summary>
    public void Refresh() => _tree.Forget();

    /// <summary>
    /// Whether rights are granted at a path, existing or not: on a directory for what is in it, as a rule would grant them. The rights to
    /// make and remove an entry are those of the directory that holds it.
    /// </summary>
    public bool IsAllowed(string path, AccessFs access) => IsGranted(Follow(path), access);

    /// <inheritdoc cref="IsAllowed"/>
    public AccessVerdict Check(string path, AccessFs access) => Judge(path, new Demand(Follow(path), access));

    /// <summary>
    /// Whether what people ask for is granted: an access class means what it would in a rule, for a file what applies to files; rights that
    /// are named are asked about as they are.
    /// </summary>
    internal AccessVerdict CheckFor(string path, AccessFs access)
    {
        AccessFs asked = AccessClass.All.Any(named => named.Rights == access) ? Applicable(path, access) : access;
        return Check(path, asked == 0 ? access : asked);
    }

    /// <summary>
    /// Whether an operation is allowed that needs rights of what is at a path, existing or not, and others of the directory that holds it.
    /// </summary>
    /// <param name="path">The path; a symbolic link at its end is followed for what is there.</param>
    /// <param name="access">Rights on what is there; those that do not apply to its kind are left out.</param>
    /// <param name="onDirectory">Rights on the directory, such as <see cref="AccessFs.MakeReg"/>.</param>
    public AccessVerdict Check(string path, AccessFs access, AccessFs onDirectory)
    {
        PathNode node = Follow(path);
        return Judge(path, new Demand(Entry(path).Directory, onDirectory), new Demand(node, Matters(node, access)));
    }

    /// <summary>Every right that is granted at a path, of those that this kernel can restrict and that apply to what is there.</summary>
    public AccessFs Granted(string path)
    {
        PathNode node = Follow(path);
        AccessFs all = Matters(node, AbiTable.AllFs(Layers.Length == 0 ? AbiTable.Newest : Layers[0].KernelAbi));
        for (int i = 0; i < Layers.Length && !node.IsInternal; i++) all &= ~_rules.Handled[i] | node.Granted[i];
        return all;
    }

    /// <summary>The rights of a class that apply to what is at a path; all of them for a directory, and where nothing is yet.</summary>
    public AccessFs Applicable(string path, AccessFs access) => Matters(Follow(path), access);

    /// <summary>What opening or executing a file, or listing a directory, needs.</summary>
    public AccessVerdict CheckOpen(string path, OpenModes modes)
    {
        PathNode node = Follow(path);
        AccessFs access = AccessFs.None;
        if ((modes & OpenModes.Read) != 0) access |= node.IsDirectory ? AccessFs.ReadDir : AccessFs.ReadFile;
        if (node.IsDirectory) return Judge(path, new Demand(node, access));
        if ((modes & OpenModes.Write) != 0) access |= AccessFs.WriteFile;
        if ((modes & OpenModes.Execute) != 0) access |= AccessFs.Execute | AccessFs.ReadFile;
        if ((modes & OpenModes.Truncate) != 0 && node.Kind == NodeKind.Regular) access |= AccessFs.Truncate;
        if (node.Kind != NodeKind.Missing || (modes & OpenModes.Create) == 0) return Judge(path, new Demand(node, access));
        return Judge(path, new Demand(node.Directory, AccessFs.MakeReg), new Demand(node, access));
    }

    /// <summary>What making an entry needs, of its directory.</summary>
    /// <param name="path">The entry.</param>
    /// <param name="make">The right for its kind, such as <see cref="AccessFs.MakeDir"/>.</param>
    public AccessVerdict CheckCreate(string path, AccessFs make) => Judge(path, new Demand(Entry(path).Directory, make));

    /// <summary>What removing an entry needs, of its directory (unlink(2), or rmdir(2) for a directory).</summary>
    public AccessVerdict CheckRemove(string path)
    {
        PathNode entry = Entry(path);
        return Judge(path, new Demand(entry.Directory, entry.IsDirectory ? AccessFs.RemoveDir : AccessFs.RemoveFile));
    }

    /// <summary>What truncate(2) needs.</summary>
    public AccessVerdict CheckTruncate(string path) => Judge(path, new Demand(Follow(path), AccessFs.Truncate));

    /// <summary>
    /// What rename(2) needs: of both directories to remove, to make and to refer; and what is moved must not gain a right by moving.
    /// </summary>
    /// <param name="from">The entry to move.</param>
    /// <param name="to">Its new name.</param>
    /// <param name="exchange">Whether the two change places (RENAME_EXCHANGE).</param>
    public AccessVerdict CheckRename(string from, string to, bool exchange = false)
    {
        PathNode old = Entry(from);
        PathNode target = Entry(to);
        return Judge($"{from} -> {to}", ReferRequest.Rename(old, target, exchange));
    }

    /// <summary>What link(2) needs of the directory that gets the new name; the file must not gain a right by it.</summary>
    /// <param name="existing">The file; a symbolic link at its end is linked itself.</param>
    /// <param name="name">The new name.</param>
    public AccessVerdict CheckLink(string existing, string name) =>
        Judge($"{existing} -> {name}", ReferRequest.Link(Entry(existing), Entry(name)));

    /// <summary>What binding or connecting to a port needs. Port 0 asks for a free one.</summary>
    public AccessVerdict CheckPort(AccessNet access, int port) => PortCheck.Judge(Layers, access, port);

    /// <summary>Whether a host may be connected to, by its name or its address (<see cref="HostRule"/>).</summary>
    /// <param name="host">The host, with one port.</param>
    /// <exception cref="RulesetException">It stands for several hosts or ports.</exception>
    public AccessVerdict CheckHost(HostRule host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return HostCheck.Judge(Layers, host);
    }

    /// <summary>Whether something outside the domain can be reached: a process by a signal, an abstract socket by a connection.</summary>
    public AccessVerdict CheckScope(Scope scope) => ScopeCheck.Judge(Layers, scope);

    private static AccessFs Matters(PathNode node, AccessFs access) => node.Kind switch
    {
        NodeKind.Directory or NodeKind.Missing or NodeKind.Unreachable => access,
        NodeKind.Regular => access & AbiTable.FileRights & ~(AccessFs.IoctlDev | AccessFs.ResolveUnix),
        NodeKind.CharDevice or NodeKind.BlockDevice => access & (AccessFs.ReadFile | AccessFs.WriteFile | AccessFs.IoctlDev),
        NodeKind.Socket => access & AccessFs.ResolveUnix,
        _ => access & (AccessFs.ReadFile | AccessFs.WriteFile),
    };

    private PathNode Follow(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return _tree.Follow(RulesetResolver.Absolute(path, _baseDirectory));
    }

    private PathNode Entry(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return _tree.Entry(RulesetResolver.Absolute(path, _baseDirectory));
    }

    private bool IsGranted(PathNode node, AccessFs access)
    {
        if (node.IsInternal) return true;
        AccessFs[] granted = node.Granted;
        for (int i = 0; i < granted.Length; i++)
            if ((access & _rules.Handled[i] & ~granted[i]) != 0) return false;
        return true;
    }

    private AccessVerdict Judge(string target, Demand demand) =>
        new(IsGranted(demand.Node, demand.Rights), target, () => PathExplanation.Of(this, [demand], null));

    private AccessVerdict Judge(string target, Demand first, Demand second) =>
        new(IsGranted(first.Node, first.Rights) && IsGranted(second.Node, second.Rights), target,
            () => PathExplanation.Of(this, [first, second], null));

    private AccessVerdict Judge(string target, ReferRequest request)
    {
        if (request.CrossesMounts)
            return new AccessVerdict(true, target, () => VerdictDetails.Free(request.Obstacle));
        bool allowed = request.Demands.All(demand => IsGranted(demand.Node, demand.Rights))
            && !request.Gains(_rules, PathExplanation.Granted).Any(gain => gain.Rights != 0);
        return new AccessVerdict(allowed, target, () => PathExplanation.Of(this, request.Demands, request));
    }
}
