using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>
/// Says whether policies can be used, and everything that is wrong with them. Nothing is enforced or opened but the policies.
/// </summary>
internal static class PolicyCheck
{
    /// <summary>Checks one policy as it would be used: reads the file, or all documents of the directory, composes and resolves.</summary>
    /// <param name="path">A file or directory.</param>
    /// <param name="variables">Values for variables.</param>
    /// <param name="syntax">The syntax, whatever the files are called; null = find out.</param>
    /// <param name="options">How to read.</param>
    public static ImmutableArray<PolicyFinding> Path(string path, PolicyVariables? variables = null, PolicySyntax? syntax = null,
        PolicyReadOptions? options = null)
    {
        (ImmutableArray<PolicyDocument> documents, ImmutableArray<PolicyFinding> findings) = PolicyFile.CheckAll([path], syntax, options);
        return Documents(documents, findings, variables);
    }

    /// <summary>Checks the text of a document.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <param name="variables">Values for variables.</param>
    /// <param name="syntax">The syntax; null = find out.</param>
    /// <param name="options">How to read.</param>
    public static ImmutableArray<PolicyFinding> Text(ReadOnlySpan<byte> utf8, string source, PolicyVariables? variables = null,
        PolicySyntax? syntax = null, PolicyReadOptions? options = null)
    {
        PolicyReading reading = PolicyDocument.Check(utf8, syntax ?? PolicySyntaxes.OfText(utf8), source, options);
        return Documents(reading.Document is null ? [] : [reading.Document], reading.Findings, variables);
    }

    /// <summary>Checks documents that were read already, as one policy.</summary>
    /// <param name="documents">Those that could be read.</param>
    /// <param name="findings">What was found in reading.</param>
    /// <param name="variables">Values for variables.</param>
    public static ImmutableArray<PolicyFinding> Documents(ImmutableArray<PolicyDocument> documents, ImmutableArray<PolicyFinding> findings,
        PolicyVariables? variables = null)
    {
        if (findings.Any(finding => finding.Severity == FindingSeverity.Error)) return findings;
        try
        {
            PolicyComposition composition = PolicyComposition.Compose(documents);
            ResolvedPolicy resolved = composition.Policy.Resolve(variables);
            return [.. findings, .. composition.Findings, .. documents.SelectMany(LiteralNames.Of), .. resolved.Findings,
                .. Refer(documents, resolved.Ruleset), .. PolicyHosts.Shadowed(documents, resolved.Ruleset)];
        }
        catch (PolicyException exception)
        {
            // Reading warns of what is an error only if it is used, and here it is.
            return [.. findings.Where(warned => !exception.Findings.Any(error => error.Location == warned.Location)),
                .. exception.Findings];
        }
    }

    // The kernel denies it to every ruleset that handles a filesystem right (landlock(7), LANDLOCK_ACCESS_FS_REFER).
    private static IEnumerable<PolicyFinding> Refer(ImmutableArray<PolicyDocument> documents, Ruleset ruleset)
    {
        const AccessFs made = AccessFs.MakeReg | AccessFs.MakeDir;
        if (ruleset.HandledFs == AccessFs.None || (ruleset.HandledFs & AccessFs.Refer) != 0
            || !ruleset.PathRules.Any(rule => (rule.Access & made & ruleset.HandledFs) != 0))
        {
            yield break;
        }

        PolicyHandled? handled = documents.SelectMany(document => document.Rulesets).FirstOrDefault();
        yield return new PolicyFinding(handled?.Location ?? new PolicyLocation(documents[0].Source, 0, 0), FindingSeverity.Warning,
            "'refer' is not handled, so that no rule can allow moving and linking files between directories, which the kernel denies then; "
                + "handle it, and allow it where files are made");
    }
}
