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

        ILookup<string, PreviewChange> byPath = changes.ToLookup(change => change.Path, StringComparer.Ordinal);
        foreach (PreviewChange change in chosen.ToList())
        {
            if (change is { Kind: PreviewChangeKind.Link, OldPath: { } first }) chosen.UnionWith(byPath[first]);
            // A file that takes the place of a directory, or the other way round.
            chosen.UnionWith(byPath[change.Path]);
            for (string around = PosixText.Parent(change.Path); around.Length > 1; around = PosixText.Parent(around))
                chosen.UnionWith(byPath[around].Where(parent => parent.Kind == PreviewChangeKind.Added));
        }

        return [.. changes.Where(chosen.Contains)];
    }
}
