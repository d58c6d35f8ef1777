using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>What a name in a directory leads to, links not followed.</summary>
/// <param name="Error">None, or why it cannot be looked at.</param>
/// <param name="Mode">Type and permissions (inode(7)).</param>
/// <param name="Device">Device that holds it.</param>
/// <param name="Inode">Its number there.</param>
/// <param name="Mount">Identifier of the mount that it was reached through.</param>
/// <param name="Links">How many names it has (hard links).</param>
internal readonly record struct EntryStatus(Errno Error, ushort Mode, ulong Device, ulong Inode, ulong Mount, uint Links)
{
    internal FileIdentity Identity => new(Device, Inode);

    internal bool Exists => Error == Errno.None;

    internal bool IsDirectory => (Mode & 0xF000) == 0x4000;

    /// <summary>The user that it belongs to.</summary>
    internal uint Owner { get; init; }

    internal bool IsLink => (Mode & 0xF000) == 0xA000;
}

/// <summary>Looks at single directory entries and symbolic links, whatever bytes their names hold.</summary>
internal static unsafe partial class PosixEntry
{
    private const int AtFdCwd = -100;
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int NoAutomount = 0x800; // AT_NO_AUTOMOUNT
    private const int EffectiveIds = 0x200; // AT_EACCESS
    // STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_UID | STATX_INO | STATX_MNT_ID
    private const uint TypeModeLinksInodeMount = 0x1 | 0x2 | 0x4 | 0x8 | 0x100 | 0x1000;
    private const int PathMax = 4096;
    private const long ProcMagic = 0x9fa0; // PROC_SUPER_MAGIC

    /// <summary>The status of an absolute path (statx(2)).</summary>
    internal static EntryStatus Look(string path, bool follow)
    {
        Span<byte> small = stackalloc byte[512];
        Span<byte> name = Terminated(path, small);
        Statx buffer;
        int result;
        fixed (byte* bytes = name) result = statx(AtFdCwd, bytes, (follow ? 0 : NoFollow) | NoAutomount, TypeModeLinksInodeMount, &buffer);
        return result == 0
            ? new EntryStatus(Errno.None, buffer.Mode, ((ulong)buffer.DevMajor << 32) | buffer.DevMinor, buffer.Inode, buffer.Mount,
                buffer.Links)
            { Owner = buffer.Owner }
            : new EntryStatus(Syscalls.LastError, 0, 0, 0, 0, 0);
    }

    /// <summary>
    /// Whether the file's own permissions let this process do something, whatever a sandbox says (faccessat(2) with AT_EACCESS).
    /// </summary>
    internal static bool IsPermitted(string path, bool read, bool write, bool execute)
    {
        Span<byte> small = stackalloc byte[512];
        Span<byte> name = Terminated(path, small);
        fixed (byte* bytes = name)
            return faccessat(AtFdCwd, bytes, (read ? 4 : 0) | (write ? 2 : 0) | (execute ? 1 : 0), EffectiveIds) == 0;
    }

    /// <summary>The text of a symbolic link (readlink(2)), or null.</summary>
    internal static string? ReadLink(string path)
    {
        Span<byte> small = stackalloc byte[512];
        Span<byte> name = Terminated(path, small);
        byte* target = stackalloc byte[PathMax];
        nint length;
        fixed (byte* bytes = name) length = readlink(bytes, target, PathMax);
        return length < 0 ? null : PosixText.Decode(new ReadOnlySpan<byte>(target, (int)length));
    }

    /// <summary>Whether a path is in a proc filesystem, whose links may lead where no path does.</summary>
    internal static bool IsProc(string path)
    {
        // f_type is the first member of struct statfs, a long on every 64-bit architecture.
        long* buffer = stackalloc long[32];
        Span<byte> small = stackalloc byte[512];
        Span<byte> name = Terminated(path, small);
        fixed (byte* bytes = name) return statfs(bytes, buffer) == 0 && buffer[0] == ProcMagic;
    }

    private static Span<byte> Terminated(string path, Span<byte> small)
    {
        // The usual case, ASCII that fits, takes no memory.
        if (path.Length < small.Length && System.Text.Ascii.FromUtf16(path, small, out int written) == System.Buffers.OperationStatus.Done
            && !path.Contains('\0'))
        {
            small[written] = 0;
            return small[..(written + 1)];
        }

        return PosixText.Terminated(path);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int directory, byte* path, int flags, uint mask, Statx* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int faccessat(int directory, byte* path, int mode, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint readlink(byte* path, byte* buffer, nint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statfs(byte* path, long* buffer);

    /// <summary>struct statx of statx(2), whose layout is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(16)] public uint Links;
        [FieldOffset(20)] public uint Owner;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(136)] public uint DevMajor;
        [FieldOffset(140)] public uint DevMinor;
        [FieldOffset(144)] public ulong Mount;
    }
}
