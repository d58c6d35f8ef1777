using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Learning;

/// <summary>What becomes of a need.</summary>
public enum LearnedState
{
    /// <summary>A rule that allows it.</summary>
    Granted,

    /// <summary>Allowed by the policy that was there before.</summary>
    Present,

    /// <summary>No rule: it would open a guarded place.</summary>
    LeftOut,
}

/// <summary>A rule of a learned policy, and how exact it is.</summary>
/// <param name="State">Whether it is in the policy.</param>
/// <param name="Path">Its path, or the port.</param>
/// <param name="Access">The rights on files.</param>
/// <param name="Net">The rights on ports.</param>
/// <param name="Seen">How many paths were accessed that it stands for.</param>
/// <param name="Granted">How many there are that it allows; null if it is exact, or they are too many to count.</param>
/// <param name="Reason">Why it is wider than what was seen, or left out; null if it is exact.</param>
public sealed record LearnedRule(LearnedState State, string Path, AccessFs Access, AccessNet Net, int Seen, int? Granted, string? Reason)
{
    /// <summary>Whether the rule allows more than was seen.</summary>
    public bool IsOverGrant => State != LearnedState.LeftOut && Reason is not null;

    /// <inheritdoc/>
    public override string ToString()
    {
        string rights = string.Join(',', AbiTable.Names(Access).Concat(AbiTable.Names(Net)));
        string grant =
            IsOverGrant ? $": {Seen} seen, {(Granted is { } granted ? $"{granted}" : "very many")} granted ({PosixText.Printable(Reason!)})"
                : Reason is null ? "" : $": {PosixText.Printable(Reason)}";
        return $"{State} {rights} {PosixText.Printable(Path)}{grant}";
    }
}

/// <summary>A policy made from traces.</summary>
/// <param name="Ruleset">The policy.</param>
/// <param name="Rules">Each rule, and what was left out.</param>
/// <param name="Notes">What else should be known.</param>
internal sealed record LearnedPolicy(Ruleset Ruleset, ImmutableArray<LearnedRule> Rules, ImmutableArray<string> Notes);

/// <summary>How to learn.</summary>
internal sealed record LearnOptions
{
    /// <summary>A directory with at least this many entries that need the same rights becomes one rule; 0 = never.</summary>
    public int Collapse { get; init; }

    /// <summary>Directories that stand for everything that was accessed beneath them.</summary>
    public ImmutableArray<string> Into { get; init; } = [];

    /// <summary>Guarded places that may be opened.</summary>
    public ImmutableArray<string> AllowGuarded { get; init; } = [];

    /// <summary>The home directory; null if there is none.</summary>
    public string? Home { get; init; }

    /// <summary>The ABI that the policy is for.</summary>
    public required int Abi { get; init; }

    /// <summary>A name for the policy.</summary>
    public string? Name { get; init; }
}
