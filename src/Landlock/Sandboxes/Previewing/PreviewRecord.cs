using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Landlock.Linux;
using Landlock.Sandboxes.Running;

namespace Landlock.Sandboxes.Previewing;

/// <summary>One place that a preview has covered, as it was then.</summary>
/// <param name="Path">The absolute path.</param>
/// <param name="IsFile">Whether it was a single file.</param>
/// <param name="Identity">Which object was there.</param>
/// <param name="Mode">Its type and permissions.</param>
internal sealed record RecordedOverlay(string Path, bool IsFile, FileIdentity Identity, ushort Mode)
{
    /// <summary>The directory that is opened below: the covered one, or the one around a file.</summary>
    public string Root => IsFile ? PosixText.Parent(Path) : Path;

    /// <summary>The directory that is opened for the changes.</summary>
    /// <param name="directory">The directory of the preview.</param>
    /// <param name="number">The number of this place.</param>
    public string UpperRoot(string directory, int number) => $"{directory}/{number}" + (IsFile ? "" : $"/{PreviewPlace.Upper}");

    /// <summary>Where a path beneath the place is in <see cref="Root"/>: of a file, that.</summary>
    public string Below(string inner) => IsFile ? Path[(Path.LastIndexOf('/') + 1)..] : inner;

    /// <summary>Where its change is in <see cref="UpperRoot"/>: of a file, its copy.</summary>
    public string Above(string inner) => IsFile ? PreviewPlace.Upper : inner;
}

/// <summary>What is kept of a preview beside the changes: the file "about" in its directory.</summary>
/// <param name="Started">When it began, by the clock of the kernel's files: nanoseconds since 1970.</param>
/// <param name="Boot">What tells one start of the machine from another: device numbers hold for one only.</param>
/// <param name="Directory">Where the command was started.</param>
/// <param name="Command">The command with its arguments.</param>
/// <param name="Overlays">What was covered; the changes of each are in the directory that is named by its number, from 0.</param>
internal sealed record PreviewRecord(long Started, string Boot, string Directory, ImmutableArray<string> Command,
    ImmutableArray<RecordedOverlay> Overlays)
{
    private const string Mark = "preview", Version = "1";

    /// <summary>As the content of the file.</summary>
    public byte[] Write()
    {
        ToldText text = new();
        text.Line(Mark, Version);
        text.Line("started", Number(Started), Boot);
        text.Line("directory", Directory);
        foreach (string word in Command) text.Line("word", word);
        foreach (RecordedOverlay overlay in Overlays)
        {
            text.Line("covered", overlay.Path, overlay.IsFile ? "file" : "directory", Number((long)overlay.Identity.Device),
                Number((long)overlay.Identity.Inode), Number(overlay.Mode));
        }

        text.Line("end");
        return text.Bytes();
    }

    /// <summary>Reads it; null if it is not what was written.</summary>
    public static PreviewRecord? Read(byte[] content)
    {
        List<string[]> lines = [.. ToldText.Lines(content)];
        if (lines is not [[Mark, Version], ["started", var started, var boot], ["directory", var directory], .. var rest, ["end"]])
            return null;
        List<string> command = [];
        List<RecordedOverlay> overlays = [];
        foreach (string[] line in rest)
        {
            switch (line)
            {
                case ["word", var word]:
                    command.Add(word);
                    break;
                case ["covered", var path, "file" or "directory", var device, var inode, var mode]
                    when path.StartsWith('/') && ushort.TryParse(mode, NumberStyles.None, CultureInfo.InvariantCulture, out ushort bits):
                    overlays.Add(new RecordedOverlay(path, line[2] == "file",
                        new FileIdentity((ulong)Number(device), (ulong)Number(inode)), bits));
                    break;
                default:
                    return null;
            }
        }

        return command.Count == 0 || overlays.Count == 0 ? null
            : new PreviewRecord(Number(started), boot, directory, [.. command], [.. overlays]);
    }

    /// <summary>Whether what is at the place of an overlay now is what was covered.</summary>
    public bool IsStill(RecordedOverlay overlay, FileIdentity now) =>
        Boot == ThisBoot() ? now == overlay.Identity : now.Inode == overlay.Identity.Inode;

    /// <summary>What tells this start of the machine from others.</summary>
    public static string ThisBoot() => SmallFile.ReadStart("/proc/sys/kernel/random/boot_id", 64) is { } bytes
        ? Encoding.ASCII.GetString(bytes).Trim() : "-";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : 0;
}
