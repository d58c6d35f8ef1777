using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;

namespace Landlock.Sandboxes;

/// <summary>
/// Restricts the running process, all of its threads at once (LANDLOCK_RESTRICT_SELF_TSYNC, ABI 8), for good. Everywhere else a process of
/// its own is restricted, by landlock-exec.
/// </summary>
internal static class InPlaceRestriction
{
    /// <summary>Enforces the layers of a plan, outermost first, and then its filter.</summary>
    /// <exception cref="RulesetException">The kernel cannot restrict all threads of a process.</exception>
    /// <exception cref="KernelException">A call failed; only what comes before it, if anything, is in force.</exception>
    public static void Apply(LaunchPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Hosts is not null)
            throw new RulesetException(RulesetProblem.Contradictory, "hosts", "A running process cannot be held to hosts: that takes a "
                + "supervisor outside of it. Run what it is for as a separate command (Sandbox.Run), or leave out the hosts.");
        Require(plan.Layers.Min(layer => layer.KernelAbi));
        Enforce(plan.Layers, RestrictFlags.Tsync);
        if (plan.Filter is { } filter) Filter(filter);
    }

    /// <summary>Refuses a kernel that cannot restrict all threads of a process.</summary>
    /// <param name="abi">Its Landlock ABI.</param>
    /// <param name="advice">What to do instead, as a sentence.</param>
    /// <exception cref="RulesetException">It cannot.</exception>
    public static void Require(
        int abi,
        string advice = "Run what it is for as a separate command, which every kernel with Landlock can sandbox (Sandbox.Run).")
    {
        if (abi >= 8) return;
        throw new RulesetException(RulesetProblem.Incompatible, "tsync",
            $"A running process can be restricted from Landlock ABI 8 on (Linux {AbiTable.Release(8)}); this kernel has ABI {abi}. " +
            $"Before that only one of its threads would be, and the others would stay free. {advice}");
    }

    /// <summary>Installs the filter on all threads, which are given no_new_privs if the calling one has it.</summary>
    internal static void Filter(FilterOptions options) =>
        ProcessFilter.Install(CommandFilter.For(options, RuntimeInformation.ProcessArchitecture));

    /// <summary>Enforces layers on the calling thread, or with <see cref="RestrictFlags.Tsync"/> on all of them.</summary>
    internal static void Enforce(ImmutableArray<ResolvedLayer> layers, RestrictFlags flags)
    {
        List<RulesetDescriptor> rulesets = [];
        try
        {
            // All are made before the first is enforced: afterwards their paths may be out of reach.
            foreach (ResolvedLayer layer in layers) rulesets.Add(Create(layer));
            // Where the kernel can do both at once, a restriction that fails leaves nothing behind.
            if (layers.All(layer => layer.KernelAbi >= 11)) flags |= RestrictFlags.NoNewPrivs;
            else RulesetDescriptor.GiveUpPrivileges();
            for (int i = 0; i < layers.Length; i++) rulesets[i].Enforce(layers[i].RestrictFlags | flags);
        }
        finally
        {
            foreach (RulesetDescriptor ruleset in rulesets) ruleset.Dispose();
        }
    }

    private static RulesetDescriptor Create(ResolvedLayer layer)
    {
        RulesetDescriptor ruleset = RulesetDescriptor.Create(layer.Attribute());
        foreach (ResolvedPathRule rule in layer.PathRules)
            ruleset.AddPath(rule.Target, rule.Access, rule.FileAccess, rule.Optional, rule.Quiet ? 1u : 0);
        foreach (ResolvedNetRule rule in layer.NetRules)
            for (int port = rule.Port.First; port <= rule.Port.Last; port++) ruleset.AddPort(port, rule.Access, rule.Quiet ? 1u : 0);
        return ruleset;
    }
}
