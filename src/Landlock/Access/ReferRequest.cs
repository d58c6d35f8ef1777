using System.Collections.Immutable;
using Landlock.Abi;

namespace Landlock.Access;

/// <summary>Rights that are needed at a place.</summary>
internal readonly record struct Demand(PathNode Node, AccessFs Rights);

/// <summary>Rights that an entry would gain in a layer by getting another directory.</summary>
internal readonly record struct Gain(PathNode Entry, int Layer, AccessFs Rights);

/// <summary>A rename, exchange or link: what both directories must grant, and which entry comes under which directory.</summary>
internal sealed record ReferRequest(ImmutableArray<Demand> Demands, ImmutableArray<(PathNode Entry, PathNode Directory)> Moves,
    bool CrossesMounts, PathNode? MountPoint)
{
    public static ReferRequest Rename(PathNode old, PathNode target, bool exchange)
    {
        AccessFs atOld = Remove(old) | (exchange ? Make(target) : AccessFs.None);
        AccessFs atNew = Make(old) | (target.Exists ? Remove(target) : AccessFs.None);
        return Between(old, old.Directory, target, atOld, atNew, exchange, old.Directory.Mount);
    }

    // link(2) leaves the old name alone; and the mount of the file itself counts, not that of its directory.
    public static ReferRequest Link(PathNode existing, PathNode name) =>
        Between(existing, existing.Directory, name, AccessFs.None, Make(existing), false, existing.Mount);

    /// <summary>What the entries that move would gain, layer by layer: denied where they are, and not denied where they go.</summary>
    /// <param name="rules">What the layers restrict.</param>
    /// <param name="granted">What rules grant at a place in a layer, with or without rules on the root directory.</param>
    /// <remarks>
    /// The kernel compares before it looks at each further directory, and so never after the last one: what a rule on the root directory
    /// grants does not count, unless the root is in the same mount, where it was looked at before, or everything is granted anyway.
    /// </remarks>
    public IEnumerable<Gain> Gains(FileRules rules, Func<int, PathNode, bool, AccessFs> granted)
    {
        if (Moves.IsEmpty || Demands.All(demand => IsFree(rules, granted, demand.Node))) yield break;
        bool withRoot = Moves[0].Directory.Mount == Moves[0].Directory.Upwards().Last().Mount;
        foreach ((PathNode entry, PathNode directory) in Moves)
        {
            AccessFs matters = entry.IsDirectory ? (AccessFs)ulong.MaxValue : AbiTable.FileRights;
            for (int i = 0; i < rules.Handled.Length; i++)
            {
                // From its present place the entry has what a rule on itself or above it grants.
                AccessFs gained = rules.Handled[i] & matters & granted(i, directory, withRoot) & ~granted(i, entry, withRoot);
                if (gained != 0) yield return new Gain(entry, i, gained);
            }
        }
    }

    private static bool IsFree(FileRules rules, Func<int, PathNode, bool, AccessFs> granted, PathNode place)
    {
        for (int i = 0; i < rules.Handled.Length; i++)
            if ((rules.Handled[i] & ~granted(i, place, true)) != 0) return false;
        return true;
    }

    private static ReferRequest Between(PathNode old, PathNode oldDirectory, PathNode target, AccessFs atOld, AccessFs atNew, bool exchange,
        ulong oldMount)
    {
        PathNode newDirectory = target.Directory;
        bool crosses = oldMount != newDirectory.Mount;
        PathNode? mounted = old.Mount != oldDirectory.Mount ? old : target.Exists && target.Mount != newDirectory.Mount ? target : null;
        // Within one directory nothing is gained and refer is not asked for.
        if (oldDirectory.Identity == newDirectory.Identity)
            return new ReferRequest([new Demand(newDirectory, atOld | atNew)], [], crosses, mounted);
        return new ReferRequest(
            [new Demand(oldDirectory, atOld | AccessFs.Refer), new Demand(newDirectory, atNew | AccessFs.Refer)],
            exchange ? [(old, newDirectory), (target, oldDirectory)] : [(old, newDirectory)],
            crosses,
            mounted);
    }

    /// <summary>Why the kernel refuses it, whatever Landlock says; null if it does not.</summary>
    public string? Obstacle
    {
        get
        {
            if (CrossesMounts) return "The two are on different mounts: the kernel answers EXDEV before it asks Landlock.";
            return MountPoint is null ? null : $"'{PosixText.Printable(MountPoint.Path)}' is a mount point, which cannot be moved: the "
                + "kernel answers EBUSY, unless Landlock denies it for what is covered there.";
        }
    }

    private static AccessFs Remove(PathNode entry) => entry.IsDirectory ? AccessFs.RemoveDir : AccessFs.RemoveFile;

    private static AccessFs Make(PathNode entry) => entry.Kind switch
    {
        NodeKind.Directory => AccessFs.MakeDir,
        NodeKind.CharDevice => AccessFs.MakeChar,
        NodeKind.BlockDevice => AccessFs.MakeBlock,
        NodeKind.Fifo => AccessFs.MakeFifo,
        NodeKind.Socket => AccessFs.MakeSock,
        NodeKind.SymbolicLink => AccessFs.MakeSym,
        _ => AccessFs.MakeReg,
    };
}
