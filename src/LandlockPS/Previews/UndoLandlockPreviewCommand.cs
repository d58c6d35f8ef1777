using System.Management.Automation;
using Landlock.Previews;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Undo-LandlockPreview: drops previews and the changes in them.</summary>
[Cmdlet(VerbsCommon.Undo, "LandlockPreview", SupportsShouldProcess = true)]
public sealed class UndoLandlockPreviewCommand : PreviewCommand
{
    /// <summary>Previews, or their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(PreviewNameCompleter))]
    [ValidateNotNullOrEmpty]
    public PSObject[] Preview { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (PSObject value in Preview)
        {
            if (Of(value) is { } preview && ShouldProcess($"{preview.Name}  {PreviewListing.Title(preview)}", "Drop preview"))
                Errors.GuardOne(this, value, preview.Drop);
        }
    }
}
