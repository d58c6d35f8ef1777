using Landlock.Linux;

namespace Landlock.Previews;

/// <summary>One change that a command has made in a preview.</summary>
public sealed record PreviewChange
{
    /// <summary>The name of the preview.</summary>
    public required string Preview { get; init; }

    /// <summary>What applying it does.</summary>
    public required PreviewChangeKind Kind { get; init; }

    /// <summary>The absolute path.</summary>
    public required string Path { get; init; }

    /// <summary>Where it was before it was moved, or the file that a hard link is another name of; null of others.</summary>
    public string? OldPath { get; init; }

    /// <summary>What is there now; null where nothing is.</summary>
    public PreviewEntry? Before { get; init; }

    /// <summary>What will be there; null where nothing will be.</summary>
    public PreviewEntry? After { get; init; }

    /// <summary>
    /// Why it cannot be applied: it was changed by somebody else since the command started. Null if it can.
    /// </summary>
    public string? Conflict { get; init; }

    /// <summary>Why only force applies it: a set-user-ID file, a device node, a link that leads elsewhere. Null if it needs none.</summary>
    public string? NeedsForce { get; init; }

    /// <summary>What else is to be known; null if nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The program that made it, where the command was traced (-Explain, --explain); null if that is not known.</summary>
    public string? Program { get; init; }

    /// <summary>Which covered place it is in.</summary>
    internal int Overlay { get; init; }

    /// <summary>The path beneath the covered place; empty = the place itself.</summary>
    internal string Inner { get; init; } = "";

    /// <summary>The same of where it was.</summary>
    internal string? OldInner { get; init; }

    /// <summary>What was there when it was looked at.</summary>
    internal EntryDetails? Lower { get; init; }

    /// <summary>What holds the change.</summary>
    internal EntryDetails? Upper { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {PosixText.Printable(Path)}";
}
