using Landlock.Linux;
using Landlock.Sandboxes.Previewing;

namespace Landlock.Previews;

/// <summary>
/// A directory that the command has removed and made again hides all that was there. That is spelled out, once the command has ended, as a
/// whiteout for each entry: so what is applied, and what others put there, is not taken for something that is hidden.
/// </summary>
internal static class OpaqueDirectories
{
    private const string Opaque = EntryCopy.OverlayAttribute + "opaque";
    private const string Done = "spelled";
    private const ushort Whiteout = 0x2000; // S_IFCHR

    /// <summary>Whether a directory hides what is there.</summary>
    public static bool Is(DirectoryHandle upper, string name) => upper.Attribute(name, Opaque) is [(byte)'y'];

    /// <summary>Spells out what the directories of a preview hide, the first time.</summary>
    public static void Spell(string directory, PreviewRecord record)
    {
        if (PosixFile.Inspect($"{directory}/{Done}") != PathKind.Missing) return;
        for (int i = 0; i < record.Overlays.Length; i++)
        {
            if (record.Overlays[i].IsFile) continue;
            using DirectoryHandle? upper = DirectoryHandle.OpenUnchanged(record.Overlays[i].UpperRoot(directory, i));
            using DirectoryHandle? lower = DirectoryHandle.OpenUnchanged(record.Overlays[i].Root);
            if (upper is not null && lower is not null) Walk(upper, lower, isHidden: false, record.Started, 0);
        }

        using DirectoryHandle? place = DirectoryHandle.OpenUnchanged(directory);
        _ = place?.WriteInside(Done, [], 0x180);
    }

    private static void Walk(DirectoryHandle upper, DirectoryHandle? lower, bool isHidden, long started, int depth)
    {
        if (depth > OpenTree.Deepest) return;
        List<string> names = upper.List();
        foreach (string name in names)
        {
            if (upper.Details(name) is not { Kind: EntryKind.Directory } details) continue;
            using DirectoryHandle? inside = upper.EnterInside(name), below = lower?.EnterInside(name);
            if (inside is null) continue;
            bool isOpaque = Is(upper, name);
            // What was no directory is hidden as a whole.
            if (below is not null || isOpaque) Walk(inside, below, isHidden || isOpaque, started, depth + 1);
            if (isOpaque) _ = upper.RemoveAttribute(name, Opaque);
            _ = upper.SetModified(name, details.Modified);
        }

        if (!isHidden || lower is null) return;
        HashSet<string> kept = [.. names];
        foreach (string name in lower.List().Where(name => !kept.Contains(name)))
        {
            // What somebody has made there since was not removed by the command.
            if (lower.Details(name) is { } there && there.Born <= started) _ = upper.MakeNode(name, Whiteout, 0);
        }
    }
}
