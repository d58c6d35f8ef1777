using System.Management.Automation;
using Landlock.Previews;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Undo-LandlockPreview: forgets previews and the changes in them.</summary>
[Cmdlet(VerbsCommon.Undo, "LandlockPreview", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UndoLandlockPreviewCommand : PreviewCommand
{
    /// <summary>The preview, or its name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(PreviewNameCompleter))]
    [ValidateNotNullOrEmpty]
    public PSObject? Preview { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Of(Preview) is not { } preview) return;
        if (ShouldProcess($"{preview.Name}  {PreviewListing.Title(preview)}", "Forget preview"))
            Errors.GuardOne(this, Preview, preview.Drop);
    }
}
