using System.Collections.Immutable;
using Landlock.Documents;

namespace Landlock.Policies;

/// <summary>Values for variables that come from outside the documents.</summary>
/// <remarks>
/// A document that gives its variables values itself means the same everywhere, as upstream has it: built-in values never add to them.
/// A built-in value is used for a variable that documents declare without any value, which upstream would turn into no path at all.
/// Values are text, never templates.
/// </remarks>
public sealed record PolicyVariables
{
    /// <summary>None: the documents mean exactly what they mean upstream.</summary>
    public static PolicyVariables None { get; } = new();

    /// <summary>
    /// Values of the caller, which declare the variable and stand in for whatever values the documents give it; none = no path. A name with
    /// null asks for the built-in value.
    /// </summary>
    public ImmutableDictionary<string, ImmutableArray<string>?> Given { get; init; } =
        ImmutableDictionary<string, ImmutableArray<string>?>.Empty;

    /// <summary>The built-in variables; null = none.</summary>
    internal BuiltinVariables? Builtins { get; init; }

    /// <summary>Adds or replaces the values of a variable.</summary>
    /// <exception cref="PolicyException">The name is none, or a value holds a NUL.</exception>
    public PolicyVariables With(string name, params IEnumerable<string> values)
    {
        Require(name);
        ImmutableArray<string> all = [.. values];
        if (all.Any(value => value.Contains('\0')))
            throw PolicyException.At(new PolicyLocation(name, 0, 0), "a path cannot hold a NUL character");
        return this with { Given = Given.SetItem(name, all) };
    }

    /// <summary>Asks for the built-in value of a variable, also where documents give it others.</summary>
    /// <exception cref="PolicyException">There is no such built-in variable.</exception>
    public PolicyVariables WithBuiltin(string name)
    {
        Require(name);
        if (Builtins?.Find(name) is null)
        {
            string all = $"; there are {string.Join(", ", BuiltinVariables.Names)}";
            throw PolicyException.At(new PolicyLocation(name, 0, 0),
                $"there is no built-in variable '{name}'{Suggestion.Question(name, BuiltinVariables.Names, otherwise: all)}");
        }

        return this with { Given = Given.SetItem(name, null) };
    }

    /// <summary>The values that policies have a use for, and a warning for each other name, which is a mistake of the caller.</summary>
    /// <param name="policies">All policies that the values are meant for.</param>
    public (PolicyVariables Used, ImmutableArray<PolicyFinding> Unused) For(IReadOnlyCollection<Policy> policies) => For(policies, []);

    /// <inheritdoc cref="For(IReadOnlyCollection{Policy})"/>
    /// <param name="policies">All policies that the values are meant for.</param>
    /// <param name="others">Names that somebody else has a use for.</param>
    internal (PolicyVariables Used, ImmutableArray<PolicyFinding> Unused) For(IReadOnlyCollection<Policy> policies,
        ImmutableArray<string> others)
    {
        ArgumentNullException.ThrowIfNull(policies);
        if (Given.IsEmpty) return (this, []);
        HashSet<string> names = [.. policies.SelectMany(policy => policy.VariableNames), .. others];
        ImmutableArray<PolicyFinding>.Builder unused = ImmutableArray.CreateBuilder<PolicyFinding>();
        foreach (string name in Given.Keys.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal))
        {
            unused.Add(new PolicyFinding(new PolicyLocation(name, 0, 0), FindingSeverity.Warning,
                $"no document uses the variable '{name}'{Suggestion.Question(name, names)}"));
        }

        return (this with { Given = Given.RemoveRange(unused.Select(finding => finding.Location.Source)) }, unused.ToImmutable());
    }

    private static void Require(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (PolicyTemplate.NameProblem(name) is { } problem) throw PolicyException.At(new PolicyLocation(name, 0, 0), problem);
    }
}
