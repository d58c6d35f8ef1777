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

    private const string Exchange = "exchange";

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

    /// <summary>The name for a copy beside its place.</summary>
    public string Copying(DirectoryHandle place, string name)
    {
        string made = $"{Copy}{_name}";
        _ = place.RemoveEntry(made, isDirectory: false);
        return made;
    }

    /// <summary>Removes what an exchange has left that was cut off, so that the old content is not taken for a change.</summary>
    public static void Recover(string directory, PreviewRecord record)
    {
        if (SmallFile.ReadStart($"{directory}/{File}", 64 << 10) is not { Length: > 0 } content
            || ToldText.Lines(content).FirstOrDefault() is not [Exchange, var overlay, var inner, var inode]
            || !int.TryParse(overlay, out int number) || number < 0 || number >= record.Overlays.Length
            || !ulong.TryParse(inode, out ulong old))
        {
            return;
        }

        bool isFile = record.Overlays[number].IsFile;
        if (DirectoryHandle.OpenUnchanged($"{directory}/{number}" + (isFile ? "" : $"/{PreviewPlace.Upper}")) is not { } root) return;
        using OpenTree upper = new(root);
        if (upper.Around(isFile ? PreviewPlace.Upper : inner, out string name) is { } around && around.Details(name) is { } found
            && found.Identity.Inode == old && found.Kind != EntryKind.Directory)
        {
            _ = around.RemoveEntry(name, isDirectory: false);
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
