using System.Collections.Immutable;
using System.Management.Automation;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using LandlockPS.Binding;

namespace LandlockPS.Policies;

/// <summary>
/// From what a user names as a policy to rulesets; what is worth knowing on the way becomes warnings and verbose messages.
/// </summary>
internal static class PolicyLoading
{
    /// <summary>What messages call a text that is in no file.</summary>
    public const string TextSource = "text";

    /// <summary>Files and directories that were named; each exists.</summary>
    /// <exception cref="ItemNotFoundException">One does not, or a pattern matches nothing.</exception>
    /// <exception cref="RulesetException">One is no path of the filesystem.</exception>
    public static IEnumerable<string> Paths(PSCmdlet cmdlet, IEnumerable<string> names, bool literal)
    {
        foreach (string path in names.SelectMany(name => literal ? [RulePath.Literal(cmdlet, name)] : Matching(cmdlet, name)))
            yield return Path.Exists(path) ? path
                : throw new ItemNotFoundException($"The policy '{PosixText.Printable(path)}' does not exist.");
    }

    private static IEnumerable<string> Matching(PSCmdlet cmdlet, string pattern)
    {
        try
        {
            return RulePath.Matching(cmdlet, pattern);
        }
        catch (RulesetException exception) when (exception.Problem == RulesetProblem.PathNotFound)
        {
            throw new ItemNotFoundException($"No policy matches '{PosixText.Printable(pattern)}'.", exception);
        }
    }

    /// <summary>Reads documents.</summary>
    /// <exception cref="PolicyException">One is bad.</exception>
    public static ImmutableArray<PolicyDocument> Read(PSCmdlet cmdlet, IEnumerable<string> paths, PolicyFormat format, bool strict)
    {
        ImmutableArray<PolicyDocument> documents = PolicyFile.ReadAll(paths, format.Syntax(), Options(strict));
        foreach (PolicyDocument document in documents) Tell(cmdlet, document.Findings);
        return documents;
    }

    /// <summary>How documents are read.</summary>
    public static PolicyReadOptions Options(bool strict) => new() { StrictCompatibility = strict };

    /// <summary>One ruleset of all documents, composed as upstream does; warns where that loosens one of them.</summary>
    /// <exception cref="PolicyException">Nothing is left handled, or a variable has no value.</exception>
    public static Ruleset Compose(PSCmdlet cmdlet, ImmutableArray<PolicyDocument> documents, PolicyVariables variables, bool allowEmpty) =>
        Resolve(cmdlet, Compose(cmdlet, documents, allowEmpty), variables);

    /// <summary>The ruleset of a policy.</summary>
    /// <exception cref="PolicyException">A variable has no value.</exception>
    public static Ruleset Resolve(PSCmdlet cmdlet, Policy policy, PolicyVariables variables)
    {
        ResolvedPolicy resolved = policy.Resolve(variables);
        Tell(cmdlet, resolved.Findings);
        return resolved.Ruleset;
    }

    /// <summary>
    /// One policy of all documents, its variables still open; warns where that loosens one of them, and -Verbose tells
    /// the rules that lose rights.
    /// </summary>
    /// <exception cref="PolicyException">Nothing is left handled.</exception>
    public static Policy Compose(PSCmdlet cmdlet, ImmutableArray<PolicyDocument> documents, bool allowEmpty)
    {
        PolicyComposition composition = PolicyComposition.Compose(documents, allowEmpty);
        if (CompositionText.Warning(composition, "To demand what every one of them demands, nest them: Import-LandlockPolicy -Layer.")
            is { } warning)
        {
            cmdlet.WriteWarning(warning);
        }
        foreach (ReducedRule rule in composition.Reduced) cmdlet.WriteVerbose($"{rule.Location}: {rule}");
        return composition.Policy;
    }

    /// <summary>The documents of all that -Policy names.</summary>
    /// <exception cref="PolicyException">One is bad.</exception>
    public static ImmutableArray<PolicyDocument> Documents(PSCmdlet cmdlet, string[] names) =>
        names.Length == 0 ? []
            : PolicyFile.ReadAll(Paths(cmdlet, names, literal: false), PolicyFormat.Auto.Syntax(), Options(strict: false));

    /// <summary>One ruleset for each document.</summary>
    /// <exception cref="PolicyException">One handles nothing, or a variable has no value.</exception>
    public static IEnumerable<Ruleset> Layers(PSCmdlet cmdlet, ImmutableArray<PolicyDocument> documents, PolicyVariables variables,
        bool allowEmpty)
    {
        Policy[] policies = [.. documents.Select(document => PolicyComposition.Compose([document], allowEmpty).Policy)];
        // A value that one document has no use for is meant for another; one that none uses is a mistake.
        Tell(cmdlet, variables.For(policies).Unused);
        ResolvedPolicy[] all = [.. policies.Select(policy => policy.Resolve(variables.For([policy]).Used))];
        Tell(cmdlet, all.SelectMany(resolved => resolved.Findings));
        return all.Select(resolved => resolved.Ruleset);
    }

    /// <summary>Warnings as warnings, notes for -Verbose.</summary>
    public static void Tell(PSCmdlet cmdlet, IEnumerable<SandboxFinding> findings)
    {
        foreach (SandboxFinding finding in findings)
        {
            if (finding.IsNote) cmdlet.WriteVerbose(finding.ToString());
            else cmdlet.WriteWarning(finding.ToString());
        }
    }

    /// <summary>Warnings as warnings, notes for -Verbose.</summary>
    public static void Tell(PSCmdlet cmdlet, IEnumerable<PolicyFinding> findings)
    {
        foreach (PolicyFinding finding in findings)
        {
            if (finding.Severity == FindingSeverity.Warning) cmdlet.WriteWarning($"{finding.Location}: {finding.Message}");
            else cmdlet.WriteVerbose(finding.ToString());
        }
    }
}
