using Landlock.Linux;
using Landlock.Sandboxes.Previewing;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Previews;

/// <summary>
/// Compares what overlayfs keeps of the changes with what is there: the kernel's documentation, filesystems/overlayfs.rst, says what a
/// whiteout, an opaque directory and an origin are.
/// </summary>
internal sealed class PreviewScan
{
    private const string Origin = EntryCopy.OverlayAttribute + "origin";

    // Where the clock of a filesystem has no parts of a second, a later change may have an earlier time.
    private const long Second = 1_000_000_000;

    private static readonly bool s_isRoot = CurrentUser.Id == 0;

    private readonly string _name;
    private readonly long _started;
    private readonly List<PreviewChange> _found = [];
    private readonly Dictionary<FileIdentity, string> _names = [];
    private readonly HashSet<int> _gone = [];
    private readonly string[] _covered;
    private readonly Dictionary<string, string> _programs;
    private int _overlay;
    private string _root = "";

    private PreviewScan(string name, PreviewRecord record, Dictionary<string, string> programs)
    {
        _programs = programs;
        _name = name;
        _started = record.Started;
        _covered = [.. record.Overlays.Select(overlay => overlay.Path)];
    }

    /// <summary>All changes of a preview, by path.</summary>
    public static List<PreviewChange> Of(string name, string directory, PreviewRecord record)
    {
        PreviewScan scan = new(name, record, PreviewPrograms.Read(directory));
        for (int i = 0; i < record.Overlays.Length; i++) scan.Overlay(i, directory, record);
        return scan.Found(directory, record);
    }

    /// <summary>What names a file for good, of an attribute that overlayfs has left; null if it names none.</summary>
    /// <remarks>struct ovl_fb of fs/overlayfs/overlayfs.h: version, magic, length, flags, type, 16 bytes of a UUID, the handle.</remarks>
    private static string? HandleOf(byte[]? origin)
    {
        const int header = 21;
        return origin is { Length: > header } && origin[1] == 0xFB ? Convert.ToHexString(origin.AsSpan(header)) : null;
    }

    private void Overlay(int number, string directory, PreviewRecord record)
    {
        RecordedOverlay overlay = record.Overlays[number];
        _overlay = number;
        _root = overlay.Path;
        _names.Clear();
        using DirectoryHandle? place = DirectoryHandle.OpenUnchanged($"{directory}/{number}");
        if (place is null) return;
        using DirectoryHandle? around = DirectoryHandle.OpenUnchanged(PosixText.Parent(overlay.Path));
        string name = overlay.Path[(overlay.Path.LastIndexOf('/') + 1)..];
        EntryDetails? lower = around?.Details(name);
        bool isThere = lower is { } there && record.IsStill(overlay, there.Identity);
        if (overlay.IsFile)
        {
            if (place.Details(PreviewPlace.Upper) is { } file) Entry(place, PreviewPlace.Upper, file, around, name, lower, "", isThere);
            return;
        }

        using DirectoryHandle? upper = place.EnterInside(PreviewPlace.Upper);
        using DirectoryHandle? below = isThere ? around!.EnterInside(name) : null;
        if (upper is null || upper.Details() is not { } details) return;
        if (details.Permissions != (overlay.Mode & 0xFFF) && lower is { } root && isThere && root.Permissions != details.Permissions)
            Add(PreviewChangeKind.Mode, "", root, details, null, null);
        Directory(upper, below, "", isHidden: false, isThere ? null : "what was covered is not there any more, or is another one", 0);
    }

    // An entry of a directory that holds changes, and what is there below.
    private void Entry(DirectoryHandle upper, string name, EntryDetails change, DirectoryHandle? lower, string lowerName,
        EntryDetails? before, string inner, bool isThere)
    {
        string? elsewhere = isThere ? null : "what was covered is not there any more, or is another one";
        if (before is { } known) Compare(upper, name, change, lower!, lowerName, known, inner, elsewhere);
        else New(upper, name, change, inner, elsewhere);
    }

    private void Directory(DirectoryHandle upper, DirectoryHandle? lower, string inner, bool isHidden, string? conflict, int depth)
    {
        List<string> names = upper.List();
        names.Sort(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (upper.Details(name) is not { } change) continue;
            string path = inner.Length == 0 ? name : $"{inner}/{name}";
            EntryDetails? before = lower?.Details(name);
            if (change.IsWhiteout)
            {
                if (before is { } gone) Removed(lower!, name, gone, path, conflict, depth);
            }
            else if (change.Kind == EntryKind.Directory)
            {
                Below(upper, name, change, lower, before, path, isHidden, conflict, depth);
            }
            else if (before is { } known && known.Kind != EntryKind.Directory)
            {
                Compare(upper, name, change, lower!, name, known, path, conflict);
            }
            else
            {
                if (before is { } directory) Removed(lower!, name, directory, path, conflict, depth);
                New(upper, name, change, path, conflict);
            }
        }

        if (!isHidden || lower is null) return;
        HashSet<string> kept = [.. names];
        foreach (string name in lower.List().Where(name => !kept.Contains(name)).Order(StringComparer.Ordinal))
            if (lower.Details(name) is { } gone && gone.Born <= _started)
                Removed(lower, name, gone, inner.Length == 0 ? name : $"{inner}/{name}", conflict, depth);
    }

    private void Below(DirectoryHandle upper, string name, EntryDetails change, DirectoryHandle? lower, EntryDetails? before, string path,
        bool isHidden, string? conflict, int depth)
    {
        if (depth >= OpenTree.Deepest)
        {
            Add(PreviewChangeKind.Added, path, before, change, null, $"there are more than {OpenTree.Deepest} directories in each other");
            return;
        }

        using DirectoryHandle? inside = upper.EnterInside(name);
        if (inside is null)
        {
            Add(PreviewChangeKind.Added, path, before, change, null, "what is in it cannot be read");
            return;
        }

        if (before is not { Kind: EntryKind.Directory } known)
        {
            if (before is { } file) Removed(lower!, name, file, path, conflict, depth);
            Add(PreviewChangeKind.Added, path, null, change, null, conflict);
            Directory(inside, null, path, isHidden: false, conflict, depth + 1);
            return;
        }

        bool replaced = isHidden || OpaqueDirectories.Is(upper, name);
        if (conflict is null && !replaced && HandleOf(upper.Attribute(name, Origin)) is { } origin
            && lower!.Handle(name) is { Length: > 0 } handle && origin != Convert.ToHexString(handle))
        {
            conflict = "the directory is another one now";
        }

        using DirectoryHandle? below = lower!.EnterInside(name);
        if (IsOtherMode(upper, name, change, lower, name, known))
            Add(PreviewChangeKind.Mode, path, known, change, null, conflict ?? Later(known));
        Directory(inside, below, path, replaced, conflict, depth + 1);
    }

    private void Removed(DirectoryHandle lower, string name, EntryDetails gone, string path, string? conflict, int depth)
    {
        if (gone.Kind == EntryKind.Directory && depth < OpenTree.Deepest && lower.EnterInside(name) is { } inside)
        {
            using (inside)
            {
                // What somebody has made there since was not removed by the command.
                foreach (string inner in inside.List().Order(StringComparer.Ordinal))
                    if (inside.Details(inner) is { } details && details.Born <= _started)
                        Removed(inside, inner, details, $"{path}/{inner}", conflict, depth + 1);
            }
        }

        // The time of a directory is a later one already when somebody adds a file: that stops its removal by itself.
        Add(PreviewChangeKind.Removed, path, gone, null, null, conflict ?? (gone.Kind == EntryKind.Directory ? null : Later(gone)),
            target: Target(lower, name, gone));
    }

    private void New(DirectoryHandle upper, string name, EntryDetails change, string path, string? conflict)
    {
        string? target = Target(upper, name, change);
        if (FirstName(change, path) is { } first)
        {
            Add(PreviewChangeKind.Link, path, null, change, Force(change, path, target), conflict, oldInner: first);
            return;
        }

        Add(PreviewChangeKind.Added, path, null, change, Force(upper, name, change, path, target), conflict, target: target);
    }

    private void Compare(DirectoryHandle upper, string name, EntryDetails change, DirectoryHandle lower, string lowerName,
        EntryDetails before, string path, string? conflict)
    {
        string? target = Target(upper, name, change);
        conflict ??= Later(before) ?? OtherOrigin(upper, name, lower, lowerName);
        _ = FirstName(change, path);
        if (before.Kind != change.Kind)
        {
            Add(PreviewChangeKind.Removed, path, before, null, null, conflict, target: Target(lower, lowerName, before));
            Add(PreviewChangeKind.Added, path, null, change, Force(upper, name, change, path, target), conflict, target: target);
            return;
        }

        bool sameContent = change.Kind switch
        {
            EntryKind.File => change.Size == before.Size && HasSameContent(upper, name, lower, lowerName),
            EntryKind.SymbolicLink => target == lower.ReadLinkInside(lowerName),
            _ => change.DeviceNumber == before.DeviceNumber,
        };
        PreviewChangeKind? kind = !sameContent
            ? change.Kind == EntryKind.SymbolicLink ? PreviewChangeKind.Link : PreviewChangeKind.Changed
            : IsOtherMode(upper, name, change, lower, lowerName, before) ? PreviewChangeKind.Mode
            : change.Modified != before.Modified ? PreviewChangeKind.Time : null;
        if (kind is not { } what) return;
        Add(what, path, before, change, Force(upper, name, change, path, target, before), conflict, target: target,
            oldTarget: Target(lower, lowerName, before),
            note: what == PreviewChangeKind.Changed && before.Links > 1 ? "it has other names, which keep the old content" : null);
    }

    private void Add(PreviewChangeKind kind, string inner, EntryDetails? before, EntryDetails? after, string? force, string? conflict,
        string? target = null, string? oldTarget = null, string? oldInner = null, string? note = null) => _found.Add(new PreviewChange
        {
            Preview = _name,
            Kind = kind,
            Path = Full(inner),
            OldPath = oldInner is null ? null : Full(oldInner),
            Before = before is { } old ? PreviewEntry.Of(old, kind == PreviewChangeKind.Removed ? target : oldTarget) : null,
            After = after is { } now ? PreviewEntry.Of(now, target) : null,
            Conflict = conflict,
            NeedsForce = force,
            Note = note,
            Program = _programs.GetValueOrDefault(Full(inner)),
            Overlay = _overlay,
            Inner = inner,
            OldInner = oldInner,
            Lower = before,
            Upper = after,
        });

    private string Full(string inner) => inner.Length == 0 ? _root : $"{_root.TrimEnd('/')}/{inner}";

    // The name under which a file with several was found first; null if it is the first.
    private string? FirstName(EntryDetails change, string path)
    {
        if (change.Kind == EntryKind.Directory || change.Links < 2) return null;
        if (_names.TryGetValue(change.Identity, out string? first)) return first;
        _names[change.Identity] = path;
        return null;
    }

    private static string? Target(DirectoryHandle place, string name, EntryDetails details) =>
        details.Kind == EntryKind.SymbolicLink ? place.ReadLinkInside(name) : null;

    private string? Later(EntryDetails before) => before.Changed > _started
        || (before.Changed % Second == 0 && before.Changed + Second > _started) ? "it was changed since the command started" : null;

    private static string? OtherOrigin(DirectoryHandle upper, string name, DirectoryHandle lower, string lowerName) =>
        HandleOf(upper.Attribute(name, Origin)) is { } origin && lower.Handle(lowerName) is { Length: > 0 } handle
            && origin != Convert.ToHexString(handle) ? "it is another one now" : null;

    private static bool IsOtherMode(DirectoryHandle upper, string name, EntryDetails change, DirectoryHandle lower, string lowerName,
        EntryDetails before)
    {
        if ((change.Mode, change.Owner, change.Group) != (before.Mode, before.Owner, before.Group)) return true;
        string[] wanted = [.. upper.Attributes(name).Where(EntryCopy.IsData).Order(StringComparer.Ordinal)];
        string[] had = [.. lower.Attributes(lowerName).Where(EntryCopy.IsData).Order(StringComparer.Ordinal)];
        return !wanted.SequenceEqual(had, StringComparer.Ordinal) || wanted.Any(attribute =>
            !(upper.Attribute(name, attribute) ?? []).AsSpan().SequenceEqual(lower.Attribute(lowerName, attribute) ?? []));
    }

    /// <summary>Whether two entries differ in nothing but their names.</summary>
    internal static bool IsSameEntry(DirectoryHandle one, string name, EntryDetails first, DirectoryHandle other, string otherName,
        EntryDetails second) => (first.Size, first.Modified) == (second.Size, second.Modified)
            && !IsOtherMode(one, name, first, other, otherName, second)
            && (first.Kind == EntryKind.File ? HasSameContent(one, name, other, otherName)
                : one.ReadLinkInside(name) == other.ReadLinkInside(otherName));

    private static bool HasSameContent(DirectoryHandle one, string name, DirectoryHandle other, string otherName)
    {
        using SafeFileHandle? first = one.OpenFile(name);
        using SafeFileHandle? second = other.OpenFile(otherName);
        if (first is null || second is null) return false;
        byte[] a = new byte[64 << 10], b = new byte[64 << 10];
        for (long at = 0; ;)
        {
            int read = RandomAccess.Read(first, a, at);
            if (RandomAccess.Read(second, b, at) != read || !a.AsSpan(0, read).SequenceEqual(b.AsSpan(0, read))) return false;
            if (read == 0) return true;
            at += read;
        }
    }

    // What must not appear outside without anybody having seen it.
    private string? Force(DirectoryHandle upper, string name, EntryDetails change, string path, string? target, EntryDetails? before = null)
    {
        const int set = 0xC00; // S_ISUID, S_ISGID
        const string capability = "security.capability";
        if (change.Kind == EntryKind.File && (change.Mode & set) != 0 && ((before?.Mode ?? 0) & set) != (change.Mode & set))
            return (change.Mode & 0x800) != 0 ? "it runs as its owner (set-user-ID)" : "it runs as its group (set-group-ID)";
        // Nobody else can give it to a file.
        if (change.Kind == EntryKind.File && s_isRoot && upper.Attribute(name, capability) is not null)
            return "it runs with capabilities";
        return Force(change, path, target);
    }

    private string? Force(EntryDetails change, string path, string? target)
    {
        if (change.Kind is EntryKind.CharacterDevice or EntryKind.BlockDevice) return "it is a device node";
        if (target is null) return null;
        string full = target.StartsWith('/') ? target : $"{PosixText.Parent(Full(path)).TrimEnd('/')}/{target}";
        string place = Rulesets.PathRule.Normalize(Lexical(full));
        return _covered.Any(root => Rulesets.PathRule.IsBeneath(place, root)) ? null
            : "it leads out of what was covered";
    }

    // As it is written: what is on the way may be changed by the preview itself.
    private static string Lexical(string path)
    {
        List<string> parts = [];
        foreach (string part in path.Split('/'))
        {
            if (part is "" or ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count > 0) parts.RemoveAt(parts.Count - 1);
        }

        return "/" + string.Join('/', parts);
    }

    // A file that is the same in all but its name was moved.
    private void FindMoved(string directory, PreviewRecord record)
    {
        Dictionary<(int, ulong, long, ushort, uint, uint), List<int>> gone = [];
        for (int i = 0; i < _found.Count; i++)
        {
            if (_found[i] is not { Kind: PreviewChangeKind.Removed, Lower: { Kind: EntryKind.File, Size: > 0 } old } change) continue;
            if (!gone.TryGetValue(Key(change, old), out List<int>? same)) gone[Key(change, old)] = same = [];
            same.Add(i);
        }

        if (gone.Count == 0) return;
        foreach (int index in Enumerable.Range(0, _found.Count))
        {
            if (_found[index] is not { Kind: PreviewChangeKind.Added, Upper: { Kind: EntryKind.File } made } added
                || !gone.TryGetValue(Key(added, made), out List<int>? candidates)) continue;
            int from = candidates.FindIndex(candidate => IsMoved(directory, record, _found[candidate], added));
            if (from < 0) continue;
            Pair(candidates[from], index);
            candidates.RemoveAt(from);
        }

        static (int, ulong, long, ushort, uint, uint) Key(PreviewChange change, EntryDetails details) =>
            (change.Overlay, details.Size, details.Modified, details.Mode, details.Owner, details.Group);
    }

    private static bool IsMoved(string directory, PreviewRecord record, PreviewChange removed, PreviewChange added)
    {
        if (DirectoryHandle.OpenUnchanged(record.Overlays[removed.Overlay].Root) is not { } below) return false;
        using OpenTree lower = new(below);
        string kept = record.Overlays[added.Overlay].UpperRoot(directory, added.Overlay);
        if (DirectoryHandle.OpenUnchanged(kept) is not { } above) return false;
        using OpenTree upper = new(above);
        return lower.Around(removed.Inner, out string oldName) is { } old && upper.Around(added.Inner, out string newName) is { } made
            && IsSameEntry(made, newName, added.Upper!.Value, old, oldName, removed.Lower!.Value);
    }

    private void Pair(int removed, int added)
    {
        PreviewChange from = _found[removed], to = _found[added];
        _gone.Add(removed);
        _found[added] = to with
        {
            Kind = PreviewChangeKind.Moved,
            OldPath = from.Path,
            OldInner = from.Inner,
            Before = from.Before,
            Lower = from.Lower,
            Conflict = to.Conflict ?? from.Conflict,
        };
    }

    // What was removed here and is new there, and was the same file, was moved.
    private List<PreviewChange> Found(string directory, PreviewRecord record)
    {
        FindMoved(directory, record);
        List<PreviewChange> changes = [.. _found.Where((_, index) => !_gone.Contains(index))];
        changes.Sort(static (one, other) => string.CompareOrdinal(one.Path, other.Path) is var order and not 0 ? order
            : (one.Kind == PreviewChangeKind.Removed ? 0 : 1).CompareTo(other.Kind == PreviewChangeKind.Removed ? 0 : 1));
        return changes;
    }
}
