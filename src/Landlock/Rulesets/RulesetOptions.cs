using System.Collections.Immutable;
using Landlock.Abi;

namespace Landlock.Rulesets;

/// <summary>
/// A ruleset as one writes it in a single command: deny everything, then give back by class, right and port. Cmdlets and command line share it.
/// </summary>
public sealed record RulesetOptions
{
    /// <summary>Rules for paths, in the order given.</summary>
    public ImmutableArray<PathRule> Paths { get; init; } = [];

    /// <summary>Paths beneath those of the rules that the rules are not for (<see cref="PathRule.Except"/>).</summary>
    public ImmutableArray<string> Except { get; init; } = [];

    /// <summary>Absolute directory that relative paths start from, to see which rules an exception is for; null to compare relative paths as texts.</summary>
    public string? BaseDirectory { get; init; }

    /// <summary>Rules for ports, in the order given.</summary>
    public ImmutableArray<NetRule> Ports { get; init; } = [];

    /// <summary>Leave the filesystem alone.</summary>
    public bool UnrestrictedFs { get; init; }

    /// <summary>Leave the network alone.</summary>
    public bool UnrestrictedNet { get; init; }

    /// <summary>Leave signals and abstract UNIX sockets alone.</summary>
    public bool UnrestrictedScope { get; init; }

    /// <summary>
    /// The seccomp filter will not look at sockets (the network mode Unrestricted). Where Landlock has no rights for TCP, TCP is left alone then,
    /// unless there are rules for it.
    /// </summary>
    public bool UnfilteredSockets { get; init; }

    /// <summary>Skip, and report, rules whose path does not exist.</summary>
    public bool IgnoreMissing { get; init; }

    /// <summary>Log denials of the command, too (ABI 7).</summary>
    public bool LogDenials { get; init; }

    /// <summary>What to do where the kernel lacks something.</summary>
    public Compatibility Compatibility { get; init; }

    /// <summary>What is asked of single protections.</summary>
    public ProtectionPromises Promises { get; init; } = ProtectionPromises.None;

    /// <summary>ABI to write for; null = everything that can be denied on the kernel (<see cref="Ruleset.DenyAllOn"/>).</summary>
    public int? Abi { get; init; }

    /// <summary>Builds the ruleset.</summary>
    /// <param name="support">The kernel it is for.</param>
    /// <param name="notes">Rules that were left out because the kernel does not restrict what they would allow.</param>
    /// <exception cref="RulesetException">A rule allows nothing, an exception is beneath no rule, or a required right is missing.</exception>
    public Ruleset Build(LandlockSupport support, out ImmutableArray<string> notes)
    {
        ArgumentNullException.ThrowIfNull(support);
        Promises.Demand();
        int abi = Abi ?? (support.IsAvailable ? support.Abi : AbiTable.Newest);
        bool exactly = Abi is not null || (UnfilteredSockets && !Ports.Any(rule => rule.HasTcp));
        Ruleset ruleset = (exactly ? Ruleset.DenyAll(abi) : Ruleset.DenyAllOn(abi)) with { Compatibility = Compatibility };
        bool tcp = ruleset.HandlesTcp;
        ruleset = ruleset.Without(
            UnrestrictedFs ? AbiTable.AllFs(abi) : 0,
            UnrestrictedNet ? ruleset.HandledNet : 0,
            UnrestrictedScope ? AbiTable.AllScopes(abi) : 0);
        foreach (ProtectionPart part in ProtectionPart.In(Promises.Disabled)) ruleset = ruleset.Without(part.Fs, part.Net, part.Scopes);
        if (LogDenials) ruleset = ruleset.WithLogging(RestrictFlags.LogNewExecOn);
        ruleset = ruleset.WithPromises(Promises.OfRuleset());

        ImmutableArray<string>.Builder left = ImmutableArray.CreateBuilder<string>();
        List<PathRule> paths = [.. Marked().Where(rule => !LeftOut(RightKind.Fs, (ulong)rule.Access, abi, rule.ToString(), left))];
        List<NetRule> ports = [.. Ports.Where(rule => (tcp && rule.HasTcp) || !LeftOut(RightKind.Net, (ulong)rule.Access, abi, rule.ToString(), left))];
        notes = left.ToImmutable();
        return ruleset.With(paths, ports);
    }

    /// <summary>Adds the paths and ports to a ruleset that exists. What it does not handle is allowed there already and is left out.</summary>
    public Ruleset AddTo(Ruleset ruleset)
    {
        ArgumentNullException.ThrowIfNull(ruleset);
        return ruleset.WithGrants(Marked(), Ports);
    }

    private IEnumerable<PathRule> Marked()
    {
        IEnumerable<PathRule> rules = Except.IsEmpty ? Paths : PathRule.Excepting(Paths, Except, BaseDirectory);
        return IgnoreMissing ? rules.Select(rule => rule with { Optional = true }) : rules;
    }

    // A rule for rights that are all newer than the ABI allows what is allowed anyway. That is worth a note, not a refusal.
    private bool LeftOut(RightKind kind, ulong access, int abi, string rule, ImmutableArray<string>.Builder notes)
    {
        Right[] rights = [.. AbiTable.InMask(kind, access)];
        if (rights.Length == 0 || rights.Any(right => right.Abi <= abi)) return false;
        // Where that was foreseen there is nothing to say.
        if (rights.All(right => (ProtectionPart.Of(right) & (Promises.AllowDegraded | Promises.Disabled)) != 0)) return true;
        string missing = string.Join(", ", rights.Select(right => new DroppedRight(right.Name, right.Abi)));
        if (Compatibility != Compatibility.BestEffort)
            throw new RulesetException(RulesetProblem.Incompatible, rights[0].Name, $"The rule '{rule}' is required, but Landlock ABI {abi} lacks {missing}.");
        notes.Add(kind == RightKind.Net && (access & ~(ulong)(AccessNet.BindUdp | AccessNet.ConnectSendUdp)) == 0
            ? $"Landlock ABI {abi} cannot tell UDP ports apart, so the rule '{rule}' opens all of UDP: {missing}."
            : $"The rule '{rule}' is not needed: Landlock ABI {abi} does not restrict {missing}.");
        return true;
    }
}
