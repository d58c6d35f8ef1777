using System.Globalization;
using System.Runtime.InteropServices;
using Landlock.Kernel;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Policies.Profiles;

/// <summary>
/// Directories for the temporary files of one process: made fresh by landlock-exec, for the user alone, and removed once the process is
/// gone. The process cannot do that itself, since the command takes its place.
/// </summary>
public static unsafe partial class ScratchDirectory
{
    private const string Prefix = "landlockps-";
    private const int AtFdCwd = -100;
    private const int RemoveDirectory = 0x200; // AT_REMOVEDIR
    private const int PathOnly = 0x200000; // O_PATH
    private const int DirectoryFlags = 0x80000; // O_RDONLY | O_CLOEXEC; O_DIRECTORY and O_NOFOLLOW differ between architectures

    /// <summary>
    /// What stands in a path for the name of a process, until landlock-exec fills it in: id and start of the process, and something nobody
    /// can guess.
    /// </summary>
    public const string Unnamed = "0000000000.0000000000000000-000000000000";

    internal static ReadOnlySpan<byte> UnnamedBytes => "0000000000.0000000000000000-000000000000"u8;

    /// <summary>The path of a directory for a process that does not exist yet.</summary>
    /// <param name="environment">Environment variables by name; TMPDIR says where.</param>
    /// <param name="name">A name to tell directories apart by.</param>
    public static string PathFor(Func<string, string?> environment, string name)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(name);
        return $"{Parent(environment).TrimEnd('/')}/{Prefix}{CurrentUser.Id}-{name}-{Unnamed}";
    }

    /// <summary>Makes a directory for this user alone, with its parents; one that is there stays as it is.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    internal static string MakePrivate(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Errno error = Make(path);
        if (error is Errno.None or Errno.EEXIST) return path;
        throw new IOException($"mkdir: {ErrnoText.Describe(error)}");
    }

    /// <summary>Removes the directories of this user whose process is gone. What cannot be removed stays for the next time.</summary>
    /// <returns>How many directories are still in use.</returns>
    public static int Sweep(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        int used = 0;
        string parent = Parent(environment);
        string mine = $"{Prefix}{CurrentUser.Id}-";
        try
        {
            foreach (string path in Directory.EnumerateDirectories(parent, mine + "*"))
            {
                if (IsUsed(path) is not { } isUsed) continue;
                if (isUsed) used++;
                else Remove(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing to be done about it here.
        }

        return used;
    }

    /// <summary>Whether the process of a directory still runs; null if the path is none of a directory that was made for a process.</summary>
    internal static bool? IsUsed(string path)
    {
        string[] parts = Path.GetFileName(path).Split('-');
        if (parts.Length < 5) return null;
        string[] owner = parts[^2].Split('.');
        if (owner.Length != 2 || !int.TryParse(owner[0], NumberStyles.None, CultureInfo.InvariantCulture, out int process)) return null;
        return StartTime(process) == owner[1].TrimStart('0');
    }

    /// <summary>
    /// Removes a directory with everything in it, however deep it is and whatever its modes are. No link is followed, also not one that
    /// somebody puts there meanwhile: what is left of a sandbox must not have files removed outside of it.
    /// </summary>
    public static void Remove(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[] name = PosixText.Terminated(path);
        using (SafeFileHandle top = OpenDirectory(AtFdCwd, name))
        {
            if (!top.IsInvalid && PosixFile.Owner(Inside(top)) != CurrentUser.Id) return;
            int moved = 0;
            while (!top.IsInvalid && Empty(top, top, ref moved))
            {
                // What was too deep is further up now.
            }

            if (Unlink(AtFdCwd, name, top.IsInvalid ? 0 : RemoveDirectory) || !top.IsInvalid) return;
        }

        _ = Unlink(AtFdCwd, name, RemoveDirectory);
    }

    // Removes what is in a directory; a directory in it that is not empty goes up to the top instead, so that no depth takes more stack or
    // descriptors than two levels. True if something happened.
    private static bool Empty(SafeFileHandle directory, SafeFileHandle top, ref int moved)
    {
        bool changed = false;
        int descriptor = Number(directory);
        foreach (string entry in List(directory))
        {
            byte[] name = PosixText.Terminated(entry);
            if (Unlink(descriptor, name, 0) || Unlink(descriptor, name, RemoveDirectory)) changed = true;
            else if (directory == top) changed |= RemoveTree(top, name, ref moved);
            else changed |= MoveUp(descriptor, name, top, ref moved);
        }

        return changed;
    }

    private static bool RemoveTree(SafeFileHandle top, byte[] name, ref int moved)
    {
        using SafeFileHandle directory = OpenDirectory(Number(top), name);
        bool changed = !directory.IsInvalid && Empty(directory, top, ref moved);
        return Unlink(Number(top), name, RemoveDirectory) || changed;
    }

    private static bool MoveUp(int from, byte[] name, SafeFileHandle top, ref int moved)
    {
        // A directory can be moved by those only who may write into it.
        using (OpenDirectory(from, name))
        {
        }

        for (int attempt = 0; attempt < 100; attempt++)
        {
            fixed (byte* old = name, here = PosixText.Terminated($"{Prefix}{moved++}"))
                if (renameat(from, old, Number(top), here) == 0) return true;
        }

        return false;
    }

    private static List<string> List(SafeFileHandle directory)
    {
        try
        {
            return PosixDirectory.List(Inside(directory));
        }
        catch (KernelException)
        {
            return [];
        }
    }

    // The owner may change the mode of a directory that nobody may read.
    private static SafeFileHandle OpenDirectory(int parent, byte[] name)
    {
        fixed (byte* text = name)
        {
            using SafeFileHandle found = new(openat(parent, text, PathOnly | DirectoryFlags | NoFollow | DirectoryOnly, 0), ownsHandle: true);
            if (!found.IsInvalid && CurrentUser.Id != 0) SetMode(Inside(found));
            return new SafeFileHandle(openat(parent, text, DirectoryFlags | NoFollow | DirectoryOnly, 0), ownsHandle: true);
        }
    }

    // Where it is another user's, this fails, and so will the rest.
    private static void SetMode(string path)
    {
        fixed (byte* text = PosixText.Terminated(path)) _ = chmod(text, 0x1C0);
    }

    private static bool Unlink(int parent, byte[] name, int flags)
    {
        fixed (byte* text = name) return unlinkat(parent, text, flags) == 0;
    }

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static string Inside(SafeFileHandle handle) => $"/proc/self/fd/{Number(handle)}";

    private static Errno Make(string path)
    {
        fixed (byte* text = PosixText.Terminated(path)) return mkdir(text, 0x1C0) == 0 ? Errno.None : Syscalls.LastError;
    }

    private static int NoFollow => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    private static int DirectoryOnly => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    private static string Parent(Func<string, string?> environment) => environment("TMPDIR") is { } path && path.StartsWith('/') ? path : "/tmp";

    /// <summary>When a process started, in ticks since the machine did; null if there is no such process.</summary>
    private static string? StartTime(int process)
    {
        try
        {
            // The name, in brackets, may hold anything; the start is the 22nd field, the 20th behind it.
            string stat = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdir(byte* path, uint mode);

    // The libc declares a fourth, variadic argument; no mode is needed without O_CREAT.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int openat(int directory, byte* path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int chmod(byte* path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int renameat(int from, byte* old, int to, byte* name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlinkat(int directory, byte* path, int flags);
}
