using FsCheck;
using FsCheck.Fluent;
using Landlock.Rulesets;
using Landlock.Tests.Rulesets;

namespace Landlock.Tests.Policies;

/// <summary>Random rulesets to write, with names and paths that are hard to write.</summary>
internal static class Written
{
    private static readonly Gen<string?> Names = Gen.Frequency(
        (2, Gen.Constant<string?>(null)),
        (1, Gen.Elements<string?>("ci", "", "a \"b\" 'c'\\", "é 🦊", "line\nbreak\t\u0001\u007f", "${x} $$", "# no comment",
            "\u202e", "a + b")));

    private static readonly Gen<PathRule> OddPaths =
        from path in Gen.Elements("/a b", "/\"q'", "/\\", "/$x", "/${x}", "/$$", "/$", "/é/🦊", "/\n", "/\udcff\udc80", "/%41",
            "/\udc80%41${y}", "/\u202e", "/#", "..", "a/../b", "[x]")
        from access in Generate.Fs
        from optional in Generate.Rarely
        select new PathRule(path, access) { Optional = optional };

    public static readonly Gen<Ruleset> Rulesets =
        from ruleset in Generate.ExceptingRulesets
        from name in Names
        from more in Gen.ArrayOf(OddPaths)
        from kind in Gen.Choose(0, 2)
        from hosts in Gen.Frequency((2, Gen.Constant<HostRule[]>([])), (1, Gen.ArrayOf(Generate.Hosts)))
        let rules = ruleset.With(more.Where(rule => Generate.Accepts(ruleset, rule)), [])
            .WithHosts(ruleset.NetRules.Any(rule => rule.HasUdp) ? [] : hosts)
        select kind switch { 0 => rules with { Name = name }, 1 => AllOptional(rules) with { Name = name }, _ => Plain(rules) };

    /// <summary>Without modifiers, as most rulesets are.</summary>
    private static Ruleset Plain(Ruleset ruleset) =>
        Ruleset.Handling(ruleset.Abi, ruleset.HandledFs, ruleset.HandledNet, ruleset.Scopes).With(
            ruleset.PathRules.Where(rule => rule.Access != 0 && !rule.Path.Contains('\udc80') && !rule.Path.Contains('\udcff'))
                .Select(rule => new PathRule(rule.Path, rule.Access) { Optional = true }),
            ruleset.NetRules.Where(rule => rule.Access != 0).Select(rule => new NetRule(rule.Port, rule.Access)));

    public static Ruleset AllOptional(Ruleset ruleset) => With(ruleset, ruleset.PathRules.Select(rule => rule with { Optional = true }));

    public static Ruleset With(Ruleset ruleset, IEnumerable<PathRule> paths) =>
        Ruleset.Handling(ruleset.Abi, ruleset.HandledFs, ruleset.HandledNet, ruleset.Scopes).With(paths, ruleset.NetRules)
            .WithHosts(ruleset.HostRules).WithLogging(ruleset.LogFlags)
            .WithQuiet(ruleset.QuietFs, ruleset.QuietNet, ruleset.QuietScopes) with
        { Name = ruleset.Name, Compatibility = ruleset.Compatibility };
}
