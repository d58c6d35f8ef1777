using System.ComponentModel;
using System.Management.Automation;
using Landlock.Previews;
using LandlockPS.Engine;

namespace LandlockPS.Output;

/// <summary>Cells of the views of previews. Public only because format files can reach nothing else.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class PreviewCells
{
    // Colours are plain escape sequences: the engine takes them out where $PSStyle.OutputRendering, NO_COLOR or a pipe says so.
    private const string Red = "\u001b[31m", Green = "\u001b[32m", Yellow = "\u001b[33m", Cyan = "\u001b[36m", Reset = "\u001b[0m";

    /// <summary>The kind: what goes is red, what comes is green, what is held back is yellow.</summary>
    public static string Kind(PSObject change)
    {
        ArgumentNullException.ThrowIfNull(change);
        string kind = Arrived.Text(change, nameof(PreviewChange.Kind));
        bool isHeld = Arrived.Text(change, nameof(PreviewChange.Conflict)).Length > 0
            || Arrived.Text(change, nameof(PreviewChange.NeedsForce)).Length > 0;
        string colour = isHeld ? Yellow : kind switch
        {
            nameof(PreviewChangeKind.Removed) => Red,
            nameof(PreviewChangeKind.Added) => Green,
            _ => Cyan,
        };
        return $"{colour}{kind}{Reset}";
    }

    /// <summary>The path, with where it was before.</summary>
    public static string Path(PSObject change) => change?.BaseObject is PreviewChange typed ? PreviewListing.Path(typed)
        : PosixText.Printable(Arrived.Text(change!, nameof(PreviewChange.Path)));

    /// <summary>Sizes, permissions, and why it is held back.</summary>
    public static string Detail(PSObject change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.BaseObject is PreviewChange typed) return PreviewListing.Detail(typed);
        string[] parts = [.. new[] { nameof(PreviewChange.Note), nameof(PreviewChange.NeedsForce), nameof(PreviewChange.Conflict) }
            .Select(name => PosixText.Printable(Arrived.Text(change, name))).Where(text => text.Length > 0)];
        return string.Join("; ", parts);
    }

    /// <summary>The command of a preview.</summary>
    public static string Command(PSObject preview) => preview?.BaseObject is Preview typed ? PreviewListing.Title(typed)
        : string.Join(' ', Arrived.Lines(preview!, nameof(Preview.Command)).Select(PosixText.Printable));
}
