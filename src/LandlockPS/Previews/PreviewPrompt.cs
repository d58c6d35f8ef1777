using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using Landlock.Linux;
using Landlock.Previews;

namespace LandlockPS.Previews;

/// <summary>Says what a command would change that has ended in a preview, and asks what to do with it where somebody typed it.</summary>
internal sealed class PreviewPrompt(PSCmdlet cmdlet, Preview preview, ImmutableArray<PreviewChange> changes)
{
    private const int MostLines = 20;

    /// <summary>Says and asks.</summary>
    /// <param name="cmdlet">The cmdlet that has run the command.</param>
    /// <param name="place">The directory of the preview; null without one.</param>
    public static void Offer(PSCmdlet cmdlet, string? place)
    {
        if (place is null || Preview.Open(place) is not { } preview) return;
        ImmutableArray<PreviewChange> changes = preview.Changes();
        if (changes.IsEmpty)
        {
            preview.Drop();
            Say(cmdlet, ["The command would change nothing."]);
            return;
        }

        IEnumerable<string> lines = changes.Take(MostLines).Select(change => $"  {PreviewListing.Line(change)}");
        if (changes.Length > MostLines) lines = lines.Append($"  ... and {changes.Length - MostLines} more");
        Say(cmdlet, [$"The command would change, in the preview {preview.Name}:", .. lines]);
        bool isTyped = cmdlet.MyInvocation.ScriptName is null or "" && cmdlet.MyInvocation.CommandOrigin == CommandOrigin.Runspace
            && ForegroundTerminal.IsOurs() && !Console.IsInputRedirected;
        if (!isTyped || !new PreviewPrompt(cmdlet, preview, changes).Asked())
            Say(cmdlet, [$"{PreviewListing.Count(changes)}. Apply it: Complete-LandlockPreview {preview.Name}"]);
    }

    private static void Say(PSCmdlet cmdlet, IEnumerable<string> lines) => cmdlet.WriteInformation(
        new HostInformationMessage { Message = string.Join('\n', lines) }, ["PSHOST", "LandlockPreview"]);

    // False if nobody could be asked.
    private bool Asked()
    {
        try
        {
            while (true)
            {
                switch (Choose(PreviewListing.Count(changes), "Apply it?", 4,
                    ("&Apply all", "Make all of these changes."), ("&Choose", "Ask about each change."),
                    ("&Look", "Show the differences in text."), ("&Drop", "Forget the changes."),
                    ("&Keep", "Keep them for Complete-LandlockPreview and Undo-LandlockPreview.")))
                {
                    case 0:
                        Apply(changes);
                        return true;
                    case 1:
                        ApplySome();
                        return true;
                    case 2:
                        foreach (PreviewChange change in changes) Look(change);
                        break;
                    case 3:
                        preview.Drop();
                        return true;
                    default:
                        return false;
                }
            }
        }
        catch (Exception exception) when (exception is PSInvalidOperationException or HostException or NotImplementedException)
        {
            return false;
        }
    }

    private void ApplySome()
    {
        List<ChosenChange> chosen = [];
        bool stops = false;
        for (int i = 0; i < changes.Length && !stops;)
        {
            switch (Choose(PreviewListing.Line(changes[i]), "Apply it?", 1, ("&Yes", "Make this change."), ("&No", "Keep it for later."),
                ("&Look", "Show the difference in text."), ("&Stop asking", "Keep this and the rest for later.")))
            {
                case 0:
                    chosen.Add(new ChosenChange(preview.Name, changes[i].Kind, changes[i].Path));
                    i++;
                    break;
                case 1:
                    i++;
                    break;
                case 2:
                    Look(changes[i]);
                    break;
                default:
                    stops = true;
                    break;
            }
        }

        if (chosen.Count > 0) Apply([.. ChosenChange.Among(changes, chosen)]);
    }

    private void Apply(ImmutableArray<PreviewChange> wanted)
    {
        foreach (PreviewResult result in preview.Apply(wanted))
            if (!result.IsApplied) cmdlet.WriteError(PreviewErrors.NotApplied(result));
    }

    private void Look(PreviewChange change)
    {
        if (preview.Patch(change) is { } patch) cmdlet.Host.UI.Write(PreviewErrors.Shown(patch));
    }

    private int Choose(string caption, string question, int otherwise, params (string Label, string Help)[] choices) =>
        cmdlet.Host.UI.PromptForChoice(caption, question,
            new Collection<ChoiceDescription>([.. choices.Select(choice => new ChoiceDescription(choice.Label, choice.Help))]), otherwise);
}
