using System.Collections.Immutable;
using System.Management.Automation;
using Landlock.Previews;
using LandlockPS.Engine;
using LandlockPS.Previews;

namespace LandlockPS;

/// <summary>Complete-LandlockPreview: makes the changes of a preview.</summary>
[Cmdlet(VerbsLifecycle.Complete, "LandlockPreview", SupportsShouldProcess = true)]
[OutputType(typeof(PreviewResult))]
public sealed class CompleteLandlockPreviewCommand : PreviewCommand
{
    private readonly List<ChosenChange> _changes = [];

    /// <summary>Previews, or their names, or changes.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(PreviewNameCompleter))]
    [ValidateNotNullOrEmpty]
    public PSObject[] Preview { get; set; } = [];

    /// <summary>Only what is there and beneath.</summary>
    [Parameter(Position = 1)]
    [PathTransformation]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Set-user-ID files, device nodes and links that lead elsewhere as well.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Give what became of each change.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (PSObject value in Preview)
        {
            if (Chosen(value) is { } change) _changes.Add(change);
            else if (Of(value) is { } preview)
                Errors.GuardOne(this, value, () => Apply(preview, PreviewSelection.Of(preview.Changes(), Paths(Path))));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach (IGrouping<string, ChosenChange> group in _changes.GroupBy(change => change.Preview))
        {
            if (Of(group.Key) is not { } preview) continue;
            Errors.GuardOne(this, group.Key, () =>
            {
                ImmutableArray<PreviewChange> chosen =
                    PreviewSelection.Needed(preview.Changes(), group.Select(change => (change.Kind, change.Path)));
                Apply(preview, PreviewSelection.Of(chosen, Paths(Path)));
            });
        }
    }

    private void Apply(Preview preview, IReadOnlyList<PreviewChange> changes)
    {
        PreviewChange[] approved = [.. changes.Where(change => ShouldProcess(PreviewListing.Line(change), "Apply"))];
        if (approved.Length == 0) return;
        foreach (PreviewResult result in preview.Apply(approved, Force))
        {
            if (!result.IsApplied) WriteError(PreviewErrors.NotApplied(result));
            if (PassThru) WriteObject(result);
        }
    }
}
