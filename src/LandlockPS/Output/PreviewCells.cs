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

    /// <summary>The path with where it was before, and in brackets sizes, permissions, and why it is held back.</summary>
    public static string Text(PSObject change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return With(Path(change), Detail(change));
    }

    /// <summary>The same of what became of a change: in brackets why it was left.</summary>
    public static string Result(PSObject result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return With(Path(PSObject.AsPSObject(result.Properties[nameof(PreviewResult.Change)].Value)),
            PosixText.Printable(Arrived.Text(result, nameof(PreviewResult.Reason))));
    }

    private static string With(string path, string detail) => detail.Length == 0 ? path : $"{path}  ({detail})";

    private static string Path(PSObject change) => change.BaseObject is PreviewChange typed ? PreviewListing.Path(typed)
        : PosixText.Printable(Arrived.Text(change, nameof(PreviewChange.Path)));

    private static string Detail(PSObject change) => change.BaseObject is PreviewChange typed ? PreviewListing.Detail(typed)
        : string.Join("; ", new[] { nameof(PreviewChange.Note), nameof(PreviewChange.NeedsForce), nameof(PreviewChange.Conflict) }
            .Select(name => PosixText.Printable(Arrived.Text(change, name))).Where(text => text.Length > 0));

    /// <summary>The command of a preview.</summary>
    public static string Command(PSObject preview) => preview?.BaseObject is Preview typed ? PreviewListing.Title(typed)
        : string.Join(' ', Arrived.Lines(preview!, nameof(Preview.Command)).Select(PosixText.Printable));
}
