using System.Globalization;
using Landlock.Kernel;

namespace Landlock.Policies.Profiles;

/// <summary>
/// Directories for the temporary files of one process: made fresh by landlock-exec, for the user alone, and removed once the process is
/// gone. The process cannot do that itself, since the command takes its place.
/// </summary>
public static class ScratchDirectory
{
    private const string Prefix = "landlockps-";

    /// <summary>
    /// What stands in a path for the name of a process, until landlock-exec fills it in: id, start and PID namespace of the process, and
    /// something nobody can guess.
    /// </summary>
    public const string Unnamed = "0000000000.0000000000000000.0000000000-00000000000000000";

    internal static ReadOnlySpan<byte> UnnamedBytes => "0000000000.0000000000000000.0000000000-00000000000000000"u8;

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
        Errno error = DirectoryHandle.MakePrivate(path);
        if (error is Errno.None or Errno.EEXIST) return path;
        throw new IOException($"mkdir: {ErrnoText.Describe(error)}");
    }

    /// <summary>Removes the directories of this user whose process is certainly gone. What cannot be removed stays for the next time.</summary>
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

    /// <summary>
    /// Whether the process of a directory still runs; null if the path is none of a directory that was made for a process, or if that cannot be
    /// told from here: containers that share the directory have processes of their own, and a sandbox may not look at those outside.
    /// </summary>
    internal static bool? IsUsed(string path)
    {
        string[] parts = Path.GetFileName(path).Split('-');
        if (parts.Length < 5) return null;
        string[] owner = parts[^2].Split('.');
        if (owner.Length != 3 || !int.TryParse(owner[0], NumberStyles.None, CultureInfo.InvariantCulture, out int process)
            || !ulong.TryParse(owner[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong space)) return null;
        if (space != ProcessNamespace.Number()) return null;
        if (ProcessStatus.IsGone(process)) return false;
        return ProcessStatus.Of(process) is not { } status ? null
            : !status.HasEnded && status.Start.ToString(CultureInfo.InvariantCulture) == owner[1].TrimStart('0');
    }

    /// <summary>
    /// Removes a directory with everything in it, however deep it is and whatever its modes are. No link is followed, also not one that
    /// somebody puts there meanwhile: what is left of a sandbox must not have files removed outside of it.
    /// </summary>
    public static void Remove(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using (DirectoryHandle? top = DirectoryHandle.Open(path))
        {
            if (top is not null && top.Owner != CurrentUser.Id) return;
            int moved = 0;
            while (top is not null && Empty(top, top, ref moved))
            {
                // What was too deep is further up now.
            }
        }

        _ = DirectoryHandle.Remove(path);
    }

    // Removes what is in a directory; a directory in it that is not empty goes up to the top instead, so that no depth takes more stack or
    // descriptors than two levels. True if something happened.
    private static bool Empty(DirectoryHandle directory, DirectoryHandle top, ref int moved)
    {
        bool changed = false;
        foreach (string entry in directory.List())
        {
            if (directory.RemoveInside(entry)) changed = true;
            else if (directory == top) changed |= RemoveTree(top, entry, ref moved);
            else changed |= MoveUp(directory, entry, top, ref moved);
        }

        return changed;
    }

    private static bool RemoveTree(DirectoryHandle top, string name, ref int moved)
    {
        using DirectoryHandle? directory = top.OpenInside(name);
        bool changed = directory is not null && Empty(directory, top, ref moved);
        return top.RemoveInside(name) || changed;
    }

    private static bool MoveUp(DirectoryHandle from, string name, DirectoryHandle top, ref int moved)
    {
        // A directory can be moved by those only who may write into it, which opening it sees to.
        from.OpenInside(name)?.Dispose();
        for (int attempt = 0; attempt < 100; attempt++)
        {
            if (from.MoveInside(name, top, $"{Prefix}{moved++}")) return true;
        }

        return false;
    }

    private static string Parent(Func<string, string?> environment) => environment("TMPDIR") is { } path && path.StartsWith('/') ? path : "/tmp";
}
