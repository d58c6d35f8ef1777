using System.Collections.Immutable;
using Landlock.Previews;
using Landlock.Rulesets;

namespace Landlocked;

/// <summary>What is said and asked when a command with --preview has ended.</summary>
internal static class PreviewEnd
{
    private const int MostLines = 20;

    /// <summary>Says what was changed, and asks what to do with it where somebody is there to answer.</summary>
    /// <param name="place">The directory of the preview.</param>
    /// <param name="asks">Whether somebody sits at the terminal.</param>
    public static void Tell(string? place, bool asks)
    {
        if (place is null || Preview.Open(place) is not { } preview) return;
        ImmutableArray<PreviewChange> changes = preview.Changes();
        if (changes.IsEmpty)
        {
            preview.Drop();
            Output.Comment([$"{Output.Program}: the command would change nothing"]);
            return;
        }

        IEnumerable<string> lines = changes.Take(MostLines).Select(change => $"  {PreviewListing.Line(change)}");
        if (changes.Length > MostLines) lines = lines.Append($"  ... and {changes.Length - MostLines} more");
        Output.Comment([$"{Output.Program}: the command would change, in the preview {preview.Name}:", .. lines]);
        if (!asks || Native.OpenTerminal() is not { } terminal)
        {
            Output.Comment([$"{Output.Program}: {PreviewListing.Count(changes)}; apply it: {Output.Program} preview apply {preview.Name}"]);
            return;
        }

        using (terminal) Ask(preview, changes, terminal);
    }

    private static void Ask(Preview preview, ImmutableArray<PreviewChange> changes, FileStream terminal)
    {
        while (true)
        {
            switch (Answer(terminal, "Apply all, choose, look at the differences, drop, or keep it for later? [a/c/l/d/K] "))
            {
                case "a":
                    PreviewCommand.Tell(preview, [.. preview.Apply(changes)]);
                    return;
                case "c":
                    Choose(preview, changes, terminal);
                    return;
                case "l":
                    foreach (PreviewChange change in changes)
                        if (preview.Patch(change) is { } patch) Write(terminal, PreviewCommand.Shown(patch));
                    break;
                case "d":
                    preview.Drop();
                    return;
                case "k" or "" or null:
                    Output.Comment([$"{Output.Program}: kept; apply it: {Output.Program} preview apply {preview.Name}"]);
                    return;
            }
        }
    }

    private static void Choose(Preview preview, ImmutableArray<PreviewChange> changes, FileStream terminal)
    {
        List<string> chosen = [];
        foreach (PreviewChange change in changes)
        {
            string? answer;
            do
            {
                answer = Answer(terminal, $"{PreviewListing.Line(change)}\nApply it? [y/N/l/q] ");
                if (answer == "l" && preview.Patch(change) is { } patch) Write(terminal, PreviewCommand.Shown(patch));
            }
            while (answer == "l");
            if (answer is "q" or null) break;
            if (answer == "y") chosen.Add(change.Path);
        }

        // A directory that was chosen does not take along what is in it: that was asked for by itself.
        HashSet<string> paths = [.. chosen];
        ImmutableArray<PreviewChange> wanted = chosen.Count == 0 ? []
            : [.. PreviewSelection.Of(changes, chosen).Where(change => paths.Any(path => PathRule.IsBeneath(path, change.Path))
                || !paths.Any(path => PathRule.IsBeneath(change.Path, path)))];
        if (wanted.Length > 0) PreviewCommand.Tell(preview, [.. preview.Apply(wanted)]);
        if (wanted.Length < changes.Length)
            Output.Comment([$"{Output.Program}: the rest is kept in the preview {preview.Name}"]);
    }

    private static string? Answer(FileStream terminal, string question)
    {
        Write(terminal, question);
        List<byte> line = [];
        Span<byte> one = stackalloc byte[1];
        while (true)
        {
            if (terminal.Read(one) == 0) return null;
            if (one[0] == '\n') return PosixText.Decode([.. line]).Trim().ToLowerInvariant();
            line.Add(one[0]);
        }
    }

    private static void Write(FileStream terminal, string text)
    {
        terminal.Write(PosixText.Encode(text));
        terminal.Flush();
    }
}
