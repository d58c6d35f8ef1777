using System.Collections.Immutable;
using Landlock.Linux;
using Landlock.Previews;
using Landlock.Sandboxes;

namespace Landlocked;

/// <summary>What is said and asked when a command with --preview has ended.</summary>
internal static class PreviewEnd
{
    private const int TerminalStop = 20; // SIGTSTP

    // SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP: caught or ignored until now, for the command.
    private static readonly int[] Signals = [1, 2, 3, 15, TerminalStop];

    private static volatile bool s_asks;

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

        Output.Comment([$"{Output.Program}: the command would change, in the preview {preview.Name}:", .. PreviewListing.First(changes)]);
        if (!asks || !ForegroundTerminal.IsOurs() || Native.OpenTerminal() is not { } terminal)
        {
            Output.Comment([$"{Output.Program}: {PreviewListing.Count(changes)}; {Next(preview)}"]);
            return;
        }

        _ = new CaughtSignals().Take();
        ulong ignored = StartRecord.State().IgnoredSignals;
        using SignalThread signals = new([.. Signals.Where(signal => (ignored & (1UL << (signal - 1))) == 0)], signal =>
        {
            if (s_asks && Signals.Contains(signal)) Interrupted(preview, signal);
        });
        using (terminal) Ask(preview, changes, terminal);
    }

    private static string Next(Preview preview) => $"apply it: {Output.Program} preview apply {preview.Name}";

    // Nobody waits for the answer any more, or somebody does later.
    private static void Interrupted(Preview preview, int signal)
    {
        if (signal == TerminalStop)
        {
            Native.StopSelf();
            return;
        }

        Output.Comment(["", $"{Output.Program}: kept; {Next(preview)}"]);
        _ = Native.EndAs(new CommandEnd(0, signal));
    }

    private static void Ask(Preview preview, ImmutableArray<PreviewChange> changes, FileStream terminal)
    {
        while (true)
        {
            switch (Answer(terminal, "Apply all, choose, look at the differences, drop, or keep it for later? [a/c/l/d/K] "))
            {
                case "a":
                    if (!Apply(preview, changes)) Output.Comment([$"{Output.Program}: the rest is kept; {Next(preview)}"]);
                    return;
                case "c":
                    Choose(preview, changes, terminal);
                    return;
                case "l":
                    foreach (PreviewChange change in changes) Look(preview, change, terminal);
                    break;
                case "d":
                    preview.Drop();
                    Output.Comment([$"{Output.Program}: dropped"]);
                    return;
                case "k" or "" or null:
                    Output.Comment([$"{Output.Program}: kept; {Next(preview)}"]);
                    return;
            }
        }
    }

    private static void Choose(Preview preview, ImmutableArray<PreviewChange> changes, FileStream terminal)
    {
        List<(PreviewChangeKind Kind, string Path)> chosen = [];
        bool stops = false;
        for (int i = 0; i < changes.Length && !stops;)
        {
            switch (Answer(terminal, $"{PreviewListing.Line(changes[i])}\nApply it? Yes, no, look at it, or stop asking [y/N/l/s] "))
            {
                case "y":
                    chosen.Add((changes[i].Kind, changes[i].Path));
                    i++;
                    break;
                case "n" or "":
                    i++;
                    break;
                case "l":
                    if (!Look(preview, changes[i], terminal)) Write(terminal, "There is no text in it.\n");
                    break;
                case "s" or null:
                    stops = true;
                    break;
            }
        }

        ImmutableArray<PreviewChange> wanted = PreviewSelection.Needed(changes, chosen);
        bool isAll = (wanted.Length == 0 || Apply(preview, wanted)) && wanted.Length == changes.Length;
        if (!isAll) Output.Comment([$"{Output.Program}: the rest is kept; {Next(preview)}"]);
    }

    // Whether all of it was applied.
    private static bool Apply(Preview preview, ImmutableArray<PreviewChange> changes)
    {
        List<PreviewResult> results = [.. preview.Apply(changes)];
        PreviewChange[] applied = [.. results.Where(result => result.IsApplied).Select(result => result.Change)];
        if (applied.Length > 0) Output.Comment([$"{Output.Program}: applied: {PreviewListing.Count(applied)}"]);
        Output.Comment(PreviewCommand.Left(results));
        return applied.Length == results.Count;
    }

    private static bool Look(Preview preview, PreviewChange change, FileStream terminal)
    {
        if (preview.Patch(change) is not { } patch) return false;
        Write(terminal, PreviewPatch.Shown(patch));
        return true;
    }

    private static string? Answer(FileStream terminal, string question)
    {
        Write(terminal, question);
        List<byte> line = [];
        Span<byte> one = stackalloc byte[1];
        s_asks = true;
        try
        {
            while (terminal.Read(one) > 0)
            {
                if (one[0] == '\n') return PosixText.Decode([.. line]).Trim().ToLowerInvariant();
                line.Add(one[0]);
            }
        }
        catch (IOException)
        {
            // The terminal is gone, or somebody else's now.
        }
        finally
        {
            s_asks = false;
        }

        return null;
    }

    private static void Write(FileStream terminal, string text)
    {
        terminal.Write(PosixText.Encode(text));
        terminal.Flush();
    }
}
