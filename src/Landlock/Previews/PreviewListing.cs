using System.Collections.Immutable;
using System.Globalization;

namespace Landlock.Previews;

/// <summary>Changes as lines for people, one for each.</summary>
public static class PreviewListing
{
    private const int KindWidth = 8;

    /// <summary>One line: the kind, the path, and what is to be known.</summary>
    /// <param name="change">The change.</param>
    public static string Line(PreviewChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        string detail = Detail(change);
        return $"{Word(change.Kind).PadRight(KindWidth)}{Path(change)}{(detail.Length == 0 ? "" : $"  ({detail})")}";
    }

    /// <summary>The first lines, and how many more there are.</summary>
    internal static IEnumerable<string> First(ImmutableArray<PreviewChange> changes)
    {
        const int most = 20;
        foreach (PreviewChange change in changes.Take(most)) yield return $"  {Line(change)}";
        if (changes.Length > most) yield return $"  ... and {changes.Length - most} more";
    }

    /// <summary>The path, with where it was before, and a slash behind a directory.</summary>
    /// <param name="change">The change.</param>
    public static string Path(PreviewChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        string path = Shown(change.Path, (change.After ?? change.Before)?.Kind);
        return change.Kind == PreviewChangeKind.Moved ? $"{Shown(change.OldPath!, change.Before?.Kind)} -> {path}" : path;
    }

    /// <summary>Sizes, permissions, and why it is held back, in a few words; empty if there is nothing to say.</summary>
    /// <param name="change">The change.</param>
    public static string Detail(PreviewChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        List<string> parts = [];
        bool isFile = (change.After ?? change.Before)?.Kind == PreviewEntryKind.File;
        if (isFile && change is { Before: { } old, After: { } now })
        {
            if (old.Size != now.Size) parts.Add($"{Bytes(old.Size)} -> {Bytes(now.Size)}");
        }
        else if (isFile && change is { Kind: PreviewChangeKind.Added, After: { } added })
        {
            parts.Add(Bytes(added.Size));
        }

        if (change is { Before: { } before, After: { } after } && before.Kind == after.Kind)
        {
            if (before.Mode != after.Mode && after.Kind != PreviewEntryKind.SymbolicLink)
                parts.Add($"{before.ModeString} -> {after.ModeString}");
            if ((before.Owner, before.Group) != (after.Owner, after.Group))
                parts.Add($"{before.Owner}:{before.Group} -> {after.Owner}:{after.Group}");
        }

        if (change.After?.Target is { } target) parts.Add($"leads to '{PosixText.Printable(target)}'");
        if (change is { Kind: PreviewChangeKind.Link, OldPath: { } other }) parts.Add($"another name of '{PosixText.Printable(other)}'");
        if (change.Kind == PreviewChangeKind.Time) parts.Add("only its time");
        if (change.Program is { } program) parts.Add($"by {PosixText.Printable(program[(program.LastIndexOf('/') + 1)..])}");
        if (change.Note is { } note) parts.Add(note);
        if (change.NeedsForce is { } force) parts.Add($"needs -Force (--force): {force}");
        if (change.Conflict is { } conflict) parts.Add($"conflict: {conflict}");
        return string.Join("; ", parts);
    }

    /// <summary>How many changes there are of each kind, such as "2 added, 1 removed"; "nothing" without any.</summary>
    /// <param name="changes">The changes.</param>
    public static string Count(IEnumerable<PreviewChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        string counts = string.Join(", ", changes.GroupBy(change => change.Kind).OrderBy(group => group.Key)
            .Select(group => $"{group.Count().ToString(CultureInfo.InvariantCulture)} {Done(group.Key)}"));
        return counts.Length == 0 ? "nothing" : counts;
    }

    /// <summary>What a preview is of, in one line.</summary>
    /// <param name="preview">The preview.</param>
    public static string Title(Preview preview)
    {
        ArgumentNullException.ThrowIfNull(preview);
        return string.Join(' ', preview.Command.Select(ShellText.Word)) + (preview.State switch
        {
            PreviewState.Running => " (still runs)",
            PreviewState.Interrupted => " (was cut off)",
            _ => "",
        });
    }

    private static string Done(PreviewChangeKind kind) => kind switch
    {
        PreviewChangeKind.Mode => "with another mode",
        PreviewChangeKind.Link => "linked",
        PreviewChangeKind.Time => "touched",
        _ => Word(kind),
    };

    private static string Word(PreviewChangeKind kind) => kind.ToString().ToLowerInvariant();

    private static string Shown(string path, PreviewEntryKind? kind) =>
        PosixText.Printable(path) + (kind == PreviewEntryKind.Directory ? "/" : "");

    private static string Bytes(long size) => size == 1 ? "1 byte"
        : string.Create(CultureInfo.InvariantCulture, $"{size} bytes");
}
