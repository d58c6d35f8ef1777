using System.Diagnostics.CodeAnalysis;
using Landlock.Linux;

namespace Landlock.Sandboxes.Needs;

/// <summary>
/// Remembers the closures of commands that are started again and again. A remembered closure is used only while every path that was looked
/// at for it, found or not, is what it was: the same inode with the same change time, or still nothing.
/// </summary>
internal static class ClosureCache
{
    private const int MaxClosures = 64;
    private const int MaxPaths = 1000;

    // A file can change twice within one tick of the kernel's clock; what changed just now is not trusted to show its next change.
    private const long SettleNanoseconds = 2_000_000_000;

    private static readonly Dictionary<(string Path, ClosureOptions Options), Remembered?> s_closures = [];

    /// <summary>As <see cref="ExecutableClosure.Find(string, ClosureOptions)"/>.</summary>
    internal static Closure Find(string path, ClosureOptions options)
    {
        (string Path, ClosureOptions Options) key = (path, options);
        bool again;
        Remembered? remembered;
        lock (s_closures) again = s_closures.TryGetValue(key, out remembered);
        if (remembered is not null && remembered.IsCurrent) return remembered.Closure;

        // Before anything is read: a change from now on is a difference.
        long now = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        Closure closure = ExecutableClosure.Find(path, options, out IReadOnlyCollection<string> lookedAt);
        // What is started once costs nothing more; only a second start is worth remembering.
        remembered = again && lookedAt.Count <= MaxPaths && Remembered.TryTake(closure, lookedAt, now, out Remembered? taken)
            ? taken
            : null;
        lock (s_closures)
        {
            if (s_closures.Count >= MaxClosures) s_closures.Clear();
            s_closures[key] = remembered;
        }

        return closure;
    }

    private sealed class Remembered(Closure closure, (string Path, FileStatus? Status)[] witnesses)
    {
        internal Closure Closure => closure;

        internal bool IsCurrent
        {
            get
            {
                foreach ((string path, FileStatus? status) in witnesses)
                    if (PosixFile.Stat(path) != status) return false;
                return true;
            }
        }

        internal static bool TryTake(Closure closure, IReadOnlyCollection<string> lookedAt, long now,
            [NotNullWhen(true)] out Remembered? remembered)
        {
            remembered = null;
            (string, FileStatus?)[] witnesses = new (string, FileStatus?)[lookedAt.Count];
            int count = 0;
            foreach (string path in lookedAt)
            {
                FileStatus? status = PosixFile.Stat(path);
                if (status is { } file && file.Changed > now - SettleNanoseconds) return false;
                witnesses[count++] = (path, status);
            }

            remembered = new Remembered(closure, witnesses);
            return true;
        }
    }
}
