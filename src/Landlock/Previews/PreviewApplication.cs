using Landlock.Linux;
using Landlock.Sandboxes.Previewing;

namespace Landlock.Previews;

/// <summary>
/// Applies changes, each as a whole or not at all: what is new takes the place of what is there by one rename(2). What was applied is no
/// part of the preview any more, so that whatever stops in between, the rest is still there.
/// </summary>
internal sealed class PreviewApplication : IDisposable
{
    private const string Changed = "it was changed since it was looked at";

    private readonly PreviewRecord _record;
    private readonly string _directory;
    private readonly PreviewJournal _journal;
    private readonly bool _force;
    private readonly Dictionary<int, (OpenTree Upper, OpenTree Lower)?> _trees = [];

    // Directories that get their time when everything in them is done.
    private readonly SortedDictionary<(int Overlay, string Inner), EntryDetails> _touched =
        new(Comparer<(int Overlay, string Inner)>.Create(static (a, b) => a.Overlay != b.Overlay ? a.Overlay.CompareTo(b.Overlay)
            : string.CompareOrdinal(b.Inner, a.Inner)));

    /// <summary>Prepares to apply changes.</summary>
    /// <param name="directory">The directory of the preview.</param>
    /// <param name="record">What was covered.</param>
    /// <param name="force">Whether changes are applied as well that need it.</param>
    public PreviewApplication(string directory, PreviewRecord record, bool force) =>
        (_directory, _record, _force, _journal) = (directory, record, force, new PreviewJournal(directory));

    /// <summary>Applies changes, in the order that they need, and says what became of each.</summary>
    public IEnumerable<PreviewResult> Apply(IReadOnlyList<PreviewChange> changes) =>
        InOrder(changes).Select(change => new PreviewResult(change, Apply(change)));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((OpenTree Upper, OpenTree Lower)? trees in _trees.Values)
        {
            trees?.Upper.Dispose();
            trees?.Lower.Dispose();
        }

        _journal.Dispose();
    }

    // First what is in the way, then directories, what moves out of those that go, those that go, and the rest.
    private static IEnumerable<PreviewChange> InOrder(IReadOnlyList<PreviewChange> changes)
    {
        foreach (PreviewChange change in changes.Where(change => change is { Kind: PreviewChangeKind.Removed } && !IsDirectory(change)))
            yield return change;
        foreach (PreviewChange change in changes.Where(change => change.Kind == PreviewChangeKind.Added && IsDirectory(change)))
            yield return change;
        foreach (PreviewChange change in changes.Where(change => change.Kind == PreviewChangeKind.Moved)) yield return change;
        foreach (PreviewChange change in changes.Where(change => change.Kind == PreviewChangeKind.Removed && IsDirectory(change)).Reverse())
            yield return change;
        foreach (PreviewChange change in changes.Where(change => !IsDirectory(change)
            && change.Kind is not (PreviewChangeKind.Removed or PreviewChangeKind.Moved)))
        {
            yield return change;
        }

        foreach (PreviewChange change in changes.Where(change => change.Kind == PreviewChangeKind.Mode && IsDirectory(change)).Reverse())
            yield return change;
    }

    private static bool IsDirectory(PreviewChange change) => (change.After ?? change.Before)?.Kind == PreviewEntryKind.Directory;

    private string? Apply(PreviewChange change)
    {
        if (change.Conflict is { } conflict) return conflict;
        if (change.NeedsForce is { } reason && !_force) return $"{reason}; -Force (--force) applies it";
        if (change.After is { Kind: PreviewEntryKind.Socket }) return "a socket is of use only to the program that made it";
        if (Trees(change.Overlay) is not { } trees) return "what was covered is not there any more, or is another one";
        if (trees.Lower.Around(Below(change), out string name) is not { } lower)
            return "the directory that it is in is not there: apply that as well";
        EntryDetails? now = lower.Details(name);
        // A directory changes when something in it does.
        bool isAsSeen = change.Kind is PreviewChangeKind.Added or PreviewChangeKind.Moved || change.Lower is null ? now is null
            : now is { } there && change.Lower is { } seen && (IsDirectory(change)
                ? (there.Identity, there.Mode, there.Owner, there.Group) == (seen.Identity, seen.Mode, seen.Owner, seen.Group)
                : there with { Links = 0 } == seen with { Links = 0 });
        if (!isAsSeen && !(change is { Kind: PreviewChangeKind.Link, OldInner: not null, Lower: null } && now is null)) return Changed;
        Note(change.Overlay, change.Inner);
        if (change.OldInner is { } old) Note(change.Overlay, old);
        return change.Kind switch
        {
            PreviewChangeKind.Removed => Remove(change, trees, lower, name),
            PreviewChangeKind.Moved => Move(change, trees, lower, name),
            PreviewChangeKind.Link when change.OldInner is not null => Link(change, trees, lower, name),
            PreviewChangeKind.Mode or PreviewChangeKind.Time => Set(change, trees, lower, name),
            PreviewChangeKind.Added when IsDirectory(change) => Make(change, trees, lower, name),
            _ => Put(change, trees, lower, name),
        };
    }

    private static string? Remove(PreviewChange change, (OpenTree Upper, OpenTree Lower) trees, DirectoryHandle lower, string name)
    {
        Errno error = lower.RemoveEntry(name, IsDirectory(change));
        if (error == (Errno)39) return "something is in it that the preview does not remove"; // ENOTEMPTY
        if (error != Errno.None) return Text(error);
        trees.Lower.Forget();
        Forget(trees, change.Inner, whiteout: true);
        return null;
    }

    private string? Move(PreviewChange change, (OpenTree Upper, OpenTree Lower) trees, DirectoryHandle lower, string name)
    {
        // Another tree, since one keeps a single way open.
        if (Root(change.Overlay) is not { } root) return Changed;
        using OpenTree from = new(root);
        if (from.Around(change.OldInner!, out string oldName) is not { } old || old.Details(oldName) != change.Lower) return Changed;
        // The file itself, unless something of it has changed as well.
        if (trees.Upper.Around(Above(change), out string upperName) is not { } upper || upper.Details(upperName) is not { } moved
            || change.Lower is not { } seen) return Changed;
        Errno error = PreviewScan.IsSameEntry(upper, upperName, moved, old, oldName, seen)
            ? old.MoveTo(oldName, lower, name, replace: false) : Errno.EXDEV;
        if (error == Errno.EXDEV) return Put(change, trees, lower, name);
        if (error != Errno.None) return Text(error);
        Forget(trees, change.Inner, whiteout: false);
        Forget(trees, change.OldInner!, whiteout: true);
        return null;
    }

    private string? Link(PreviewChange change, (OpenTree Upper, OpenTree Lower) trees, DirectoryHandle lower, string name)
    {
        if (Root(change.Overlay) is not { } root) return Changed;
        using OpenTree from = new(root);
        if (from.Around(change.OldInner!, out string first) is not { } around || around.Details(first) is not { } found
            || found.Size != change.Upper?.Size || found.Modified != change.Upper?.Modified)
        {
            return "the file that it is another name of is not there: apply that as well";
        }

        Errno error = around.LinkTo(first, lower, name);
        if (error != Errno.None) return Text(error);
        Forget(trees, change.Inner, whiteout: false);
        return null;
    }

    private string? Set(PreviewChange change, (OpenTree Upper, OpenTree Lower) trees, DirectoryHandle lower, string name)
    {
        if (trees.Upper.Around(Above(change), out string upperName) is not { } upper || upper.Details(upperName) is not { } details)
            return Changed;
        Errno error = EntryCopy.Attributes(upper, upperName, details, lower, name);
        if (error != Errno.None) return Text(error);
        if (!IsDirectory(change)) _ = upper.RemoveEntry(upperName, isDirectory: false);
        return null;
    }

    private string? Make(PreviewChange change, (OpenTree Upper, OpenTree Lower) trees, DirectoryHandle lower, string name)
    {
        if (trees.Upper.Around(Above(change), out string upperName) is not { } upper || upper.Details(upperName) is not { } details)
            return Changed;
        string made = _journal.Making(change);
        Errno error = lower.MakeDirectory(made);
        if (error == Errno.None) error = EntryCopy.Attributes(upper, upperName, details, lower, made);
        if (error == Errno.None) error = lower.MoveTo(made, lower, name, replace: false);
        if (error != Errno.None) _ = lower.RemoveEntry(made, isDirectory: true);
        return error == Errno.None ? null : Text(error);
    }

    // A file with new content, or whatever else is no directory.
    private string? Put(PreviewChange change, (OpenTree Upper, OpenTree Lower) trees, DirectoryHandle lower, string name)
    {
        if (trees.Upper.Around(Above(change), out string upperName) is not { } upper || upper.Details(upperName) is not { } details)
            return Changed;
        foreach (string attribute in upper.Attributes(upperName).Where(EntryCopy.IsOfOverlay))
        {
            _ = upper.RemoveAttribute(upperName, attribute);
        }

        bool isNew = change.Lower is null || change.Kind == PreviewChangeKind.Moved;
        string? result = isNew ? PutNew(change, upper, upperName, details, lower, name)
            : Replace(change, upper, upperName, details, lower, name);
        if (result is null && change is { Kind: PreviewChangeKind.Moved, OldInner: { } old, Lower: { } seen })
        {
            if (Root(change.Overlay) is not { } root) return null;
            using OpenTree from = new(root);
            if (from.Around(old, out string oldName) is { } around && around.Details(oldName) == seen
                && around.RemoveEntry(oldName, isDirectory: false) == Errno.None)
            {
                Forget(trees, old, whiteout: true);
            }
        }

        return result;
    }

    private string? PutNew(PreviewChange change, DirectoryHandle upper, string upperName, EntryDetails details, DirectoryHandle lower,
        string name)
    {
        // A file that is covered alone, and one with several names, stay where they are until the end.
        Errno error = upper.MoveTo(upperName, lower, name, replace: false);
        if (error != Errno.EXDEV) return error == Errno.None ? null : Text(error);
        string made = _journal.Making(change);
        error = EntryCopy.Any(upper, upperName, details, lower, made);
        if (error == Errno.None) error = lower.MoveTo(made, lower, name, replace: false);
        if (error != Errno.None)
        {
            _ = lower.RemoveEntry(made, isDirectory: false);
            return Text(error);
        }

        _ = upper.RemoveEntry(upperName, isDirectory: false);
        return null;
    }

    // Both exchange their names, and what comes out has to be what was seen.
    private string? Replace(PreviewChange change, DirectoryHandle upper, string upperName, EntryDetails details, DirectoryHandle lower,
        string name)
    {
        EntryDetails seen = change.Lower!.Value;
        _journal.Exchanging(change, seen.Identity);
        Errno error = upper.Exchange(upperName, lower, name);
        if (error == Errno.EXDEV)
        {
            string made = _journal.Making(change);
            error = EntryCopy.Any(upper, upperName, details, lower, made);
            if (error == Errno.None) error = lower.Exchange(made, lower, name);
            if (error == Errno.None && !IsStill(lower.Details(made), seen))
            {
                _ = lower.Exchange(made, lower, name);
                _ = lower.RemoveEntry(made, isDirectory: false);
                return Changed;
            }

            _ = lower.RemoveEntry(made, isDirectory: false);
            if (error == Errno.None) _ = upper.RemoveEntry(upperName, isDirectory: false);
            return error == Errno.None ? null : Text(error);
        }

        if (error != Errno.None) return Text(error);
        if (!IsStill(upper.Details(upperName), seen))
        {
            _ = upper.Exchange(upperName, lower, name);
            return Changed;
        }

        _ = upper.RemoveEntry(upperName, isDirectory: false);
        return null;
    }

    // A rename changes the time of the change itself.
    private static bool IsStill(EntryDetails? now, EntryDetails seen) => now is { } there
        && (there.Identity, there.Size, there.Modified, there.Mode) == (seen.Identity, seen.Size, seen.Modified, seen.Mode);

    // Takes what was applied out of the preview.
    private static void Forget((OpenTree Upper, OpenTree Lower) trees, string inner, bool whiteout)
    {
        if (trees.Upper.Around(inner, out string name) is not { } upper || upper.Details(name) is not { } details) return;
        if (details.Kind != EntryKind.Directory && (!whiteout || details.IsWhiteout)) _ = upper.RemoveEntry(name, isDirectory: false);
    }

    // The time that the command has left in the directory around, before something is taken out of that.
    private void Note(int overlay, string inner)
    {
        int slash = inner.LastIndexOf('/');
        string around = slash < 0 ? "" : inner[..slash];
        if (inner.Length == 0 || _touched.ContainsKey((overlay, around)) || Trees(overlay) is not { } trees) return;
        if (trees.Upper.Around(around, out string name) is { } upper && upper.Details(name) is { Kind: EntryKind.Directory } details)
            _touched[(overlay, around)] = details;
    }

    /// <summary>Gives directories the times that the command has left there.</summary>
    /// <param name="isAll">Whether nothing is left in the preview: then also those where it has only come and gone.</param>
    public void Finish(bool isAll)
    {
        for (int i = 0; isAll && i < _record.Overlays.Length; i++)
            if (!_record.Overlays[i].IsFile && Trees(i) is { } covered) NoteRest(i, covered.Upper, "", 0);
        // The deepest first: each change of a directory changes the time of the one around.
        foreach (((int overlay, string inner), EntryDetails details) in _touched)
        {
            if (Trees(overlay) is not { } trees) continue;
            if (trees.Lower.Around(inner, out string name) is { } lower && lower.Details(name) is { Kind: EntryKind.Directory })
                _ = lower.SetModified(name, details.Modified);
            // Nothing is left of it in the preview, or it stays there.
            trees.Upper.Forget();
            if (inner.Length > 0 && trees.Upper.Around(inner, out string upperName) is { } upper)
                _ = upper.RemoveEntry(upperName, isDirectory: true);
        }
    }

    // Directories that the command has changed and left as they were: what is left of them is their time.
    private void NoteRest(int overlay, OpenTree upper, string inner, int depth)
    {
        if (depth > OpenTree.Deepest || upper.Around(inner, out string name) is not { } around
            || (name == "." ? around : around.EnterInside(name)) is not { } directory) return;
        List<string> directories = [.. directory.List().Where(entry => directory.Details(entry) is { Kind: EntryKind.Directory })];
        if (directory != around) directory.Dispose();
        foreach (string entry in directories)
        {
            string path = inner.Length == 0 ? entry : $"{inner}/{entry}";
            if (upper.Around(path, out string last) is { } place && place.Details(last) is { } details)
                _ = _touched.TryAdd((overlay, path), details);
            NoteRest(overlay, upper, path, depth + 1);
        }
    }

    private (OpenTree Upper, OpenTree Lower)? Trees(int overlay)
    {
        if (_trees.TryGetValue(overlay, out (OpenTree, OpenTree)? known)) return known;
        (OpenTree, OpenTree)? trees = null;
        if (Root(overlay) is { } lower)
        {
            if (DirectoryHandle.OpenUnchanged(_record.Overlays[overlay].UpperRoot(_directory, overlay)) is { } place)
                trees = (new OpenTree(place), new OpenTree(lower));
            else lower.Dispose();
        }

        return _trees[overlay] = trees;
    }

    private DirectoryHandle? Root(int overlay)
    {
        RecordedOverlay covered = _record.Overlays[overlay];
        DirectoryHandle? root = DirectoryHandle.OpenUnchanged(covered.Root);
        if (root is null || covered.IsFile || _record.IsStill(covered, root.Identity)) return root;
        root.Dispose();
        return null;
    }

    private string Above(PreviewChange change) => _record.Overlays[change.Overlay].Above(change.Inner);

    private string Below(PreviewChange change) => _record.Overlays[change.Overlay].Below(change.Inner);

    private static string Text(Errno error) => ErrnoText.Describe(error);
}
