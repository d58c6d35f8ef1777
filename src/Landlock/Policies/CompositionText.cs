
namespace Landlock.Policies;

/// <summary>Says in a sentence or two what a composition takes from its documents.</summary>
internal static class CompositionText
{
    /// <summary>The sentences; null if nothing is taken.</summary>
    /// <param name="composition">The composition.</param>
    /// <param name="advice">How to tighten instead, where the user is ("To nest them as layers, use -Layer").</param>
    public static string? Warning(PolicyComposition composition, string? advice = null)
    {
        ArgumentNullException.ThrowIfNull(composition);
        string?[] sentences = [Loosening(composition), Withdrawal(composition)];
        string text = string.Join(' ', sentences.OfType<string>());
        return text.Length == 0 ? null : advice is null ? text : $"{text} {advice}";
    }

    private static string? Loosening(PolicyComposition composition)
    {
        if (!composition.IsLoosened) return null;
        IEnumerable<string> rights = composition.Loosened
            .GroupBy(right => (By: Joined(right.HandledBy), Without: Joined(right.NotHandledBy)))
            .Select(group =>
                $"{string.Join(' ', group.Select(right => right.Right.Name))} (handled by {group.Key.By}, not by {group.Key.Without})");
        IEnumerable<string> variables = composition.Shared.Select(variable =>
            $"the variable '{variable.Name}' has values from {Joined(variable.Sources)}, and the rules of each apply to all of them");
        string lost = composition.Loosened.Length == 0 ? "" : $"no longer restricted: {string.Join("; ", rights)}";
        string[] parts = [.. lost.Length == 0 ? Array.Empty<string>() : [lost], .. variables];
        return $"Composed, the policies restrict less than each of them alone: {string.Join("; ", parts)}.";
    }

    private static string? Withdrawal(PolicyComposition composition) => composition.Withdrawn is { } right
        ? $"Composed, no rule can allow {right.Right} any more (handled by {Joined(right.HandledBy)}, not "
            + $"by {Joined(right.NotHandledBy)}), so files can be moved and linked within their directories only."
        : null;

    private static string Joined(IEnumerable<string> sources) => PosixText.Printable(string.Join(", ", sources));
}
