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
    /// <summary>Says and asks.</summary>
    /// <param name="cmdlet">The cmdlet that has run the command.</param>
    /// <param name="place">The directory of the preview; null without one.</param>
    public static void Offer(PSCmdlet cmdlet, string? place)
    {
        if (place is null || Preview.Open(place) is not { } preview) return;
        ImmutableArray<PreviewChange> changes = preview.Changes();
        if (changes.IsEmpty && preview.State != PreviewState.Running)
        {
            preview.Drop();
            Say(cmdlet, ["The command would change nothing."]);
            return;
        }

        Say(cmdlet, [$"The command would change, in the preview {preview.Name}:", .. PreviewListing.First(changes)]);
        bool isTyped = !cmdlet.Stopping && cmdlet.MyInvocation is { ScriptName: null or "", CommandOrigin: CommandOrigin.Runspace }
            && ForegroundTerminal.IsOurs() && !Console.IsInputRedirected;
        if (!isTyped || !new PreviewPrompt(cmdlet, preview, changes).Asked())
            Say(cmdlet, [$"{PreviewListing.Count(changes)}. {Next(preview)}"]);
    }

    private static string Next(Preview preview) => $"Apply it: Complete-LandlockPreview {preview.Name}";

    private static void Say(PSCmdlet cmdlet, IEnumerable<string> lines)
    {
        string text = string.Join('\n', lines);
        // A command that was stopped has no streams any more.
        if (cmdlet.Stopping) cmdlet.Host.UI.WriteLine(text);
        else cmdlet.WriteInformation(new HostInformationMessage { Message = text }, ["PSHOST", "LandlockPreview"]);
    }

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
                        return ApplySome();
                    case 2:
                        foreach (PreviewChange change in changes) _ = Look(change);
                        break;
                    case 3:
                        preview.Drop();
                        Say(cmdlet, ["Dropped."]);
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

    // False if that was broken off, and nothing was applied.
    private bool ApplySome()
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
                    if (!Look(changes[i])) cmdlet.Host.UI.WriteLine("There is no text in it.");
                    break;
                default:
                    stops = true;
                    break;
            }
        }

        if (cmdlet.Stopping) return false;
        Apply(PreviewSelection.Needed(changes, chosen.Select(one => (one.Kind, one.Path))));
        return true;
    }

    private void Apply(ImmutableArray<PreviewChange> wanted)
    {
        List<PreviewChange> applied = [];
        foreach (PreviewResult result in wanted.IsEmpty ? [] : preview.Apply(wanted))
        {
            if (result.IsApplied) applied.Add(result.Change);
            else cmdlet.WriteError(PreviewErrors.NotApplied(result));
        }

        if (applied.Count > 0) Say(cmdlet, [$"Applied: {PreviewListing.Count(applied)}."]);
        if (applied.Count < changes.Length) Say(cmdlet, [$"The rest is kept. {Next(preview)}"]);
    }

    private bool Look(PreviewChange change)
    {
        if (preview.Patch(change) is not { } patch) return false;
        cmdlet.Host.UI.Write(PreviewPatch.Shown(patch));
        return true;
    }

    // Ctrl+C answers with what is meant otherwise, and leaves the line.
    private int Choose(string caption, string question, int otherwise, params (string Label, string Help)[] choices)
    {
        if (cmdlet.Stopping) return otherwise;
        int answer = cmdlet.Host.UI.PromptForChoice(caption, question,
            new Collection<ChoiceDescription>([.. choices.Select(choice => new ChoiceDescription(choice.Label, choice.Help))]), otherwise);
        if (cmdlet.Stopping) cmdlet.Host.UI.WriteLine();
        return answer;
    }
}
