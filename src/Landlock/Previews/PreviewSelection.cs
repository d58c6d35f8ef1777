using System.Collections.Immutable;
using Landlock.Rulesets;

namespace Landlock.Previews;

/// <summary>Some of the changes of a preview, by their paths.</summary>
public static class PreviewSelection
{
    /// <summary>
    /// The changes of paths and of what is beneath them, with what those need: the directories that they are in, if those are new, and for
    /// another name of a file that file.
    /// </summary>
    /// <param name="changes">All changes.</param>
    /// <param name="paths">Absolute paths; none = all.</param>
    /// <exception cref="PreviewException">Nothing was changed at a path.</exception>
    public static ImmutableArray<PreviewChange> Of(ImmutableArray<PreviewChange> changes, IReadOnlyCollection<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0) return changes;
        HashSet<PreviewChange> chosen = [];
        foreach (string path in paths)
        {
            PreviewChange[] found = [.. changes.Where(change => PathRule.IsBeneath(change.Path, path)
                || (change.Kind == PreviewChangeKind.Moved && PathRule.IsBeneath(change.OldPath!, path)))];
            if (found.Length == 0)
                throw new PreviewException($"The preview changes nothing at '{PosixText.Printable(path)}'. See its changes: "
                    + "landlocked preview show, or Get-LandlockChange.");
            chosen.UnionWith(found);
        }

        // A file that takes the place of a directory, or the other way round, goes with what was there.
        HashSet<string> changed = [.. chosen.Select(change => change.Path)];
        return Needed(changes, changes.Where(change => changed.Contains(change.Path)).Select(change => (change.Kind, change.Path)));
    }

    /// <summary>
    /// Changes that were chosen one by one, with what they need: the new directories that they are in, and for another name of a file that
    /// file. A directory does not take along what is in it.
    /// </summary>
    internal static ImmutableArray<PreviewChange> Needed(ImmutableArray<PreviewChange> changes,
        IEnumerable<(PreviewChangeKind Kind, string Path)> chosen)
    {
        HashSet<(PreviewChangeKind, string)> wanted = [.. chosen];
        HashSet<string> around = new(StringComparer.Ordinal);
        foreach (PreviewChange change in changes.Where(change => wanted.Contains((change.Kind, change.Path))))
        {
            if (change is { Kind: PreviewChangeKind.Link, OldPath: { } first }) Note(first);
            Note(PosixText.Parent(change.Path));
        }

        return [.. changes.Where(change => wanted.Contains((change.Kind, change.Path))
            || (change.Kind == PreviewChangeKind.Added && around.Contains(change.Path)))];

        // What is around one directory is noted with that.
        void Note(string path)
        {
            for (; path.Length > 1 && around.Add(path);) path = PosixText.Parent(path);
        }
    }
}
