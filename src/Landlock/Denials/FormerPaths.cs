using Landlock.Linux;
using Landlock.Tracing;

namespace Landlock.Denials;

/// <summary>
/// Finds paths that are no longer what they were when they were accessed. A trace has them without links; one that leads elsewhere now has
/// got a link on its way since, and the answer for where it leads would not be about what was denied.
/// </summary>
internal sealed class FormerPaths
{
    // Real directories that were found to be as they were.
    private readonly HashSet<string> _same = new(StringComparer.Ordinal);

    /// <summary>What a path was; null where it still is what it was, or is gone.</summary>
    public FormerPath? Find(AccessRecord record)
    {
        // Entries of processes come and go, and some are links that lead where no path does.
        if (!record.Path.StartsWith('/') || record.Path.StartsWith("/proc/", StringComparison.Ordinal)) return null;
        // What is removed or moved may be a link itself.
        string path = (record.Access & ~AccessRecord.OnParent) == 0 ? PosixText.Parent(record.Path) : record.Path;
        string kept = path, changed = "";
        while (kept != "/" && !IsSame(kept, ref changed)) kept = PosixText.Parent(kept);
        if (changed.Length == 0) return null;
        string now = PosixFile.RealPath(changed) is { } real ? $"'{PosixText.Printable(real)}'" : "nothing that is there";
        return new FormerPath(kept,
            $"When it was denied '{PosixText.Printable(changed)}' was no link; it leads to {now} now, and this is about what it was then.");
    }

    // What is not there any more says nothing; what is above it may.
    private bool IsSame(string path, ref string changed)
    {
        if (_same.Contains(path)) return true;
        string? real = PosixFile.RealPath(path);
        if (real == path)
        {
            _same.Add(path);
            return true;
        }

        if (real is not null || PosixEntry.Look(path, follow: false).Error == Errno.None) changed = path;
        return false;
    }
}

/// <summary>A path that has changed since.</summary>
/// <param name="Kept">The longest part of it that has not.</param>
/// <param name="Note">What it was, as a sentence.</param>
internal sealed record FormerPath(string Kept, string Note);
