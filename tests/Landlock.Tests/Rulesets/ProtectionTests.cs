using FsCheck;
using FsCheck.Fluent;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Filters;

namespace Landlock.Tests.Rulesets;

/// <summary>Which protections hold, and what is asked of them.</summary>
public sealed class ProtectionTests
{
    private const Protection Landlocks = Protection.Refer | Protection.Truncate | Protection.IoctlDev | Protection.NetTcp
        | Protection.NetUdp | Protection.ResolveUnix | Protection.Scopes | Protection.Logging;

    private static readonly FilterEffect s_noSockets = new(true, true, false, false);

    private static readonly Gen<Protection> Masks = Gen.Choose(0, (int)(Landlocks | Protection.Seccomp)).Select(mask => (Protection)mask);

    private static readonly Gen<FilterEffect> Filters =
        from installed in Gen.Elements(true, true, false)
        from sockets in Gen.Elements(true, false)
        from tcp in Gen.Elements(true, false)
        from udp in Gen.Elements(true, false)
        from unix in Gen.Elements(true, false)
        select installed ? new FilterEffect(true, sockets, tcp || !sockets, udp || !sockets) { Unix = unix }
            : new FilterEffect(false, false, true, true);

    // One letter for each: Active, Degraded, Disabled (X), Unavailable; in the order refer truncate ioctl_dev net_tcp net_udp resolve_unix
    // scope_signal scope_abstract_unix_socket logging. Written out by hand from the kernel's documentation.
    [Theory]
    [InlineData(0, "DDDDDDDDD", "UUUUUUUUU")]
    [InlineData(1, "ADDDDDDDD", "AUUDUUUUU")]
    [InlineData(2, "ADDDDDDDD", "AUUDUUUUU")]
    [InlineData(3, "AADDDDDDD", "AAUDUUUUU")]
    [InlineData(4, "AADADDDDD", "AAUAUUUUU")]
    [InlineData(5, "AAAADDDDD", "AAAAUUUUU")]
    [InlineData(6, "AAAADDAAD", "AAAAUUAAU")]
    [InlineData(7, "AAAADDAAA", "AAAAUUAAX")]
    [InlineData(8, "AAAADDAAA", "AAAAUUAAX")]
    [InlineData(9, "AAAADAAAA", "AAAAUAAAX")]
    [InlineData(10, "AAAAAAAAA", "AAAAAAAAX")]
    [InlineData(11, "AAAAAAAAA", "AAAAAAAAX")]
    public void What_every_abi_keeps(int abi, string everything, string made)
    {
        LandlockSupport support = LandlockSupport.ForAbi(abi);
        Assert.Equal(everything,
            Letters(ProtectionResolver.Resolve([Ruleset.DenyAll(11).WithLogging(RestrictFlags.LogNewExecOn)], support)));
        if (abi > 0) Assert.Equal(made, Letters(ProtectionResolver.Resolve([new Sandbox().MakeRuleset(support, null, out _)], support)));
    }

    [Fact]
    public void The_reason_says_what_the_kernel_has_and_which_is_needed()
    {
        LandlockSupport support = LandlockSupport.ForAbi(7);
        Assert.Equal("resolve_unix is degraded: it needs Landlock ABI 9 (Linux 7.1), and this kernel has ABI 7",
            Say([Ruleset.DenyAll(11)], support, Protection.ResolveUnix));
        Assert.Equal("resolve_unix is unavailable: it needs Landlock ABI 9 (Linux 7.1), and this kernel has ABI 7",
            Say([Ruleset.DenyAll(7)], support, Protection.ResolveUnix));
        Assert.Equal("logging is disabled: not asked for", Say([Ruleset.DenyAll(7)], support, Protection.Logging));
        Assert.Equal("ioctl_dev is disabled: it needs ABI 5, and the ruleset is for ABI 4",
            Say([Ruleset.DenyAll(4)], support, Protection.IoctlDev));
        Assert.Equal("net_tcp is degraded: bind_tcp is not handled",
            Say([Ruleset.Handling(7, 0, AccessNet.ConnectTcp, 0)], support, Protection.NetTcp));
        Assert.Equal("scope_signal is disabled: no ruleset handles it",
            Say([Ruleset.Handling(7, AccessFs.Execute, 0, 0)], support, Protection.ScopeSignal));
        Assert.Equal("scope_signal is disabled: left out as asked", Say([Made(Protection.Scopes)], support, Protection.ScopeSignal));
        Assert.Equal("refer is disabled: no ruleset handles a filesystem right",
            Say([Ruleset.Handling(7, 0, AccessNet.BindTcp, 0)], support, Protection.Refer));
        Assert.Equal("refer is active: every link and move between directories is denied; allowing some needs ABI 2 (Linux 5.19)",
            Say([Ruleset.DenyAll(11)], LandlockSupport.ForAbi(1), Protection.Refer));
        Assert.Equal("truncate is degraded: this kernel has no Landlock",
            Say([Ruleset.DenyAll(11)], LandlockSupport.ForAbi(0), Protection.Truncate));
    }

    [Fact]
    public void The_filter_keeps_what_landlock_cannot_and_net_tcp_needs_it()
    {
        LandlockSupport support = LandlockSupport.ForAbi(7);
        Ruleset[] layers = [Ruleset.DenyAll(7)];
        Assert.Equal((ProtectionState.Active, ProtectionMeans.Landlock | ProtectionMeans.Seccomp),
            State(layers, support, s_noSockets, Protection.NetTcp));
        Assert.Equal((ProtectionState.Active, ProtectionMeans.Seccomp), State(layers, support, s_noSockets, Protection.NetUdp));
        Assert.Equal((ProtectionState.Active, ProtectionMeans.Seccomp),
            State([Ruleset.DenyAll(3)], LandlockSupport.ForAbi(3), s_noSockets, Protection.NetTcp));
        Assert.Equal((ProtectionState.Degraded, ProtectionMeans.None),
            State(layers, support, s_noSockets with { Udp = true }, Protection.NetUdp));
        Assert.Equal((ProtectionState.Degraded, ProtectionMeans.None),
            State(layers, support, new(true, false, true, true), Protection.NetTcp));
        Assert.Equal((ProtectionState.Degraded, ProtectionMeans.None),
            State(layers, support, new(true, false, true, true), Protection.Seccomp));
        Assert.Equal((ProtectionState.Unavailable, ProtectionMeans.None),
            State(layers, support, new(true, false, true, true), Protection.NetUdp));
        Assert.Equal((ProtectionState.Active, ProtectionMeans.Landlock),
            State([Ruleset.DenyAll(10)], LandlockSupport.ForAbi(10), s_noSockets with { Udp = true }, Protection.NetUdp));
        Assert.Equal((ProtectionState.Active, ProtectionMeans.Seccomp), State(layers, support, s_noSockets, Protection.Seccomp));
        Assert.Equal((ProtectionState.Disabled, ProtectionMeans.None),
            State(layers, support, new(false, false, true, true), Protection.Seccomp, Protection.Seccomp));
        Assert.Equal((ProtectionState.Degraded, ProtectionMeans.None),
            State(layers, support with { HasSeccompFilter = false }, new(false, false, true, true), Protection.Seccomp));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Before_landlock_has_ports_the_filter_keeps_tcp_where_no_rule_is_for_it(int abi)
    {
        LandlockSupport support = LandlockSupport.ForAbi(abi);
        string needs = $"it needs Landlock ABI 4 (Linux 6.7), and this kernel has ABI {abi}";
        FilterEffect tcp = s_noSockets with { Tcp = true };
        FilterEffect none = new(true, false, true, true);
        Ruleset made = new Sandbox().MakeRuleset(support, null, out _);
        Assert.Equal("net_tcp is active: there are no TCP sockets", Tcp(made, support, s_noSockets));
        Assert.Equal($"net_tcp is degraded: every TCP port is open: {needs}", Tcp(made, support, tcp));
        Assert.Equal($"net_tcp is degraded: every TCP port is open: {needs}", Tcp(made, support, none));
        // Nobody asked, and the filter could.
        Assert.Equal("net_tcp is disabled: no ruleset handles it, so the filter leaves TCP alone",
            Tcp(Ruleset.DenyAll(abi), support, none));
        Assert.Equal($"net_tcp is unavailable: {needs}",
            Tcp(Ruleset.DenyAll(abi), support with { HasSeccompFilter = false }, new(false, false, true, true)));

        RestrictionStatus status = RulesetResolver.StatusOf(made, support);
        Assert.Equal((Enforcement.FullyEnforced, null), (status.Enforcement, status.Degradation));
        Assert.Empty(status.DroppedRights);
        Assert.Equal((ProtectionState.Active, ProtectionMeans.Seccomp),
            status.Protections.Where(one => one.Protection == Protection.NetTcp).Select(one => (one.State, one.By)).Single());
        string lacks =
            $"this kernel has Landlock ABI {abi} and lacks bind_tcp (needs ABI 4, Linux 6.7), connect_tcp (needs ABI 4, Linux 6.7).";
        Assert.Equal($"The ruleset is enforced in part: {lacks}",
            RulesetResolver.StatusOf(made.With(new NetRule(new PortRange(443, 443), AccessNet.ConnectTcp)), support).Degradation);
        Assert.Equal($"The ruleset is enforced in part: {lacks}",
            RulesetResolver.StatusOf(made, support with { HasSeccompFilter = false }).Degradation);
    }

    [Fact]
    public void Before_landlock_has_udp_the_filter_keeps_it_where_no_rule_is_for_it()
    {
        LandlockSupport support = LandlockSupport.ForAbi(9);
        const string lacks = "The ruleset is enforced in part: this kernel has Landlock ABI 9 and lacks bind_udp (needs ABI 10, Linux "
            + "7.2), connect_send_udp (needs ABI 10, Linux 7.2).";
        NetRule tcp = new(new PortRange(443, 443), AccessNet.ConnectTcp), udp = new(new PortRange(53, 53), AccessNet.ConnectSendUdp);
        foreach (Ruleset kept in (Ruleset[])[Ruleset.DenyAll(10), Ruleset.DenyAll(10).With(tcp)])
        {
            RestrictionStatus status = RulesetResolver.StatusOf(kept, support);
            Assert.Equal((Enforcement.FullyEnforced, null), (status.Enforcement, status.Degradation));
            Assert.Equal("net_udp is active: there are no UDP sockets",
                status.Protections.Single(one => one.Protection == Protection.NetUdp).ToString());
        }

        // The filter does not refuse it, or is not there, or leaves all sockets alone since TCP is not handled.
        Assert.Equal(lacks, RulesetResolver.StatusOf(Ruleset.DenyAll(10).With(udp), support).Degradation);
        Assert.Equal(lacks, RulesetResolver.StatusOf(Ruleset.DenyAll(10), support with { HasSeccompFilter = false }).Degradation);
        Assert.Equal(lacks, RulesetResolver.StatusOf(Ruleset.DenyAll(10).Without(0, AccessNet.BindTcp, 0), support).Degradation);
    }

    [Fact]
    public void What_is_made_for_a_kernel_handles_tcp_on_every_abi_unless_told()
    {
        for (int abi = 1; abi <= AbiTable.Newest; abi++)
        {
            LandlockSupport support = LandlockSupport.ForAbi(abi);
            Ruleset made = new Sandbox().MakeRuleset(support, null, out _);
            Assert.Equal((AbiTable.AllFs(abi), AbiTable.AllNet(Math.Max(abi, 4)), AbiTable.AllScopes(abi), Math.Max(abi, 4)),
                (made.HandledFs, made.HandledNet, made.Scopes, made.Abi));
            Assert.Equal(Ruleset.DenyAll(abi), new Sandbox().MakeRuleset(support, null, out _, abi));
            Assert.Equal(Ruleset.DenyAll(abi), new Sandbox { Network = NetworkMode.Unrestricted }.MakeRuleset(support, null, out _));
            Assert.Equal(AccessNet.None, new Sandbox { Unrestricted = Unrestricted.Net }.MakeRuleset(support, null, out _).HandledNet);
            // What a rule asks for is handled, or the rule would be lost without a word.
            NetRule rule = new(new PortRange(80, 80), AccessNet.ConnectTcp);
            Assert.Equal([rule], new Sandbox { Network = NetworkMode.Unrestricted, Ports = [rule] }
                .MakeRuleset(support, null, out var notes).NetRules.AsEnumerable());
            Assert.Empty(notes);
        }
    }

    [Fact]
    public void No_newer_kernel_takes_a_protection_away() => Law.Holds(
        from ruleset in Generate.Rulesets
        from filter in Filters
        from abi in Gen.Choose(1, AbiTable.Newest - 1)
        select (ruleset, filter, abi),
        sample => Assert.Subset(
            Active(ProtectionResolver.Resolve([sample.ruleset], LandlockSupport.ForAbi(sample.abi + 1), sample.filter, 0)),
            Active(ProtectionResolver.Resolve([sample.ruleset], LandlockSupport.ForAbi(sample.abi), sample.filter, 0))));

    [Fact]
    public void No_further_layer_takes_a_protection_away() => Law.Holds(
        from two in Gen.Two(Generate.Rulesets)
        from filter in Filters
        from abi in Gen.Choose(1, AbiTable.Newest)
        select (two, filter, abi),
        sample => Assert.Subset(
            Active(ProtectionResolver.Resolve([sample.two.Item1, sample.two.Item2], LandlockSupport.ForAbi(sample.abi), sample.filter, 0)),
            Active(ProtectionResolver.Resolve([sample.two.Item1], LandlockSupport.ForAbi(sample.abi), sample.filter, 0))));

    [Fact]
    public void Each_protection_has_one_state_that_fits_what_is_enforced() => Law.Holds(
        from ruleset in Generate.Rulesets
        from abi in Gen.Choose(1, AbiTable.Newest)
        select (ruleset: ruleset with { Compatibility = Compatibility.BestEffort }, abi),
        sample =>
        {
            RestrictionStatus status = RulesetResolver.StatusOf(Bare(sample.ruleset), LandlockSupport.ForAbi(sample.abi));
            Assert.Equal(ProtectionPart.All.Where(part => part.Abi > 0).Select(part => part.Protection),
                status.Protections.Select(one => one.Protection));
            foreach (ProtectionStatus one in status.Protections)
            {
                ProtectionPart part = ProtectionPart.In(one.Protection).Single();
                bool dropped = status.DroppedRights.Any(right => AbiTable.Rights.Any(known => known.Name == right.Right
                    && ProtectionPart.Of(known) == one.Protection && (part.Mask(known.Kind) & known.Bit) != 0));
                // refer is denied on ABI 1, where no rule can allow it.
                if (one.Protection != Protection.Refer)
                    Assert.Equal(dropped, one.State == ProtectionState.Degraded && part.Abi > sample.abi);
                // Where no rule is for TCP, or UDP, the filter keeps it on every kernel.
                if (one.State != ProtectionState.Active) Assert.Equal(ProtectionMeans.None, one.By);
                else if (part.Abi > sample.abi && one.Protection != Protection.Refer)
                    Assert.Equal((part.Fs, part.Scopes, ProtectionMeans.Seccomp),
                        (AccessFs.None, Scope.None, one.By & ~ProtectionMeans.Landlock));
                else
                    Assert.Contains(one.By,
                        (ProtectionMeans[])[ProtectionMeans.Landlock, ProtectionMeans.Landlock | ProtectionMeans.Seccomp]);
                Assert.True(one.State == ProtectionState.Active || one.Reason.Length > 0, $"{one} does not say why");
                Assert.False(one.State == ProtectionState.Unavailable && part.Abi <= sample.abi, $"the kernel has {one}");
            }
        });

    [Fact]
    public void What_may_be_missing_neither_refuses_nor_warns_and_changes_nothing_else() => Law.Holds(
        from ruleset in Generate.Rulesets
        from allowed in Masks
        from abi in Gen.Choose(1, AbiTable.Newest)
        select (ruleset: Bare(ruleset) with { Compatibility = Compatibility.BestEffort }, allowed: allowed & Landlocks, abi),
        sample =>
        {
            LandlockSupport support = LandlockSupport.ForAbi(sample.abi);
            Ruleset tolerant = sample.ruleset.WithPromises(new() { AllowDegraded = sample.allowed });
            ResolvedLayer plain = Resolve(sample.ruleset, support);
            ResolvedLayer allowing = Resolve(tolerant, support);
            Assert.Equal((plain.HandledFs, plain.HandledNet, plain.Scopes, plain.RestrictFlags),
                (allowing.HandledFs, allowing.HandledNet, allowing.Scopes, allowing.RestrictFlags));
            Assert.Equal(plain.Status.DroppedRights.Select(right => right.Right),
                allowing.Status.DroppedRights.Select(right => right.Right));
            DroppedRight[] left = [.. allowing.Status.DroppedRights.Where(right => !right.Allowed)];
            Assert.All(left, right => Assert.DoesNotContain(right.Right, ProtectionPart.In(sample.allowed).SelectMany(
                part => AbiTable.Rights.Where(known => ProtectionPart.Of(known) == part.Protection)).Select(known => known.Name)));
            if (plain.Status.Enforcement == Enforcement.NotEnforced) return;
            Assert.Equal(left.Length == 0, allowing.Status.Degradation is null);
            Ruleset strict = tolerant with { Compatibility = Compatibility.HardRequirement };
            if (left.Length == 0) Assert.Equal(allowing.Status, Resolve(strict, support).Status);
            else Assert.Equal(RulesetProblem.Incompatible, Assert.Throws<RulesetException>(() => Resolve(strict, support)).Problem);
        });

    [Fact]
    public void What_is_disabled_is_not_handled_and_the_rest_is() => Law.Holds(
        from disabled in Masks
        from abi in Gen.Choose(6, AbiTable.Newest)
        select (disabled: disabled & ~Protection.Refer & ~Protection.Logging & Landlocks, abi),
        sample =>
        {
            LandlockSupport support = LandlockSupport.ForAbi(sample.abi);
            Ruleset ruleset = new Sandbox { Promises = new() { Disabled = sample.disabled } }.MakeRuleset(support, null, out _);
            foreach (ProtectionStatus status in ProtectionResolver.Resolve([ruleset], support))
            {
                if ((status.Protection & sample.disabled) != 0)
                    Assert.Equal((ProtectionState.Disabled, "left out as asked"), (status.State, status.Reason));
                else Assert.NotEqual("left out as asked", status.Reason);
            }

            Protection left = Active(ProtectionResolver.Resolve([Ruleset.DenyAll(sample.abi)], support))
                .Aggregate(Protection.None, (mask, one) => mask | one) & ~sample.disabled;
            Assert.Equal(left,
                Active(ProtectionResolver.Resolve([ruleset], support)).Aggregate(Protection.None, (mask, one) => mask | one));
        });

    [Theory]
    [InlineData("net_tcp", Protection.NetTcp)]
    [InlineData("NetTcp", Protection.NetTcp)]
    [InlineData("scopes", Protection.Scopes)]
    [InlineData("scope_signal, Scope_Abstract_Unix_Socket", Protection.Scopes)]
    [InlineData("refer,seccomp", Protection.Refer | Protection.Seccomp)]
    public void Names_are_read(string text, Protection protection) => Assert.Equal(protection, ProtectionPromises.Parse(text));

    [Fact]
    public void Every_name_is_read_as_itself()
    {
        Assert.Equal(10, ProtectionPart.All.Length);
        Assert.All(ProtectionPart.All, part => Assert.Equal(part.Protection, ProtectionPromises.Parse(part.Name)));
        Assert.All(ProtectionPart.All, part => Assert.Equal(part.Protection, ProtectionPromises.Parse(part.Protection.ToString())));
    }

    [Theory]
    [InlineData("net_tpc", "'net_tpc' is no protection; did you mean 'net_tcp'?")]
    [InlineData("none", "'none' is no protection; there are refer, truncate, ioctl_dev, net_tcp, net_udp, resolve_unix, scope_signal, "
        + "scope_abstract_unix_socket, logging, seccomp, scopes")]
    [InlineData("", "'' is no protection; there are refer, truncate, ioctl_dev, net_tcp, net_udp, resolve_unix, scope_signal, "
        + "scope_abstract_unix_socket, logging, seccomp, scopes")]
    public void Other_names_are_refused(string text, string message) =>
    Assert.Equal(message, Assert.Throws<RulesetException>(() => ProtectionPromises.Parse(text)).Message);

    [Fact]
    public void Contradictions_are_refused()
    {
        Assert.Equal("net_tcp cannot be required and disabled at once. Name it once.",
            Refusal(new() { Required = Protection.NetTcp | Protection.Refer, Disabled = Protection.NetTcp }));
        Assert.Equal("scope_signal, scope_abstract_unix_socket cannot be required and allowed to be degraded at once. Name it once.",
            Refusal(new() { Required = Protection.Scopes, AllowDegraded = Protection.Scopes }));
        Assert.Equal("logging cannot be allowed to be degraded and disabled at once. Name it once.",
            Refusal(new() { AllowDegraded = Protection.Logging, Disabled = Protection.Logging }));
        Assert.Equal("refer cannot be disabled: the kernel denies links and moves between directories to every ruleset that handles a "
            + "filesystem right. Allow it with a rule, on / for everywhere.", Refusal(new() { Disabled = Protection.Refer }));
        Assert.Equal("The seccomp filter belongs to the command and not to a ruleset, which can only require it. Say it where the "
            + "command is started.", Refusal(new() { Disabled = Protection.Seccomp }));
        Assert.Equal("The ruleset handles net_tcp, and a ruleset that is given is not loosened. Disable it where the ruleset is made, or "
            + "leave it out of the policy.", Refusal(new() { Disabled = Protection.NetTcp }));
        Assert.Equal(Protection.Seccomp, Ruleset.DenyAll(7).WithPromises(new() { Required = Protection.Seccomp }).Promises.Required);
    }

    [Fact]
    public void A_rule_for_what_may_be_missing_is_left_out_silently()
    {
        Sandbox options =
            new() { Compatibility = Compatibility.HardRequirement, Ports = [new NetRule(new PortRange(53, 53), AccessNet.BindUdp)] };
        LandlockSupport support = LandlockSupport.ForAbi(7);
        Assert.Equal("The rule 'bind_udp 53' is required, but Landlock ABI 7 lacks bind_udp (needs ABI 10, Linux 7.2).",
            Assert.Throws<RulesetException>(() => options.MakeRuleset(support, null, out _)).Message);
        Assert.Empty(
            (options with { Promises = new() { AllowDegraded = Protection.NetUdp } }).MakeRuleset(support, null, out var notes).NetRules);
        Assert.Empty(notes);
    }

    [Fact]
    public void A_kernel_says_which_half_is_whose()
    {
        Dictionary<string, ProtectionSupport> old = LandlockSupport.ForAbi(3).Protections.ToDictionary(part => part.Name);
        Assert.Equal(10, old.Count);
        Assert.Equal(("no: needs ABI 4, Linux 6.7", "TCP where no rule is for it; MPTCP, TCP Fast Open, io_uring"),
            (old["net_tcp"].Landlock, old["net_tcp"].Seccomp));
        Assert.Equal(("truncating files", ""), (old["truncate"].Landlock, old["truncate"].Seccomp));
        Assert.Equal("", old["seccomp"].Landlock);
        Assert.Equal("links and moves between directories, all of them; allowing some needs ABI 2, Linux 5.19",
            LandlockSupport.ForAbi(1).Protections[0].Landlock);
        Assert.Equal("no: this kernel has no seccomp filters",
            (LandlockSupport.ForAbi(7) with { HasSeccompFilter = false }).Protections[^1].Seccomp);
        Assert.Equal("", (LandlockSupport.ForAbi(7) with { HasSeccompFilter = false }).Protections[0].Seccomp);
    }

    private static string Refusal(ProtectionPromises promises)
    {
        RulesetException refusal = Assert.Throws<RulesetException>(() => Ruleset.DenyAll(7).WithPromises(promises));
        Assert.Equal(RulesetProblem.InvalidProtection, refusal.Problem);
        return refusal.Message;
    }

    private static string Tcp(Ruleset ruleset, LandlockSupport support, FilterEffect filter) =>
        ProtectionResolver.Resolve([ruleset], support, filter, 0).Single(status => status.Protection == Protection.NetTcp).ToString();

    private static Ruleset Made(Protection disabled) =>
        new Sandbox { Promises = new() { Disabled = disabled } }.MakeRuleset(LandlockSupport.ForAbi(7), null, out _);

    // Rules may have a level of their own.
    private static Ruleset Bare(Ruleset ruleset) =>
        Ruleset.Handling(ruleset.Abi, ruleset.HandledFs, ruleset.HandledNet, ruleset.Scopes).WithLogging(ruleset.LogFlags);

    private static ResolvedLayer Resolve(Ruleset ruleset, LandlockSupport support) =>
        RulesetResolver.Resolve(ruleset, support, "/", _ => PathKind.Directory);

    private static HashSet<Protection> Active(IEnumerable<ProtectionStatus> all) =>
        [.. all.Where(status => status.State == ProtectionState.Active).Select(status => status.Protection)];

    private static string Letters(IEnumerable<ProtectionStatus> all) =>
        string.Concat(all.Select(status => status.State == ProtectionState.Disabled ? 'X' : status.State.ToString()[0]));

    private static string Say(Ruleset[] layers, LandlockSupport support, Protection protection) =>
        ProtectionResolver.Resolve(layers, support).Single(status => status.Protection == protection).ToString();

    private static (ProtectionState State, ProtectionMeans By) State(Ruleset[] layers, LandlockSupport support, FilterEffect filter,
        Protection protection, Protection disabled = 0)
    {
        ProtectionStatus status = ProtectionResolver.Resolve(layers, support, filter, disabled).Single(one => one.Protection == protection);
        return (status.State, status.By);
    }
}
