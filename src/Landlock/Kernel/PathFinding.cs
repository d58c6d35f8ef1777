using System.Globalization;

namespace Landlock.Kernel;

/// <summary>Tells the real path of an open file.</summary>
internal static class PathFinding
{
    private const string Deleted = " (deleted)";
    private const string Self = "/proc/self", ThreadSelf = "/proc/thread-self";

    /// <summary>The path that leads to an open file without a link; null if there is none.</summary>
    /// <param name="descriptor">The open file.</param>
    /// <param name="path">The path that it was opened by.</param>
    /// <param name="identity">Its identity.</param>
    public static string? RealPath(int descriptor, string path, FileIdentity identity)
    {
        string? real = PosixEntry.ReadLink(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor}"));
        if (real is not null && !real.EndsWith(Deleted, StringComparison.Ordinal)) return real.StartsWith('/') ? real : null;
        // A name can end like that, too. Without /proc the path is followed once more, which has to lead to the same file.
        real ??= PosixFile.RealPath(path);
        return real is not null && PosixEntry.Look(real, follow: false) is { Error: Errno.None } there && there.Identity == identity ? real : null;
    }

    /// <summary>The same in the words by which each process finds its own directory in /proc; null if the path is not in this process's.</summary>
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

    private static bool IsBeneath(string path, string directory) => path.StartsWith(directory, StringComparison.Ordinal) && (path.Length == directory.Length || path[directory.Length] == '/');
}
