using FsCheck;
using FsCheck.Fluent;
using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Tests.Rulesets;

/// <summary>Random rights, rules and rulesets.</summary>
internal static class Generate
{
    public static readonly Gen<AccessFs> Fs = Gen.OneOf(
        Gen.Choose(0, 0x1FFFF).Select(value => (AccessFs)value),
        Gen.Choose(0, 16).Select(bit => (AccessFs)(1UL << bit)),
        Gen.Elements(AccessClass.All.ToArray()).Select(named => named.Rights));

    public static readonly Gen<AccessNet> Net = Gen.Choose(0, 0xF).Select(value => (AccessNet)value);

    public static readonly Gen<Scope> Scopes = Gen.Choose(0, 0x3).Select(value => (Scope)value);

    public static readonly Gen<RestrictFlags> LogFlags =
        Gen.Frequency((2, Gen.Constant(RestrictFlags.None)), (1, Gen.Choose(0, 0x7).Select(value => (RestrictFlags)value)));

    public static readonly Gen<bool> Rarely = Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)));

    public static readonly Gen<Compatibility?> Level = Gen.Frequency(
        (3, Gen.Constant<Compatibility?>(null)),
        (1, Gen.Elements<Compatibility?>(Compatibility.BestEffort, Compatibility.SoftRequirement, Compatibility.HardRequirement)));

    /// <summary>Ranges that overlap, touch and reach both ends often.</summary>
    public static readonly Gen<PortRange> Ports =
        from ends in Gen.Two(Gen.OneOf(Gen.Choose(0, 12), Gen.Choose(0, 12), Gen.Choose(65530, 65535), Gen.Choose(0, 65535)))
        from single in Gen.Elements(true, false)
        select single ? new PortRange((ushort)ends.Item1, (ushort)ends.Item1)
            : new PortRange((ushort)Math.Min(ends.Item1, ends.Item2), (ushort)Math.Max(ends.Item1, ends.Item2));

    /// <summary>Hosts: names, patterns and networks, some of which hold others.</summary>
    public static readonly Gen<HostRule> Hosts =
        from host in Gen.OneOf(
            from labels in Gen.ListOf(Gen.Elements("a", "bb", "c-c", "x1", "xn--bcher-kva"), 3)
            from star in Gen.Elements("", "*.")
            select star + string.Join('.', labels),
            from first in Gen.Choose(1, 223)
            from bits in Gen.Choose(0, 32)
            select $"{new HostNetwork(HostAddress.V4(((uint)first << 24) | 0x0A0B0C), 96 + bits).Rounded}",
            from second in Gen.Choose(1, 0xFFFF)
            from bits in Gen.Choose(0, 128)
            select $"{new HostNetwork(HostAddress.TryParse($"2001:{second:x}::5")!.Value, bits).Rounded}")
        from port in Gen.Choose(1, 65535)
        from more in Gen.Choose(0, 3)
        select HostRule.Parse($"{host}:{port}-{Math.Min(port + more, 65535)}");

    public static readonly Gen<NetRule> NetRules =
        from ports in Ports
        from access in Net
        from quiet in Rarely
        from level in Level
        select new NetRule(ports, access) { Quiet = quiet, Compatibility = level };

    /// <summary>Rules on few paths, so that they meet.</summary>
    public static readonly Gen<PathRule> PathRules =
        from path in Gen.Elements("/", "/usr", "/usr/", "/usr/bin", "/etc/passwd", ".", "./out", "out", "/a b", "/\uDCFF")
        from access in Fs
        from optional in Rarely
        from quiet in Rarely
        from level in Level
        select new PathRule(path, access) { Optional = optional, Quiet = quiet, Compatibility = level };

    /// <summary>The same, some with exceptions, which only some rights can have.</summary>
    public static readonly Gen<PathRule> ExceptingRules =
        from rule in PathRules
        from except in Gen.Frequency((1, Gen.Constant(Array.Empty<string>())),
            (1, Gen.ArrayOf(Gen.Elements("a", "a/b", "$b", ".ssh/", "\uDCFE"))))
        let access = rule.Access & (AccessFs.Execute | AccessFs.ReadFile | AccessFs.ReadDir | AccessFs.WriteFile | AccessFs.Truncate)
        select except.Length == 0 ? rule
            : rule with { Access = access, Except = [.. except.Select(name => rule.Path == "." ? name : $"{rule.Path}/{name}")] };

    /// <summary>Rulesets that handle something, with rules that they accept.</summary>
    public static readonly Gen<Ruleset> Rulesets = RulesetsOf(PathRules);

    /// <summary>The same, with exceptions.</summary>
    public static readonly Gen<Ruleset> ExceptingRulesets = RulesetsOf(ExceptingRules);

    /// <summary>A ruleset, and rights to take out of it.</summary>
    public static readonly Gen<(Ruleset, AccessFs, AccessNet, Scope)> RulesetsAndRights =
        from ruleset in Rulesets
        from fs in Fs
        from net in Net
        from scopes in Scopes
        select (ruleset, fs, net, scopes);

    private static Gen<Ruleset> RulesetsOf(Gen<PathRule> rules) =>
        from abi in Gen.Choose(1, AbiTable.Newest)
        from all in Gen.Elements(true, false)
        from fs in Fs
        from net in Net
        from scopes in Scopes
        let bare = all ? Ruleset.DenyAll(abi)
            : Ruleset.Handling(abi, fs & AbiTable.AllFs(abi), net & AbiTable.AllNet(abi), scopes & AbiTable.AllScopes(abi))
        where !bare.IsEmpty
        from paths in Gen.ArrayOf(rules)
        from ports in Gen.ArrayOf(NetRules)
        from quietFs in Fs
        from quietNet in Net
        from quietScopes in Scopes
        from quiet in Rarely
        from log in LogFlags
        from level in Gen.Frequency((3, Gen.Constant(Compatibility.BestEffort)),
            (1, Gen.Elements(Compatibility.SoftRequirement, Compatibility.HardRequirement)))
        let full = bare.With(paths.Where(rule => Accepts(bare, rule)), ports.Where(rule => Accepts(bare, rule))).WithLogging(log)
        select (quiet ? full.WithQuiet(quietFs, quietNet, quietScopes) : full) with { Compatibility = level };

    public static bool Accepts(Ruleset ruleset, PathRule rule) =>
        (rule.Access & ruleset.HandledFs) != 0 || (rule.Quiet && rule.Access == 0);

    public static bool Accepts(Ruleset ruleset, NetRule rule) =>
        (rule.Access & ruleset.HandledNet) != 0 || (rule.Quiet && rule.Access == 0);

    /// <summary>A list, and the same list in another order.</summary>
    public static Gen<(T[] List, T[] Shuffled)> Shuffled<T>(Gen<T> element) =>
        from list in Gen.ArrayOf(element)
        from shuffled in Gen.Shuffle(list)
        select (list, shuffled);
}
