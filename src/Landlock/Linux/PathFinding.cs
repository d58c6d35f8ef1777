using System.Globalization;

namespace Landlock.Linux;

/// <summary>Tells the real path of an open file.</summary>
internal static class PathFinding
{
    private const string Self = "/proc/self", ThreadSelf = "/proc/thread-self";

    /// <summary>The device of proc(5); null if it is not mounted.</summary>
    public static ulong? ProcDevice { get; } = PosixEntry.IsProc("/proc") ? PosixFile.Stat("/proc")?.Device : null;

    /// <summary>What the kernel calls an open file: its path, or what it is, if it has none; null without /proc.</summary>
    public static string? NameOf(int descriptor) =>
        PosixEntry.ReadLink(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor}"));

    /// <summary>The path that leads to an open file without a link; null if there is none.</summary>
    /// <param name="real">What the kernel calls it.</param>
    /// <param name="path">The path that it was opened by.</param>
    /// <param name="identity">Its identity.</param>
    public static string? RealPath(string? real, string path, FileIdentity identity)
    {
        // Without /proc the path is followed once more. What the kernel says need not be a path from here: a pipe has none, a deleted file
        // has one with a word behind it, and in another mount namespace the same path leads elsewhere.
        real ??= PosixFile.RealPath(path);
        if (real == path) return real;
        return real is not null && real.StartsWith('/') && PosixEntry.Look(real, follow: false) is { Error: Errno.None } there
            && there.Identity == identity
            ? real : null;
    }

    /// <summary>
    /// The same in the words by which each process finds its own directory in /proc; null if the path is not in this process's.
    /// </summary>
    /// <param name="real">The real path.</param>
    /// <param name="path">What was written: who writes the number of this process means this process.</param>
    public static string? Own(string real, string path) =>
        Own(real, path, ThreadSelf) ?? Own(real, path, Self);

    private static string? Own(string real, string path, string link)
    {
        if (PosixEntry.ReadLink(link) is not { } target) return null;
        string directory = "/proc/" + target;
        return IsBeneath(real, directory) && !IsBeneath(path, directory) ? link + real[directory.Length..] : null;
    }

    private static bool IsBeneath(string path, string directory) =>
        path.StartsWith(directory, StringComparison.Ordinal) && (path.Length == directory.Length || path[directory.Length] == '/');
}
