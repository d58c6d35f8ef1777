using System.Globalization;
using Landlock.Linux;

namespace Landlock.Sandboxes;

/// <summary>
/// Directories for the temporary files of one process: made fresh by landlock-exec, for the user alone, and removed once the process is
/// gone. The process cannot do that itself, since the command takes its place.
/// </summary>
internal static class ScratchDirectory
{
    private const string Prefix = "landlockps-";

    // In the directory around, where the command cannot write: the one that it is given, and a link that tells whose it is.
    private const string Inner = "/t";
    private const string Owner = "/owner";

    // Without a note of whose it is, one is being made, or its process was killed right then.
    private static readonly TimeSpan Unfinished = TimeSpan.FromMinutes(1);

    /// <summary>What stands in a path for the name of a directory, until landlock-exec fills in something nobody can guess.</summary>
    public const string Unnamed = "000000000000";

    /// <summary>
    /// The path of a directory for a process that does not exist yet. It is short, 30 bytes in /tmp, since programs make UNIX sockets
    /// there, whose paths may have 107.
    /// </summary>
    /// <param name="environment">Environment variables by name; TMPDIR says where.</param>
    public static string PathFor(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return $"{Parent(environment).TrimEnd('/')}/{Prefix}{Unnamed}{Inner}";
    }

    /// <summary>The directory around one for temporary files.</summary>
    internal static string Around(string path) => path[..^Inner.Length];

    /// <summary>Its name.</summary>
    internal static string NameOf(string path) => Path.GetFileName(Around(path));

    /// <summary>Where that is made.</summary>
    internal static string ParentOf(string path) => Around(path)[..^NameOf(path).Length] is { Length: > 1 } parent ? parent[..^1] : "/";

    /// <summary>The directory around the one at a path, now that it has a name; null if that is no name.</summary>
    internal static string? Named(string path, string name) => IsName(name) ? Around(path)[..^Unnamed.Length] + name : null;

    /// <summary>Whether a directory that was made is the one that a plan had no name for yet.</summary>
    /// <param name="path">The path in the plan.</param>
    /// <param name="made">The path of what was made.</param>
    internal static bool IsMadeFor(string path, string made) =>
        made.Length == path.Length && path.EndsWith(Unnamed + Inner, StringComparison.Ordinal)
            && made.EndsWith(Inner, StringComparison.Ordinal) && Named(path, Around(made)[^Unnamed.Length..]) == Around(made);

    /// <summary>
    /// Removes the directories of this user whose process is certainly gone. What cannot be removed stays for the next time.
    /// </summary>
    /// <returns>How many directories are still in use.</returns>
    public static int Sweep(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        int used = 0;
        try
        {
            foreach (string path in Directory.EnumerateDirectories(Parent(environment), Prefix + "*"))
            {
                if (!IsName(Path.GetFileName(path)[Prefix.Length..]) || PosixFile.Owner(path) != CurrentUser.Id
                    || IsUsed(path) is not { } isUsed)
                {
                    continue;
                }
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
    /// Whether the process of a directory still runs; null if the path is none of a directory that was made for a process, or
    /// if that cannot be told from here: containers that share the directory have processes of their own, and a sandbox may
    /// not look at those outside.
    /// </summary>
    /// <param name="path">The directory around the one for temporary files.</param>
    internal static bool? IsUsed(string path)
    {
        if (PosixEntry.ReadLink(path + Owner) is not { } note) return IsUnfinished(path) ? false : null;
        string[] owner = note.Split('.');
        if (owner.Length != 3 || !int.TryParse(owner[0], NumberStyles.None, CultureInfo.InvariantCulture, out int process)
            || !ulong.TryParse(owner[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong start)
            || !ulong.TryParse(owner[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong space)) return null;
        if (space != ProcessNamespace.Number()) return null;
        if (ProcessStatus.IsGone(process)) return false;
        return ProcessStatus.Of(process) is not { } status ? null : !status.HasEnded && status.Start == start;
    }

    private static bool IsUnfinished(string path) =>
        PosixFile.Stat(path) is { IsDirectory: true } status
            && (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100 - status.Changed > Unfinished.Ticks * 100
        && PosixFile.Inspect(path + Owner) == PathKind.Missing && !Directory.EnumerateFileSystemEntries(path).Any();

    private static bool IsName(string name) =>
        name.Length == Unnamed.Length && name.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'v');

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

    private static string Parent(Func<string, string?> environment) =>
        environment("TMPDIR") is { } path && path.StartsWith('/') ? path : "/tmp";
}
