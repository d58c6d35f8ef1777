using FsCheck.Fluent;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Tests.Linux;

namespace Landlock.Tests.Rulesets;

public sealed class RulesetResolverTests
{
    // Written out by hand, in the order of a report: filesystem, network, scopes, each in the kernel's order.
    private static readonly DroppedRight[] Later =
    [
        new("refer", 2), new("truncate", 3), new("ioctl_dev", 5), new("resolve_unix", 9),
        new("bind_tcp", 4), new("connect_tcp", 4), new("bind_udp", 10), new("connect_send_udp", 10),
        new("abstract_unix_socket", 6), new("signal", 6),
    ];

    private static readonly PathRule Usr = new("/usr", AccessClass.ReadOnly.Rights);

    private static readonly NetRule Https = new(new PortRange(443, 443), AccessNet.ConnectTcp);

    public static TheoryData<int> Versions => [.. Enumerable.Range(1, AbiTable.Newest)];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Deny_all_is_cut_to_what_the_kernel_has_and_the_rest_is_reported(int abi)
    {
        ResolvedLayer layer = Resolve(Ruleset.DenyAll(11) with { Name = "all" }, abi);
        Assert.Equal(abi, layer.KernelAbi);
        Assert.Equal(AbiTable.AllFs(abi), layer.HandledFs);
        Assert.Equal(AbiTable.AllNet(abi), layer.HandledNet);
        Assert.Equal(AbiTable.AllScopes(abi), layer.Scopes);
        Assert.Equal(RestrictFlags.None, layer.RestrictFlags);
        Assert.Empty(layer.PathRules);
        Assert.Empty(layer.NetRules);
        Assert.Equal(
            new RestrictionStatus
            {
                Name = "all",
                Enforcement = abi >= 10 ? Enforcement.FullyEnforced : Enforcement.PartiallyEnforced,
                KernelAbi = abi,
                EffectiveAbi = abi,
                DroppedRights = [.. Later.Where(right => right.NeedsAbi > abi)],
            },
            Plain(layer.Status));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_ruleset_for_an_older_abi_stays_what_it_is(int abi)
    {
        ResolvedLayer layer = Resolve(Ruleset.DenyAll(abi), 11);
        Assert.Equal(11, layer.KernelAbi);
        Assert.Equal(AbiTable.AllFs(abi), layer.HandledFs);
        Assert.Equal(AbiTable.AllNet(abi), layer.HandledNet);
        Assert.Equal(AbiTable.AllScopes(abi), layer.Scopes);
        Assert.Equal(new RestrictionStatus { Enforcement = Enforcement.FullyEnforced, KernelAbi = 11, EffectiveAbi = abi },
            Plain(layer.Status));
        Assert.Null(layer.Status.Degradation);
    }

    [Fact]
    public void The_warning_names_what_is_missing_and_what_has_it()
    {
        Assert.Equal(
            "The ruleset is enforced in part: this kernel has Landlock ABI 7 and lacks resolve_unix (needs ABI 9, Linux 7.1), bind_udp "
                + "(needs ABI 10, Linux 7.2), connect_send_udp (needs ABI 10, Linux 7.2).",
            Resolve(Ruleset.DenyAll(11), 7).Status.Degradation);
        Assert.Equal(
            "The ruleset 'net' cannot be enforced on this kernel (Landlock ABI 3): bind_tcp (needs ABI 4, Linux 6.7), connect_tcp "
                + "(needs ABI 4, Linux 6.7).",
            Resolve(Ruleset.Handling(4, 0, AbiTable.AllNet(4), 0) with { Name = "net" }, 3).Status.Degradation);
        Assert.Equal(
            "The ruleset cannot be enforced on this kernel (no Landlock): execute (needs ABI 1, Linux 5.13).",
            Resolve(Ruleset.Handling(1, AccessFs.Execute, 0, 0), 0).Status.Degradation);
    }

    [Fact]
    public void The_warning_names_the_kernels_abi_and_not_the_rulesets()
    {
        Ruleset ruleset = Ruleset.DenyAll(4).WithLogging(RestrictFlags.LogNewExecOn);
        Assert.Equal(
            "The ruleset is enforced in part: this kernel has Landlock ABI 6 and lacks log_new_exec_on (needs ABI 7, Linux 6.15).",
            Resolve(ruleset, 6).Status.Degradation);
        Assert.Equal(
            "The ruleset cannot be enforced on this kernel (Landlock ABI 6): log_new_exec_on (needs ABI 7, Linux 6.15).",
            Resolve(ruleset with { Compatibility = Compatibility.SoftRequirement }, 6).Status.Degradation);
    }

    [Fact]
    public void The_warning_is_one_line() =>
        Assert.StartsWith("The ruleset 'a\\nb' cannot be enforced",
            Resolve(Ruleset.DenyAll(1) with { Name = "a\nb" }, 0).Status.Degradation, StringComparison.Ordinal);

    [Fact]
    public void Reports_are_equal_by_value()
    {
        RestrictionStatus status = Resolve(Ruleset.DenyAll(11).With(new PathRule("/run", AccessFs.ResolveUnix)), 7).Status;
        Assert.Equal(status, status with { DroppedRights = [.. status.DroppedRights], SkippedRules = [.. status.SkippedRules] });
        Assert.Equal(status.GetHashCode(), (status with { DroppedRights = [.. status.DroppedRights] }).GetHashCode());
        RestrictionStatus[] others =
        [
            status with { Name = "x" }, status with { Enforcement = Enforcement.NotEnforced }, status with { KernelAbi = 6 },
            status with { EffectiveAbi = 6 },
            status with { DroppedRights = [] }, status with { SkippedRules = [] },
        ];
        Assert.All(others, other => Assert.NotEqual(status, other));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Ports_alone_cannot_be_enforced_below_abi_4(int abi)
    {
        ResolvedLayer layer = Resolve(Ruleset.Handling(4, 0, AbiTable.AllNet(4), 0).With(Https), abi);
        Assert.Equal(Enforcement.NotEnforced, layer.Status.Enforcement);
        Assert.Equal([new("bind_tcp", 4), new("connect_tcp", 4)], layer.Status.DroppedRights.AsEnumerable());
        AssertNothing(layer);
        Assert.Equal(Enforcement.FullyEnforced, Resolve(Ruleset.Handling(4, 0, AbiTable.AllNet(4), 0).With(Https), 4).Status.Enforcement);
    }

    [Fact]
    public void Scopes_alone_cannot_be_enforced_below_abi_6()
    {
        AssertNothing(Resolve(Ruleset.Handling(6, 0, 0, Scope.Signal), 5));
        Assert.Equal(Scope.Signal, Resolve(Ruleset.Handling(6, 0, 0, Scope.Signal), 6).Scopes);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Without_landlock_nothing_is_enforced(int abi)
    {
        ResolvedLayer layer = Resolve(Ruleset.DenyAll(abi).With(Usr), 0);
        Assert.Equal(Enforcement.NotEnforced, layer.Status.Enforcement);
        Assert.Equal(0, layer.Status.EffectiveAbi);
        Assert.Equal(0, layer.KernelAbi);
        Assert.Equal(
            AbiTable.Rights.Where(right => right.Kind != RightKind.Flag && right.Abi <= abi)
                .Select(right => new DroppedRight(right.Name, right.Abi)),
            layer.Status.DroppedRights);
        AssertNothing(layer);
    }

    [Fact]
    public void A_ruleset_that_handles_nothing_is_refused()
    {
        RulesetException exception = Assert.Throws<RulesetException>(() => Resolve(Ruleset.Handling(7, 0, 0, 0), 7));
        Assert.Equal(
            "The ruleset restricts nothing: it handles no right and no scope. Handle at least one, or run the command without a sandbox.",
            exception.Message);
        Assert.Equal(RulesetProblem.NothingHandled, exception.Problem);
        Assert.StartsWith("The ruleset 'a\\nb' restricts nothing",
            Assert.Throws<RulesetException>(() => Resolve(Ruleset.Handling(7, 0, 0, 0) with { Name = "a\nb" }, 7)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_required_ruleset_is_enforced_as_a_whole_or_refused()
    {
        Ruleset ruleset = Ruleset.DenyAll(9) with { Compatibility = Compatibility.HardRequirement, Name = "ci" };
        Assert.Equal(Enforcement.FullyEnforced, Resolve(ruleset, 9).Status.Enforcement);
        RulesetException exception = Assert.Throws<RulesetException>(() => Resolve(ruleset, 5));
        Assert.Equal(
            "The ruleset 'ci' is required as a whole, but this kernel (ABI 5) lacks resolve_unix (needs ABI 9, Linux 7.1), "
                + "abstract_unix_socket (needs ABI 6, Linux 6.12), signal (needs ABI 6, Linux 6.12).",
            exception.Message);
        Assert.Equal(RulesetProblem.Incompatible, exception.Problem);
        Assert.Equal("resolve_unix", exception.Target);
        Assert.StartsWith("The ruleset 'ci' is required as a whole, but this kernel (no Landlock) lacks execute (",
            Assert.Throws<RulesetException>(() => Resolve(ruleset, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_soft_requirement_is_enforced_as_a_whole_or_not_at_all()
    {
        Ruleset ruleset = Ruleset.DenyAll(9).With(Usr) with { Compatibility = Compatibility.SoftRequirement };
        Assert.Equal(Enforcement.FullyEnforced, Resolve(ruleset, 9).Status.Enforcement);
        ResolvedLayer layer = Resolve(ruleset, 8);
        Assert.Equal(new RestrictionStatus
        {
            Enforcement = Enforcement.NotEnforced,
            KernelAbi = 8,
            EffectiveAbi = 8,
            DroppedRights = [new("resolve_unix", 9)],
        }, Plain(layer.Status));
        AssertNothing(layer);
    }

    [Fact]
    public void A_required_rule_is_refused_where_the_kernel_lacks_one_of_its_rights()
    {
        Ruleset ruleset = Ruleset.DenyAll(11)
            .With(new PathRule("/run/x.sock", AccessFs.ReadFile | AccessFs.ResolveUnix) { Compatibility = Compatibility.HardRequirement });
        Assert.Equal(Enforcement.PartiallyEnforced, Resolve(ruleset, 9).Status.Enforcement);
        RulesetException exception = Assert.Throws<RulesetException>(() => Resolve(ruleset, 8));
        Assert.Equal("The rule 'read_file,resolve_unix /run/x.sock' is required, but this kernel (ABI 8) lacks resolve_unix "
            + "(needs ABI 9, Linux 7.1).", exception.Message);
        Assert.Equal(RulesetProblem.Incompatible, exception.Problem);
        Assert.Equal("resolve_unix", exception.Target);

        ruleset = Ruleset.DenyAll(11)
            .With(new NetRule(new PortRange(53, 53), AccessNet.ConnectSendUdp) { Compatibility = Compatibility.HardRequirement });
        exception = Assert.Throws<RulesetException>(() => Resolve(ruleset, 9));
        Assert.Equal(
            "The rule 'connect_send_udp 53' is required, but this kernel (ABI 9) lacks connect_send_udp (needs ABI 10, Linux 7.2).",
            exception.Message);
        Assert.Equal(Enforcement.FullyEnforced, Resolve(ruleset, 10).Status.Enforcement);
    }

    [Theory]
    [InlineData(Compatibility.BestEffort, 3)]
    [InlineData(Compatibility.BestEffort, 0)]
    [InlineData(Compatibility.SoftRequirement, 3)]
    public void A_required_rule_is_refused_even_if_its_ruleset_would_be_dropped_as_a_whole(Compatibility level, int abi)
    {
        Ruleset ruleset = Ruleset.Handling(4, 0, AbiTable.AllNet(4), 0)
            .With(Https with { Compatibility = Compatibility.HardRequirement }) with
        { Compatibility = level };
        RulesetException exception = Assert.Throws<RulesetException>(() => Resolve(ruleset, abi));
        string kernel = abi == 0 ? "no Landlock" : "ABI 3";
        Assert.Equal($"The rule 'connect_tcp 443' is required, but this kernel ({kernel}) lacks connect_tcp (needs ABI 4, Linux 6.7).",
            exception.Message);
        Assert.Equal(RulesetProblem.Incompatible, exception.Problem);
    }

    [Fact]
    public void A_rule_that_is_a_soft_requirement_takes_its_layer_with_it()
    {
        PathRule path = new("/run/x.sock", AccessFs.ResolveUnix) { Compatibility = Compatibility.SoftRequirement };
        NetRule port = new(new PortRange(53, 53), AccessNet.ConnectSendUdp) { Compatibility = Compatibility.SoftRequirement };
        foreach (Ruleset ruleset in (Ruleset[])[Ruleset.DenyAll(11).With(path), Ruleset.DenyAll(11).With(port)])
        {
            ResolvedLayer layer = Resolve(ruleset, 8);
            Assert.Equal(Enforcement.NotEnforced, layer.Status.Enforcement);
            Assert.Equal([new("resolve_unix", 9), new("bind_udp", 10), new("connect_send_udp", 10)],
                layer.Status.DroppedRights.AsEnumerable());
            AssertNothing(layer);
            Assert.Equal(Enforcement.FullyEnforced, Resolve(ruleset, 10).Status.Enforcement);
        }
    }

    [Fact]
    public void A_rule_at_best_effort_is_left_out_and_reported()
    {
        Ruleset ruleset = Ruleset.DenyAll(11).With(
            [new PathRule("/run/x.sock", AccessFs.ResolveUnix), Usr],
            [new NetRule(new PortRange(53, 53), AccessNet.ConnectSendUdp) { Compatibility = Compatibility.BestEffort }, Https]);
        ResolvedLayer layer = Resolve(ruleset, 7);
        Assert.Equal(Enforcement.PartiallyEnforced, layer.Status.Enforcement);
        Assert.Equal(["UnixSocket /run/x.sock", "bind_udp 0", "connect_send_udp 53"], layer.Status.SkippedRules.Select(rule => rule.Rule));
        Assert.Equal([new("/usr", AccessClass.ReadOnly.Rights, AccessFs.ReadFile | AccessFs.Execute, false, false)],
            layer.PathRules.AsEnumerable());
        Assert.Equal([new(new PortRange(443, 443), AccessNet.ConnectTcp, false)], layer.NetRules.AsEnumerable());
    }

    [Fact]
    public void The_path_of_a_rule_that_is_left_out_is_not_looked_at() =>
        Assert.Single(Resolve(Ruleset.DenyAll(11).With(new PathRule("/gone", AccessFs.ResolveUnix)), 7,
            _ => throw new InvalidOperationException()).Status.SkippedRules);

    [Fact]
    public void A_missing_path_is_refused()
    {
        RulesetException exception = Assert.Throws<RulesetException>(
            () => Resolve(Ruleset.DenyAll(7).With(new PathRule("a\nb", AccessFs.ReadFile)), 7, _ => PathKind.Missing));
        Assert.Equal("The path '/base/a\\nb' does not exist. Correct it, create it, or mark the rule as optional.", exception.Message);
        Assert.Equal(RulesetProblem.PathNotFound, exception.Problem);
        Assert.Equal("/base/a\nb", exception.Target);
    }

    [Fact]
    public void An_unreachable_path_is_refused()
    {
        RulesetException exception = Assert.Throws<RulesetException>(
            () => Resolve(Ruleset.DenyAll(7).With(new PathRule("/root/x", AccessFs.ReadFile)), 7, _ => PathKind.Unreachable));
        Assert.Equal("The path '/root/x' cannot be reached: a directory on the way may not be searched (Permission denied).",
            exception.Message);
        Assert.Equal(RulesetProblem.PathNotUsable, exception.Problem);
        Assert.Equal("/root/x", exception.Target);
    }

    [Fact]
    public void An_optional_path_is_skipped_and_reported()
    {
        Ruleset ruleset = Ruleset.DenyAll(7).With([new PathRule("/gone", AccessFs.ReadFile) { Optional = true },
            new PathRule("/root/x", AccessFs.ReadFile) { Optional = true }, Usr with { Optional = true }], []);
        ResolvedLayer layer = Resolve(ruleset, 7,
            path => path switch { "/gone" => PathKind.Missing, "/root/x" => PathKind.Unreachable, _ => PathKind.Directory });
        Assert.Equal(Enforcement.FullyEnforced, layer.Status.Enforcement);
        Assert.Equal(
            ["read_file /gone (optional): the path does not exist",
                "read_file /root/x (optional): the path cannot be reached: a directory on the way may not be searched (Permission denied)"],
            layer.Status.SkippedRules.Select(rule => rule.ToString()));
        Assert.Equal([new("/usr", AccessClass.ReadOnly.Rights, AccessFs.ReadFile | AccessFs.Execute, true, false)],
            layer.PathRules.AsEnumerable());
    }

    [Fact]
    public void A_rule_on_a_file_carries_the_rights_that_apply_to_files()
    {
        Ruleset ruleset = Ruleset.DenyAll(11).With(new PathRule("/etc/passwd", AccessClass.ReadWriteExecute.Rights));
        Assert.Equal([new("/etc/passwd", AbiTable.AllFs(11), AbiTable.FileRights, false, false)],
            Resolve(ruleset, 11, _ => PathKind.File).PathRules.AsEnumerable());
        // What the path is may change before it is opened, so both masks are always carried.
        Assert.Equal([new("/etc/passwd", AbiTable.AllFs(11), AbiTable.FileRights, false, false)],
            Resolve(ruleset, 11, _ => PathKind.Directory).PathRules.AsEnumerable());
        Assert.Equal([new("/etc/passwd", AbiTable.AllFs(2), AccessFs.Execute | AccessFs.WriteFile | AccessFs.ReadFile, false, false)],
            Resolve(ruleset, 2, _ => PathKind.File).PathRules.AsEnumerable());
    }

    [Fact]
    public void Rights_of_directories_alone_are_refused_on_a_file()
    {
        RulesetException exception = Assert.Throws<RulesetException>(() =>
            Resolve(Ruleset.DenyAll(7).With(new PathRule("/etc/passwd", AccessFs.ReadDir | AccessFs.MakeDir)), 7, _ => PathKind.File));
        Assert.Equal("The rule for '/etc/passwd' allows nothing: it is no directory, and read_dir,make_dir applies to directories only.",
            exception.Message);
        Assert.Equal(RulesetProblem.EmptyAccess, exception.Problem);
        Assert.Equal("/etc/passwd", exception.Target);
    }

    [Fact]
    public void A_required_rule_on_a_file_holds_file_rights_only()
    {
        Ruleset ruleset = Ruleset.DenyAll(7).With(Usr with { Compatibility = Compatibility.HardRequirement });
        RulesetException exception = Assert.Throws<RulesetException>(() => Resolve(ruleset, 7, _ => PathKind.File));
        Assert.Equal("The rule for '/usr' is required as a whole, but it is no directory, and read_dir applies to directories only.",
            exception.Message);
        Assert.Equal(RulesetProblem.Incompatible, exception.Problem);
        Assert.Single(Resolve(ruleset, 7).PathRules);
    }

    [Theory]
    [InlineData("/abs", "/base", "/abs")]
    [InlineData(".", "/base", "/base")]
    [InlineData(".", "/", "/")]
    [InlineData("out", "/base", "/base/out")]
    [InlineData("./out/x", "/base", "/base/out/x")]
    [InlineData("out", "/", "/out")]
    [InlineData("out", "/base/", "/base/out")]
    [InlineData("..", "/base", "/base/..")]
    [InlineData("../x", "/base", "/base/../x")]
    [InlineData(".hidden", "/base", "/base/.hidden")]
    public void A_relative_path_starts_at_the_base_directory(string path, string directory, string absolute)
    {
        Assert.Equal(absolute, RulesetResolver.Absolute(path, directory));
        List<string> seen = [];
        ResolvedLayer layer = RulesetResolver.Resolve(Ruleset.DenyAll(7).With(new PathRule(path, AccessFs.ReadFile)),
            LandlockSupport.ForAbi(7), directory, at =>
        {
            seen.Add(at);
            return PathKind.Directory;
        });
        Assert.Equal([absolute], seen);
        Assert.Equal(absolute, Assert.Single(layer.PathRules).Path);
    }

    [Fact]
    public void Logging_flags_are_cut_to_the_kernel_and_reported()
    {
        Ruleset ruleset = Ruleset.DenyAll(7).WithLogging(RestrictFlags.LogNewExecOn | RestrictFlags.LogSameExecOff);
        Assert.Equal(RestrictFlags.LogNewExecOn | RestrictFlags.LogSameExecOff, Resolve(ruleset, 7).RestrictFlags);
        ResolvedLayer layer = Resolve(ruleset, 6);
        Assert.Equal(RestrictFlags.None, layer.RestrictFlags);
        Assert.Equal(
            new RestrictionStatus
            {
                Enforcement = Enforcement.PartiallyEnforced,
                KernelAbi = 6,
                EffectiveAbi = 6,
                DroppedRights = [new("log_same_exec_off", 7), new("log_new_exec_on", 7)],
            },
            Plain(layer.Status));
    }

    [Fact]
    public void Quiet_masks_and_rules_count_from_abi_10()
    {
        Ruleset ruleset = Ruleset.DenyAll(11).WithQuiet(AccessFs.ReadFile, AccessNet.BindUdp, Scope.Signal)
            .With([Usr with { Quiet = true }], [Https with { Quiet = true }]);
        ResolvedLayer layer = Resolve(ruleset, 10);
        Assert.Equal((AccessFs.ReadFile, AccessNet.BindUdp, Scope.Signal), (layer.QuietFs, layer.QuietNet, layer.QuietScopes));
        Assert.True(Assert.Single(layer.PathRules).Quiet);
        Assert.True(Assert.Single(layer.NetRules).Quiet);

        layer = Resolve(ruleset, 9);
        Assert.Equal((AccessFs.None, AccessNet.None, Scope.None), (layer.QuietFs, layer.QuietNet, layer.QuietScopes));
        Assert.False(Assert.Single(layer.PathRules).Quiet);
        Assert.False(Assert.Single(layer.NetRules).Quiet);
    }

    [Fact]
    public void A_quiet_rule_is_left_out_where_it_would_neither_allow_nor_silence_anything()
    {
        // The kernel answers ENOMSG to a rule without rights, and EINVAL to a quiet rule in a ruleset that silences nothing.
        Ruleset ruleset = Ruleset.DenyAll(11).With(
            [new PathRule("/run", AccessFs.ResolveUnix) { Quiet = true }, new PathRule("/usr", 0) { Quiet = true }],
            [new NetRule(new PortRange(53, 53), AccessNet.BindUdp) { Quiet = true },
                new NetRule(new PortRange(80, 80), 0) { Quiet = true }]);

        ResolvedLayer layer =
            Resolve(ruleset.WithQuiet(AccessFs.ReadFile, AccessNet.BindTcp, 0), 7, _ => throw new InvalidOperationException());
        Assert.Empty(layer.PathRules);
        Assert.Empty(layer.NetRules);
        Assert.Equal(
            [
                "UnixSocket /run (quiet): this kernel (ABI 7) lacks resolve_unix (needs ABI 9, Linux 7.1)",
                "none /usr (quiet): it allows nothing, and no denial is silenced before ABI 10",
                "bind_udp 53 (quiet): this kernel (ABI 7) lacks bind_udp (needs ABI 10, Linux 7.2)",
                "none 80 (quiet): it allows nothing, and no denial is silenced before ABI 10",
            ],
            layer.Status.SkippedRules.Select(rule => rule.ToString()));

        layer = Resolve(ruleset, 10);
        Assert.Equal([new("/run", AccessFs.ResolveUnix, AccessFs.ResolveUnix, false, false)], layer.PathRules.AsEnumerable());
        Assert.Equal([new(new PortRange(53, 53), AccessNet.BindUdp, false)], layer.NetRules.AsEnumerable());
        Assert.Equal(
            ["none /usr (quiet): it allows nothing, and the ruleset silences no such denial",
                "none 80 (quiet): it allows nothing, and the ruleset silences no such denial"],
            layer.Status.SkippedRules.Select(rule => rule.ToString()));

        layer = Resolve(ruleset.WithQuiet(AccessFs.ReadFile, AccessNet.BindTcp, 0), 10);
        Assert.Equal([new("/run", AccessFs.ResolveUnix, AccessFs.ResolveUnix, false, true), new("/usr", 0, 0, false, true)],
            layer.PathRules.AsEnumerable());
        Assert.Equal([new(new PortRange(53, 53), AccessNet.BindUdp, true), new(new PortRange(80, 80), 0, true)],
            layer.NetRules.AsEnumerable());
        Assert.Empty(layer.Status.SkippedRules);
    }

    [Fact]
    public void A_rule_that_is_left_out_says_what_the_kernel_lacks() =>
        // ABI 1 always denies refer, so "not restricted" would be wrong.
        Assert.Equal("refer /usr: this kernel (ABI 1) lacks refer (needs ABI 2, Linux 5.19)",
            Assert.Single(Resolve(Ruleset.DenyAll(2).With(new PathRule("/usr", AccessFs.Refer)), 1).Status.SkippedRules).ToString());

    [Fact]
    public void What_is_resolved_is_never_more_than_ruleset_and_kernel_have_and_only_what_is_dropped_makes_it_partial() =>
        Law.Holds(from ruleset in Generate.Rulesets from abi in Gen.Choose(0, AbiTable.Newest) select (ruleset, abi), given =>
        {
            (Ruleset ruleset, int abi) = given;
            LandlockSupport kernel = LandlockSupport.ForAbi(abi);
            ResolvedLayer? layer = TryResolve(ruleset, abi);
            if (layer is null) return;

            RestrictionStatus status = layer.Status;
            Assert.Equal(abi, layer.KernelAbi);
            Assert.Equal(Math.Min(abi, ruleset.Abi), status.EffectiveAbi);
            Assert.Equal(status.DroppedRights.Length == 0, status.Enforcement == Enforcement.FullyEnforced);
            Assert.Equal(status.Enforcement == Enforcement.FullyEnforced, status.Degradation is null);
            Assert.All(status.DroppedRights, right => Assert.True(right.NeedsAbi > abi));
            if (status.Enforcement == Enforcement.NotEnforced)
            {
                AssertNothing(layer);
                return;
            }

            Assert.Equal(ruleset.HandledFs & kernel.AccessFs, layer.HandledFs);
            Assert.Equal(ruleset.HandledNet & kernel.AccessNet, layer.HandledNet);
            Assert.Equal(ruleset.Scopes & kernel.Scopes, layer.Scopes);
            Assert.Equal(ruleset.LogFlags & kernel.RestrictFlags, layer.RestrictFlags);
            Assert.NotEqual(0UL, (ulong)layer.HandledFs | (ulong)layer.HandledNet | (ulong)layer.Scopes);
            Assert.Equal(AccessFs.None, layer.QuietFs & ~(layer.HandledFs & ruleset.QuietFs));
            Assert.Equal(AccessNet.None, layer.QuietNet & ~(layer.HandledNet & ruleset.QuietNet));
            Assert.Equal(Scope.None, layer.QuietScopes & ~(layer.Scopes & ruleset.QuietScopes));
            if (abi < 10) Assert.Equal(0UL, (ulong)layer.QuietFs | (ulong)layer.QuietNet | (ulong)layer.QuietScopes);

            Assert.All(layer.PathRules, rule => Assert.Equal(AccessFs.None, rule.Access & ~layer.HandledFs));
            Assert.All(layer.PathRules, rule => Assert.Equal(rule.Access & AbiTable.FileRights, rule.FileAccess));
            Assert.All(layer.PathRules, rule => Assert.True(rule.Access != 0 || rule.Quiet));
            Assert.All(layer.PathRules, rule => Assert.True(!rule.Quiet || layer.QuietFs != 0));
            Assert.All(layer.NetRules, rule => Assert.True(rule.Access != 0 || rule.Quiet));
            Assert.All(layer.NetRules, rule => Assert.True(!rule.Quiet || layer.QuietNet != 0));
            Assert.All(layer.NetRules, rule => Assert.Equal(AccessNet.None, rule.Access & ~layer.HandledNet));
            Assert.Equal(ruleset.PathRules.Length + ruleset.NetRules.Length,
                layer.PathRules.Length + layer.NetRules.Length + status.SkippedRules.Length);
        }, tests: 500);

    [Fact]
    public void A_newer_kernel_never_enforces_less() =>
        Law.Holds(from ruleset in Generate.Rulesets from abi in Gen.Choose(0, AbiTable.Newest - 1) select (ruleset, abi), given =>
        {
            ResolvedLayer? older = TryResolve(given.ruleset, given.abi), newer = TryResolve(given.ruleset, given.abi + 1);
            if (older is null) return;
            Assert.NotNull(newer);
            Assert.Equal(AccessFs.None, older.HandledFs & ~newer.HandledFs);
            Assert.Equal(AccessNet.None, older.HandledNet & ~newer.HandledNet);
            Assert.Equal(Scope.None, older.Scopes & ~newer.Scopes);
            Assert.True(older.Status.Enforcement >= newer.Status.Enforcement);
            Assert.True(older.Status.DroppedRights.Length >= newer.Status.DroppedRights.Length);
        }, tests: 500);

    [KernelFact]
    public void This_kernel_takes_every_resolved_layer() =>
        Law.Holds(Generate.Rulesets, ruleset =>
        {
            ResolvedLayer? layer;
            try
            {
                Ruleset onDisk = Ruleset.Handling(ruleset.Abi, ruleset.HandledFs, ruleset.HandledNet, ruleset.Scopes)
                    .With(ruleset.PathRules.Where(rule => rule.Path is "/" or "/usr" or "/usr/bin" or "/etc/passwd"),
                        ruleset.NetRules.Select(Short))
                    .WithQuiet(ruleset.QuietFs, ruleset.QuietNet, ruleset.QuietScopes);
                layer = RulesetResolver.Resolve(onDisk, RunningKernel.Support, "/",
                    path => Directory.Exists(path) ? PathKind.Directory : PathKind.File);
            }
            catch (RulesetException)
            {
                return;
            }

            if (layer.Status.Enforcement == Enforcement.NotEnforced) return;
            ulong[] attribute = [(ulong)layer.HandledFs, (ulong)layer.HandledNet, (ulong)layer.Scopes, (ulong)layer.QuietFs,
                (ulong)layer.QuietNet, (ulong)layer.QuietScopes];
            Assert.Equal(0, RawKernel.WithRuleset(attribute[..(AbiTable.AttributeSize(layer.KernelAbi) / sizeof(ulong))], fd =>
            {
                foreach (ResolvedPathRule rule in layer.PathRules)
                    Assert.Equal(0, RawKernel.AddPathRule(fd, rule.Path,
                        (ulong)(Directory.Exists(rule.Path) ? rule.Access : rule.FileAccess), rule.Quiet ? 1U : 0));
                foreach (ResolvedNetRule rule in layer.NetRules)
                {
                    for (int port = rule.Port.First; port <= rule.Port.Last; port++)
                        Assert.Equal(0, RawKernel.AddPortRule(fd, port, (ulong)rule.Access, rule.Quiet ? 1U : 0));
                }

                return 0;
            }));

            // Wide ranges are one call a port: the ends will do.
            static NetRule Short(NetRule rule) =>
                rule with { Port = new PortRange((ushort)Math.Max(rule.Port.First, rule.Port.Last - 2), rule.Port.Last) };
        });

    // The protections follow from the rest, and have tests of their own.
    private static RestrictionStatus Plain(RestrictionStatus status) => status with { Protections = [] };

    private static ResolvedLayer Resolve(Ruleset ruleset, int abi, Func<string, PathKind>? inspect = null) =>
        RulesetResolver.Resolve(ruleset, LandlockSupport.ForAbi(abi), "/base", inspect ?? (_ => PathKind.Directory));

    /// <summary>Resolves where every path is a directory; null if the kernel lacks something required.</summary>
    private static ResolvedLayer? TryResolve(Ruleset ruleset, int abi)
    {
        try
        {
            return Resolve(ruleset, abi);
        }
        catch (RulesetException exception) when (exception.Problem == RulesetProblem.Incompatible)
        {
            return null;
        }
    }

    private static void AssertNothing(ResolvedLayer layer)
    {
        Assert.Equal(Enforcement.NotEnforced, layer.Status.Enforcement);
        Assert.Equal(0UL, (ulong)layer.HandledFs | (ulong)layer.HandledNet | (ulong)layer.Scopes | (ulong)layer.RestrictFlags);
        Assert.Equal(0UL, (ulong)layer.QuietFs | (ulong)layer.QuietNet | (ulong)layer.QuietScopes);
        Assert.Empty(layer.PathRules);
        Assert.Empty(layer.NetRules);
    }
}
