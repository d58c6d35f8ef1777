using Landlock.Previews;

namespace LandlockPS.Previews;

/// <summary>What names a change: objects of changes may have been kept for long, or come from elsewhere.</summary>
/// <param name="Preview">The name of the preview.</param>
/// <param name="Kind">What applying it does.</param>
/// <param name="Path">The absolute path.</param>
internal readonly record struct ChosenChange(string Preview, PreviewChangeKind Kind, string Path)
{
    /// <summary>
    /// Those changes of a preview that were chosen, as they are now, with what they need: the new directories that they are in, and for
    /// another name of a file that file.
    /// </summary>
    public static PreviewChange[] Among(IReadOnlyCollection<PreviewChange> changes, IEnumerable<ChosenChange> chosen)
    {
        HashSet<(PreviewChangeKind, string)> wanted = [.. chosen.Select(one => (one.Kind, one.Path))];
        HashSet<string> around = new(StringComparer.Ordinal);
        foreach (PreviewChange change in changes.Where(change => wanted.Contains((change.Kind, change.Path))))
        {
            if (change is { Kind: PreviewChangeKind.Link, OldPath: { } first }) around.Add(first);
            // What is around one directory is noted with that.
            for (string path = PosixText.Parent(change.Path); path.Length > 1 && around.Add(path);) path = PosixText.Parent(path);
        }

        return [.. changes.Where(change => wanted.Contains((change.Kind, change.Path))
            || (change.Kind == PreviewChangeKind.Added && around.Contains(change.Path)))];
    }
}
