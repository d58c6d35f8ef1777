using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Tracing;

/// <summary>What a program did or tried: one operation on one path or port, the rights that it needs, how it went, and how often.</summary>
public sealed record AccessRecord
{
    /// <summary>Rights that count on the directory that holds the path.</summary>
    internal const AccessFs OnParent = AbiTable.ChangingEntries;

    /// <summary>
    /// What was done: open, execute, unlink, rmdir, rename, link, symlink, mkdir, mknod, truncate, ioctl, connect, bind, send, mount,
    /// io_uring; resolve and listen, where a supervisor keeps hosts; socket and interfaces, of a command without a sandbox; signal, inspect
    /// (another process's memory and descriptors) and ptrace, where it was not permitted; socket,
    /// keyring, terminal, process, ipc, namespace and listener, where a sandbox refuses it.
    /// </summary>
    public required string Operation { get; init; }

    /// <summary>
    /// The path as the kernel found it, without symbolic links; for a port, the address and port; "@name" for an abstract socket; the kind
    /// of a socket, such as "tcp"; the process of a signal.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>The other path of a rename or link.</summary>
    public string? Other { get; init; }

    /// <summary>
    /// Filesystem rights that the operation needs. Those to make, remove and move count on the directory that holds the path.
    /// </summary>
    public AccessFs Access { get; init; }

    /// <summary>Network right that the operation needs.</summary>
    public AccessNet Net { get; init; }

    /// <summary>Scope that denies the operation where the other side is outside the sandbox.</summary>
    public Scope Scope { get; init; }

    /// <summary>The port, for a network right.</summary>
    public int? Port { get; init; }

    /// <summary>
    /// The rule for a host that a supervisor was asked for (<see cref="Rulesets.HostRule"/>), as text; null where hosts are not kept.
    /// </summary>
    public string? Host { get; init; }

    /// <summary>How the operation ended.</summary>
    public Errno Error { get; init; }

    /// <summary>The file was opened with O_CREAT: had it not existed, it would have been made.</summary>
    public bool MayCreate { get; init; }

    /// <summary>
    /// It was denied, and is about a process outside of the sandbox that the user may look into: what Landlock keeps from every sandbox.
    /// </summary>
    public bool IsOutside { get; init; }

    /// <summary>How often.</summary>
    public long Count { get; init; } = 1;

    /// <summary>Place of its last time in the whole trace: of two records, the one with the larger number happened later.</summary>
    public long Last { get; init; }

    /// <summary>Whether it was the last thing that a process was denied before it failed: an exit code other than 0, or a signal.</summary>
    public bool BeforeFailure { get; init; }

    /// <summary>The program that did it; of the first time.</summary>
    public string Program { get; init; } = "";

    /// <summary>Its process id; of the first time.</summary>
    public int ProcessId { get; init; }

    /// <summary>Whether the operation failed in the way that Landlock, but also ordinary permissions, make it fail.</summary>
    public bool Denied => IsDenial(Operation, Error, Access);

    /// <summary>Whether the filter of a sandbox refused it, and no rule.</summary>
    internal bool IsRefusal => IsRefused(Operation, Error);

    /// <summary>The rights needed, with the path that each has to be granted on or above.</summary>
    public IEnumerable<PathRule> Needs()
    {
        if (!Path.StartsWith('/')) yield break;
        AccessFs own = Access & ~OnParent, parent = Access & OnParent;
        if (own != AccessFs.None) yield return new PathRule(Path, own);
        if (parent != AccessFs.None) yield return new PathRule(PosixText.Parent(Path), parent);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Operation} {PosixText.Printable(Path)}{(Other is null ? "" : $" ({PosixText.Printable(Other)})")} "
            + $"{string.Join(',', AbiTable.Names(Access).Concat(AbiTable.Names(Net)))}"
            + $"{(Error == Errno.None ? "" : $" {ErrnoText.Name(Error)}")} x{Count}";

    /// <summary>Whether an operation that needs these rights and ended like this may have been denied.</summary>
    internal static bool IsDenial(string operation, Errno error, AccessFs access) =>
        IsRefused(operation, error) || error is Errno.EACCES or Errno.EPERM || (error == Errno.EXDEV && (access & AccessFs.Refer) != 0);

    private static bool IsRefused(string operation, Errno error) => error != Errno.None
        && operation is "socket" or "keyring" or "terminal" or "process" or "ipc" or "namespace" or "listener";
}
