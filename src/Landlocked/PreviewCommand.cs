using System.Collections.Immutable;
using Landlock.Previews;
using Landlock.Sandboxes.Supervision;

namespace Landlocked;

/// <summary>`landlocked preview ...`: what commands have changed that ran with --preview.</summary>
internal static class PreviewCommand
{
    /// <summary>The word for the preview that was begun last.</summary>
    public const string Last = "last";

    private static readonly Option<Wanted> JsonOption = new("--json", null, "", static (wanted, _) => wanted.Json = true);
    private static readonly Option<Wanted> HelpOption = new("--help", null, "", static (wanted, _) => wanted.Help = true) { Short = "-h" };
    private static readonly Option<Wanted> ForceOption = new("--force", null, "", static (wanted, _) => wanted.Force = true);
    private static readonly Option<Wanted> DryOption = new("--dry-run", null, "", static (wanted, _) => wanted.DryRun = true);
    private static readonly Option<Wanted> AllOption = new("--all", null, "", static (wanted, _) => wanted.All = true);

    /// <summary>`preview list`.</summary>
    public static int List(string[] arguments)
    {
        Wanted wanted = Parse(arguments, JsonOption);
        if (wanted.Help) return Output.Print(Help.Lines("preview list"));
        if (wanted.Words is [var word, ..])
            throw new UsageException($"preview list takes no argument but --json, not '{PosixText.Printable(word)}'");
        ImmutableArray<Preview> all = Preview.All();
        if (wanted.Json) return Output.Print(PreviewJson.Write(all));
        return Output.Print(all.Select(preview => $"{preview.Name}  {PreviewListing.Title(preview)}"));
    }

    /// <summary>`preview show`.</summary>
    public static int Show(string[] arguments)
    {
        Wanted wanted = Parse(arguments, JsonOption);
        if (wanted.Help) return Output.Print(Help.Lines("preview show"));
        (Preview preview, ImmutableArray<PreviewChange> changes) = Chosen(wanted.Words);
        if (wanted.Json) return Output.Print(PreviewJson.Write(preview, changes));
        return Output.Print(
        [
            $"preview {preview.Name}: {PreviewListing.Title(preview)}",
            .. changes.Select(change => $"  {PreviewListing.Line(change)}"),
            $"{PreviewListing.Count(changes)}",
        ]);
    }

    /// <summary>`preview diff`.</summary>
    public static int Diff(string[] arguments)
    {
        Wanted wanted = Parse(arguments);
        if (wanted.Help) return Output.Print(Help.Lines("preview diff"));
        (Preview preview, ImmutableArray<PreviewChange> changes) = Chosen(wanted.Words);
        return Write(preview, changes, Native.IsTerminal(1) != 0);
    }

    /// <summary>`preview apply`: 1 if something is left.</summary>
    public static int Apply(string[] arguments)
    {
        Wanted wanted = Parse(arguments, ForceOption, DryOption, JsonOption);
        if (wanted.Help) return Output.Print(Help.Lines("preview apply"));
        Demand(wanted, "apply");
        (Preview preview, ImmutableArray<PreviewChange> changes) = Chosen(wanted.Words);
        if (wanted.DryRun) return Show([.. wanted.Json ? ["--json"] : Array.Empty<string>(), "--", .. wanted.Words]);
        List<PreviewResult> results = [.. preview.Apply(changes, wanted.Force)];
        int written = 0;
        if (wanted.Json) written = Output.Print(PreviewJson.Write(preview, results));
        else Tell(preview, results);
        return written != 0 ? written : results.TrueForAll(result => result.IsApplied) ? 0 : ExitCodes.NotApplied;
    }

    /// <summary>`preview drop`.</summary>
    public static int Drop(string[] arguments)
    {
        Wanted wanted = Parse(arguments, AllOption);
        if (wanted.Help) return Output.Print(Help.Lines("preview drop"));
        if (!wanted.All) Demand(wanted, "drop");
        if (wanted.All && wanted.Words.Count > 0)
            throw new UsageException($"--all drops every preview; leave out '{PosixText.Printable(wanted.Words[0])}'");
        Preview[] chosen = wanted.All ? [.. Preview.All().Where(preview => preview.State != PreviewState.Running)]
            : [.. wanted.Words.Select(Find).DistinctBy(preview => preview.Name)];
        foreach (Preview preview in chosen) preview.Drop();
        return 0;
    }

    /// <summary>The differences in text, as patch(1) reads them.</summary>
    internal static int Write(Preview preview, IEnumerable<PreviewChange> changes, bool isTerminal)
    {
        foreach (PreviewChange change in changes)
        {
            if (preview.Patch(change) is not { } patch) continue;
            if (Output.Print(PosixText.Encode(isTerminal ? PreviewPatch.Shown(patch) : patch)) is not 0 and var failed) return failed;
        }

        return 0;
    }

    /// <summary>What was left, and why.</summary>
    internal static IEnumerable<string> Left(IEnumerable<PreviewResult> results) => results.Where(result => !result.IsApplied)
        .Select(result => $"{Output.Program}: not applied: {PreviewListing.Path(result.Change)}: {result.Reason}");

    private static void Tell(Preview preview, List<PreviewResult> results)
    {
        Output.Comment(Left(results));
        int left = results.Count(result => !result.IsApplied);
        if (left > 0)
            Output.Comment([$"{Output.Program}: {left} of {results.Count} changes stay in the preview {preview.Name}"]);
    }

    private static Wanted Parse(string[] arguments, params Option<Wanted>[] options)
    {
        Wanted wanted = new();
        wanted.Words.AddRange(OptionParser.ParseAll([new OptionGroup<Wanted>("", [.. options, HelpOption])], arguments, wanted));
        return wanted;
    }

    private static void Demand(Wanted wanted, string verb)
    {
        if (wanted.Words.Count == 0)
            throw new UsageException($"preview {verb} needs the name of a preview, as {Output.Program} preview list shows them, or "
                + $"'{Last}' for the one that was begun last");
    }

    private static Preview Find(string name) => Preview.Find(name == Last ? null : name);

    // The first word names the preview, the others paths.
    private static (Preview Preview, ImmutableArray<PreviewChange> Changes) Chosen(List<string> words)
    {
        Preview preview = Find(words.Count == 0 ? Last : words[0]);
        string here = Native.CurrentDirectory();
        // Changes have the paths of what was covered, without links on the way.
        return (preview, PreviewSelection.Of(preview.Changes(), [.. words.Skip(1).Select(path => PreservedPlace.Named(path, here))]));
    }

    private sealed class Wanted
    {
        public List<string> Words { get; } = [];

        public bool Json { get; set; }

        public bool Help { get; set; }

        public bool Force { get; set; }

        public bool DryRun { get; set; }

        public bool All { get; set; }
    }
}
