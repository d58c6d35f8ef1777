using System.Buffers.Binary;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Sandboxes.Filters;

namespace Landlock.Tracing;

/// <summary>
/// Reads system calls: which paths and ports they are about, and which rights Landlock asks for (security/landlock/fs.c and net.c). In two
/// steps, since some things can be known before the call only (was the file there?) and some after it only (which file was opened?).
/// </summary>
internal sealed partial class CallDecoder(CallTable table)
{
    /// <summary>The calls that it reads.</summary>
    public CallTable Table => table;

    private const int WorkingDirectory = -100; // AT_FDCWD
    private const ulong WriteOnly = 1, ReadAndWrite = 2, AccessMask = 3, CreateFlag = 0x40, ExclusiveFlag = 0x80, TruncateFlag =
        0x200, PathFlag = 0x20_0000, TemporaryFlag = 0x40_0000;
    private const uint OpenPeer = 0x5441; // TIOCGPTPEER
    private const ulong EmptyPath = 0x1000, NoFollow = 0x100, FollowLinks = 0x400, RemoveDirectoryFlag = 0x200, NoReplace = 1, Exchange = 2;

    /// <summary>Looks at a call that is about to run; null if nothing of it is recorded.</summary>
    public PendingCall? Begin(TracedCall call, in CallArguments a, ITracee tracee) => call switch
    {
        TracedCall.Open => Open(tracee, WorkingDirectory, a.A, a.B),
        TracedCall.Create => Open(tracee, WorkingDirectory, a.A, CreateFlag | WriteOnly | TruncateFlag),
        TracedCall.OpenAt => Open(tracee, (int)a.A, a.B, a.C),
        TracedCall.OpenAt2 => OpenHow(tracee, a),
        TracedCall.OpenByHandle => new PendingOpen(null, WorkingDirectory, a.C, false),
        TracedCall.Execute => Execute(tracee, WorkingDirectory, a.A, 0),
        TracedCall.ExecuteAt => Execute(tracee, (int)a.A, a.B, a.E),
        TracedCall.Unlink => Remove(tracee, WorkingDirectory, a.A, false),
        TracedCall.UnlinkAt => Remove(tracee, (int)a.A, a.B, (a.C & RemoveDirectoryFlag) != 0),
        TracedCall.RemoveDirectory => Remove(tracee, WorkingDirectory, a.A, true),
        TracedCall.Rename => Rename(tracee, WorkingDirectory, a.A, WorkingDirectory, a.B, 0),
        TracedCall.RenameAt => Rename(tracee, (int)a.A, a.B, (int)a.C, a.D, 0),
        TracedCall.RenameAt2 => Rename(tracee, (int)a.A, a.B, (int)a.C, a.D, a.E),
        TracedCall.Link => Link(tracee, WorkingDirectory, a.A, WorkingDirectory, a.B, 0),
        TracedCall.LinkAt => Link(tracee, (int)a.A, a.B, (int)a.C, a.D, a.E),
        TracedCall.SymbolicLink => Make(tracee, "symlink", WorkingDirectory, a.B, AccessFs.MakeSym),
        TracedCall.SymbolicLinkAt => Make(tracee, "symlink", (int)a.B, a.C, AccessFs.MakeSym),
        TracedCall.MakeDirectory => Make(tracee, "mkdir", WorkingDirectory, a.A, AccessFs.MakeDir),
        TracedCall.MakeDirectoryAt => Make(tracee, "mkdir", (int)a.A, a.B, AccessFs.MakeDir),
        TracedCall.MakeNode => Make(tracee, "mknod", WorkingDirectory, a.A, Node(a.B)),
        TracedCall.MakeNodeAt => Make(tracee, "mknod", (int)a.A, a.B, Node(a.C)),
        TracedCall.Truncate or TracedCall.LongTruncate => On(tracee, "truncate", WorkingDirectory, a.A, AccessFs.Truncate),
        TracedCall.TruncateOpen or TracedCall.LongTruncateOpen =>
            tracee.PathOf((int)a.A) is { } path ? PendingCall.Of("truncate", path, AccessFs.Truncate) : null,
        TracedCall.Ioctl => DeviceCall(tracee, (int)a.A, (uint)a.B, (uint)a.C),
        TracedCall.Connect => Address(tracee, "connect", (int)a.A, a.B, a.C),
        TracedCall.Bind => Address(tracee, "bind", (int)a.A, a.B, a.C),
        TracedCall.Socket => Socket(a),
        TracedCall.SocketCall => Several(tracee, (uint)a.A, a.B),
        TracedCall.SendTo => Asked(tracee, a.B, a.C, a.E) ?? Address(tracee, "send", (int)a.A, a.E, a.F),
        TracedCall.SendMessage or TracedCall.SendMessages => Message(tracee, (int)a.A, a.B),
        TracedCall.Mount => On(tracee, "mount", WorkingDirectory, a.B, AccessFs.None),
        TracedCall.Unmount or TracedCall.OldUnmount or TracedCall.PivotRoot => On(tracee, "mount", WorkingDirectory, a.A, AccessFs.None),
        TracedCall.MoveMount => On(tracee, "mount", (int)a.C, a.D, AccessFs.None),
        TracedCall.SetUpRing => PendingCall.Of("io_uring", "io_uring", AccessFs.None),
        TracedCall.Signal or TracedCall.SignalThread or TracedCall.SignalGroupThread => new PendingSignal((int)a.A),
        TracedCall.SignalByHandle => tracee.ProcessOf((int)a.A) is { } process ? new PendingSignal(process) : null,
        TracedCall.ReadMemory or TracedCall.WriteMemory => new PendingLook((int)a.A),
        TracedCall.TakeDescriptor => tracee.ProcessOf((int)a.A) is { } owner ? new PendingLook(owner) : null,
        TracedCall.Compare => new PendingLook(tracee.IsOutside((int)a.A) ? (int)a.A : (int)a.B),
        TracedCall.ChangeRoot or TracedCall.EnterNamespace => PendingCall.Nothing,
        _ => null,
    };

    /// <summary>The rights that opening a file for execution needs: the kernel opens it for reading, too.</summary>
    internal const AccessFs ExecuteAndRead = AccessFs.Execute | AccessFs.ReadFile;

    private static PendingCall? DeviceCall(ITracee tracee, int descriptor, uint command, uint flags)
    {
        bool isOpened = tracee.HasOpenedDevice(descriptor, out string device);
        if (command == OpenPeer && tracee.TerminalOf(descriptor) is { } number)
            return new PendingPeer(isOpened ? device : null, Terminals.PathOf(number), flags);
        return isOpened ? PendingCall.Of("ioctl", device, AccessFs.IoctlDev) : null;
    }

    private PendingOpen? Open(ITracee tracee, int directory, ulong name, ulong flags)
    {
        if ((flags & PathFlag) != 0) return null;
        if (tracee.Text(name) is not { } text) return null;
        bool follow = (flags & table.NoFollowFlag) == 0 && (flags & (CreateFlag | ExclusiveFlag)) != (CreateFlag | ExclusiveFlag);
        PendingOpen pending = new(text, directory, flags,
            follow)
        { IsTemporary = (flags & TemporaryFlag) != 0, DirectoryOnly = (flags & table.DirectoryFlag) != 0 };
        if ((flags & CreateFlag) == 0) return pending;
        pending.Path = tracee.Resolve(directory, text, follow);
        pending.Creates = pending.Path is { } path && tracee.Kind(path) == EntryKind.Missing;
        return pending;
    }

    private PendingOpen? OpenHow(ITracee tracee, in CallArguments a)
    {
        Span<byte> how = stackalloc byte[8];
        return tracee.Bytes(a.C, how) == how.Length ? Open(tracee, (int)a.A, a.B, BinaryPrimitives.ReadUInt64LittleEndian(how)) : null;
    }

    private static PendingExecute? Execute(ITracee tracee, int directory, ulong name, ulong flags)
    {
        if (tracee.Text(name) is not { } text) return null;
        string? path = text.Length == 0 && (flags & EmptyPath) != 0 ? tracee.PathOf(directory)
            : tracee.Resolve(directory, text, (flags & NoFollow) == 0);
        if (path is null) return null;
        PendingExecute pending = new(path);
        pending.Add("execute", path, ExecuteAndRead);
        foreach (string interpreter in tracee.Interpreters(path)) pending.Add("execute", interpreter, ExecuteAndRead, path);
        return pending;
    }

    private static PendingCall? Remove(ITracee tracee, int directory, ulong name, bool isDirectory)
    {
        if (Named(tracee, directory, name) is not { } path) return null;
        EntryKind kind = tracee.Kind(path);
        return new PendingCall { Changed = path, ChangesLookup = isDirectory || kind == EntryKind.SymbolicLink }
            .Add(isDirectory ? "rmdir" : "unlink", path, isDirectory ? AccessFs.RemoveDir : AccessFs.RemoveFile);
    }

    private static PendingCall? Make(ITracee tracee, string operation, int directory, ulong name, AccessFs access)
    {
        if (Named(tracee, directory, name) is not { } path) return null;
        return new PendingCall { Changed = path, ChangesLookup = access is AccessFs.MakeDir or AccessFs.MakeSym }.Add(operation,
            path, access);
    }

    private static PendingCall? On(ITracee tracee, string operation, int directory, ulong name, AccessFs access) =>
        tracee.Text(name) is { } text && tracee.Resolve(directory, text, true) is { } path ? PendingCall.Of(operation, path, access) : null;

    private static PendingCall? Rename(ITracee tracee, int fromDirectory, ulong from, int toDirectory, ulong to, ulong flags)
    {
        if (Named(tracee, fromDirectory, from) is not { } source || Named(tracee, toDirectory, to) is not { } target) return null;
        EntryKind sourceKind = tracee.Kind(source), targetKind = tracee.Kind(target);
        AccessFs refer = PosixText.Parent(source) == PosixText.Parent(target) ? AccessFs.None : AccessFs.Refer;
        AccessFs atSource = RemoveRight(sourceKind) | refer, atTarget = MakeRight(sourceKind) | refer;
        if ((flags & Exchange) != 0)
        {
            atSource |= MakeRight(targetKind);
            atTarget |= RemoveRight(targetKind);
        }
        else if (targetKind != EntryKind.Missing && (flags & NoReplace) == 0)
        {
            atTarget |= RemoveRight(targetKind);
        }

        return new PendingCall { Changed = target, AlsoChanged = source, ChangesLookup = IsOnTheWay(sourceKind) || IsOnTheWay(targetKind) }
            .Add("rename", source, atSource, target).Add("rename", target, atTarget, source);
    }

    private static PendingCall? Link(ITracee tracee, int fromDirectory, ulong from, int toDirectory, ulong to, ulong flags)
    {
        if (tracee.Text(from) is not { } text || Named(tracee, toDirectory, to) is not { } target) return null;
        string? source = text.Length == 0 && (flags & EmptyPath) != 0 ? tracee.PathOf(fromDirectory)
            : tracee.Resolve(fromDirectory, text, (flags & FollowLinks) != 0);
        if (source is null) return null;
        bool moves = PosixText.Parent(source) != PosixText.Parent(target);
        PendingCall pending = new PendingCall { Changed = target }.Add("link", target,
            MakeRight(tracee.Kind(source)) | (moves ? AccessFs.Refer : AccessFs.None), source);
        return moves ? pending.Add("link", source, AccessFs.Refer, target) : pending;
    }

    private static string? Named(ITracee tracee, int directory, ulong name) =>
        tracee.Text(name) is { } text ? tracee.Resolve(directory, text, false) : null;

    private static bool IsOnTheWay(EntryKind kind) => kind is EntryKind.Directory or EntryKind.SymbolicLink;

    private static AccessFs RemoveRight(EntryKind kind) => kind == EntryKind.Directory ? AccessFs.RemoveDir : AccessFs.RemoveFile;

    private static AccessFs MakeRight(EntryKind kind) => kind switch
    {
        EntryKind.Directory => AccessFs.MakeDir,
        EntryKind.SymbolicLink => AccessFs.MakeSym,
        EntryKind.CharacterDevice => AccessFs.MakeChar,
        EntryKind.BlockDevice => AccessFs.MakeBlock,
        EntryKind.Fifo => AccessFs.MakeFifo,
        EntryKind.Socket => AccessFs.MakeSock,
        _ => AccessFs.MakeReg,
    };

    private static AccessFs Node(ulong mode) => (mode & 0xF000) switch
    {
        0x1000 => AccessFs.MakeFifo,
        0x2000 => AccessFs.MakeChar,
        0x6000 => AccessFs.MakeBlock,
        0xC000 => AccessFs.MakeSock,
        _ => AccessFs.MakeReg,
    };
}
