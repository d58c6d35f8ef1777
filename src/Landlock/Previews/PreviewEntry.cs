using System.Globalization;
using Landlock.Linux;

namespace Landlock.Previews;

/// <summary>What an entry is, before or after a change (stat(2)).</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Size">Bytes; of a directory nothing that means anything.</param>
/// <param name="LastWriteTime">When its content was last changed.</param>
/// <param name="Mode">Permissions, with the set-user-ID, set-group-ID and sticky bits.</param>
/// <param name="Owner">The number of the user it belongs to.</param>
/// <param name="Group">The number of the group.</param>
public sealed record PreviewEntry(PreviewEntryKind Kind, long Size, DateTime LastWriteTime, int Mode, uint Owner, uint Group)
{
    /// <summary>Where a symbolic link leads; null of anything else.</summary>
    public string? Target { get; init; }

    /// <summary>The permissions as ls(1) shows them, such as rw-r--r--.</summary>
    public string ModeString
    {
        get
        {
            Span<char> text = stackalloc char[9];
            for (int i = 0; i < 9; i++) text[i] = (Mode & (1 << (8 - i))) != 0 ? "rwx"[i % 3] : '-';
            Special(text, 2, 0x800, 's');
            Special(text, 5, 0x400, 's');
            Special(text, 8, 0x200, 't');
            return new string(text);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        PreviewEntryKind.File => string.Create(CultureInfo.InvariantCulture, $"{ModeString} {Size} bytes"),
        PreviewEntryKind.SymbolicLink => $"leads to '{PosixText.Printable(Target ?? "")}'",
        _ => $"{ModeString} {Kind.ToString().ToLowerInvariant()}",
    };

    internal static PreviewEntry Of(EntryDetails details, string? target) => new(
        details.Kind switch
        {
            EntryKind.File => PreviewEntryKind.File,
            EntryKind.Directory => PreviewEntryKind.Directory,
            EntryKind.SymbolicLink => PreviewEntryKind.SymbolicLink,
            EntryKind.CharacterDevice or EntryKind.BlockDevice => PreviewEntryKind.Device,
            EntryKind.Fifo => PreviewEntryKind.Pipe,
            _ => PreviewEntryKind.Socket,
        },
        (long)details.Size, DateTime.UnixEpoch.AddTicks(details.Modified / 100).ToLocalTime(), details.Permissions, details.Owner,
        details.Group)
    { Target = target };

    private void Special(Span<char> text, int at, int bit, char letter)
    {
        if ((Mode & bit) != 0) text[at] = text[at] == 'x' ? letter : char.ToUpperInvariant(letter);
    }
}
