using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;

namespace Landlock.Sandboxes;

/// <summary>What the rules of a sandbox come to: its layers.</summary>
public sealed partial record Sandbox
{
    /// <summary>The ruleset that is made where none is given: it denies everything, and gives back what the rules allow.</summary>
    /// <param name="support">The kernel it is for.</param>
    /// <param name="baseDirectory">
    /// Absolute directory that relative paths start from, to see which rules an exception is for; null to compare texts.
    /// </param>
    /// <param name="findings">Rules that were left out because the kernel does not restrict what they would allow.</param>
    /// <param name="abi">ABI to write for; null = everything that can be denied on the kernel (<see cref="Ruleset.DenyAllOn"/>).</param>
    /// <exception cref="RulesetException">
    /// A rule allows nothing, an exception is beneath no rule, or a required right is missing.
    /// </exception>
    public Ruleset MakeRuleset(LandlockSupport support, string? baseDirectory, out ImmutableArray<SandboxFinding> findings, int? abi = null)
    {
        ArgumentNullException.ThrowIfNull(support);
        Promises.Demand();
        int target = abi ?? (support.IsAvailable ? support.Abi : AbiTable.Newest);
        // Where Landlock has no rights for TCP, and no filter looks at sockets, TCP is left alone, unless there are rules for it.
        bool exactly = abi is not null || (Network == NetworkMode.Unrestricted && !Ports.Any(rule => rule.HasTcp));
        Ruleset ruleset = (exactly ? Ruleset.DenyAll(target) : Ruleset.DenyAllOn(target)) with
        { Compatibility = Compatibility ?? Landlock.Rulesets.Compatibility.BestEffort };
        bool tcp = ruleset.HandlesTcp;
        ruleset = ruleset.Without(
            Unrestricted.HasFlag(Unrestricted.Fs) ? AbiTable.AllFs(target) : 0,
            Unrestricted.HasFlag(Unrestricted.Net) ? ruleset.HandledNet : 0,
            Unrestricted.HasFlag(Unrestricted.Scope) ? AbiTable.AllScopes(target) : 0);
        foreach (ProtectionPart part in ProtectionPart.In(Promises.Disabled)) ruleset = ruleset.Without(part.Fs, part.Net, part.Scopes);
        if (LogDenials) ruleset = ruleset.WithLogging(RestrictFlags.LogNewExecOn);
        if (Name is not null) ruleset = ruleset with { Name = Name };
        ruleset = ruleset.WithPromises(Promises.OfRuleset());

        ImmutableArray<SandboxFinding>.Builder left = ImmutableArray.CreateBuilder<SandboxFinding>();
        List<PathRule> paths =
            [.. Marked(baseDirectory, left).Where(rule => !IsLeftOut(RightKind.Fs, (ulong)rule.Access, target, rule.ToString(), left))];
        List<NetRule> ports =
            [.. Ports.Where(rule => (tcp && rule.HasTcp) || !IsLeftOut(RightKind.Net, (ulong)rule.Access, target, rule.ToString(), left))];
        if (Hosts.Length > 0 && Unrestricted.HasFlag(Unrestricted.Net))
            throw new RulesetException(RulesetProblem.Contradictory, "net", "Ports are left alone (-Unrestricted Net, --unrestricted net), "
                + $"and hosts such as {Hosts[0]} are to be the only ones. Leave out one of them.");
        Ruleset made = WithoutSecrets(ruleset.WithHosts(Hosts).With(paths, ports), baseDirectory, left);
        findings = left.ToImmutable();
        return made;
    }

    /// <summary>
    /// Adds the paths and ports to a ruleset that exists. What it does not handle is allowed there already and is left out.
    /// </summary>
    /// <param name="ruleset">The ruleset.</param>
    /// <param name="baseDirectory">
    /// Absolute directory that relative paths start from, to see which rules an exception is for; null to compare texts.
    /// </param>
    /// <exception cref="RulesetException">A rule allows nothing, or an exception is beneath no rule.</exception>
    public Ruleset AddTo(Ruleset ruleset, string? baseDirectory = null)
    {
        ArgumentNullException.ThrowIfNull(ruleset);
        return AddTo(ruleset, baseDirectory, ImmutableArray.CreateBuilder<SandboxFinding>());
    }

    private Ruleset AddTo(Ruleset ruleset, string? baseDirectory, ImmutableArray<SandboxFinding>.Builder findings) =>
        WithoutSecrets(ruleset.WithHosts(Hosts).WithGrants(Marked(baseDirectory, findings), Ports), baseDirectory, findings);

    /// <summary>
    /// The layers, outermost first: those that are given, and that of the policies, each with the rules, or one that is made.
    /// </summary>
    internal ImmutableArray<Ruleset> Layers(LandlockSupport support, string baseDirectory, List<SandboxFinding> findings)
    {
        // Hosts of presets hold for all layers, as what they grant does.
        ImmutableArray<HostRule> hosts = [.. Presets.SelectMany(name => Preset.Find(name).Hosts)];
        ImmutableArray<Ruleset> layers =
            (hosts.IsEmpty ? this : this with { Hosts = [.. Hosts, .. hosts] }).AllLayers(support, baseDirectory, findings);
        // Those for UDP that layers cannot hold are in none of them.
        Ruleset.DemandNoUdp(Ports, [.. layers.SelectMany(layer => layer.HostRules)]);
        return layers;
    }

    private ImmutableArray<Ruleset> AllLayers(LandlockSupport support, string baseDirectory, List<SandboxFinding> findings)
    {
        Policy[] policies = Policies.IsEmpty ? [] : [Compose(findings)];
        // Without values nothing is looked up, since that would read every preset.
        if (!Variables.Given.IsEmpty)
        {
            ImmutableArray<PolicyFinding> unused = Variables.For(
                [.. policies, .. Presets.Select(name => Policy.From(Preset.Find(name).Document))], ProfileVariables).Unused;
            if (unused.Length > 0 && ProfileVariables.Length > 0)
                throw new PolicyException(unused.Select(finding => finding with { Severity = FindingSeverity.Error }));
            findings.AddRange(unused.Select(finding => SandboxFinding.Warning(finding.Message)));
        }

        ImmutableArray<Ruleset> given = [.. Rulesets, .. policies.Select(policy => Resolve(policy, findings))];
        if (given.IsEmpty)
        {
            Ruleset made = MakeRuleset(support, baseDirectory, out ImmutableArray<SandboxFinding> left);
            findings.AddRange(left);
            return [made];
        }

        if (Unrestricted != Unrestricted.None)
        {
            throw new RulesetException(RulesetProblem.NothingHandled, "Unrestricted",
                "What is unrestricted (-Unrestricted, --unrestricted) shapes the ruleset that is made here, and cannot loosen one that is "
                    + "given, or a policy. Leave it out, or make the given one with New-LandlockRuleset -Unrestricted.");
        }

        ImmutableArray<SandboxFinding>.Builder told = ImmutableArray.CreateBuilder<SandboxFinding>();
        given = [.. given.Select(ruleset => Adjusted(AddTo(ruleset, baseDirectory, told)))];
        findings.AddRange(told.Distinct());
        return given;
    }

    private Policy Compose(List<SandboxFinding> findings)
    {
        foreach (PolicyDocument document in Policies) findings.AddRange(document.Findings.Select(SandboxFinding.Of));
        PolicyComposition composition = PolicyComposition.Compose(Policies);
        if (CompositionText.Warning(composition) is { } warning)
            findings.Add(SandboxFinding.Warning(warning,
                "To demand what every one of them demands, nest them: Import-LandlockPolicy -Layer, or one landlocked in another."));
        findings.AddRange(
            composition.Reduced.Select(rule => new SandboxFinding(FindingSeverity.Note, rule.Location.ToString(), rule.ToString())));
        return composition.Policy;
    }

    private Ruleset Resolve(Policy policy, List<SandboxFinding> findings)
    {
        ResolvedPolicy resolved = policy.Resolve(Variables.For([policy]).Used);
        findings.AddRange(resolved.Findings.Select(SandboxFinding.Of));
        return resolved.Ruleset;
    }

    private Ruleset Adjusted(Ruleset ruleset)
    {
        if (Compatibility is { } level) ruleset = ruleset with { Compatibility = level };
        return LogDenials ? ruleset.WithLogging(ruleset.LogFlags | RestrictFlags.LogNewExecOn) : ruleset;
    }

    private IEnumerable<PathRule> Marked(string? baseDirectory, ImmutableArray<SandboxFinding>.Builder findings)
    {
        // Secrets are left out of whatever else is in a layer, too.
        string[] here = [.. Except.Where(text => !ExceptionSet.IsWord(text))];
        RuleExceptions left = here.Length == 0 ? new RuleExceptions(Paths, []) : RuleExceptions.Of(Paths, here, baseDirectory);
        findings.AddRange(left.Notes.Select(SandboxFinding.Note));
        return IgnoreMissing ? left.Rules.Select(rule => rule with { Optional = true }) : left.Rules;
    }

    private Ruleset WithoutSecrets(Ruleset ruleset, string? baseDirectory, ImmutableArray<SandboxFinding>.Builder findings)
    {
        if (!Except.Any(ExceptionSet.IsWord)) return ruleset;
        RuleExceptions left = RuleExceptions.Of(ruleset.PathRules, [ExceptionSet.Word], baseDirectory);
        findings.AddRange(left.Notes.Select(SandboxFinding.Note));
        return ruleset.WithOtherPaths(left.Rules);
    }

    // A rule for rights that are all newer than the ABI allows what is allowed anyway. That is worth a word, not a refusal.
    private bool IsLeftOut(RightKind kind, ulong access, int abi, string rule, ImmutableArray<SandboxFinding>.Builder findings)
    {
        Right[] rights = [.. AbiTable.InMask(kind, access)];
        if (rights.Length == 0 || rights.Any(right => right.Abi <= abi)) return false;
        // Where that was foreseen there is nothing to say.
        if (rights.All(right => (ProtectionPart.Of(right) & (Promises.AllowDegraded | Promises.Disabled)) != 0)) return true;
        string missing = string.Join(", ", rights.Select(right => new DroppedRight(right.Name, right.Abi)));
        if (Compatibility is not (null or Landlock.Rulesets.Compatibility.BestEffort))
            throw new RulesetException(RulesetProblem.Incompatible, rights[0].Name,
                $"The rule '{rule}' is required, but Landlock ABI {abi} lacks {missing}.");
        // Beside hosts it opens all of them, which is said where hosts are looked at.
        if (kind == RightKind.Fs && access == (ulong)AccessFs.ResolveUnix && Hosts.Length > 0) return true;
        findings.Add(SandboxFinding.Warning(kind == RightKind.Net && (access & ~(ulong)(AccessNet.BindUdp | AccessNet.ConnectSendUdp)) == 0
            ? $"Landlock ABI {abi} cannot tell UDP ports apart, so the rule '{rule}' opens all of UDP: {missing}."
            : $"The rule '{rule}' is not needed: Landlock ABI {abi} does not restrict {missing}."));
        return true;
    }
}
