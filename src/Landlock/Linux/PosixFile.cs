using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>
/// Opens and looks at files whose names are any byte strings (see <see cref="PosixText"/>); the file APIs of .NET mangle names that are
/// not UTF-8. Symbolic links are followed. Relative paths are never passed on: callers make paths absolute first.
/// </summary>
internal static unsafe partial class PosixFile
{
    private const int AtFdCwd = -100;
    private const int ReadOnlyFlags = 0; // O_RDONLY
    private const int NonBlock = 0x800; // O_NONBLOCK, so that opening a FIFO does not wait for a writer
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const int PathOnly = 0x200000; // O_PATH
    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private const int ExecuteOk = 1; // X_OK
    private const int WriteOk = 2; // W_OK
    private const uint BasicStats = 0x7ff; // STATX_BASIC_STATS
    private const int PathMax = 4096;
    private const ulong Automount = 0x1000; // STATX_ATTR_AUTOMOUNT
    private const ulong ResolveNoSymbolicLinks = 4; // RESOLVE_NO_SYMLINKS

    /// <summary>The status of the file at <paramref name="path"/> (statx(2)), or null when it cannot be reached.</summary>
    internal static FileStatus? Stat(string path)
    {
        Statx buffer;
        fixed (byte* name = PosixText.Terminated(path))
        {
            if (statx(AtFdCwd, name, 0, BasicStats, &buffer) != 0) return null;
        }

        return new FileStatus(buffer.Mode, ((ulong)buffer.DevMajor << 32) | buffer.DevMinor, buffer.Inode,
            (buffer.ChangeSeconds * 1_000_000_000) + buffer.ChangeNanoseconds);
    }

    /// <summary>What an absolute path is, symbolic links followed.</summary>
    internal static PathKind Inspect(string path)
    {
        Statx buffer;
        fixed (byte* name = PosixText.Terminated(path))
        {
            if (statx(AtFdCwd, name, 0, BasicStats, &buffer) == 0)
                return (buffer.Mode & 0xF000) == 0x4000 ? PathKind.Directory : PathKind.File;
        }

        return NothingAt(path, Syscalls.LastError, "statx").Kind;
    }

    /// <summary>What a path is that could not be opened or looked at.</summary>
    /// <exception cref="KernelException">This process has run out of something, which says nothing about the path.</exception>
    private static FoundPath NothingAt(string path, Errno error, string call) => error switch
    {
        Errno.ENOENT or Errno.ENOTDIR => new FoundPath(path, PathKind.Missing),
        _ when IsExhausted(error) => throw new KernelException(call, error, path),
        _ => new FoundPath(path, PathKind.Unreachable) { Error = error },
    };

    private static bool IsExhausted(Errno error) => error is Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM;

    /// <summary>The object that an absolute path leads to, symbolic links followed.</summary>
    internal static FoundPath Find(string path)
    {
        if (Direct(path) is { } direct) return direct;
        for (bool mounts = false; ; mounts = true)
        {
            using SafeFileHandle? opened = OpenPath(path, out Errno error);
            if (opened is null) return NothingAt(path, error, "open");
            FoundPath? found = Found(opened, path, out bool isAutomount);
            if (found is null) return NothingAt(path, Syscalls.LastError, "statx");
            if (!isAutomount || mounts) return found;
            // What is mounted when somebody comes by is mounted by looking at it, and not by opening a mere reference.
            _ = Inspect(path);
        }
    }

    // The usual case: no link is on the way (openat2(2), RESOLVE_NO_SYMLINKS), so that the path itself is the real one. Asking the kernel
    // for the name takes longer than all the rest. Null where there is more to find out; what is in /proc may be this process's own.
    private static FoundPath? Direct(string path)
    {
        if (!IsPlain(path)) return null;
        ulong* how = stackalloc ulong[3] { PathOnly | CloseOnExec, 0, ResolveNoSymbolicLinks };
        int descriptor;
        fixed (byte* name = PosixText.Terminated(path)) descriptor = Syscalls.OpenAt2(AtFdCwd, name, how);
        if (descriptor < 0) return Syscalls.LastError is Errno.ENOENT or Errno.ENOTDIR ? new FoundPath(path, PathKind.Missing) : null;
        Statx buffer;
        byte empty = 0;
        int result = statx(descriptor, &empty, EmptyPath, BasicStats, &buffer);
        _ = Syscalls.Close(descriptor);
        FileIdentity identity = new(((ulong)buffer.DevMajor << 32) | buffer.DevMinor, buffer.Inode);
        if (result != 0 || (buffer.Attributes & Automount) != 0 || identity.Device == PathFinding.ProcDevice) return null;
        return new FoundPath(path, (buffer.Mode & 0xF000) == 0x4000 ? PathKind.Directory : PathKind.File)
        { RealPath = path, Identity = identity };
    }

    // Without "." and "..", and each slash before a name.
    private static bool IsPlain(string path)
    {
        if (path == "/") return true;
        if (!path.StartsWith('/') || path.EndsWith('/') || path.EndsWith("/.", StringComparison.Ordinal)
            || path.EndsWith("/..", StringComparison.Ordinal)) return false;
        return !path.Contains("//", StringComparison.Ordinal) && !path.Contains("/./", StringComparison.Ordinal)
            && !path.Contains("/../", StringComparison.Ordinal);
    }

    /// <summary>
    /// Opens what was found, as a mere reference (O_PATH); null with ESTALE if something else is there now, or with another error.
    /// </summary>
    internal static SafeFileHandle? Open(FoundPath found, out Errno error)
    {
        string path = found.RealPath ?? found.Path;
        SafeFileHandle? opened = OpenPath(path, out error);
        if (opened is null) return null;
        FoundPath? now = Found(opened, path);
        if (now is not null && now.RealPath == found.RealPath
            && (now.Identity == found.Identity || (found.IsRenumbered && now.Identity.Device == found.Identity.Device)))
        {
            return opened;
        }
        opened.Dispose();
        error = Errno.ESTALE;
        return null;
    }

    /// <summary>Which object an open descriptor is; null if that cannot be seen.</summary>
    /// <param name="opened">The descriptor.</param>
    /// <param name="path">What it was opened by.</param>
    internal static FoundPath? Found(SafeFileHandle opened, string path) => Found(opened, path, out _);

    private static FoundPath? Found(SafeFileHandle opened, string path, out bool isAutomount)
    {
        isAutomount = false;
        int descriptor = (int)opened.DangerousGetHandle();
        Statx buffer;
        byte empty = 0;
        if (statx(descriptor, &empty, EmptyPath, BasicStats, &buffer) != 0) return null;
        isAutomount = (buffer.Attributes & Automount) != 0;
        FileIdentity identity = new(((ulong)buffer.DevMajor << 32) | buffer.DevMinor, buffer.Inode);
        string? name = PathFinding.NameOf(descriptor);
        string? real = PathFinding.RealPath(name, path, identity);
        bool isProc = identity.Device == PathFinding.ProcDevice;
        string? own = isProc && real is not null ? PathFinding.Own(real, path) : null;
        return new FoundPath(path, (buffer.Mode & 0xF000) == 0x4000 ? PathKind.Directory : PathKind.File)
        {
            RealPath = own ?? real,
            Identity = identity,
            IsRenumbered = isProc,
            IsPipe = real is null && name is not null
                && (name.StartsWith("pipe:", StringComparison.Ordinal) || name.StartsWith("socket:", StringComparison.Ordinal)),
            IsOwn = own is not null,
        };
    }

    /// <summary>Who owns a file; null when it cannot be reached.</summary>
    internal static uint? Owner(string path)
    {
        Statx buffer;
        fixed (byte* name = PosixText.Terminated(path)) return statx(AtFdCwd, name, 0, BasicStats, &buffer) == 0 ? buffer.Owner : null;
    }

    /// <summary>The number of a character device; null for anything else.</summary>
    internal static (uint Major, uint Minor)? CharacterDevice(string path)
    {
        Statx buffer;
        fixed (byte* name = PosixText.Terminated(path))
        {
            return statx(AtFdCwd, name, 0, BasicStats, &buffer) == 0 && (buffer.Mode & 0xF000) == 0x2000
                ? (buffer.NumberMajor, buffer.NumberMinor) : null;
        }
    }

    /// <summary>
    /// Whether others than root and this user may exchange what is in a directory, or change a file. A group that has the number of its
    /// only member, as many systems make it, is that member.
    /// </summary>
    internal static bool IsChangedByOthers(string path)
    {
        const int byGroup = 0x10, byAll = 0x2, sticky = 0x200;
        Statx buffer;
        fixed (byte* name = PosixText.Terminated(path))
            if (statx(AtFdCwd, name, 0, BasicStats, &buffer) != 0) return true;
        bool isOwn = buffer.Owner == 0 || buffer.Owner == CurrentUser.Id;
        if (!isOwn) return true;
        // In a sticky directory an entry is its owner's.
        if ((buffer.Mode & 0xF000) == 0x4000 && (buffer.Mode & sticky) != 0) return false;
        return (buffer.Mode & byAll) != 0 || ((buffer.Mode & byGroup) != 0 && buffer.Group != buffer.Owner);
    }

    /// <summary>Whether an open file is a directory of this user's that nobody else may write to.</summary>
    internal static bool IsOwnDirectory(SafeFileHandle opened)
    {
        const int writableByOthers = 0x12; // 0022
        Statx buffer;
        byte empty = 0;
        return statx((int)opened.DangerousGetHandle(), &empty, EmptyPath, BasicStats, &buffer) == 0
            && (buffer.Mode & 0xF000) == 0x4000 && (buffer.Mode & writableByOthers) == 0 && buffer.Owner == CurrentUser.Id;
    }

    /// <summary>Opens a regular file for reading, close-on-exec, or gives null when it is not one or cannot be opened.</summary>
    /// <remarks>Devices and FIFOs are not opened at all, since opening alone can have effects.</remarks>
    /// <exception cref="KernelException">This process has run out of something, which says nothing about the file.</exception>
    internal static SafeFileHandle? OpenRead(string path)
    {
        if (Stat(path) is not { IsRegular: true }) return null;
        int descriptor;
        fixed (byte* name = PosixText.Terminated(path)) descriptor = open(name, ReadOnlyFlags | NonBlock | CloseOnExec, 0);
        if (descriptor >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
        Errno error = Syscalls.LastError;
        return IsExhausted(error) ? throw new KernelException("open", error, path) : null;
    }

    /// <summary>Opens whatever is at a path as a mere reference (O_PATH), close-on-exec; null with the error if it cannot be.</summary>
    internal static SafeFileHandle? OpenPath(string path, out Errno error)
    {
        int descriptor;
        fixed (byte* name = PosixText.Terminated(path)) descriptor = open(name, PathOnly | CloseOnExec, 0);
        error = descriptor < 0 ? Syscalls.LastError : Errno.None;
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>The path without symbolic links, "." and ".." (realpath(3)), or null when a part of it does not exist.</summary>
    internal static string? RealPath(string path)
    {
        byte* resolved = stackalloc byte[PathMax + 1];
        fixed (byte* name = PosixText.Terminated(path))
        {
            if (realpath(name, resolved) is null) return null;
        }

        return PosixText.Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(resolved));
    }

    /// <summary>Where an absolute path really is; of one that does not exist or cannot be reached, where it would be.</summary>
    internal static string RealPlace(string path)
    {
        string rest = "";
        for (string existing = path; ;)
        {
            if (RealPath(existing) is { } real) return rest.Length == 0 ? real : real == "/" ? rest : real + rest;
            int slash = existing.LastIndexOf('/');
            if (slash < 0) return path;
            rest = existing[slash..] + rest;
            existing = slash == 0 ? "/" : existing[..slash];
        }
    }

    /// <summary>Whether this process may execute the file (access(2) with X_OK).</summary>
    internal static bool CanExecute(string path)
    {
        fixed (byte* name = PosixText.Terminated(path)) return access(name, ExecuteOk) == 0;
    }

    /// <summary>Whether this process may write to the file, or connect to the socket (access(2) with W_OK).</summary>
    internal static bool CanWrite(string path) => WhyNotWrite(path) == Errno.None;

    /// <summary>Why this process may not write to the file, or make entries in the directory.</summary>
    internal static Errno WhyNotWrite(string path)
    {
        fixed (byte* name = PosixText.Terminated(path))
            return access(name, WriteOk) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    // The libc declares a third, variadic argument of open(2); no mode is needed without O_CREAT.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int directory, byte* path, int flags, uint mask, Statx* buffer);

    [LibraryImport("libc")]
    private static partial byte* realpath(byte* path, byte* resolved);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int access(byte* path, int mode);

    /// <summary>struct statx of statx(2), whose layout is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(8)] public ulong Attributes;
        [FieldOffset(20)] public uint Owner;
        [FieldOffset(24)] public uint Group;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(96)] public long ChangeSeconds;
        [FieldOffset(104)] public uint ChangeNanoseconds;
        [FieldOffset(128)] public uint NumberMajor;
        [FieldOffset(132)] public uint NumberMinor;
        [FieldOffset(136)] public uint DevMajor;
        [FieldOffset(140)] public uint DevMinor;
    }
}

/// <summary>What stat tells about a file (inode(7)).</summary>
/// <param name="Mode">Kind and permissions.</param>
/// <param name="Device">With the inode, what identifies it.</param>
/// <param name="Inode">Its number on the device.</param>
/// <param name="Changed">
/// When content, name count or permissions last changed (ctime), in nanoseconds since 1970; nobody can set it.
/// </param>
internal readonly record struct FileStatus(ushort Mode, ulong Device, ulong Inode, long Changed)
{
    internal FileIdentity Identity => new(Device, Inode);

    internal bool IsRegular => (Mode & 0xF000) == 0x8000;

    internal bool IsDirectory => (Mode & 0xF000) == 0x4000;

    internal bool IsSetUserId => (Mode & 0x800) != 0;

    /// <summary>S_ISGID, which without the group's execute bit would mean something else.</summary>
    internal bool IsSetGroupId => (Mode & 0x408) == 0x408;
}
