using System.Collections.Immutable;
using Landlock.Documents;
using Landlock.Policies.Writing;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>A policy after composition, with variables replaced by their values: what is enforced, not yet fitted to a kernel.</summary>
public sealed record ResolvedPolicy
{
    /// <summary>The lowest <c>abi</c> of the documents; null if none has one.</summary>
    public int? Abi { get; init; }

    /// <summary>
    /// The ruleset. Its rules are optional where the documents are as upstream has them: there, a path that cannot be opened is passed
    /// over, and a policy that was written for several distributions relies on that. Nothing is opened by it: a missing rule only denies
    /// more. The launch reports which rules were passed over. A document that wants it otherwise says <c>missing_paths = "refuse"</c> in
    /// its table <c>landlockps</c>.
    /// </summary>
    public required Ruleset Ruleset { get; init; }

    /// <summary>What the documents say about themselves; null if nothing.</summary>
    public string? Description { get; init; }

    /// <summary>Notes and warnings.</summary>
    public ImmutableArray<PolicyFinding> Findings { get; init; } = [];

    /// <summary>
    /// The policy as one JSON object: <c>abi</c> (null if no document has one), <c>handledAccessFs</c>, <c>handledAccessNet</c>,
    /// <c>scoped</c>, <c>pathBeneath</c> ([{path, allowedAccess}]) and <c>netPort</c> ([{port, allowedAccess}]), with single rights in
    /// alphabetical order, and where hosts are named, <c>connectHost</c> (["api.example.com:443"]). Modifiers of rules are there only where
    /// they are set; a range of ports is a string. A byte that is not UTF-8 is the lone surrogate <c>\udcXX</c>.
    /// </summary>
    public string ToJson(bool indented = true) => ResolvedJson.Write(this, indented);
}
