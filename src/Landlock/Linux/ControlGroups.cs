using System.Runtime.InteropServices;
using System.Text;

namespace Landlock.Linux;

/// <summary>The control groups of version 2 (cgroups(7)): where this process is, and reading and writing their files.</summary>
internal static unsafe partial class ControlGroups
{
    private const string Type = "cgroup2";

    /// <summary>Where control groups of version 2 are mounted, and the group of this process there.</summary>
    /// <param name="Root">The mount point.</param>
    /// <param name="Own">The directory of this process's group; the mount point itself or beneath it.</param>
    internal sealed record Place(string Root, string Own);

    /// <summary>Where this process is; null if no such hierarchy is mounted, or the mount does not hold this process's group.</summary>
    public static Place? Find() => Find(Read("/proc/self/cgroup"), Read("/proc/self/mountinfo"));

    /// <summary>The same, from the texts of the files.</summary>
    internal static Place? Find(string? groups, string? mounts)
    {
        // The line of version 2 is "0::/path".
        string? path = groups?.Split('\n').FirstOrDefault(line => line.StartsWith("0::/", StringComparison.Ordinal))?[3..];
        if (path is null || mounts is null || path.EndsWith(" (deleted)", StringComparison.Ordinal)) return null;
        foreach (MountEntry mount in MountTable.Parse(Encoding.UTF8.GetBytes(mounts)))
        {
            if (mount.Type != Type) continue;
            // A mount may show a part of the hierarchy only; "/.." is outside of this process's namespace.
            string shown = mount.Root.TrimEnd('/');
            string whole = path.TrimEnd('/');
            if (whole != shown && !whole.StartsWith(shown + "/", StringComparison.Ordinal)) continue;
            string rest = whole[shown.Length..];
            if (rest.Split('/').Contains("..")) continue;
            return new Place(mount.Point, mount.Point.TrimEnd('/') + rest);
        }

        return null;
    }

    /// <summary>The words of a group's file; empty if there is no such file, or it may not be read.</summary>
    public static string[] Words(string group, string file) =>
        Read($"{group}/{file}")?.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Writes to a file of a group. It is never made: one that is not there is ENOENT.</summary>
    public static Errno Write(string group, string file, string text)
    {
        byte[] path = PosixText.Terminated($"{group}/{file}"), bytes = Encoding.ASCII.GetBytes(text);
        int descriptor;
        fixed (byte* name = path) descriptor = open(name, 1 | 0x80000, 0); // O_WRONLY, O_CLOEXEC
        if (descriptor < 0) return Syscalls.LastError;
        nint count;
        fixed (byte* content = bytes) count = Syscalls.Pwrite(descriptor, content, (nuint)bytes.Length, 0);
        Errno error = count < 0 ? Syscalls.LastError : Errno.None;
        _ = Syscalls.Close(descriptor);
        return error;
    }

    /// <summary>Makes a group.</summary>
    public static Errno Make(string group)
    {
        fixed (byte* name = PosixText.Terminated(group)) return mkdir(name, 0x1ED) == 0 ? Errno.None : Syscalls.LastError;
    }

    /// <summary>Removes a group; EBUSY while processes are in it.</summary>
    public static Errno Remove(string group)
    {
        fixed (byte* name = PosixText.Terminated(group)) return rmdir(name) == 0 ? Errno.None : Syscalls.LastError;
    }

    /// <summary>Whether whoever manages the groups has marked this one as left to somebody else, as systemd does with Delegate=.</summary>
    public static bool IsMarkedAsDelegated(string group)
    {
        byte value;
        foreach (string name in (string[])["user.delegate", "trusted.delegate"])
            fixed (byte* path = PosixText.Terminated(group), attribute = PosixText.Terminated(name))
                if (getxattr(path, attribute, &value, 1) == 1 && value == (byte)'1') return true;
        return false;
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdir(byte* path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int rmdir(byte* path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint getxattr(byte* path, byte* name, void* value, nuint size);
}
