using Landlock.Kernel;

namespace Landlock.Policies;

/// <summary>Says in one sentence how a composition restricts less than its documents do.</summary>
public static class LooseningText
{
    /// <summary>The sentence; null if nothing is loosened.</summary>
    /// <param name="composition">The composition.</param>
    /// <param name="advice">How to tighten instead, where the user is ("To nest them as layers, use -Layer").</param>
    public static string? Warning(PolicyComposition composition, string? advice = null)
    {
        ArgumentNullException.ThrowIfNull(composition);
        if (!composition.IsLoosened) return null;
        IEnumerable<string> rights = composition.Loosened
            .GroupBy(right => (By: Joined(right.HandledBy), Without: Joined(right.NotHandledBy)))
            .Select(group => $"{string.Join(' ', group.Select(right => right.Right.Name))} (handled by {group.Key.By}, not by {group.Key.Without})");
        IEnumerable<string> variables = composition.Shared.Select(variable =>
            $"the variable '{variable.Name}' has values from {Joined(variable.Sources)}, and the rules of each apply to all of them");
        string lost = composition.Loosened.Length == 0 ? "" : $"no longer restricted: {string.Join("; ", rights)}";
        string[] parts = [.. lost.Length == 0 ? Array.Empty<string>() : [lost], .. variables];
        return $"Composed, the policies restrict less than each of them alone: {string.Join("; ", parts)}.{(advice is null ? "" : $" {advice}")}";
    }

    private static string Joined(IEnumerable<string> sources) => PosixText.Printable(string.Join(", ", sources));
}
