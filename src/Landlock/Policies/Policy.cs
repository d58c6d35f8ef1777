using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>
/// What documents mean: handled rights, rules, and the values of variables, which may still be open. Policies compose as Landlock Config
/// does (<see cref="Compose(IEnumerable{Policy})"/>), and resolve to a ruleset.
/// </summary>
/// <remarks>
/// Parts are kept in canonical order, and equality does not look at places, so two policies that mean the same are equal.
/// </remarks>
public sealed record Policy
{
    /// <summary>The lowest <c>abi</c> of the documents; null if none has one. It is informational: groups are resolved already.</summary>
    public int? Abi { get; internal init; }

    /// <summary>Filesystem rights denied unless a rule allows them.</summary>
    public AccessFs HandledFs { get; internal init; }

    /// <summary>Network rights denied unless a rule allows them.</summary>
    public AccessNet HandledNet { get; internal init; }

    /// <summary>What must not reach outside the domain.</summary>
    public Scope Scopes { get; internal init; }

    /// <summary>Path rules, one for each template and set of modifiers, in order.</summary>
    public ImmutableArray<PolicyPathRule> PathRules { get; internal init; } = [];

    /// <summary>Port rules, one for each port or range and set of modifiers, in order.</summary>
    public ImmutableArray<PolicyPortRule> PortRules { get; internal init; } = [];

    /// <summary>
    /// Hosts that may be connected to by TCP, and no others on their ports; in order. There are some only where connect_tcp is handled.
    /// </summary>
    public ImmutableArray<PolicyTemplate> HostRules { get; internal init; } = [];

    /// <summary>Declared variables with the union of their values, ordered by name.</summary>
    public ImmutableArray<PolicyVariable> Variables { get; internal init; } = [];

    /// <summary>What the tables <c>landlockps</c> say about the ruleset as a whole.</summary>
    internal PolicyTraits Traits { get; init; } = PolicyTraits.None;

    /// <summary>Whether nothing is handled, so that the policy would restrict nothing.</summary>
    public bool IsEmpty => HandledFs == AccessFs.None && HandledNet == AccessNet.None && Scopes == Scope.None;

    /// <summary>The names of the variables that are declared or that rules refer to; some of them several times.</summary>
    internal IEnumerable<string> VariableNames => Variables.Select(variable => variable.Name)
        .Concat(PathRules.SelectMany(rule => rule.Except.Prepend(rule.Template).SelectMany(template => template.Variables)))
        .Concat(HostRules.SelectMany(host => host.Variables));

    /// <summary>The meaning of one document: what it handles, and, by inference, every right that one of its rules names.</summary>
    public static Policy From(PolicyDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return PolicyBuilder.Build(document);
    }

    /// <summary>
    /// Composes policies as landlockconfig does: objects unite, rights intersect. What one of them does not handle, the result does not
    /// handle either, and rules lose it; rules left without rights vanish; the values of a variable unite, and every template sees them
    /// all. Commutative, associative and idempotent.
    /// </summary>
    /// <remarks>
    /// This is a merge for compatibility, not a tightening: a right that vanishes is allowed everywhere. To tighten, nest layers.
    /// What upstream has no words for follows the same idea, towards the safer side: the stricter compatibility level wins, denials are
    /// silenced only where every policy silences them, and logged where one asks for it.
    /// </remarks>
    /// <exception cref="ArgumentException">There is no policy.</exception>
    public static Policy Compose(IEnumerable<Policy> policies)
    {
        ArgumentNullException.ThrowIfNull(policies);
        return PolicyBuilder.Compose([.. policies]);
    }

    /// <inheritdoc cref="Compose(IEnumerable{Policy})"/>
    public Policy Compose(Policy other) => Compose([this, other]);

    /// <summary>Puts values for variables and gives the ruleset.</summary>
    /// <param name="variables">Values from outside the documents.</param>
    /// <exception cref="PolicyException">
    /// A variable is not declared, a port is above 65535, a host is none, no host is left of those that are named, rules for UDP stand
    /// beside hosts, or the variables make more paths than can be sensible.
    /// </exception>
    public ResolvedPolicy Resolve(PolicyVariables? variables = null) => PolicyResolver.Resolve(this, variables ?? PolicyVariables.None);

    /// <inheritdoc/>
    public bool Equals(Policy? other) =>
        other is not null && Abi == other.Abi && HandledFs == other.HandledFs && HandledNet == other.HandledNet && Scopes == other.Scopes
        && Traits == other.Traits && PathRules.SequenceEqual(other.PathRules) && PortRules.SequenceEqual(other.PortRules)
        && HostRules.Select(host => host.Text).SequenceEqual(other.HostRules.Select(host => host.Text))
        && Variables.Select(variable => variable.Name).SequenceEqual(other.Variables.Select(variable => variable.Name))
        && Variables.Zip(other.Variables).All(pair => pair.First.Literals.SequenceEqual(pair.Second.Literals));

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Abi, HandledFs, HandledNet, Scopes, PathRules.Length, PortRules.Length, HostRules.Length, Variables.Length);
}

/// <summary>A path rule of a policy.</summary>
/// <param name="Template">The path.</param>
/// <param name="Access">The rights.</param>
public sealed record PolicyPathRule(PolicyTemplate Template, AccessFs Access)
{
    /// <summary>Paths beneath that the rule is not for, in order. Those that are not beneath the path belong to its neighbours.</summary>
    public ImmutableArray<PolicyTemplate> Except { get; init; } = [];

    /// <summary>Skip paths that do not exist.</summary>
    public bool Optional { get; init; }

    /// <summary>Do not log denials.</summary>
    public bool Quiet { get; init; }

    /// <summary>The rule's own level.</summary>
    public Compatibility? Compatibility { get; init; }

    /// <summary>The order of rules; 0 for the same object with the same modifiers, whatever the rights.</summary>
    internal static int Order(PolicyPathRule a, PolicyPathRule b)
    {
        int order = string.CompareOrdinal(a.Template.Text, b.Template.Text);
        if (order == 0) order = a.Template.IsEscaped.CompareTo(b.Template.IsEscaped);
        if (order == 0) order = a.Optional.CompareTo(b.Optional);
        if (order == 0) order = a.Quiet.CompareTo(b.Quiet);
        if (order == 0) order = Nullable.Compare(a.Compatibility, b.Compatibility);
        return order != 0 ? order : Ruleset.CompareTexts(a.ExceptKeys, b.ExceptKeys);
    }

    /// <summary>The exceptions as texts to compare by.</summary>
    internal string[] ExceptKeys =>
        [.. Except.Select(template => (template.IsEscaped ? "%" : template.IsPattern ? "*" : " ") + template.Text)];

    /// <inheritdoc/>
    public bool Equals(PolicyPathRule? other) => other is not null && Access == other.Access && Order(this, other) == 0;

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Template.Text, Template.IsEscaped, Optional, Quiet, Compatibility, Access, Except.Length);
}

/// <summary>A port rule of a policy.</summary>
/// <param name="Ports">The port or range.</param>
/// <param name="Access">The rights.</param>
public sealed record PolicyPortRule(PolicyPorts Ports, AccessNet Access)
{
    /// <summary>Do not log denials.</summary>
    public bool Quiet { get; init; }

    /// <summary>The rule's own level.</summary>
    public Compatibility? Compatibility { get; init; }

    /// <summary>The order of rules; 0 for the same ports with the same modifiers, whatever the rights.</summary>
    internal static int Order(PolicyPortRule a, PolicyPortRule b)
    {
        int order = (a.Ports.First, a.Ports.Last).CompareTo((b.Ports.First, b.Ports.Last));
        if (order == 0) order = a.Quiet.CompareTo(b.Quiet);
        return order != 0 ? order : Nullable.Compare(a.Compatibility, b.Compatibility);
    }

    /// <inheritdoc/>
    public bool Equals(PolicyPortRule? other) => other is not null && Access == other.Access && Order(this, other) == 0;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Ports.First, Ports.Last, Quiet, Compatibility, Access);
}

/// <summary>What tables <c>landlockps</c> say about a ruleset as a whole.</summary>
internal sealed record PolicyTraits
{
    /// <summary>Nothing said.</summary>
    public static PolicyTraits None { get; } = new();

    /// <summary>Names of the composed documents, in order.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>Descriptions of the composed documents, in order.</summary>
    public ImmutableArray<string> Descriptions { get; init; } = [];

    /// <summary>The compatibility level.</summary>
    public Compatibility Compatibility { get; init; }

    /// <summary>What is asked of single protections.</summary>
    public ProtectionPromises Promises { get; init; } = ProtectionPromises.None;

    /// <summary>Whether network interfaces, addresses and routes may be listed.</summary>
    public bool ListInterfaces { get; init; }

    /// <summary>Which denials the kernel logs.</summary>
    public RestrictFlags LogFlags { get; init; }

    /// <summary>Filesystem denials that quiet rules silence.</summary>
    public AccessFs QuietFs { get; init; }

    /// <summary>Network denials that quiet rules silence.</summary>
    public AccessNet QuietNet { get; init; }

    /// <summary>Scope denials that are never logged.</summary>
    public Scope QuietScopes { get; init; }

    /// <inheritdoc/>
    public bool Equals(PolicyTraits? other) =>
        other is not null && Compatibility == other.Compatibility && Promises == other.Promises && LogFlags == other.LogFlags
        && ListInterfaces == other.ListInterfaces
        && QuietFs == other.QuietFs && QuietNet == other.QuietNet && QuietScopes == other.QuietScopes
        && Names.SequenceEqual(other.Names) && Descriptions.SequenceEqual(other.Descriptions);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Compatibility, LogFlags, QuietFs, QuietNet, QuietScopes, Names.Length, Descriptions.Length);
}
