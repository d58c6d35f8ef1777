using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Landlock.Linux;

/// <summary>What another process's paths, descriptors and sockets are, as /proc and the filesystem tell it.</summary>
internal static unsafe partial class ProcessFiles
{
    private const int AtFdCwd = -100, PathOnly = 0x20_0000, CloseOnExec = 0x8_0000, NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint TypeOnly = 1; // STATX_TYPE
    private const ulong ResolveInRoot = 0x10;
    private const int PathMax = 4096;

    /// <summary>Where a symbolic link leads; null if there is none.</summary>
    public static string? ReadLink(string path) => PosixEntry.ReadLink(path) is { Length: > 0 } target ? target : null;

    /// <summary>The path of whatever is at a path, symbolic links followed; null if nothing is.</summary>
    public static string? Canonical(string path)
    {
        Span<byte> name = stackalloc byte[PathMax + 1];
        int descriptor;
        fixed (byte* bytes = Terminated(path, name)) descriptor = openat(AtFdCwd, bytes, PathOnly | CloseOnExec, 0);
        return descriptor < 0 ? null : NameOf(descriptor);
    }

    /// <summary>The same, as a process with another root directory sees it; the answer is a path of this process.</summary>
    /// <param name="root">Its root directory, such as /proc/PID/root.</param>
    /// <param name="path">An absolute path there.</param>
    public static string? CanonicalIn(string root, string path)
    {
        Span<byte> name = stackalloc byte[PathMax + 1];
        int directory, descriptor;
        fixed (byte* bytes = Terminated(root, name)) directory = openat(AtFdCwd, bytes, PathOnly | CloseOnExec, 0);
        if (directory < 0) return null;
        ulong* how = stackalloc ulong[3];
        (how[0], how[1], how[2]) = (PathOnly | CloseOnExec, 0, ResolveInRoot);
        fixed (byte* bytes = Terminated(path, name))
            descriptor = Syscalls.OpenAt2(directory, bytes, how);
        _ = Syscalls.Close(directory);
        return descriptor < 0 ? null : NameOf(descriptor);
    }

    /// <summary>What a path is; symbolic links are not followed.</summary>
    public static EntryKind Kind(string path)
    {
        byte* buffer = stackalloc byte[256];
        Span<byte> name = stackalloc byte[PathMax + 1];
        fixed (byte* bytes = Terminated(path, name))
        {
            if (statx(AtFdCwd, bytes, NoFollow, TypeOnly, buffer) != 0) return EntryKind.Missing;
        }

        return (*(ushort*)(buffer + 28) >> 12) switch
        {
            1 => EntryKind.Fifo,
            2 => EntryKind.CharacterDevice,
            4 => EntryKind.Directory,
            6 => EntryKind.BlockDevice,
            10 => EntryKind.SymbolicLink,
            12 => EntryKind.Socket,
            _ => EntryKind.File,
        };
    }

    /// <summary>Type and protocol of another process's socket (Linux 5.6); null if it is none, or cannot be had.</summary>
    /// <param name="process">The process.</param>
    /// <param name="descriptor">The descriptor there.</param>
    /// <param name="isHidden">Whether it cannot be had, of whatever is there.</param>
    public static (int Type, int Protocol)? Socket(int process, int descriptor, out bool isHidden)
    {
        const long pidfdGet = 438;
        const int socketLevel = 1, typeOption = 3, protocolOption = 38;
        int handle = Syscalls.OpenProcess(process);
        int copy = handle < 0 ? -1 : (int)syscall(pidfdGet, handle, descriptor, 0, 0);
        isHidden = copy < 0 && Syscalls.LastError is Errno.EPERM or Errno.ENOSYS;
        if (handle >= 0) _ = Syscalls.Close(handle);
        if (copy < 0) return null;
        int type = 0, protocol = 0;
        uint size = sizeof(int);
        bool known = getsockopt(copy, socketLevel, typeOption, &type, &size) == 0
            && getsockopt(copy, socketLevel, protocolOption, &protocol, &size) == 0;
        _ = Syscalls.Close(copy);
        return known ? (type, protocol) : null;
    }

    /// <summary>The number behind a word in a file of /proc; null if there is none.</summary>
    public static int? Number(string file, string word)
    {
        try
        {
            foreach (string line in File.ReadLines(file))
                if (line.StartsWith(word, StringComparison.Ordinal))
                    return int.Parse(line.AsSpan(word.Length).Trim(), CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            // It is gone already.
        }

        return null;
    }

    /// <summary>What a process is called (proc_pid_comm(5)); null if it is gone.</summary>
    public static string? Name(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").TrimEnd('\n');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? NameOf(int descriptor)
    {
        string? name = ReadLink($"/proc/self/fd/{descriptor}");
        _ = Syscalls.Close(descriptor);
        return name is not null && name.StartsWith('/') && !name.EndsWith(" (deleted)", StringComparison.Ordinal) ? name : null;
    }

    private static ReadOnlySpan<byte> Terminated(string path, Span<byte> buffer)
    {
        if (path.Length * 3 < buffer.Length && !path.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            int length = Encoding.UTF8.GetBytes(path, buffer);
            buffer[length] = 0;
            return buffer;
        }

        return PosixText.Terminated(path);
    }

    [LibraryImport("libc")]
    private static partial int openat(int directory, byte* path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int statx(int directory, byte* path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc")]
    private static partial int getsockopt(int socket, int level, int option, void* value, uint* size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, nint a, nint b, nint c, nint d);
}
