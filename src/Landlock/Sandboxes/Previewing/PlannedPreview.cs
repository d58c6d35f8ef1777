using System.Collections.Immutable;
using Landlock.Linux;

namespace Landlock.Sandboxes.Previewing;

/// <summary>One place that a preview covers.</summary>
/// <param name="Lower">What is covered: a directory, or a single file.</param>
internal sealed record PlannedOverlay(FoundPath Lower)
{
    /// <summary>Where changes go: a directory, or the copy of the file; null until the preview has a place.</summary>
    public FoundPath? Upper { get; init; }

    /// <summary>The directory that overlayfs works in; null for a file.</summary>
    public FoundPath? Work { get; init; }

    /// <summary>Its absolute path.</summary>
    public string Path => Lower.RealPath!;

    /// <summary>Whether a single file is covered, by a copy.</summary>
    public bool IsFile => Lower.Kind == PathKind.File;
}

/// <summary>What a preview covers, and where its changes go.</summary>
/// <param name="Overlays">The places, outer ones first.</param>
/// <param name="Parent">The directory that previews of this user are kept in; it may not be there yet.</param>
/// <param name="InUserNamespace">Whether a user namespace is needed in order to mount.</param>
/// <param name="NotHeld">What goes on as without a preview, in words.</param>
internal sealed record PlannedPreview(ImmutableArray<PlannedOverlay> Overlays, string Parent, bool InUserNamespace,
    ImmutableArray<string> NotHeld)
{
    /// <summary>The directory of the preview; null until it has one.</summary>
    public string? Directory { get; init; }

    /// <summary>In words, one line for each.</summary>
    public IEnumerable<string> Describe()
    {
        foreach (PlannedOverlay overlay in Overlays) yield return $"covered by the preview: {PosixText.Printable(overlay.Path)}";
    }
}
