using Landlock.Abi;

namespace Landlock.Rulesets;

/// <summary>
/// What is asked of single protections, beside what a ruleset handles: that they hold, that they may be missing, or that they are left out.
/// </summary>
public sealed record ProtectionPromises
{
    /// <summary>Nothing asked: best effort or not is up to <see cref="Compatibility"/>.</summary>
    public static ProtectionPromises None { get; } = new();

    /// <summary>Nothing runs unless these are <see cref="ProtectionState.Active"/>.</summary>
    public Protection Required { get; init; }

    /// <summary>These may be missing, even where all else is required; no warning is given.</summary>
    public Protection AllowDegraded { get; init; }

    /// <summary>These are left out on purpose.</summary>
    public Protection Disabled { get; init; }

    /// <summary>All that either asks for.</summary>
    internal ProtectionPromises With(ProtectionPromises more)
    {
        ArgumentNullException.ThrowIfNull(more);
        return new ProtectionPromises
        {
            Required = Required | more.Required,
            AllowDegraded = AllowDegraded | more.AllowDegraded,
            Disabled = Disabled | more.Disabled,
        };
    }

    /// <summary>The same, with more that may be missing; what is required stays required.</summary>
    public ProtectionPromises Allowing(Protection more) =>
        (more & ~AllowDegraded) == 0 ? this : this with { AllowDegraded = AllowDegraded | (more & ~Required & ~Disabled) };

    /// <summary>What of this a ruleset can carry: the filter belongs to the command, and may be required only.</summary>
    public ProtectionPromises OfRuleset() =>
        this with { AllowDegraded = AllowDegraded & ~Protection.Seccomp, Disabled = Disabled & ~Protection.Seccomp };

    /// <summary>Fails where promises contradict each other or cannot be kept by any kernel.</summary>
    /// <exception cref="RulesetException">They do.</exception>
    public void Demand()
    {
        Refuse(Required & Disabled, "required and disabled");
        Refuse(Required & AllowDegraded, "required and allowed to be degraded");
        Refuse(AllowDegraded & Disabled, "allowed to be degraded and disabled");
        if ((Disabled & Protection.Refer) != 0)
        {
            throw new RulesetException(RulesetProblem.InvalidProtection, "refer",
                "refer cannot be disabled: the kernel denies links and moves between directories to every ruleset that handles a "
                    + "filesystem right. Allow it with a rule, on / for everywhere.");
        }
    }

    /// <summary>Fails where a ruleset handles what is disabled: it would stay denied.</summary>
    /// <exception cref="RulesetException">It does.</exception>
    public void DemandFree(Ruleset ruleset)
    {
        ArgumentNullException.ThrowIfNull(ruleset);
        Protection handled = ProtectionPart.Handled(Disabled, ruleset.HandledFs, ruleset.HandledNet, ruleset.Scopes, ruleset.LogFlags);
        if (handled == 0) return;
        string names = ProtectionPart.Names(handled);
        throw new RulesetException(RulesetProblem.InvalidProtection, names,
            $"The ruleset{(ruleset.Name is null ? "" : $" '{PosixText.Printable(ruleset.Name)}'")} handles {names}, and a ruleset that is "
                + "given is not loosened. Disable it where the ruleset is made, or leave it out of the policy.");
    }

    /// <summary>
    /// Reads names: in lower snake case as the kernel's, or as in the enumeration, whatever the case; separated by commas.
    /// </summary>
    /// <exception cref="RulesetException">A word is no name of a protection.</exception>
    public static Protection Parse(string names)
    {
        ArgumentNullException.ThrowIfNull(names);
        Protection mask = Protection.None;
        foreach (string word in names.Split(',', StringSplitOptions.TrimEntries))
        {
            string bare = word.Replace("_", "", StringComparison.Ordinal);
            Protection found = Array.Find(Enum.GetValues<Protection>(),
                value => value != Protection.None && value.ToString().Equals(bare, StringComparison.OrdinalIgnoreCase));
            if (found == Protection.None)
            {
                throw new RulesetException(RulesetProblem.UnknownName, word,
                    $"'{PosixText.Printable(word)}' is no "
                        + $"protection{Suggestion.Question(word, Words, otherwise: $"; there are {string.Join(", ", Words)}")}");
            }

            mask |= found;
        }

        return mask;
    }

    /// <summary>Every name, "scopes" for both of them too.</summary>
    public static IEnumerable<string> Words => Table.Select(entry => entry.Word);

    /// <summary>The same names, and what they restrict.</summary>
    internal static IEnumerable<(string Word, string Help)> Table =>
        ProtectionPart.All.Select(part => (part.Name, part.Summary)).Append(("scopes", ProtectionPart.Names(Protection.Scopes)));

    private static void Refuse(Protection both, string what)
    {
        if (both != 0)
            throw new RulesetException(RulesetProblem.InvalidProtection, ProtectionPart.Names(both),
                $"{ProtectionPart.Names(both)} cannot be {what} at once. Name it once.");
    }
}
