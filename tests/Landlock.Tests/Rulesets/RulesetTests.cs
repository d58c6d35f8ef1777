using FsCheck.Fluent;
using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Tests.Rulesets;

public sealed class RulesetTests
{
    private static readonly PathRule Usr = new("/usr", AccessClass.ReadOnly.Rights);

    private static readonly NetRule Https = new(new PortRange(443, 443), AccessNet.ConnectTcp);

    public static TheoryData<int> Versions => [.. Enumerable.Range(1, AbiTable.Newest)];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Deny_all_handles_everything_an_abi_has(int abi)
    {
        Ruleset ruleset = Ruleset.DenyAll(abi);
        Assert.Equal(abi, ruleset.Abi);
        Assert.Equal(AbiTable.AllFs(abi), ruleset.HandledFs);
        Assert.Equal(AbiTable.AllNet(abi), ruleset.HandledNet);
        Assert.Equal(AbiTable.AllScopes(abi), ruleset.Scopes);
        Assert.Empty(ruleset.PathRules);
        Assert.Empty(ruleset.NetRules);
        Assert.False(ruleset.IsEmpty);
        Assert.Equal(RestrictFlags.None, ruleset.LogFlags);
        Assert.Equal(Compatibility.BestEffort, ruleset.Compatibility);
        Assert.Null(ruleset.Name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(12)]
    public void An_unknown_abi_is_refused(int abi)
    {
        RulesetException exception = Assert.Throws<RulesetException>(() => Ruleset.DenyAll(abi));
        Assert.Equal($"ABI {abi} is unknown; use 1 to 11.", exception.Message);
        Assert.Equal(RulesetProblem.InvalidAbi, exception.Problem);
        Assert.Equal($"{abi}", exception.Target);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_right_above_the_abi_cannot_be_handled(int abi)
    {
        foreach (Right right in AbiTable.Rights.Where(right => right.Kind != RightKind.Flag))
        {
            Ruleset Handle() => Ruleset.Handling(
                abi,
                right.Kind == RightKind.Fs ? (AccessFs)right.Bit : 0,
                right.Kind == RightKind.Net ? (AccessNet)right.Bit : 0,
                right.Kind == RightKind.Scope ? (Scope)right.Bit : 0);

            if (right.Abi <= abi)
            {
                Ruleset ruleset = Handle();
                Assert.Equal(right.Bit, (ulong)ruleset.HandledFs | (ulong)ruleset.HandledNet | (ulong)ruleset.Scopes);
                continue;
            }

            RulesetException exception = Assert.Throws<RulesetException>(Handle);
            Assert.Equal($"A ruleset for ABI {abi} cannot handle {right.Name}, which needs ABI {right.Abi}.", exception.Message);
            Assert.Equal(RulesetProblem.InvalidAbi, exception.Problem);
            Assert.Equal(right.Name, exception.Target);
        }
    }

    [Fact]
    public void A_bit_that_is_no_right_cannot_be_handled()
    {
        RulesetException exception = Assert.Throws<RulesetException>(() => Ruleset.Handling(11, (AccessFs)0x20001, 0, 0));
        Assert.Equal("A ruleset cannot handle 0x20000, which is no known filesystem right.", exception.Message);
        Assert.Equal(RulesetProblem.UnknownName, exception.Problem);
        Assert.Equal("0x20000", exception.Target);
        Assert.Equal("A ruleset cannot handle 0x30, which is no known network right.",
            Assert.Throws<RulesetException>(() => Ruleset.Handling(11, 0, (AccessNet)0x30, 0)).Message);
        Assert.Equal("A ruleset cannot handle 0x8000000000000000, which is no known scope.",
            Assert.Throws<RulesetException>(() => Ruleset.Handling(11, 0, 0, (Scope)(1UL << 63))).Message);
    }

    [Fact]
    public void A_ruleset_that_handles_nothing_is_empty()
    {
        Assert.True(Ruleset.Handling(3, 0, 0, 0).IsEmpty);
        Assert.False(Ruleset.Handling(6, 0, 0, Scope.Signal).IsEmpty);
        Assert.False(Ruleset.Handling(6, 0, AccessNet.BindTcp, 0).IsEmpty);
        Assert.False(Ruleset.Handling(6, AccessFs.ReadDir, 0, 0).IsEmpty);
    }

    [Fact]
    public void A_ruleset_never_changes() =>
        Law.Holds(
            from ruleset in Generate.Rulesets
            from path in Generate.PathRules
            from port in Generate.NetRules
            select (ruleset, path, port),
            given =>
            {
                (Ruleset ruleset, PathRule path, NetRule port) = given;
                Ruleset copy = ruleset with { };
                PathRule[] paths = [.. ruleset.PathRules];
                NetRule[] ports = [.. ruleset.NetRules];

                _ = ruleset.WithGrants([path]);
                if (Generate.Accepts(ruleset, path)) _ = ruleset.With(path);
                if (Generate.Accepts(ruleset, port)) _ = ruleset.With(port);
                _ = ruleset.Without(path.Access, port.Access, Scope.Signal);
                _ = ruleset.WithLogging(RestrictFlags.LogNewExecOn);
                _ = ruleset.WithQuiet(path.Access, port.Access, Scope.Signal);
                _ = ruleset with { Name = "other" };

                Assert.Equal(copy, ruleset);
                Assert.Equal(paths, ruleset.PathRules.AsEnumerable());
                Assert.Equal(ports, ruleset.NetRules.AsEnumerable());
            });

    [Fact]
    public void Rules_added_in_any_order_one_by_one_or_at_once_give_equal_rulesets() =>
        Law.Holds(
            from abi in Gen.Choose(1, AbiTable.Newest)
            from paths in Generate.Shuffled(Generate.PathRules)
            from ports in Generate.Shuffled(Generate.NetRules)
            select (abi, paths, ports),
            given =>
            {
                Ruleset bare = Ruleset.DenyAll(given.abi);
                Ruleset atOnce = bare.With(given.paths.List.Where(rule => Generate.Accepts(bare, rule)),
                    given.ports.List.Where(rule => Generate.Accepts(bare, rule)));
                Ruleset shuffled = bare.With(given.paths.Shuffled.Where(rule => Generate.Accepts(bare, rule)),
                    given.ports.Shuffled.Where(rule => Generate.Accepts(bare, rule)));
                Ruleset oneByOne = bare;
                foreach (NetRule rule in given.ports.Shuffled.Where(rule => Generate.Accepts(bare, rule))) oneByOne = oneByOne.With(rule);
                foreach (PathRule rule in given.paths.Shuffled.Where(rule => Generate.Accepts(bare, rule))) oneByOne = oneByOne.With(rule);

                Assert.Equal(atOnce, shuffled);
                Assert.Equal(atOnce, oneByOne);
                Assert.Equal(atOnce.GetHashCode(), shuffled.GetHashCode());
                Assert.Equal(atOnce.GetHashCode(), oneByOne.GetHashCode());
            },
            tests: 100);

    [Fact]
    public void Path_rules_with_the_same_modifiers_unite_and_the_others_stay_apart() =>
        Law.Holds(from ruleset in Generate.Rulesets from rules in Gen.ArrayOf(Generate.PathRules) select (ruleset, rules), given =>
        {
            Ruleset bare = Ruleset.Handling(given.ruleset.Abi, given.ruleset.HandledFs, given.ruleset.HandledNet, given.ruleset.Scopes);
            PathRule[] accepted = [.. given.rules.Where(rule => Generate.Accepts(bare, rule))];
            Dictionary<(string, bool, bool, Compatibility?), AccessFs> model = [];
            foreach (PathRule rule in accepted)
            {
                (string, bool, bool, Compatibility?) key = (rule.Path, rule.Optional, rule.Quiet, rule.Compatibility);
                model[key] = model.GetValueOrDefault(key) | (rule.Access & bare.HandledFs);
            }

            Ruleset ruleset = bare.With(accepted, []);
            Assert.Equal(model.Count, ruleset.PathRules.Length);
            Assert.All(ruleset.PathRules,
                rule => Assert.Equal(model[(rule.Path, rule.Optional, rule.Quiet, rule.Compatibility)], rule.Access));
            Assert.Equal(ruleset.PathRules.Select(rule => rule.Path).Order(StringComparer.Ordinal),
                ruleset.PathRules.Select(rule => rule.Path));
        });

    [Fact]
    public void Adding_a_rule_twice_is_adding_it_once() =>
        Law.Holds(Generate.Rulesets, ruleset => Assert.Equal(ruleset, ruleset.With(ruleset.PathRules, ruleset.NetRules)));

    [Fact]
    public void Rulesets_are_equal_by_value()
    {
        Ruleset ruleset = Ruleset.DenyAll(11).With([Usr], [Https]) with { Name = "a" };
        Ruleset same = Ruleset.DenyAll(11).With(new NetRule(new PortRange(443, 443), AccessNet.ConnectTcp))
            .With(new PathRule("//usr/./", AccessClass.ReadOnly.Rights)) with
        { Name = "a" };
        Assert.Equal(ruleset, same);
        Assert.True(ruleset == same);
        Assert.Equal(ruleset.GetHashCode(), same.GetHashCode());
        Assert.False(ruleset.Equals(null));

        Ruleset[] others =
        [
            ruleset with { Name = "b" },
            ruleset with { Compatibility = Compatibility.HardRequirement },
            ruleset.With(new PathRule("/usr", AccessFs.WriteFile)),
            ruleset.With(new PathRule("/bin", AccessFs.ReadFile)),
            ruleset.With(new NetRule(new PortRange(80, 80), AccessNet.ConnectTcp)),
            ruleset.Without(AccessFs.IoctlDev, 0, 0),
            ruleset.Without(0, AccessNet.BindUdp, 0),
            ruleset.Without(0, 0, Scope.Signal),
            ruleset.WithLogging(RestrictFlags.LogNewExecOn),
            ruleset.WithQuiet(AccessFs.ReadFile, 0, 0),
            ruleset.WithQuiet(0, AccessNet.BindTcp, 0),
            ruleset.WithQuiet(0, 0, Scope.Signal),
            Ruleset.DenyAll(10).With([Usr], [Https]) with { Name = "a" },
        ];
        Assert.All(others, other => Assert.NotEqual(ruleset, other));
        Assert.Equal(others.Length, others.Distinct().Count());
    }

    [Fact]
    public void Rights_that_are_not_handled_are_left_out_of_rules()
    {
        Ruleset ruleset = Ruleset.Handling(7, AccessFs.ReadFile | AccessFs.WriteFile, AccessNet.BindTcp, 0)
            .With(new PathRule("/usr", AccessClass.ReadOnly.Rights))
            .With(new NetRule(new PortRange(1, 9), AccessNet.BindTcp | AccessNet.ConnectTcp));
        Assert.Equal(AccessFs.ReadFile, Assert.Single(ruleset.PathRules).Access);
        Assert.Equal(AccessNet.BindTcp, Assert.Single(ruleset.NetRules).Access);
    }

    [Theory]
    [InlineData(7, 0x4UL, 0x9UL,
        "The rule for '/x' would change nothing: execute,read_dir is not handled by this ruleset, so it is allowed everywhere already.")]
    [InlineData(7, 0xFFFFUL, 0x10000UL, "The rule for '/x' would change nothing: resolve_unix needs ABI 9, and this ruleset is for ABI 7, "
        + "so it is allowed everywhere already.")]
    [InlineData(2, 0x3FFFUL, 0x14000UL, "The rule for '/x' would change nothing: truncate,resolve_unix needs ABI 3, and this ruleset is "
        + "for ABI 2, so it is allowed everywhere already.")]
    // Every ruleset that handles a filesystem right denies refer.
    [InlineData(7, 0x4UL, 0x2000UL,
        "The rule for '/x' would change nothing: refer is not handled by this ruleset, so it stays denied everywhere.")]
    [InlineData(1, 0x4UL, 0x2000UL,
        "The rule for '/x' would change nothing: refer needs ABI 2, and this ruleset is for ABI 1, so it stays denied everywhere.")]
    [InlineData(7, 0x4UL, 0x6000UL, "The rule for '/x' would change nothing: refer,truncate is not handled by this ruleset, so it is "
        + "allowed everywhere already, but refer stays denied.")]
    [InlineData(7, 0x0UL, 0x2000UL,
        "The rule for '/x' would change nothing: refer is not handled by this ruleset, so it is allowed everywhere already.")]
    [InlineData(7, 0xFFFFUL, 0x0UL, "The rule for '/x' allows no right; name at least one.")]
    public void A_path_rule_that_would_change_nothing_is_refused(int abi, ulong handled, ulong access, string message)
    {
        Ruleset ruleset = Ruleset.Handling(abi, (AccessFs)handled, 0, 0);
        RulesetException exception = Assert.Throws<RulesetException>(() => ruleset.With(new PathRule("/x", (AccessFs)access)));
        Assert.Equal(message, exception.Message);
        Assert.Equal(RulesetProblem.EmptyAccess, exception.Problem);
        Assert.Equal("/x", exception.Target);
    }

    [Theory]
    [InlineData(4, 0x2UL, 0x1UL,
        "The rule for port 80-90 would change nothing: bind_tcp is not handled by this ruleset, so it is allowed everywhere already.")]
    [InlineData(4, 0x3UL, 0x8UL, "The rule for port 80-90 would change nothing: connect_send_udp needs ABI 10, and this ruleset is for ABI "
        + "4, so it is allowed everywhere already.")]
    [InlineData(4, 0x3UL, 0x0UL, "The rule for port 80-90 allows no right; name at least one.")]
    public void A_port_rule_that_would_change_nothing_is_refused(int abi, ulong handled, ulong access, string message)
    {
        Ruleset ruleset = Ruleset.Handling(abi, 0, (AccessNet)handled, 0);
        RulesetException exception =
            Assert.Throws<RulesetException>(() => ruleset.With(new NetRule(new PortRange(80, 90), (AccessNet)access)));
        Assert.Equal(message, exception.Message);
        Assert.Equal(RulesetProblem.EmptyAccess, exception.Problem);
        Assert.Equal("80-90", exception.Target);
    }

    [Fact]
    public void The_refusal_shows_the_path_on_one_line() =>
        Assert.Equal("The rule for '/a\\nb' allows no right; name at least one.",
            Assert.Throws<RulesetException>(() => Ruleset.DenyAll(1).With(new PathRule("/a\nb", 0))).Message);

    [Fact]
    public void A_quiet_rule_needs_no_right()
    {
        Ruleset ruleset =
            Ruleset.DenyAll(10).With([new PathRule("/usr", 0) { Quiet = true }], [new NetRule(new PortRange(1, 1), 0) { Quiet = true }]);
        Assert.Equal(AccessFs.None, Assert.Single(ruleset.PathRules).Access);
        Assert.Equal(AccessNet.None, Assert.Single(ruleset.NetRules).Access);
        Assert.Throws<RulesetException>(() => Ruleset.DenyAll(7).With(new PathRule("/usr", AccessFs.ResolveUnix) { Quiet = true }));
    }

    [Fact]
    public void Grants_are_taken_as_far_as_they_go()
    {
        Ruleset ruleset = Ruleset.Handling(7, AccessFs.ReadFile, 0, 0);
        Assert.Equal(ruleset, ruleset.WithGrants([]));
        Assert.Equal(ruleset, ruleset.WithGrants([new PathRule("/usr", AccessFs.Execute), new PathRule("/bin", 0)]));
        Assert.Equal(
            ruleset.With(new PathRule("/usr", AccessFs.ReadFile)),
            ruleset.WithGrants([new PathRule("/bin", AccessFs.Execute), new PathRule("/usr", AccessClass.ReadWriteExecute.Rights)]));
    }

    [Fact]
    public void Without_takes_rights_out_of_everything() =>
        Law.Holds(Generate.RulesetsAndRights, given =>
        {
            (Ruleset before, AccessFs fs, AccessNet net, Scope scopes) = given;
            Ruleset after = before.Without(fs, net, scopes);
            Assert.Equal(before.HandledFs & ~fs, after.HandledFs);
            Assert.Equal(before.HandledNet & ~net, after.HandledNet);
            Assert.Equal(before.Scopes & ~scopes, after.Scopes);
            Assert.Equal(before.QuietFs & ~fs, after.QuietFs);
            Assert.Equal(before.QuietNet & ~net, after.QuietNet);
            Assert.Equal(before.QuietScopes & ~scopes, after.QuietScopes);
            Assert.Equal((before.Abi, before.LogFlags, before.Compatibility, before.Name),
                (after.Abi, after.LogFlags, after.Compatibility, after.Name));
            Assert.All(after.PathRules, rule => Assert.Equal(AccessFs.None, rule.Access & ~after.HandledFs));
            Assert.All(after.NetRules, rule => Assert.Equal(AccessNet.None, rule.Access & ~after.HandledNet));
            Assert.Equal(after, after.Without(fs, net, scopes));
            // What is left is allowed, and kept quiet, exactly where it was.
            Ruleset bare = Ruleset.Handling(after.Abi, after.HandledFs, after.HandledNet, after.Scopes);
            Ruleset expected = bare.With(
                before.PathRules.Where(rule => after.HandledFs != 0).Select(rule => rule with { Access = rule.Access & ~fs })
                    .Where(rule => Generate.Accepts(bare, rule)),
                before.NetRules.Where(rule => after.HandledNet != 0).Select(rule => rule with { Access = rule.Access & ~net })
                    .Where(rule => Generate.Accepts(bare, rule)));
            Assert.Equal(expected.PathRules.AsEnumerable(), after.PathRules);
            Assert.Equal(expected.NetRules.AsEnumerable(), after.NetRules);
        });

    [Fact]
    public void Without_keeps_paths_and_ports_quiet()
    {
        Ruleset ruleset = Ruleset.DenyAll(10).WithQuiet(AccessFs.ReadFile, AccessNet.BindTcp, 0).With(
            [new PathRule("/usr", AccessFs.Execute) { Quiet = true }, new PathRule("/bin", 0) { Quiet = true }, Usr],
            [new NetRule(new PortRange(1, 1), AccessNet.ConnectTcp) { Quiet = true }]);
        Ruleset without = ruleset.Without(AccessFs.Execute, AccessNet.ConnectTcp, 0);
        Assert.Equal(["none /bin (quiet)", "ReadData /usr", "none /usr (quiet)"], without.PathRules.Select(rule => rule.ToString()));
        Assert.Equal(["none 1 (quiet)"], without.NetRules.Select(rule => rule.ToString()));
        // Where nothing is handled there is no denial to silence.
        Assert.Empty(ruleset.Without(AbiTable.AllFs(10), 0, 0).PathRules);
        Assert.Empty(ruleset.Without(0, AbiTable.AllNet(10), 0).NetRules);
    }

    [Fact]
    public void Without_joins_ranges_that_no_longer_differ()
    {
        Ruleset ruleset = Ruleset.DenyAll(4)
            .With([], [new NetRule(new PortRange(1, 9), AccessNet.BindTcp), new NetRule(new PortRange(5, 5), AccessNet.ConnectTcp)]);
        Assert.Equal(3, ruleset.NetRules.Length);
        Assert.Equal(new NetRule(new PortRange(1, 9), AccessNet.BindTcp),
            Assert.Single(ruleset.Without(0, AccessNet.ConnectTcp, 0).NetRules));
    }

    [Fact]
    public void Quiet_masks_are_cut_to_what_is_handled()
    {
        Ruleset ruleset = Ruleset.Handling(10, AccessFs.ReadFile | AccessFs.ReadDir, AccessNet.BindUdp, Scope.Signal)
            .WithQuiet(AccessFs.ReadFile | AccessFs.Execute, AccessNet.BindUdp | AccessNet.BindTcp, Scope.AbstractUnixSocket);
        Assert.Equal(AccessFs.ReadFile, ruleset.QuietFs);
        Assert.Equal(AccessNet.BindUdp, ruleset.QuietNet);
        Assert.Equal(Scope.None, ruleset.QuietScopes);
        Assert.Equal(Ruleset.Handling(10, AccessFs.ReadFile | AccessFs.ReadDir, AccessNet.BindUdp, Scope.Signal),
            ruleset.WithQuiet(0, 0, 0));
    }

    [Fact]
    public void Logging_takes_logging_flags_only()
    {
        RestrictFlags flags = RestrictFlags.LogSameExecOff | RestrictFlags.LogNewExecOn | RestrictFlags.LogSubdomainsOff;
        Assert.Equal(flags, Ruleset.DenyAll(7).WithLogging(flags).LogFlags);
        Assert.Equal(Ruleset.DenyAll(7), Ruleset.DenyAll(7).WithLogging(flags).WithLogging(RestrictFlags.None));
        ArgumentException exception =
            Assert.Throws<ArgumentException>(() => Ruleset.DenyAll(8).WithLogging(RestrictFlags.LogNewExecOn | RestrictFlags.Tsync));
        Assert.Equal("Tsync is not about logging. (Parameter 'flags')", exception.Message);
        Assert.Throws<ArgumentException>(() => Ruleset.DenyAll(11).WithLogging(RestrictFlags.NoNewPrivs));
    }

    [Fact]
    public void A_ruleset_is_shown_in_a_few_words()
    {
        Assert.Equal("ruleset: ABI 7, 0 path rules, 0 port rules", Ruleset.DenyAll(7).ToString());
        Assert.Equal("build: ABI 4, 1 path rule, 1 port rule",
            (Ruleset.DenyAll(4).With([Usr], [Https]) with { Name = "build" }).ToString());
    }
}
