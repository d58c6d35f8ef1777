using Landlock.Linux;

namespace Landlock.Learning;

/// <summary>What the learner wants to know about the filesystem as it is now.</summary>
internal interface IPathView
{
    /// <summary>Whether a path is a directory.</summary>
    bool IsDirectory(string path);

    /// <summary>How many entries there are beneath a directory; null if there are too many to count.</summary>
    int? CountBeneath(string path);
}

/// <summary>The filesystem itself.</summary>
internal sealed class PathView : IPathView
{
    private const int Most = 100_000;

    /// <inheritdoc/>
    public bool IsDirectory(string path) => PosixFile.Inspect(path) == PathKind.Directory;

    /// <inheritdoc/>
    public int? CountBeneath(string path)
    {
        EnumerationOptions options =
            new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };
        int count = 0;
        try
        {
            // Links are entries, but not followed: a rule does not follow them either.
            System.Collections.IEnumerable entries = new System.IO.Enumeration.FileSystemEnumerable<int>(path,
                static (ref System.IO.Enumeration.FileSystemEntry _) => 1, options)
            {
                ShouldRecursePredicate =
                    static (ref System.IO.Enumeration.FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
            };
            foreach (object _ in entries)
                if (++count > Most) return null;
        }
        catch (IOException)
        {
            // Gone meanwhile: what was counted is what there was.
        }

        return count;
    }
}
