using Landlock.Abi;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Filters;

namespace Landlock.Tests.Sandboxes;

/// <summary>What is asked of protections, kept or refused when a launch is planned for kernels of every age.</summary>
public sealed class PlannedProtectionsTests
{
    [Theory]
    [InlineData(1, Protection.Truncate, "The protection truncate is required, but unavailable: it needs Landlock ABI 3 (Linux 6.2), and "
        + "this kernel has ABI 1. Nothing was run.")]
    [InlineData(3, Protection.NetTcp,
        "The protection net_tcp is required, but disabled: no ruleset handles it, so the filter leaves TCP alone. Nothing was run.")]
    [InlineData(4, Protection.IoctlDev, "The protection ioctl_dev is required, but unavailable: it needs Landlock ABI 5 (Linux 6.10), and "
        + "this kernel has ABI 4. Nothing was run.")]
    [InlineData(5, Protection.Scopes, "The protection scope_signal is required, but unavailable: it needs Landlock ABI 6 (Linux 6.12), and "
        + "this kernel has ABI 5. The protection scope_abstract_unix_socket is required, but unavailable: it needs Landlock ABI 6 (Linux "
        + "6.12), and this kernel has ABI 5. Nothing was run.")]
    [InlineData(7, Protection.Logging, "The protection logging is required, but disabled: not asked for. Nothing was run.")]
    [InlineData(8, Protection.ResolveUnix,
        "The protection resolve_unix is required, but unavailable: it needs Landlock ABI 9 (Linux 7.1), and this kernel has ABI 8. "
        + "Refusing UNIX sockets, with -NoUnixSocket (--no-unix-socket), keeps resolve_unix on every kernel. Nothing was run.")]
    public void What_is_required_and_missing_is_refused(int abi, Protection required, string message)
    {
        RulesetException refusal = Assert.Throws<RulesetException>(() => Plan(abi, new() { Required = required }));
        Assert.Equal(RulesetProblem.ProtectionMissing, refusal.Problem);
        Assert.Equal(message, refusal.Message);
        // A ruleset that says so is believed as well.
        Assert.Equal(message, Assert.Throws<RulesetException>(
            () => Plan(abi, ProtectionPromises.None, Ruleset.DenyAll(abi).WithPromises(new() { Required = required }))).Message);
    }

    [Fact]
    public void What_is_required_and_holds_is_planned()
    {
        Assert.NotEmpty(Plan(10, new()
        {
            Required = Protection.Refer | Protection.Truncate | Protection.IoctlDev | Protection.NetTcp | Protection.NetUdp
                | Protection.ResolveUnix | Protection.Scopes | Protection.Seccomp,
        }).Protections);
        // The filter keeps UDP where Landlock does not know it.
        Assert.Equal(ProtectionMeans.Seccomp,
            Plan(4, new() { Required = Protection.NetUdp }).Protections.Single(status => status.Protection == Protection.NetUdp).By);
        Assert.Equal(ProtectionMeans.Seccomp, Plan(3, new() { Required = Protection.NetTcp },
            NetworkMode.None).Protections.Single(status => status.Protection == Protection.NetTcp).By);
    }

    [Theory]
    [InlineData(1, ProtectionMeans.Seccomp, ProtectionMeans.Seccomp)]
    [InlineData(7, ProtectionMeans.Seccomp, ProtectionMeans.Landlock | ProtectionMeans.Seccomp)]
    [InlineData(9, ProtectionMeans.Landlock | ProtectionMeans.Seccomp, ProtectionMeans.Landlock | ProtectionMeans.Seccomp)]
    public void Without_unix_sockets_resolve_unix_holds_on_every_kernel(int abi, ProtectionMeans resolve, ProtectionMeans scope)
    {
        foreach (NetworkMode mode in (NetworkMode[])[NetworkMode.Default, NetworkMode.None, NetworkMode.Unrestricted])
        {
            LaunchPlan plan = NoUnix(abi, new() { Required = Protection.ResolveUnix | Protection.ScopeAbstractUnixSocket }, mode);
            Assert.Equal(new(Protection.ResolveUnix, ProtectionState.Active, resolve, "there are no UNIX sockets"),
                plan.Protections.Single(status => status.Protection == Protection.ResolveUnix));
            Assert.Equal(scope, plan.Protections.Single(status => status.Protection == Protection.ScopeAbstractUnixSocket).By);
            Assert.True(plan.Filter is { Unix: false });
            Assert.Empty(plan.Sockets);
        }

        Assert.Contains("sockets: none; a seccomp filter refuses all, UNIX ones too, and io_uring",
            PlanDescription.Describe(NoUnix(abi, ProtectionPromises.None, NetworkMode.None)));
        Assert.Contains("sockets: any but UNIX ones that the layers do not deny; a seccomp filter refuses UNIX ones, and io_uring",
            PlanDescription.Describe(NoUnix(abi, ProtectionPromises.None, NetworkMode.Unrestricted)));
        Assert.Contains("sockets: TCP; a seccomp filter refuses any other, UNIX ones too, and TCP Fast Open and io_uring",
            PlanDescription.Describe(NoUnix(abi, ProtectionPromises.None, NetworkMode.Tcp)));
    }

    [Fact]
    public void Without_unix_sockets_a_layer_that_requires_the_right_is_kept()
    {
        Ruleset strict = (Ruleset.DenyAll(9) with { Compatibility = Compatibility.HardRequirement });
        Assert.Equal(RulesetProblem.Incompatible, Assert.Throws<RulesetException>(() => Plan(7, ProtectionPromises.None, strict)).Problem);
        Assert.Empty(Told.Warnings(NoUnix(7, ProtectionPromises.None, NetworkMode.Default, strict)));
    }

    [Fact]
    public void Refusing_unix_sockets_contradicts_asking_for_them()
    {
        Assert.Equal("No UNIX socket is to be made, and resolve_unix is disabled. Leave out one of them.",
            Refused(new() { Disabled = Protection.ResolveUnix }).Message);
        RulesetException rules = Refused(ProtectionPromises.None, Ruleset.DenyAll(9).With(new PathRule("/run", AccessFs.ResolveUnix)));
        Assert.Equal("No UNIX socket is to be made, but there are rules for connecting to some. Leave out one of them.", rules.Message);
        Assert.Equal("UnixSocket", rules.Target);
        // A class that holds the right among others asks for something else.
        Assert.Single(NoUnix(9, ProtectionPromises.None, NetworkMode.Default,
            Ruleset.DenyAll(9).With(new PathRule("/tmp", AccessClass.ReadWrite.Rights))).Layers);

        static RulesetException Refused(ProtectionPromises promises, params Ruleset[] layers) =>
            Assert.Throws<RulesetException>(() => NoUnix(9, promises, NetworkMode.Default, layers));
    }

    [Fact]
    public void What_only_the_filter_refuses_needs_the_filter()
    {
        LandlockSupport support = LandlockSupport.ForAbi(9);
        foreach ((Func<Sandbox, Sandbox> asked, string what) in ((Func<Sandbox, Sandbox>, string)[])
            [(sandbox => sandbox with { NoUnixSocket = true }, "UNIX sockets are"),
                (sandbox => sandbox with { NoSystemVIpc = true }, "System V IPC is"),
                (sandbox => sandbox with { RestrictNamespaces = true }, "Namespaces are")])
        {
            LaunchRequest without =
                Request(support with { HasSeccompFilter = false }, new() { AllowDegraded = Protection.Seccomp }, NetworkMode.Default, []);
            LaunchRequest unfiltered = Request(support, new() { Disabled = Protection.Seccomp }, NetworkMode.Default, []);
            Assert.Null(LaunchPlanner.Plan(without).Filter);
            Assert.Equal(LaunchProblem.NotEnforced,
                Assert.Throws<LaunchException>(() => LaunchPlanner.Plan(without with { Sandbox = asked(without.Sandbox) })).Problem);
            Assert.Equal($"{what} refused by the seccomp filter, and seccomp is disabled. Leave out one of them.",
                Assert.Throws<RulesetException>(() => LaunchPlanner.Plan(unfiltered with { Sandbox = asked(unfiltered.Sandbox) })).Message);
        }
    }

    [Fact]
    public void What_is_refused_besides_is_said()
    {
        const string always = "refused by the seccomp filter, too: typing into the terminal (TIOCSTI, TIOCLINUX), the kernel's keyrings, "
            + "limits and scheduling of other processes";
        LaunchRequest request = Request(LandlockSupport.ForAbi(9), ProtectionPromises.None, NetworkMode.Default, []);
        Assert.Contains(always, PlanDescription.Describe(LaunchPlanner.Plan(request)));
        Assert.Contains($"{always}, System V IPC",
            PlanDescription.Describe(LaunchPlanner.Plan(request with { Sandbox = request.Sandbox with { NoSystemVIpc = true } })));
        Assert.Contains($"{always}, namespaces, userfaultfd, bpf and perf_event_open",
            PlanDescription.Describe(LaunchPlanner.Plan(request with { Sandbox = request.Sandbox with { RestrictNamespaces = true } })));
        LaunchPlan plan = LaunchPlanner.Plan(request);
        Assert.False(plan.Filter!.InGroup);
        LaunchPlan grouped = plan with
        {
            Start = plan.Start with { Supervision = new() { TotalProcesses = 9 } },
            Filter = plan.Filter with { InGroup = true },
        };
        Assert.Contains($"{always}, clone3, which leaves control groups", PlanDescription.Describe(grouped));
    }

    [Fact]
    public void Without_the_filter_for_sockets_net_tcp_is_not_kept()
    {
        Assert.Equal(
            "The protection net_tcp is required, but degraded: no filter looks at sockets, so that MPTCP, and TCP Fast Open before Linux "
                + "7.2, connect without a rule. Nothing was run.",
            Assert.Throws<RulesetException>(() => Plan(7, new() { Required = Protection.NetTcp }, NetworkMode.Unrestricted)).Message);
        Assert.Equal(
            "The protection seccomp is required, but degraded: the filter does not look at sockets: the network is unrestricted, or no "
                + "ruleset handles TCP. Nothing was run.",
            Assert.Throws<RulesetException>(() => Plan(7, new() { Required = Protection.Seccomp }, NetworkMode.Unrestricted)).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_kernel_without_ports_is_kept_off_the_network_by_the_filter(int abi)
    {
        LandlockSupport support = LandlockSupport.ForAbi(abi);
        LaunchPlan plan = Plan(support, new() { Required = Protection.NetTcp | Protection.NetUdp }, NetworkMode.Default,
            new Sandbox { Compatibility = Compatibility.HardRequirement }.MakeRuleset(support, null, out _));
        Assert.Equal(new NetworkAccess(false, false), plan.Filter?.Network);
        Assert.Equal(ProtectionMeans.Seccomp, plan.Protections.Single(status => status.Protection == Protection.NetTcp).By);
        Assert.Empty(Told.All(plan));
        Assert.Equal((Enforcement.FullyEnforced, AccessNet.None), (plan.Layers[0].Status.Enforcement, plan.Layers[0].HandledNet));
        Assert.Contains(PlanDescription.Describe(plan), line => line.StartsWith("  denied unless allowed below: ", StringComparison.Ordinal)
            && line.EndsWith(" bind_tcp connect_tcp", StringComparison.Ordinal));

        // A policy for newer kernels asks for it as well, and is not told that TCP is open.
        string warning = Assert.Single(Told.Warnings(Plan(support, ProtectionPromises.None, NetworkMode.Default, Ruleset.DenyAll(7))));
        Assert.DoesNotContain("tcp", warning, StringComparison.Ordinal);
        Assert.Contains("lacks", warning, StringComparison.Ordinal);
        // One that handles no TCP keeps its meaning.
        Assert.Null(Plan(support, ProtectionPromises.None, NetworkMode.Default, Ruleset.DenyAll(abi)).Filter?.Network);
    }

    [Theory]
    [InlineData(NetworkMode.Default)]
    [InlineData(NetworkMode.Tcp)]
    [InlineData(NetworkMode.Unrestricted)]
    public void Rules_for_ports_that_the_kernel_does_not_know_are_said_to_be_lost(NetworkMode mode)
    {
        LandlockSupport support = LandlockSupport.ForAbi(2);
        Sandbox options = new()
        {
            Network = mode == NetworkMode.Unrestricted ? NetworkMode.Unrestricted : NetworkMode.Default,
            Ports = [new NetRule(new PortRange(80, 80), AccessNet.ConnectTcp)],
        };
        const string lacks = "lacks bind_tcp (needs ABI 4, Linux 6.7), connect_tcp (needs ABI 4, Linux 6.7).";
        LaunchPlan plan = Plan(support, ProtectionPromises.None, mode, options.MakeRuleset(support, null, out var notes));
        Assert.Empty(notes);
        Assert.Equal(mode == NetworkMode.Unrestricted ? null : new NetworkAccess(true, false), plan.Filter?.Network);
        Assert.Equal([$"The ruleset is enforced in part: this kernel has Landlock ABI 2 and {lacks}"], Told.Warnings(plan));
        Assert.Equal("net_tcp is degraded: every TCP port is open: it needs Landlock ABI 4 (Linux 6.7), and this kernel has ABI 2",
            plan.Protections.Single(status => status.Protection == Protection.NetTcp).ToString());
        Assert.Equal(
            $"The ruleset is required as a whole, but this kernel (ABI 2) {lacks}",
            Assert.Throws<RulesetException>(() => Plan(support, ProtectionPromises.None, mode,
                (options with { Compatibility = Compatibility.HardRequirement }).MakeRuleset(support, null, out _))).Message);
        Assert.Empty(
            Told.Warnings(Plan(support, new() { AllowDegraded = Protection.NetTcp }, mode, options.MakeRuleset(support, null, out _))));
        // A layer beneath that allows no TCP denies it all the same.
        LaunchPlan nested = Plan(support, ProtectionPromises.None, mode == NetworkMode.Tcp ? NetworkMode.Default : mode,
            options.MakeRuleset(support, null, out _), new Sandbox().MakeRuleset(support, null, out _));
        Assert.Equal(mode == NetworkMode.Unrestricted ? 1 : 0, Told.Warnings(nested).Length);
    }

    [Fact]
    public void An_unrestricted_network_is_so_on_purpose()
    {
        LandlockSupport support = LandlockSupport.ForAbi(2);
        LaunchPlan plan = Plan(support, ProtectionPromises.None, NetworkMode.Unrestricted, new Sandbox
        { Network = NetworkMode.Unrestricted, Compatibility = Compatibility.HardRequirement }.MakeRuleset(support, null, out _));
        Assert.Empty(Told.All(plan));
        Assert.Equal(ProtectionState.Disabled, plan.Protections.Single(status => status.Protection == Protection.NetTcp).State);
        // A ruleset that was made before handles TCP, and is not kept.
        Assert.Single(Told.Warnings(Plan(support, ProtectionPromises.None, NetworkMode.Unrestricted,
            new Sandbox().MakeRuleset(support, null, out _))));
        Assert.Single(Told.Warnings(Plan(support, new() { Disabled = Protection.Seccomp }, NetworkMode.Default,
            new Sandbox().MakeRuleset(support, null, out _))));
    }

    [Fact]
    public void A_layer_that_is_given_is_not_loosened()
    {
        RulesetException refusal = Assert.Throws<RulesetException>(
            () => Plan(7, new() { Disabled = Protection.Scopes }, Ruleset.DenyAll(7) with { Name = "strict" }));
        Assert.Equal(RulesetProblem.InvalidProtection, refusal.Problem);
        Assert.Equal("The ruleset 'strict' handles scope_signal, scope_abstract_unix_socket, and a ruleset that is given is not loosened. "
            + "Disable it where the ruleset is made, or leave it out of the policy.", refusal.Message);
        Assert.Single(Plan(7, new() { Disabled = Protection.Scopes }, Ruleset.DenyAll(5)).Layers);
    }

    [Fact]
    public void What_is_disabled_is_let_through_by_the_filter_and_nothing_else()
    {
        Assert.Equal(new NetworkAccess(true, false), Made(7, Protection.NetTcp).Filter?.Network);
        Assert.Equal(new NetworkAccess(false, true), Made(7, Protection.NetUdp).Filter?.Network);
        Assert.Equal(new NetworkAccess(true, true), Made(10, Protection.NetTcp | Protection.NetUdp).Filter?.Network);
        Assert.Equal(new NetworkAccess(true, false), Made(3, Protection.NetTcp).Filter?.Network);
        Assert.NotNull(Made(7, Protection.NetTcp).Filter);
        LaunchPlan free = Made(7, Protection.Seccomp);
        Assert.Null(free.Filter);
        Assert.Contains("not refused, since there is no seccomp filter: typing into the terminal (TIOCSTI, TIOCLINUX), the kernel's "
            + "keyrings, limits and scheduling of other processes", PlanDescription.Describe(free));
        Assert.Contains("protection: seccomp                     disabled     left out as asked", PlanDescription.Describe(free));
    }

    [Theory]
    [InlineData(NetworkMode.None)]
    [InlineData(NetworkMode.Tcp)]
    public void A_network_mode_needs_the_filter(NetworkMode mode) => Assert.Equal(
        $"The network mode {mode} is kept by the seccomp filter, and seccomp is disabled. Leave out one of them.",
        Assert.Throws<RulesetException>(() => Plan(7, new() { Disabled = Protection.Seccomp }, mode)).Message);

    [Fact]
    public void A_kernel_without_filters_runs_nothing_unless_told()
    {
        LandlockSupport support = LandlockSupport.ForAbi(7) with { HasSeccompFilter = false };
        LaunchException refusal = Assert.Throws<LaunchException>(() => Plan(support, ProtectionPromises.None));
        Assert.Equal(LaunchProblem.NotEnforced, refusal.Problem);
        Assert.Equal(
            "The kernel has no seccomp filters (CONFIG_SECCOMP_FILTER), or a container forbids them, and the network, the terminal, the "
            + "keyrings and the limits of other processes are kept by one. Allow seccomp to be degraded to run without. Nothing was run.",
            refusal.Message);
        LaunchPlan plan = Plan(support, new() { AllowDegraded = Protection.Seccomp });
        Assert.Null(plan.Filter);
        Assert.Equal("seccomp is degraded: this kernel has no seccomp filters (CONFIG_SECCOMP_FILTER)", plan.Protections[^1].ToString());
        Assert.Equal(ProtectionState.Degraded, plan.Protections.Single(status => status.Protection == Protection.NetTcp).State);
        Assert.Throws<LaunchException>(() => Plan(support, new() { AllowDegraded = Protection.Seccomp }, NetworkMode.None));
        Assert.Null(Plan(support, new() { Disabled = Protection.Seccomp }).Filter);
    }

    [Fact]
    public void What_may_be_missing_counts_for_every_layer()
    {
        Ruleset strict = Ruleset.DenyAll(11) with { Compatibility = Compatibility.HardRequirement };
        Assert.Equal(RulesetProblem.Incompatible, Assert.Throws<RulesetException>(() => Plan(7, ProtectionPromises.None, strict)).Problem);
        Assert.Equal(
            "The ruleset is required as a whole, but this kernel (ABI 7) lacks resolve_unix (needs ABI 9, Linux 7.1).",
            Assert.Throws<RulesetException>(() => Plan(7, new() { AllowDegraded = Protection.NetUdp }, strict)).Message);
        LaunchPlan plan = Plan(7, new() { AllowDegraded = Protection.NetUdp | Protection.ResolveUnix }, strict, Ruleset.DenyAll(11));
        Assert.Empty(Told.Warnings(plan));
        Assert.All(plan.Status, status => Assert.Equal(Enforcement.PartiallyEnforced, status.Enforcement));
    }

    private static LaunchPlan Made(int abi, Protection disabled)
    {
        LandlockSupport support = LandlockSupport.ForAbi(abi);
        ProtectionPromises promises = new() { Disabled = disabled };
        return Plan(support, promises, NetworkMode.Default, new Sandbox { Promises = promises }.MakeRuleset(support, null, out _));
    }

    private static LaunchPlan Plan(int abi, ProtectionPromises promises, params Ruleset[] layers) =>
        Plan(LandlockSupport.ForAbi(abi), promises, NetworkMode.Default, layers);

    private static LaunchPlan Plan(int abi, ProtectionPromises promises, NetworkMode mode) =>
        Plan(LandlockSupport.ForAbi(abi), promises, mode);

    private static LaunchPlan NoUnix(int abi, ProtectionPromises promises, NetworkMode mode, params Ruleset[] layers) =>
        LaunchPlanner.Plan(Request(LandlockSupport.ForAbi(abi), promises, mode, layers) with
        {
            Sandbox = Sandbox.Strict with
            {
                NoUnixSocket = true,
                Network = mode,
                Promises = promises,
                Closure = false,
            }
        });

    private static LaunchPlan Plan(LandlockSupport support, ProtectionPromises promises, NetworkMode mode = NetworkMode.Default,
        params Ruleset[] layers) => LaunchPlanner.Plan(Request(support, promises, mode, layers));

    private static LaunchRequest Request(LandlockSupport support, ProtectionPromises promises, NetworkMode mode, Ruleset[] layers) => new()
    {
        Layers = layers.Length > 0 ? [.. layers] : [Ruleset.DenyAll(support.Abi)],
        Command = "/bin/true",
        BaseDirectory = "/",
        Sandbox = Sandbox.Strict with { Network = mode, Promises = promises, Closure = false },
        Support = support,
    };
}
