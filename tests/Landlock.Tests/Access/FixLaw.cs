using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Access;
using Landlock.Rulesets;

namespace Landlock.Tests.Access;

/// <summary>What a fix promises: with it the operation is allowed, and without any one right of it, it is not.</summary>
internal static class FixLaw
{
    public static void Holds(ImmutableArray<ResolvedLayer> layers, RandomOperation operation, AccessVerdict verdict, string message)
    {
        if (verdict.Fixes.IsEmpty)
        {
            // Only refer that a layer does not handle cannot be granted.
            Assert.True(verdict.Denials.Any(
                denial => denial.Missing.Contains("refer") && (layers[denial.Layer - 1].HandledFs & AccessFs.Refer) == 0), message);
            return;
        }

        Assert.True(IsAllowed(layers, verdict.Fixes, operation), $"{message}\nis not allowed by {string.Join("; ", verdict.Fixes)}");
        for (int i = 0; i < verdict.Fixes.Length; i++)
        {
            AccessFix fix = verdict.Fixes[i];
            foreach (Right right in AbiTable.InMask(RightKind.Fs, (ulong)(fix.PathRule?.Access ?? 0)))
            {
                ImmutableArray<ResolvedLayer> others = Apply(layers, verdict.Fixes.RemoveAt(i));
                ImmutableArray<ResolvedLayer> less = Apply(others, fix, fix.PathRule!.Access & ~(AccessFs)right.Bit);
                Assert.False(operation.Judge(new AccessEvaluator(less, "/")).Allowed,
                    $"{message}\nis allowed by {string.Join("; ", verdict.Fixes)} without {right} too");
            }
        }
    }

    private static bool IsAllowed(ImmutableArray<ResolvedLayer> layers, ImmutableArray<AccessFix> fixes, RandomOperation operation) =>
        operation.Judge(new AccessEvaluator(Apply(layers, fixes), "/")).Allowed;

    private static ImmutableArray<ResolvedLayer> Apply(ImmutableArray<ResolvedLayer> layers, IEnumerable<AccessFix> fixes)
    {
        foreach (AccessFix fix in fixes) layers = Apply(layers, fix, fix.PathRule?.Access ?? AccessFs.None);
        return layers;
    }

    // A rule as a ruleset takes it, with what sending needs.
    private static ImmutableArray<NetRule> Ports(NetRule? rule) => rule is null ? [] : Ruleset.DenyAll(AbiTable.Newest).With(rule).NetRules;

    private static ImmutableArray<ResolvedLayer> Apply(ImmutableArray<ResolvedLayer> layers, AccessFix fix, AccessFs access) =>
    [
        .. layers.Select((layer, i) => !fix.Layers.Contains(i + 1) ? layer : layer with
        {
            PathRules = access == 0 ? layer.PathRules
                : layer.PathRules.Add(new ResolvedPathRule(fix.PathRule!.Path, access, access & AbiTable.FileRights, false, false)),
            NetRules = [.. layer.NetRules, .. Ports(fix.NetRule).Select(rule => new ResolvedNetRule(rule.Port, rule.Access, false))],
            Scopes = layer.Scopes & ~fix.Scope,
        }),
    ];
}
