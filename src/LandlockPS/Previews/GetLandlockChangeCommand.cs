using System.Collections.Immutable;
using System.Management.Automation;
using Landlock.Previews;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Get-LandlockChange: what a command would change that ran with -Preview.</summary>
[Cmdlet(VerbsCommon.Get, "LandlockChange")]
[OutputType(typeof(PreviewChange), typeof(string))]
public sealed class GetLandlockChangeCommand : PreviewCommand
{
    /// <summary>Previews, or their names; none = the latest.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(PreviewNameCompleter))]
    [ValidateNotNullOrEmpty]
    public PSObject[] Preview { get; set; } = [];

    /// <summary>Only what is there and beneath.</summary>
    [Parameter(Position = 1)]
    [PathTransformation]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Only changes of these kinds.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public PreviewChangeKind[] Kind { get; set; } = [];

    /// <summary>The differences in text instead, as patch(1) reads them.</summary>
    [Parameter]
    public SwitchParameter Patch { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (PSObject? value in Preview.DefaultIfEmpty()) Write(value);
    }

    private void Write(PSObject? value) => Errors.GuardOne(this, value, () =>
    {
        if (Of(value) is not { } preview) return;
        ImmutableArray<PreviewChange> changes = PreviewSelection.Of(preview.Changes(), Paths(Path));
        foreach (PreviewChange change in changes.Where(change => Kind.Length == 0 || Kind.Contains(change.Kind)))
        {
            if (!Patch) WriteObject(change);
            else if (preview.Patch(change) is { } patch) WriteObject(PreviewPatch.Shown(patch.TrimEnd('\n')));
        }
    });
}
