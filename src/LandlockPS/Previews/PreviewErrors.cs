using System.Management.Automation;
using Landlock.Previews;
using LandlockPS.Engine;

namespace LandlockPS.Previews;

/// <summary>Errors about previews, and their texts.</summary>
internal static class PreviewErrors
{
    /// <summary>A change that was left.</summary>
    public static ErrorRecord NotApplied(PreviewResult result)
    {
        bool isConflict = result.Change.Conflict is not null || result.Change.NeedsForce is null;
        return Errors.New(
            new InvalidOperationException($"Not applied: {PreviewListing.Path(result.Change)}: {result.Reason}."),
            isConflict ? "PreviewConflict" : "PreviewNeedsForce", isConflict ? ErrorCategory.ResourceExists : ErrorCategory.SecurityError,
            result.Change, isConflict ? "Get-LandlockChange shows what is left; Undo-LandlockPreview forgets it."
                : "Look at it, then: Complete-LandlockPreview -Force");
    }
}
