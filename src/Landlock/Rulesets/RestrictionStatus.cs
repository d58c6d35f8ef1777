using System.Collections.Immutable;
using Landlock.Abi;

namespace Landlock.Rulesets;

/// <summary>How much of a ruleset a kernel enforces. The words are rust-landlock's.</summary>
public enum Enforcement
{
    /// <summary>Everything that was asked for.</summary>
    FullyEnforced,

    /// <summary>Some of it; the status lists what is missing.</summary>
    PartiallyEnforced,

    /// <summary>None of it. No command runs with such a layer.</summary>
    NotEnforced,
}

/// <summary>A right, scope or flag that was asked for and that the kernel lacks.</summary>
/// <param name="Right">What is missing.</param>
/// <param name="NeedsAbi">The ABI that has it.</param>
public sealed record DroppedRight(string Right, int NeedsAbi)
{
    /// <summary>
    /// Whether it was allowed to be missing (<see cref="ProtectionPromises.AllowDegraded"/>): that is reported, and no
    /// reason to warn or to refuse.
    /// </summary>
    public bool Allowed { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Right} (needs ABI {NeedsAbi}, Linux {AbiTable.Release(NeedsAbi)})";
}

/// <summary>A rule that was not enforced.</summary>
/// <param name="Rule">The rule, as text.</param>
/// <param name="Reason">Why not.</param>
public sealed record SkippedRule(string Rule, string Reason)
{
    /// <summary>The path, if the rule was skipped because nothing is there.</summary>
    public string? MissingPath { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Rule}: {Reason}";
}

/// <summary>What a kernel makes of a ruleset.</summary>
public sealed record RestrictionStatus
{
    /// <summary>Name of the ruleset, if it has one.</summary>
    public string? Name { get; init; }

    /// <summary>How much is enforced.</summary>
    public required Enforcement Enforcement { get; init; }

    /// <summary>ABI of the kernel; 0 where Landlock cannot be used.</summary>
    public required int KernelAbi { get; init; }

    /// <summary>The ABI in effect: the lower of the kernel's and the ruleset's.</summary>
    public required int EffectiveAbi { get; init; }

    /// <summary>Rights, scopes and flags that the kernel lacks, but for those that the seccomp filter keeps in its place.</summary>
    public ImmutableArray<DroppedRight> DroppedRights { get; init; } = [];

    /// <summary>Rules left out, with the reason.</summary>
    public ImmutableArray<SkippedRule> SkippedRules { get; init; } = [];

    /// <summary>
    /// What holds of each protection, as far as Landlock keeps it, or the filter in its place; a plan's own list counts all
    /// of the seccomp filter in.
    /// </summary>
    public ImmutableArray<ProtectionStatus> Protections { get; init; } = [];

    /// <summary>One sentence for a warning; null if nothing is missing but what was allowed to be.</summary>
    public string? Degradation
    {
        get
        {
            string name = Name is null ? "The ruleset" : $"The ruleset '{PosixText.Printable(Name)}'";
            return Enforcement switch
            {
                Enforcement.NotEnforced => $"{name} cannot be enforced on this "
                    + $"kernel{(KernelAbi > 0 ? $" (Landlock ABI {KernelAbi})" : " (no Landlock)")}{Missing(": ")}.",
                Enforcement.PartiallyEnforced when DroppedRights.Any(right => !right.Allowed) =>
                    $"{name} is enforced in part: this kernel has Landlock ABI {KernelAbi}{Missing(" and lacks ")}.",
                _ => null,
            };
        }
    }

    private string Missing(string before) =>
        DroppedRights.All(right => right.Allowed) ? "" : before + string.Join(", ", DroppedRights.Where(right => !right.Allowed));

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Name is null ? "" : $"{PosixText.Printable(Name)}: ")}{Enforcement}, Landlock ABI {EffectiveAbi}";

    /// <inheritdoc/>
    public bool Equals(RestrictionStatus? other) =>
        other is not null && Name == other.Name && Enforcement == other.Enforcement && KernelAbi == other.KernelAbi
            && EffectiveAbi == other.EffectiveAbi
        && DroppedRights.SequenceEqual(other.DroppedRights) && Protections.SequenceEqual(other.Protections)
        && SkippedRules.SequenceEqual(other.SkippedRules);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Name, Enforcement, KernelAbi, EffectiveAbi, DroppedRights.Length, SkippedRules.Length);
}
