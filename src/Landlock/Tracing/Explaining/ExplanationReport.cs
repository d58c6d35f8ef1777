using System.Collections.Immutable;

namespace Landlock.Tracing;

/// <summary>Why a sandboxed command was denied what it was denied.</summary>
/// <param name="Denials">What was denied, the most telling first.</param>
/// <param name="Notes">What the explanations may lack.</param>
public sealed record ExplanationReport(ImmutableArray<DenialExplanation> Denials, ImmutableArray<string> Notes)
{
    // Whoever reads more than this uses the objects, or mends these first.
    private const int MostLines = 20;

    /// <summary>Lines for people.</summary>
    /// <param name="fix">How a rule that would allow it is written.</param>
    /// <param name="rest">What says more, where there are too many.</param>
    public IEnumerable<string> Lines(Func<DenialExplanation, string> fix, string rest)
    {
        ArgumentNullException.ThrowIfNull(fix);
        int own = Denials.Count(denial => denial.Cause == DenialCause.Sandbox);
        yield return Denials.IsEmpty ? "the sandbox denied nothing that was seen"
            : own == 0 ? $"the sandbox denied nothing that was seen; something else denied {Denials.Length}:"
            : $"denied by the sandbox: {own}{(own < Denials.Length ? $", by something else: {Denials.Length - own}" : "")}{(Denials.Length > 1 ? "; the most telling first:" : ":")}";
        foreach (DenialExplanation denial in Denials.Take(MostLines))
        {
            yield return $"  {denial.Summary}";
            if (fix(denial) is { Length: > 0 } rule) yield return $"      {rule}";
            if (denial.Note is not null) yield return $"      {denial.Note}";
        }

        if (Denials.Length > MostLines) yield return $"  and {Denials.Length - MostLines} more; {rest}";
        foreach (string note in Notes) yield return $"  note: {note}";
    }
}
