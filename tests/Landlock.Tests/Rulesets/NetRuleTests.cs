using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Tests.Rulesets;

public sealed class NetRuleTests
{
    // No rule at all on a port; a rule without rights is something else (it may be quiet).
    private const int NoRule = -1;

    [Fact]
    public void The_canonical_form_allows_the_same_on_every_port() =>
        Law.HoldsForLists(Generate.NetRules, rules =>
        {
            Dictionary<(bool, Compatibility?), int[]> expected = PerPort(rules), actual = PerPort(Canonical(rules));
            Assert.Equal(expected.Keys.ToHashSet(), actual.Keys.ToHashSet());
            foreach ((bool, Compatibility?) modifiers in expected.Keys)
            {
                int different = expected[modifiers].AsSpan().CommonPrefixLength(actual[modifiers]);
                if (different < 65536)
                    Assert.Fail($"port {different} has {actual[modifiers][different]}, expected {expected[modifiers][different]}");
            }
        });

    [Fact]
    public void The_canonical_form_is_sorted_and_its_ranges_are_disjoint_and_as_long_as_can_be() =>
        Law.HoldsForLists(Generate.NetRules, rules =>
        {
            NetRule[] canonical = Canonical(rules);
            Assert.Equal(canonical.OrderBy(rule => rule.Port.First), canonical);
            foreach (IGrouping<(bool, Compatibility?), NetRule> group in canonical.GroupBy(rule => (rule.Quiet, rule.Compatibility)))
            {
                foreach ((NetRule before, NetRule after) in group.Zip(group.Skip(1)))
                {
                    Assert.True(before.Port.Last < after.Port.First, $"{before} overlaps {after}");
                    Assert.False(before.Port.Last + 1 == after.Port.First && before.Access == after.Access,
                        $"{before} could be joined with {after}");
                }
            }
        });

    [Fact]
    public void The_canonical_form_does_not_depend_on_the_order() =>
        Law.Holds(Generate.Shuffled(Generate.NetRules), pair => Assert.Equal(Canonical(pair.List), Canonical(pair.Shuffled)));

    [Fact]
    public void The_canonical_form_is_its_own() =>
        Law.HoldsForLists(Generate.NetRules, rules =>
        {
            NetRule[] canonical = Canonical(rules);
            Assert.Equal(canonical, Canonical(canonical));
        });

    [Fact]
    public void The_canonical_form_does_not_depend_on_how_ranges_are_cut() =>
        Law.HoldsForLists(Generate.NetRules, rules =>
            Assert.Equal(Canonical(rules), Canonical(rules.SelectMany(rule => rule.Port.First == rule.Port.Last
                ? [rule]
                : (NetRule[])[rule with { Port = new PortRange(rule.Port.First, rule.Port.First) },
                    rule with { Port = new PortRange((ushort)(rule.Port.First + 1), rule.Port.Last) }]))));

    [Theory]
    [InlineData("", "")]
    [InlineData("b443", "bind_tcp 443")]
    [InlineData("b443 c443", "bind_tcp,connect_tcp 443")]
    [InlineData("b80 b81 b82", "bind_tcp 80-82")]
    [InlineData("b80 c81", "bind_tcp 80; connect_tcp 81")]
    [InlineData("b1-10 c5-6", "bind_tcp 1-4; bind_tcp,connect_tcp 5-6; bind_tcp 7-10")]
    [InlineData("b1-10 b5-20", "bind_tcp 1-20")]
    [InlineData("b1-10 b3", "bind_tcp 1-10")]
    [InlineData("b0-65535 c65535", "bind_tcp 0-65534; bind_tcp,connect_tcp 65535")]
    [InlineData("c0 b0-65535", "bind_tcp,connect_tcp 0; bind_tcp 1-65535")]
    [InlineData("b9 b7", "bind_tcp 7; bind_tcp 9")]
    [InlineData("b80 qb80", "bind_tcp 80; bind_tcp 80 (quiet)")]
    public void Examples(string rules, string canonical) =>
        Assert.Equal(canonical, string.Join("; ", Canonical(rules.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Rule))));

    // An array, because immutable arrays are compared by reference.
    private static NetRule[] Canonical(IEnumerable<NetRule> rules) => [.. NetRule.Canonical(rules)];

    private static NetRule Rule(string text)
    {
        bool quiet = text[0] == 'q';
        if (quiet) text = text[1..];
        return new NetRule(PortRange.Parse(text[1..]), text[0] == 'b' ? AccessNet.BindTcp : AccessNet.ConnectTcp) { Quiet = quiet };
    }

    // The naive model: one number for each port, and one table for each set of modifiers.
    private static Dictionary<(bool, Compatibility?), int[]> PerPort(IEnumerable<NetRule> rules)
    {
        Dictionary<(bool, Compatibility?), int[]> tables = [];
        foreach (NetRule rule in rules)
        {
            if (!tables.TryGetValue((rule.Quiet, rule.Compatibility), out int[]? table))
            {
                tables[(rule.Quiet, rule.Compatibility)] = table = new int[65536];
                Array.Fill(table, NoRule);
            }

            for (int port = rule.Port.First; port <= rule.Port.Last; port++) table[port] = Math.Max(table[port], 0) | (int)rule.Access;
        }

        return tables;
    }
}
