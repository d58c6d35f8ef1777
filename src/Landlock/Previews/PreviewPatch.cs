using System.Text;
using Landlock.Linux;
using Landlock.Sandboxes.Previewing;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Previews;

/// <summary>A change as git(1) and patch(1) write it.</summary>
internal static class PreviewPatch
{
    // Larger files, and files with a byte 0 near their beginning, are no text; git's choice is the same.
    private const int Largest = 8 << 20;
    private const int Looked = 8000;

    /// <summary>The difference; null where there is none in text.</summary>
    public static string? Of(string directory, PreviewRecord record, PreviewChange change)
    {
        RecordedOverlay overlay = record.Overlays[change.Overlay];
        if ((change.Before ?? change.After)?.Kind is not PreviewEntryKind.File || (change.After ?? change.Before)?.Kind
            is not PreviewEntryKind.File || change.Kind == PreviewChangeKind.Time) return null;
        byte[]? old = change.Before is null ? []
            : Read(overlay.Root, overlay.Below(change.Kind == PreviewChangeKind.Moved ? change.OldInner! : change.Inner));
        byte[]? now = change.After is null ? [] : Read(overlay.UpperRoot(directory, change.Overlay), overlay.Above(change.Inner));
        string before = Quoted(change.OldPath is { } path && change.Kind == PreviewChangeKind.Moved ? path : change.Path, "a");
        string after = Quoted(change.Path, "b");
        StringBuilder text = new();
        text.Append("diff --git ").Append(before).Append(' ').Append(after).Append('\n');
        Header(text, change);
        if (old is null || now is null || IsBinary(old) || IsBinary(now))
        {
            if (change.Kind is not (PreviewChangeKind.Mode or PreviewChangeKind.Time or PreviewChangeKind.Link))
                text.Append("Binary files ").Append(change.Before is null ? "/dev/null" : before).Append(" and ")
                    .Append(change.After is null ? "/dev/null" : after).Append(" differ\n");
            return text.ToString();
        }

        if (!old.AsSpan().SequenceEqual(now))
        {
            text.Append("--- ").Append(change.Before is null ? "/dev/null" : before).Append('\n');
            text.Append("+++ ").Append(change.After is null ? "/dev/null" : after).Append('\n');
            text.Append(UnifiedDiff.Of(PosixText.Decode(old), PosixText.Decode(now)));
        }

        return text.ToString();
    }

    /// <summary>A patch for a screen: what stands in a file is no command for a terminal.</summary>
    public static string Shown(string patch) => string.Join('\n', patch.Split('\n').Select(line =>
        PosixText.Printable(line.Replace("\t", "        ", StringComparison.Ordinal))));

    private static void Header(StringBuilder text, PreviewChange change)
    {
        string old = $"100{Convert.ToString(change.Before?.Mode ?? 0, 8).PadLeft(3, '0')}";
        string now = $"100{Convert.ToString(change.After?.Mode ?? 0, 8).PadLeft(3, '0')}";
        if (change.Before is null) text.Append("new file mode ").Append(now).Append('\n');
        else if (change.After is null) text.Append("deleted file mode ").Append(old).Append('\n');
        else if (old != now) text.Append("old mode ").Append(old).Append("\nnew mode ").Append(now).Append('\n');
        if (change.Kind == PreviewChangeKind.Moved)
            text.Append("rename from ").Append(Quoted(change.OldPath!, null)).Append("\nrename to ").Append(Quoted(change.Path, null))
                .Append('\n');
    }

    // Without the first slash, as git applies a patch to the directory "/".
    private static string Quoted(string path, string? side)
    {
        string name = side is null ? path.TrimStart('/') : side + path;
        string shown = PosixText.Printable(name);
        return shown == name && !name.Contains('"', StringComparison.Ordinal) ? name : $"\"{shown}\"";
    }

    private static byte[]? Read(string root, string inner)
    {
        if (DirectoryHandle.OpenUnchanged(root) is not { } directory) return null;
        using OpenTree tree = new(directory);
        if (tree.Around(inner, out string name) is not { } around) return null;
        using SafeFileHandle? file = around.OpenFile(name);
        return file is null ? null : SmallFile.Read(file, Largest);
    }

    private static bool IsBinary(byte[] content) => Array.IndexOf(content, (byte)0, 0, Math.Min(content.Length, Looked)) >= 0;
}
