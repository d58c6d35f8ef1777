using System.Management.Automation;
using Landlock.Previews;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Get-LandlockPreview: the previews of this user, the latest first.</summary>
[Cmdlet(VerbsCommon.Get, "LandlockPreview", DefaultParameterSetName = ByName)]
[OutputType(typeof(Preview))]
public sealed class GetLandlockPreviewCommand : PreviewCommand
{
    private const string ByName = "Name", TheLast = "Last";

    /// <summary>Names, with wildcards.</summary>
    [Parameter(Position = 0, ParameterSetName = ByName)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PreviewNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Only the one that was begun last.</summary>
    [Parameter(Mandatory = true, ParameterSetName = TheLast)]
    public SwitchParameter Last { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ParameterSetName == TheLast && Last)
        {
            if (Of(null) is { } last) WriteObject(last);
            return;
        }

        foreach (string word in Name)
        {
            bool isPattern = WildcardPattern.ContainsWildcardCharacters(word);
            WildcardPattern pattern = new(word);
            Preview[] found = [.. Preview.All().Where(preview => isPattern ? pattern.IsMatch(preview.Name) : preview.Name == word)];
            if (found.Length == 0 && !isPattern)
                WriteError(Errors.From(new PreviewException($"There is no preview '{PosixText.Printable(word)}'."), word));
            WriteObject(found, enumerateCollection: true);
        }
    }
}
