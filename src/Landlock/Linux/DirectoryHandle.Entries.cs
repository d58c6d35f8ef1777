using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>What is done with single entries of an open directory, by errno: none if it was done.</summary>
internal sealed unsafe partial class DirectoryHandle
{
    private const int NoFollowAt = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int NoAutomountAt = 0x800; // AT_NO_AUTOMOUNT
    private const uint BasicStats = 0x7ff; // STATX_BASIC_STATS
    private const uint BirthTime = 0x800; // STATX_BTIME
    private const uint NoReplace = 1; // RENAME_NOREPLACE
    private const int MostHandle = 128; // MAX_HANDLE_SZ
    private const int MostAttribute = 64 << 10; // XATTR_SIZE_MAX, XATTR_LIST_MAX

    /// <summary>Descriptor and name as a path, for calls that take nothing else.</summary>
    public string PathOf(string name) => $"{Path}/{name}";

    /// <summary>What an entry is; null if there is none, or none that can be looked at.</summary>
    public EntryDetails? Details(string name) => Details(name, out _);

    /// <summary>Likewise, with the reason.</summary>
    public EntryDetails? Details(string name, out Errno error)
    {
        StatxAll buffer;
        int result;
        fixed (byte* text = PosixText.Terminated(name))
            result = statx(Number, text, NoFollowAt | NoAutomountAt, BasicStats | BirthTime, &buffer);
        error = result == 0 ? Errno.None : Syscalls.LastError;
        return result != 0 ? null : new EntryDetails(buffer.Mode, buffer.Owner, buffer.Group, buffer.Size,
            (buffer.ModifiedSeconds * 1_000_000_000) + buffer.ModifiedNanoseconds,
            (buffer.ChangedSeconds * 1_000_000_000) + buffer.ChangedNanoseconds,
            new FileIdentity(((ulong)buffer.DevMajor << 32) | buffer.DevMinor, buffer.Inode), buffer.Links,
            ((ulong)buffer.RawMajor << 32) | buffer.RawMinor)
        {
            Born = (buffer.Mask & BirthTime) == 0 ? 0 : (buffer.BornSeconds * 1_000_000_000) + buffer.BornNanoseconds,
        };
    }

    /// <summary>What it is itself.</summary>
    public EntryDetails? Details() => Details(".", out _);

    /// <summary>What names the file behind an entry for good, on its filesystem (name_to_handle_at(2)); empty where nothing does.</summary>
    public byte[] Handle(string name)
    {
        byte* room = stackalloc byte[8 + MostHandle];
        *(uint*)room = MostHandle;
        int mount;
        fixed (byte* text = PosixText.Terminated(name))
            if (name_to_handle_at(Number, text, room, &mount, 0) != 0) return [];
        return new ReadOnlySpan<byte>(room + 8, (int)*(uint*)room).ToArray();
    }

    /// <summary>An extended attribute of an entry; null if it has none of the name.</summary>
    public byte[]? Attribute(string name, string attribute)
    {
        byte[] room = new byte[256];
        while (true)
        {
            nint length;
            fixed (byte* path = PosixText.Terminated(PathOf(name)), key = PosixText.Terminated(attribute), value = room)
                length = lgetxattr(path, key, value, (nuint)room.Length);
            if (length >= 0) return room[..(int)length];
            if (room.Length >= MostAttribute) return null;
            const Errno tooLarge = (Errno)34; // ERANGE
            if (Syscalls.LastError != tooLarge) return null;
            room = new byte[MostAttribute];
        }
    }

    /// <summary>The names of the extended attributes of an entry.</summary>
    public string[] Attributes(string name)
    {
        byte[] room = new byte[MostAttribute];
        nint length;
        fixed (byte* path = PosixText.Terminated(PathOf(name)), list = room) length = llistxattr(path, list, (nuint)room.Length);
        return length <= 0 ? [] : PosixText.Decode(room.AsSpan(0, (int)length)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Sets an extended attribute of an entry.</summary>
    public Errno SetAttribute(string name, string attribute, byte[] value)
    {
        fixed (byte* path = PosixText.Terminated(PathOf(name)), key = PosixText.Terminated(attribute), bytes = value)
            return Result(lsetxattr(path, key, bytes, (nuint)value.Length, 0));
    }

    /// <summary>Takes an extended attribute of an entry away.</summary>
    public Errno RemoveAttribute(string name, string attribute)
    {
        fixed (byte* path = PosixText.Terminated(PathOf(name)), key = PosixText.Terminated(attribute))
            return Result(lremovexattr(path, key));
    }

    /// <summary>Moves an entry into another directory, in place of what is there (renameat2(2)).</summary>
    /// <param name="name">Its name here.</param>
    /// <param name="to">The directory.</param>
    /// <param name="newName">Its name there.</param>
    /// <param name="replace">Whether something may be there.</param>
    public Errno MoveTo(string name, DirectoryHandle to, string newName, bool replace)
    {
        fixed (byte* old = PosixText.Terminated(name), here = PosixText.Terminated(newName))
            return Result(renameat2(Number, old, to.Number, here, replace ? 0 : NoReplace));
    }

    /// <summary>Exchanges the names of two entries (renameat2(2)).</summary>
    public Errno Exchange(string name, DirectoryHandle other, string otherName)
    {
        const uint exchange = 2; // RENAME_EXCHANGE
        fixed (byte* one = PosixText.Terminated(name), two = PosixText.Terminated(otherName))
            return Result(renameat2(Number, one, other.Number, two, exchange));
    }

    /// <summary>Removes an entry.</summary>
    public Errno RemoveEntry(string name, bool isDirectory)
    {
        fixed (byte* text = PosixText.Terminated(name)) return Result(unlinkat(Number, text, isDirectory ? RemoveEmpty : 0));
    }

    /// <summary>Makes a directory that is not there yet, for its owner alone.</summary>
    public Errno MakeDirectory(string name)
    {
        fixed (byte* text = PosixText.Terminated(name)) return Result(mkdirat(Number, text, OwnerOnly));
    }

    /// <summary>Makes a symbolic link that is not there yet.</summary>
    public Errno MakeLink(string name, string target)
    {
        fixed (byte* text = PosixText.Terminated(name), to = PosixText.Terminated(target))
            return Result(symlinkat(to, Number, text));
    }

    /// <summary>Gives an entry another name, in another directory (link(2)).</summary>
    public Errno LinkTo(string name, DirectoryHandle to, string newName)
    {
        fixed (byte* old = PosixText.Terminated(name), here = PosixText.Terminated(newName))
            return Result(linkat(Number, old, to.Number, here, 0));
    }

    /// <summary>Makes a device node, a pipe or a socket that is not there yet (mknod(2)).</summary>
    public Errno MakeNode(string name, ushort mode, ulong device)
    {
        // makedev(3)
        ulong major = device >> 32, minor = device & 0xFFFF_FFFF;
        ulong number = ((major & 0xFFFFF000) << 32) | ((major & 0xFFF) << 8) | ((minor & 0xFFFFFF00) << 12) | (minor & 0xFF);
        fixed (byte* text = PosixText.Terminated(name)) return Result(mknodat(Number, text, mode, number));
    }

    /// <summary>Sets the permissions of an entry, which is no link.</summary>
    public Errno SetModeOf(string name, ushort mode)
    {
        fixed (byte* text = PosixText.Terminated(name)) return Result(fchmodat(Number, text, (uint)mode & Permissions, 0));
    }

    /// <summary>Sets the owner and the group of an entry.</summary>
    public Errno SetOwnerOf(string name, uint owner, uint group)
    {
        fixed (byte* text = PosixText.Terminated(name)) return Result(fchownat(Number, text, owner, group, NoFollowAt));
    }

    /// <summary>Sets when the content of an entry was last changed; the time of the last access stays.</summary>
    public Errno SetModified(string name, long modified)
    {
        const long omit = 0x3FFF_FFFE; // UTIME_OMIT
        long* times = stackalloc long[4];
        times[0] = 0;
        times[1] = omit;
        times[2] = Math.DivRem(modified, 1_000_000_000, out long nanoseconds);
        times[3] = nanoseconds;
        fixed (byte* text = PosixText.Terminated(name)) return Result(utimensat(Number, text, times, NoFollowAt));
    }

    /// <summary>Opens a regular file for reading; null if it is none, or may not be read.</summary>
    public SafeFileHandle? OpenFile(string name)
    {
        if (Details(name) is not { Kind: EntryKind.File }) return null;
        fixed (byte* text = PosixText.Terminated(name))
        {
            SafeFileHandle file = new(openat(Number, text, CloseOnExec | NoFollow | NonBlocking, 0), ownsHandle: true);
            if (!file.IsInvalid) return file;
            file.Dispose();
            return null;
        }
    }

    /// <summary>Makes a file that is not there yet, for its owner alone, and opens it for writing.</summary>
    public SafeFileHandle? CreateFile(string name, out Errno error)
    {
        fixed (byte* text = PosixText.Terminated(name))
        {
            int descriptor = openat(Number, text, CloseOnExec | NoFollow | NewFile, OwnerReadsAndWrites);
            error = descriptor < 0 ? Syscalls.LastError : Errno.None;
            return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
        }
    }

    /// <summary>
    /// Copies the content of a file, holes as holes, by sharing its blocks where the filesystem can (ioctl_ficlone(2),
    /// copy_file_range(2)).
    /// </summary>
    public static Errno Copy(SafeFileHandle from, SafeFileHandle to)
    {
        const ulong clone = 0x40049409; // FICLONE
        const int data = 3, hole = 4; // SEEK_DATA, SEEK_HOLE
        int source = (int)from.DangerousGetHandle(), target = (int)to.DangerousGetHandle();
        if (ioctl(target, clone, source) == 0) return Errno.None;
        long size = RandomAccess.GetLength(from);
        if (Syscalls.Ftruncate(target, size) != 0) return Syscalls.LastError;
        byte[] buffer = new byte[256 << 10];
        for (long at = 0; at < size;)
        {
            long begin = lseek(source, at, data);
            // Nothing but a hole is left, or the filesystem knows no holes.
            if (begin < 0)
            {
                const Errno noData = (Errno)6; // ENXIO
                if (Syscalls.LastError == noData) break;
                begin = at;
            }

            long end = lseek(source, begin, hole);
            if (end < 0) end = size;
            for (at = begin; at < end;)
            {
                int read = RandomAccess.Read(from, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)), at);
                if (read <= 0) return Errno.EIO;
                for (int written = 0; written < read;)
                {
                    nint done;
                    fixed (byte* bytes = buffer) done = Syscalls.Pwrite(target, bytes + written, (nuint)(read - written), at + written);
                    if (done < 0) return Syscalls.LastError;
                    written += (int)done;
                }

                at += read;
            }
        }

        return Errno.None;
    }

    private const int OwnerReadsAndWrites = 0x180; // 0600

    private static Errno Result(int result) => result == 0 ? Errno.None : Syscalls.LastError;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int directory, byte* path, int flags, uint mask, StatxAll* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int name_to_handle_at(int directory, byte* path, byte* handle, int* mount, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint lgetxattr(byte* path, byte* name, byte* value, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint llistxattr(byte* path, byte* list, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int lsetxattr(byte* path, byte* name, byte* value, nuint size, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int lremovexattr(byte* path, byte* name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int renameat2(int from, byte* old, int to, byte* name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int linkat(int from, byte* old, int to, byte* name, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mknodat(int directory, byte* name, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmodat(int directory, byte* name, uint mode, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchownat(int directory, byte* name, uint owner, uint group, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int utimensat(int directory, byte* name, long* times, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(int file, long offset, int whence);

    // The libc declares a third, variadic argument, which is passed as any other.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int file, ulong request, int argument);

    /// <summary>struct statx of statx(2), whose layout is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxAll
    {
        [FieldOffset(0)] public uint Mask;
        [FieldOffset(16)] public uint Links;
        [FieldOffset(20)] public uint Owner;
        [FieldOffset(24)] public uint Group;
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(40)] public ulong Size;
        [FieldOffset(80)] public long BornSeconds;
        [FieldOffset(88)] public uint BornNanoseconds;
        [FieldOffset(96)] public long ChangedSeconds;
        [FieldOffset(104)] public uint ChangedNanoseconds;
        [FieldOffset(112)] public long ModifiedSeconds;
        [FieldOffset(120)] public uint ModifiedNanoseconds;
        [FieldOffset(128)] public uint RawMajor;
        [FieldOffset(132)] public uint RawMinor;
        [FieldOffset(136)] public uint DevMajor;
        [FieldOffset(140)] public uint DevMinor;
    }
}
