namespace Landlock.Previews;

/// <summary>What became of a change.</summary>
/// <param name="Change">The change.</param>
/// <param name="Reason">Why it was left; null if it was applied.</param>
public sealed record PreviewResult(PreviewChange Change, string? Reason)
{
    /// <summary>Whether it was applied.</summary>
    public bool IsApplied => Reason is null;

    /// <inheritdoc/>
    public override string ToString() => Reason is null ? Change.ToString() : $"{Change}: {Reason}";
}
