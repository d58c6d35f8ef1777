using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Tests.Access;

/// <summary>Random layers with rules on places of a tree and above it.</summary>
internal static class RandomLayers
{
    public static ImmutableArray<ResolvedLayer> Of(RandomTree tree, Random random, int abi) =>
        [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Layer(tree, random, abi))];

    public static ResolvedLayer Make(AccessFs fs, AccessNet net, Scope scopes, IEnumerable<ResolvedPathRule> paths,
        IEnumerable<ResolvedNetRule> ports, int abi) => new()
        {
            Status = new RestrictionStatus { Enforcement = Enforcement.FullyEnforced, KernelAbi = abi, EffectiveAbi = abi },
            HandledFs = fs,
            HandledNet = net,
            Scopes = scopes,
            PathRules = [.. paths],
            NetRules = [.. ports],
        };

    /// <summary>What a rule with random exceptions comes to; null where they cannot be kept.</summary>
    internal static ImmutableArray<ResolvedPathRule>? Excepting(RandomTree tree, Random random, AccessFs handled, string path,
        AccessFs access, out PathRule rule)
    {
        rule = new PathRule(path, access);
        string[] beneath = [.. tree.Entries.Select(entry => entry.Path).Where(entry => entry != path && PathRule.IsBeneath(entry, path))];
        if (beneath.Length == 0) return null;
        rule = rule with { Except = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => tree.Pick(beneath))] };
        try
        {
            return RulesetResolver.Resolve(Ruleset.Handling(RunningKernel.Support.Abi, handled, 0, 0).With(rule), RunningKernel.Support,
                "/", PosixFile.Inspect).PathRules;
        }
        catch (RulesetException e) when (e.Problem is RulesetProblem.InvalidException or RulesetProblem.PathNotFound)
        {
            return null;
        }
    }

    private static ResolvedLayer Layer(RandomTree tree, Random random, int abi)
    {
        AccessFs fs = random.Next(5) switch
        {
            0 => (AccessFs)random.NextInt64() & AbiTable.AllFs(abi),
            1 when random.Next(2) == 0 => AccessFs.None,
            _ => AbiTable.AllFs(abi),
        };
        AccessNet net = (AccessNet)random.NextInt64() & AbiTable.AllNet(abi);
        Scope scopes = (Scope)random.NextInt64() & AbiTable.AllScopes(abi);
        if (fs == 0 && net == 0 && scopes == 0) fs = AbiTable.AllFs(abi);

        List<ResolvedPathRule> paths = [];
        for (int i = random.Next(7); i >= 0; i--)
        {
            // Directories near the top matter most; rules on files are as hard to get right.
            string path = random.Next(10) switch
            {
                0 => tree.Pick(["/", Path.GetDirectoryName(tree.Root)!]),
                1 or 2 => tree.Root,
                < 7 => tree.Pick(tree.Of("dir").ToArray()).Path,
                _ => tree.Pick(tree.Entries).Path,
            };
            AccessFs access = fs & (random.Next(4) switch
            {
                0 => (AccessFs)ulong.MaxValue,
                1 => tree.Pick(AccessClass.All).Rights,
                2 => ~((AccessFs)(1UL << random.Next(17))),
                _ => (AccessFs)random.NextInt64(),
            });
            // Mounts can leave links without a target.
            if (access == 0 || PosixEntry.Look(path, follow: true).Error != Errno.None) continue;
            if (random.Next(4) == 0 && Excepting(tree, random, fs, path, access, out _) is { } expanded) paths.AddRange(expanded);
            else paths.Add(new ResolvedPathRule(path, access, access & AbiTable.FileRights, false, false));
        }

        List<ResolvedNetRule> ports = [];
        for (int i = random.Next(4); i > 0; i--)
        {
            int first = random.Next(5) == 0 ? 0 : 21000 + random.Next(12);
            AccessNet access = net & (AccessNet)(1 + random.Next(15));
            if (access != 0) ports.Add(new ResolvedNetRule(new PortRange((ushort)first, (ushort)(first + random.Next(4))), access, false));
        }

        return Make(fs, net, scopes, paths, ports, abi);
    }
}
