using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Tracing;

/// <summary>One access of a call that has not ended yet.</summary>
internal readonly record struct PendingAccess(string Operation, string Path, AccessFs Access, string? Other = null)
{
    public AccessNet Net { get; init; }

    public Scope Scope { get; init; }

    public int? Port { get; init; }

    public bool MayCreate { get; init; }

    public bool IsOutside { get; init; }
}

/// <summary>A call that has begun: what it is about, as far as that is known, and what it changes if it succeeds.</summary>
internal class PendingCall
{
    private readonly List<PendingAccess> _accesses = new(2);

    /// <summary>A call that is recorded nowhere, but changes what later calls mean.</summary>
    public static PendingCall Nothing => new() { ChangesRoot = true };

    /// <summary>An entry that is made, removed or replaced.</summary>
    public string? Changed { get; init; }

    /// <summary>A second one.</summary>
    public string? AlsoChanged { get; init; }

    /// <summary>Whether names may lead elsewhere afterwards.</summary>
    public bool ChangesLookup { get; init; }

    /// <summary>Whether the process may see other files afterwards.</summary>
    public bool ChangesRoot { get; init; }

    /// <summary>A call with one access.</summary>
    public static PendingCall Of(string operation, string path, AccessFs access) =>
        new PendingCall { ChangesRoot = operation == "mount", ChangesLookup = operation == "mount" }.Add(operation, path, access);

    public PendingCall Add(string operation, string path, AccessFs access, string? other = null) =>
        Add(new PendingAccess(operation, path, access, other));

    public PendingCall Add(in PendingAccess access)
    {
        _accesses.Add(access);
        return this;
    }

    /// <summary>What the call was about, once it has ended.</summary>
    public virtual IReadOnlyList<PendingAccess> End(long result, ITracee tracee) => _accesses;
}

/// <summary>An execve: its process is another program afterwards.</summary>
internal sealed class PendingExecute(string program) : PendingCall
{
    public string Program => program;
}

/// <summary>A signal, which is of interest only if it was not permitted.</summary>
internal sealed class PendingSignal(int target) : PendingCall
{
    /// <inheritdoc/>
    public override IReadOnlyList<PendingAccess> End(long result, ITracee tracee)
    {
        if (result != -(long)Errno.EPERM) return [];
        string name = target switch
        {
            -1 => "every process",
            0 => "its own process group",
            < 0 => $"process group {-target}",
            _ => $"process {target}{tracee.ProcessName(target)}",
        };
        // Of a process that is traced it is known that it is in the sandbox.
        return [new PendingAccess("signal", name,
            AccessFs.None)
        { Scope = target == 0 || tracee.IsTraced(target) ? Scope.None : Scope.Signal }];
    }
}

/// <summary>A look into another process, which is of interest only if it was not permitted.</summary>
internal sealed class PendingLook(int target) : PendingCall
{
    /// <inheritdoc/>
    public override IReadOnlyList<PendingAccess> End(long result, ITracee tracee) =>
        result is -(long)Errno.EPERM or -(long)Errno.EACCES ? [Of("inspect", target, tracee)] : [];

    /// <summary>The access itself.</summary>
    public static PendingAccess Of(string operation, int target, ITracee tracee) =>
        new(operation, $"process {target}{tracee.ProcessName(target)}", AccessFs.None) { IsOutside = tracee.IsOutside(target) };
}

/// <summary>The other end of a pseudo-terminal, opened by the one (TIOCGPTPEER of ioctl_tty(2)).</summary>
internal sealed class PendingPeer(string? multiplexer, string terminal, uint flags) : PendingCall
{
    private const uint AccessMask = 3, WriteOnly = 1;

    /// <inheritdoc/>
    public override IReadOnlyList<PendingAccess> End(long result, ITracee tracee)
    {
        uint mode = flags & AccessMask;
        AccessFs access =
            (mode != WriteOnly ? AccessFs.ReadFile : AccessFs.None) | (mode != 0 ? AccessFs.WriteFile : AccessFs.None);
        PendingAccess opened = new("open", result >= 0 ? tracee.PathOf((int)result) ?? terminal : terminal, access);
        // Which of the two was denied, the error does not tell.
        return multiplexer is null || result < 0 ? [opened] : [new PendingAccess("ioctl", multiplexer, AccessFs.IoctlDev), opened];
    }
}

/// <summary>An open: which file it was, the descriptor tells.</summary>
internal sealed class PendingOpen(string? name, int directory, ulong flags, bool follow) : PendingCall
{
    private const ulong AccessMask = 3, WriteOnly = 1, CreateFlag = 0x40, TruncateFlag = 0x200;

    /// <summary>The path, if it had to be found before the call.</summary>
    public string? Path { get; set; }

    /// <summary>Nothing was there before the call.</summary>
    public bool Creates { get; set; }

    public bool IsTemporary { get; init; }

    public bool DirectoryOnly { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<PendingAccess> End(long result, ITracee tracee)
    {
        // What a link of another process leads to is not denied; the link is.
        if (result is -(long)Errno.EPERM or -(long)Errno.EACCES && name is not null && tracee.LookedInto(directory, name) is { } looked)
            return [new PendingAccess("open", looked, (flags & AccessMask) == WriteOnly ? AccessFs.WriteFile : AccessFs.ReadFile)
                { IsOutside = true }];
        string? opened = result >= 0 ? tracee.PathOf((int)result) : null;
        string? path = opened ?? Path ?? (name is null ? null : tracee.Resolve(directory, name, follow));
        if (path is null) return [];

        // The file of O_TMPFILE has no name; its rights are those of anything in its directory.
        if (IsTemporary && result >= 0) path = (name is null ? null : tracee.Resolve(directory, name, follow)) ?? path;
        ulong mode = flags & AccessMask;
        bool isDirectory = !IsTemporary && (DirectoryOnly || (mode == 0 && tracee.Kind(path) == EntryKind.Directory));
        AccessFs access = AccessFs.None;
        if (mode != WriteOnly) access |= isDirectory ? AccessFs.ReadDir : AccessFs.ReadFile;
        if (mode != 0) access |= AccessFs.WriteFile;
        if ((flags & TruncateFlag) != 0) access |= AccessFs.Truncate;
        if (Creates) access |= AccessFs.MakeReg;
        return [new PendingAccess("open", path, access) { MayCreate = (flags & CreateFlag) != 0 || IsTemporary }];
    }
}
