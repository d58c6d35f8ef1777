using System.Collections.Immutable;

namespace Landlock.Denials;

/// <summary>Why a sandboxed command was denied what it was denied.</summary>
/// <param name="Denials">What was denied, the most telling first.</param>
/// <param name="Notes">What the explanations may lack.</param>
public sealed record ExplanationReport(ImmutableArray<DenialExplanation> Denials, ImmutableArray<string> Notes)
{
    // Whoever reads more than this uses the objects, or mends these first.
    private const int MostLines = 20, MostLookups = 3;

    /// <summary>Lines for people.</summary>
    /// <param name="fix">How a rule that would allow it is written.</param>
    /// <param name="rest">What says more, where there are too many.</param>
    public IEnumerable<string> Lines(Func<DenialExplanation, string> fix, string rest)
    {
        ArgumentNullException.ThrowIfNull(fix);
        static bool IsLookup(DenialExplanation denial) => denial is { IsProbe: true, Cause: DenialCause.Sandbox };
        DenialExplanation[] lookups = [.. Denials.Where(IsLookup)], telling = [.. Denials.Where(denial => !IsLookup(denial))];
        int own = telling.Count(denial => denial.Cause == DenialCause.Sandbox), others = telling.Length - own;
        // Where there is nothing else, it may have been one of these after all.
        if (own == 0) telling = [.. lookups, .. telling];
        yield return own == 0 ? "the sandbox denied nothing that was "
            + $"seen{(lookups.Length > 0 ? $" but {(lookups.Length == 1 ? "a lookup" : $"{lookups.Length} lookups")}" : "")}"
            + $"{(others > 0 ? $"; something else denied {others}" : "")}{(telling.Length > 0 ? ":" : "")}"
            : $"denied by the sandbox: {own}{(others > 0 ? $", by something else: {others}" : "")}"
                + $"{(telling.Length > 1 ? "; the most telling first:" : ":")}";
        foreach (DenialExplanation denial in telling.Take(MostLines))
        {
            foreach (string line in Lines(denial, fix(denial))) yield return line;
        }

        if (telling.Length > MostLines) yield return $"  and {telling.Length - MostLines} more; {rest}";
        if (own > 0 && lookups.Length > 0)
        {
            string more = lookups.Length > MostLookups ? $" and {lookups.Length - MostLookups} more; {rest}" : "";
            yield return "  looked up in passing, and done "
                + $"without: {string.Join(", ", lookups.Take(MostLookups).Select(denial => PosixText.Printable(denial.Path)))}{more}";
        }

        foreach (string note in Notes) yield return $"  note: {note}";
    }

    /// <summary>Lines for one denial: what, which rule would allow it, and what else is worth knowing.</summary>
    internal static IEnumerable<string> Lines(DenialExplanation denial, string fix)
    {
        yield return $"  {denial.Summary}";
        if (fix.Length > 0) yield return $"      {fix}";
        if (denial.Note is not null) yield return $"      {denial.Note}";
    }
}
