using System.Collections.Immutable;

namespace Landlock.Documents;

/// <summary>A policy cannot be read, composed, resolved or written; lists everything that was found, with places.</summary>
public sealed class PolicyException : Exception
{
    /// <summary>Creates the exception; its message has one line for each error.</summary>
    public PolicyException(IEnumerable<PolicyFinding> findings)
        : this([.. findings])
    {
    }

    private PolicyException(ImmutableArray<PolicyFinding> findings)
        : base(string.Join('\n', findings.Where(finding => finding.Severity == FindingSeverity.Error)))
    {
        Findings = findings;
    }

    /// <summary>Everything that was found, errors and lesser things, in the order of the text.</summary>
    public ImmutableArray<PolicyFinding> Findings { get; }

    internal static PolicyException At(PolicyLocation location, string message) =>
        new([new PolicyFinding(location, FindingSeverity.Error, message)]);
}
