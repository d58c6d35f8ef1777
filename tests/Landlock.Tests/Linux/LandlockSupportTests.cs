using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Tests.Linux;

public sealed class LandlockSupportTests
{
    private static readonly string[] Always = ["other sockets", "metadata", "execute", "inherited descriptors"];

    [KernelFact]
    public void Detect_agrees_with_the_system_call()
    {
        LandlockSupport support = RunningKernel.Support;
        Assert.Equal(SupportState.Available, support.State);
        Assert.True(support.IsAvailable);
        Assert.Equal(RawKernel.Version, support.KernelAbi);
        Assert.Equal(Math.Min(RawKernel.Version, AbiTable.Newest), support.Abi);
        Assert.Equal(RawKernel.Errata, support.ErrataMask);
        Assert.Equal(File.ReadAllText("/proc/version").Split(' ')[2], support.Kernel);
        Assert.Null(support.TcpFastOpenBypass);
        Assert.Same(support, RunningKernel.Support);
    }

    [KernelFact]
    public void Detect_lists_landlock_among_the_security_modules()
    {
        string modules = RunningKernel.Support.SecurityModules;
        // Unreadable in some containers; then it is empty, never a guess.
        if (File.Exists("/sys/kernel/security/lsm")) Assert.Contains("landlock", modules.Split(','));
        else Assert.Equal("", modules);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    public void An_imagined_kernel_has_what_its_abi_has(int abi)
    {
        LandlockSupport support = LandlockSupport.ForAbi(abi);
        Assert.Equal(abi > 0, support.IsAvailable);
        Assert.Equal(abi > 0 ? SupportState.Available : SupportState.NotBuilt, support.State);
        Assert.Equal(abi, support.Abi);
        Assert.Equal(AbiTable.AllFs(abi), support.AccessFs);
        Assert.Equal(AbiTable.AllNet(abi), support.AccessNet);
        Assert.Equal(AbiTable.AllScopes(abi), support.Scopes);
        Assert.Equal(AbiTable.AllFlags(abi), support.RestrictFlags);
        Assert.Empty(support.Errata);
        Assert.Equal(abi == 0 ? "none" : AbiTable.Release(abi), support.Kernel);
        Assert.Equal(support, LandlockSupport.ForAbi(abi));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(12)]
    public void No_kernel_is_imagined_outside_the_table(int abi) =>
    Assert.Throws<ArgumentOutOfRangeException>(() => LandlockSupport.ForAbi(abi));

    [Fact]
    public void Errata_come_from_the_mask() =>
    Assert.Equal([1, 2, 3], (LandlockSupport.ForAbi(7) with { ErrataMask = 0x7 }).Errata.Select(erratum => erratum.Number));

    [Fact]
    public void Advice_says_what_is_there()
    {
        Assert.Equal("Landlock ABI 7 is available.", LandlockSupport.ForAbi(7).Advice);
        Assert.Equal("Landlock ABI 11 is available.", LandlockSupport.ForAbi(11).Advice);
        Assert.Equal("Landlock ABI 13 is available; this version knows ABI 11, and uses what that has.",
            (LandlockSupport.ForAbi(11) with { KernelAbi = 13 }).Advice);
    }

    [Theory]
    [InlineData(SupportState.NotLinux, "", "Landlock exists on Linux only.")]
    [InlineData(SupportState.NotBuilt, "",
        "This kernel has no Landlock: it is older than 5.13 or was built without CONFIG_SECURITY_LANDLOCK=y. Boot a newer kernel.")]
    [InlineData(SupportState.DisabledAtBoot, "",
        "Landlock is built into this kernel but off. Add it to the boot parameter: lsm=landlock,... and reboot.")]
    [InlineData(SupportState.DisabledAtBoot, "capability,yama",
        "Landlock is built into this kernel but off. Add it to the boot parameter: lsm=landlock,capability,yama and reboot.")]
    [InlineData(SupportState.Blocked, "landlock",
        "A seccomp filter forbids the Landlock system calls, as older container runtimes do. Update the runtime, or use a seccomp profile "
        + "that allows landlock_create_ruleset, landlock_add_rule and landlock_restrict_self.")]
    public void Advice_says_what_to_change(SupportState state, string modules, string advice) =>
        Assert.Equal(advice, (LandlockSupport.ForAbi(0) with { State = state, SecurityModules = modules }).Advice);

    public static TheoryData<int, string[]> Holes => new()
    {
        { 1, ["file rename", "truncate", "tcp", "device ioctl", "scopes", "audit", "pathname unix sockets", "udp"] },
        { 2, ["truncate", "tcp", "device ioctl", "scopes", "audit", "pathname unix sockets", "udp"] },
        { 3, ["tcp", "device ioctl", "scopes", "audit", "pathname unix sockets", "udp"] },
        { 4, ["device ioctl", "scopes", "audit", "pathname unix sockets", "udp"] },
        { 5, ["scopes", "audit", "pathname unix sockets", "udp"] },
        { 6, ["audit", "pathname unix sockets", "udp"] },
        { 7, ["pathname unix sockets", "udp"] },
        { 8, ["pathname unix sockets", "udp"] },
        { 9, ["udp"] },
        { 10, [] },
        { 11, [] },
    };

    [Theory]
    [MemberData(nameof(Holes))]
    public void Every_kernel_owns_up_to_its_holes(int abi, string[] gaps)
    {
        LandlockSupport support = LandlockSupport.ForAbi(abi);
        Assert.Equal([.. gaps, .. Always], support.ResidualHoles.Select(hole => hole.Name));
        Assert.All(support.ResidualHoles, hole => Assert.True(hole.ClosedByAbi is null || hole.ClosedByAbi > abi));
        Assert.All(support.ResidualHoles, hole => Assert.NotEmpty(hole.Description));
    }

    [Fact]
    public void The_fast_open_bypass_is_a_hole_only_where_it_was_seen()
    {
        LandlockSupport support = LandlockSupport.ForAbi(10);
        Assert.DoesNotContain(support.ResidualHoles, hole => hole.Name == "tcp fast open");
        Assert.DoesNotContain((support with { TcpFastOpenBypass = false }).ResidualHoles, hole => hole.Name == "tcp fast open");
        ResidualHole hole = Assert.Single((support with { TcpFastOpenBypass = true }).ResidualHoles, hole => hole.Name == "tcp fast open");
        Assert.Null(hole.ClosedByAbi);
    }

    [Theory]
    [InlineData(SupportState.NotLinux)]
    [InlineData(SupportState.NotBuilt)]
    [InlineData(SupportState.DisabledAtBoot)]
    [InlineData(SupportState.Blocked)]
    public void Without_landlock_everything_is_open(SupportState state)
    {
        ResidualHole hole = Assert.Single((LandlockSupport.ForAbi(0) with { State = state }).ResidualHoles);
        Assert.Equal("everything", hole.Name);
    }
}
