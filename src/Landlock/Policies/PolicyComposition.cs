using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;

namespace Landlock.Policies;

/// <summary>Documents composed as Landlock Config does, and what that took from each of them.</summary>
public sealed record PolicyComposition
{
    /// <summary>The composed policy.</summary>
    public required Policy Policy { get; init; }

    /// <summary>Rights that some document handles and the composition does not: they are allowed everywhere.</summary>
    public ImmutableArray<LoosenedRight> Loosened { get; init; } = [];

    /// <summary>
    /// refer, if some document handles it and the composition does not, but handles another filesystem right: the kernel then denies it
    /// everywhere, whatever rules say, so files cannot be moved from one directory to another.
    /// </summary>
    public WithdrawnRight? Withdrawn { get; init; }

    /// <summary>Rules that lose rights or vanish, because the composition does not handle what they allow.</summary>
    public ImmutableArray<ReducedRule> Reduced { get; init; } = [];

    /// <summary>Variables that have values from several documents, so that the rules of each apply to the values of all.</summary>
    public ImmutableArray<SharedVariable> Shared { get; init; } = [];

    /// <summary>Whether the composition restricts less than some document, or widens one of its rules.</summary>
    public bool IsLoosened => Loosened.Length > 0 || Shared.Length > 0;

    /// <summary>The report as findings: warnings about rights, notes about rules and variables.</summary>
    public IEnumerable<PolicyFinding> Findings =>
    [
        .. Loosened.Select(right => new PolicyFinding(right.Location, FindingSeverity.Warning, right.ToString())),
        .. Withdrawn is { } refer ? [new PolicyFinding(refer.Location, FindingSeverity.Warning, refer.ToString())]
            : Array.Empty<PolicyFinding>(),
        .. Shared.Select(variable => new PolicyFinding(variable.Location, FindingSeverity.Warning, variable.ToString())),
        .. Reduced.Select(rule => new PolicyFinding(rule.Location, FindingSeverity.Note, rule.ToString())),
    ];

    /// <summary>Composes documents.</summary>
    /// <param name="documents">The documents; their order does not matter.</param>
    /// <param name="allowEmpty">Whether a composition that handles nothing, and would restrict nothing, is accepted.</param>
    /// <exception cref="PolicyException">Nothing is left handled.</exception>
    /// <exception cref="ArgumentException">There is no document.</exception>
    public static PolicyComposition Compose(IReadOnlyList<PolicyDocument> documents, bool allowEmpty = false)
    {
        ArgumentNullException.ThrowIfNull(documents);
        Policy[] policies = [.. documents.Select(Policy.From)];
        Policy policy = Policy.Compose(policies);
        List<LoosenedRight> loosened = [];
        WithdrawnRight? withdrawn = null;
        foreach (LoosenedRight right in FindLost(documents, policies, policy))
        {
            if (right.Right is { Kind: RightKind.Fs, Bit: (ulong)AccessFs.Refer } && policy.HandledFs != AccessFs.None)
                withdrawn = new WithdrawnRight(right.Right, right.HandledBy, right.NotHandledBy, right.Location);
            else loosened.Add(right);
        }

        PolicyComposition composition = new()
        {
            Policy = policy,
            Loosened = [.. loosened],
            Withdrawn = withdrawn,
            Reduced = [.. documents.SelectMany(document => FindReduced(document, policy))],
            Shared = [.. FindShared(documents)],
        };
        if (!policy.IsEmpty || allowEmpty) return composition;
        string message = documents.Count == 1
            ? "the document handles no right and no scope, so it would restrict nothing"
            : "composed, the documents handle no right and no scope, so they would restrict nothing: what one of them does "
                + "not handle, none does";
        throw new PolicyException([new PolicyFinding(new PolicyLocation(string.Join(", ", documents.Select(document => document.Source)), 0,
            0), FindingSeverity.Error, message), .. composition.Findings]);
    }

    private static IEnumerable<LoosenedRight> FindLost(IReadOnlyList<PolicyDocument> documents, Policy[] policies, Policy composed)
    {
        foreach (Right right in AbiTable.Rights)
        {
            if (right.Kind == RightKind.Flag || (Handled(composed, right.Kind) & right.Bit) != 0) continue;
            List<PolicyDocument> by = [];
            List<PolicyDocument> without = [];
            for (int i = 0; i < documents.Count; i++)
                ((Handled(policies[i], right.Kind) & right.Bit) != 0 ? by : without).Add(documents[i]);
            if (by.Count == 0) continue;
            yield return new LoosenedRight(right, [.. by.Select(document => document.Source)],
                [.. without.Select(document => document.Source)], Locate(by[0], right));
        }
    }

    private static ulong Handled(Policy policy, RightKind kind) => kind switch
    {
        RightKind.Fs => (ulong)policy.HandledFs,
        RightKind.Net => (ulong)policy.HandledNet,
        _ => (ulong)policy.Scopes,
    };

    // Where a document handles a right: the first ruleset that has it, or else the first rule.
    private static PolicyLocation Locate(PolicyDocument document, Right right)
    {
        foreach (PolicyHandled handled in document.Rulesets.Concat(document.Extension?.Rulesets ?? []))
        {
            PolicyRights rights = right.Kind switch { RightKind.Fs => handled.Fs, RightKind.Net => handled.Net, _ => handled.Scoped };
            if ((rights.Mask & right.Bit) != 0) return handled.Location;
        }

        IEnumerable<(PolicyRights Rights, PolicyLocation Location)> rules = right.Kind == RightKind.Fs
            ? document.PathBeneath.Concat(document.Extension?.PathBeneath ?? []).Select(entry => (entry.Allowed, entry.Location))
            : document.NetPort.Concat(document.Extension?.NetPort ?? []).Select(entry => (entry.Allowed, entry.Location));
        return rules.Where(rule => (rule.Rights.Mask & right.Bit) != 0).Select(rule => rule.Location)
            .Concat((document.Extension?.ConnectHost ?? []).Select(host => host.Location)).First();
    }

    private static IEnumerable<ReducedRule> FindReduced(PolicyDocument document, Policy composed)
    {
        foreach (PolicyPathEntry entry in document.PathBeneath.Concat(document.Extension?.PathBeneath ?? []))
        {
            AccessFs access = (AccessFs)entry.Allowed.Mask;
            if ((access & ~composed.HandledFs) == 0) continue;
            foreach (PolicyTemplate parent in entry.Parents)
                yield return new ReducedRule($"the rule for {QuotedText.Of(parent.Text)}",
                    [.. AbiTable.Names(access & ~composed.HandledFs)], (access & composed.HandledFs) == 0, parent.Location);
        }

        foreach (PolicyPortEntry entry in document.NetPort.Concat(document.Extension?.NetPort ?? []))
        {
            AccessNet access = (AccessNet)entry.Allowed.Mask;
            if ((access & ~composed.HandledNet) == 0) continue;
            foreach (PolicyPorts ports in entry.Ports)
                yield return new ReducedRule($"the rule for port {ports}", [.. AbiTable.Names(access & ~composed.HandledNet)],
                    (access & composed.HandledNet) == 0, ports.Location);
        }

        if ((composed.HandledNet & AccessNet.ConnectTcp) != 0) yield break;
        foreach (PolicyTemplate host in document.Extension?.ConnectHost ?? [])
            yield return new ReducedRule($"the rule for the host {QuotedText.Of(host.Text)}",
                [.. AbiTable.Names(AccessNet.ConnectTcp)], Vanishes: true, host.Location);
    }

    private static IEnumerable<SharedVariable> FindShared(IReadOnlyList<PolicyDocument> documents)
    {
        Dictionary<string, List<(int Document, string Value, PolicyLocation Location)>> all = [];
        for (int i = 0; i < documents.Count; i++)
        {
            int document = i;
            foreach (PolicyVariable variable in documents[i].Variables)
            {
                if (!all.TryGetValue(variable.Name, out List<(int Document, string Value, PolicyLocation Location)>? values))
                    all.Add(variable.Name, values = []);
                values.AddRange(variable.Literals.Select(value => (document, value, variable.Location)));
            }
        }

        foreach ((string name, List<(int Document, string Value, PolicyLocation Location)> values)
            in all.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            ILookup<int, string> owners = values.ToLookup(value => value.Document, value => value.Value);
            if (owners.Count < 2) continue;
            HashSet<string> union = [.. values.Select(value => value.Value)];
            if (owners.All(union.SetEquals)) continue;
            yield return new SharedVariable(name, [.. owners.Select(owner => documents[owner.Key].Source)],
                [.. union.Order(StringComparer.Ordinal)], values[0].Location);
        }
    }
}

/// <summary>A right that some document handles and the composition does not.</summary>
/// <param name="Right">The right.</param>
/// <param name="HandledBy">The documents that handle it.</param>
/// <param name="NotHandledBy">The documents that do not, and so take it away.</param>
/// <param name="Location">Where it was handled first.</param>
public sealed record LoosenedRight(Right Right, ImmutableArray<string> HandledBy, ImmutableArray<string> NotHandledBy,
    PolicyLocation Location)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Right} is no longer restricted: {PosixText.Printable(string.Join(", ", NotHandledBy))} does not handle it";
}

/// <summary>A right that some document handles and the composition does not, and that the kernel denies all the same: refer.</summary>
/// <param name="Right">The right.</param>
/// <param name="HandledBy">The documents that handle it.</param>
/// <param name="NotHandledBy">The documents that do not, so that no rule can allow it.</param>
/// <param name="Location">Where it was handled first.</param>
public sealed record WithdrawnRight(Right Right, ImmutableArray<string> HandledBy, ImmutableArray<string> NotHandledBy,
    PolicyLocation Location)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Right} is denied everywhere, whatever rules say: {PosixText.Printable(string.Join(", ", NotHandledBy))} does not handle it";
}

/// <summary>A rule that a composition takes rights from.</summary>
/// <param name="Rule">The rule, in words.</param>
/// <param name="Rights">The rights it loses.</param>
/// <param name="Vanishes">Whether no right is left.</param>
/// <param name="Location">Where the rule is.</param>
public sealed record ReducedRule(string Rule, ImmutableArray<string> Rights, bool Vanishes, PolicyLocation Location)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Rule} {(Vanishes ? "vanishes with" : "loses")} {string.Join(", ", Rights)}, "
        + $"which {(Rights.Length == 1 ? "is" : "are")} not handled any more";
}

/// <summary>A variable with values from several documents.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Sources">The documents that give it values.</param>
/// <param name="Values">All values.</param>
/// <param name="Location">Where the first value is.</param>
public sealed record SharedVariable(string Name, ImmutableArray<string> Sources, ImmutableArray<string> Values, PolicyLocation Location)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"the variable '{Name}' has values from {PosixText.Printable(string.Join(" and ", Sources))}, and the rules of each apply to all "
            + $"of them: {string.Join(", ", Values.Select(PosixText.Printable))}";
}
