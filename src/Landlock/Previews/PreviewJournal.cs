using Landlock.Linux;
using Landlock.Sandboxes.Previewing;
using Landlock.Sandboxes.Running;

namespace Landlock.Previews;

/// <summary>
/// What was being done when applying was cut off: the one step that leaves something behind which looks like a change and is none.
/// </summary>
internal sealed class PreviewJournal : IDisposable
{
    /// <summary>The file in the directory of the preview.</summary>
    public const string File = "journal";

    /// <summary>What a copy beside its place begins with.</summary>
    public const string Copy = ".landlockps-";

    private const string Exchange = "exchange", Temporary = "temporary";

    private readonly FileStream _file;
    private readonly string _name;

    public PreviewJournal(string directory)
    {
        _file = new FileStream($"{directory}/{File}", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        _name = Path.GetFileName(directory);
    }

    /// <summary>Notes that a change and what it replaces are about to exchange their names.</summary>
    public void Exchanging(PreviewChange change, FileIdentity before) =>
        Write(Exchange, $"{change.Overlay}", change.Inner, $"{before.Inode}");

    /// <summary>
    /// Notes that something is about to be made beside its place, where it is renamed to as a whole, and says what it is called until then.
    /// </summary>
    public string Making(PreviewChange change)
    {
        Write(Temporary, $"{change.Overlay}", change.Inner.LastIndexOf('/') is > 0 and var slash ? change.Inner[..slash] : "");
        return Copy + _name;
    }

    /// <summary>Removes what a step has left that was cut off, so that it is not taken for a change.</summary>
    public static void Recover(string directory, PreviewRecord record)
    {
        if (SmallFile.ReadStart($"{directory}/{File}", 64 << 10) is not { Length: > 0 } content
            || ToldText.Lines(content).FirstOrDefault() is not [var step, var overlay, var inner, ..] line
            || !int.TryParse(overlay, out int number) || number < 0 || number >= record.Overlays.Length)
        {
            return;
        }

        RecordedOverlay covered = record.Overlays[number];
        if (step == Temporary)
            Clear(covered.Root, inner, Copy + Path.GetFileName(directory));
        else if (step == Exchange && line is [_, _, _, var inode] && ulong.TryParse(inode, out ulong old))
            Forget(covered.UpperRoot(directory, number), covered.Above(inner), old);
    }

    // The old content has come out of an exchange, and was not removed.
    private static void Forget(string place, string inner, ulong old)
    {
        if (DirectoryHandle.OpenUnchanged(place) is not { } root) return;
        using OpenTree upper = new(root);
        if (upper.Around(inner, out string name) is { } around && around.Details(name) is { } found && found.Identity.Inode == old
            && found.Kind != EntryKind.Directory)
        {
            _ = around.RemoveEntry(name, isDirectory: false);
        }
    }

    private static void Clear(string place, string inner, string name)
    {
        if (DirectoryHandle.OpenUnchanged(place) is not { } root) return;
        using OpenTree lower = new(root);
        if (lower.Around(inner.Length == 0 ? name : $"{inner}/{name}", out string last) is { } around
            && around.Details(last) is { } found)
        {
            _ = around.RemoveEntry(last, found.Kind == EntryKind.Directory);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.SetLength(0);
        _file.Dispose();
    }

    private void Write(params ReadOnlySpan<string> words)
    {
        ToldText text = new();
        text.Line(words);
        // The first line counts. A file that is cut and written again is one that some filesystems write to the disk at once.
        _file.Position = 0;
        _file.Write(text.Bytes());
    }
}
