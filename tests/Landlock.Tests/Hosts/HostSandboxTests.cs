using Landlock.Abi;
using Landlock.Rulesets;
using Landlock.Sandboxes;

namespace Landlock.Tests.Hosts;

public sealed class HostSandboxTests
{
    [Fact]
    public void Leaving_out_secrets_leaves_the_hosts_in()
    {
        Sandbox sandbox = Sandbox.Strict.ReadOnly("/usr").Excepting("Secrets").ConnectHost("a.example");
        Assert.Equal("a.example:443", Hosts(Launch(sandbox).Layers[0]));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(10)]
    public void Rules_for_udp_contradict_hosts(int abi)
    {
        Sandbox sandbox = Sandbox.Strict.ConnectHost("a.example").ConnectSendUdp(53);
        Ruleset ruleset = Ruleset.DenyAll(abi).WithHosts([HostRule.Parse("a.example")]);
        foreach (Sandbox contradicted in (Sandbox[])[sandbox, sandbox with { Hosts = [], Rulesets = [ruleset] }])
        {
            RulesetException exception = Assert.Throws<RulesetException>(() => Launch(contradicted, abi));
            Assert.Equal("The rule for UDP on port 53 does not go with hosts such as a.example:443: UDP cannot be held to a host, and "
                + "where hosts are named there is none but questions for their names. Leave out one of them.", exception.Message);
        }
    }

    [Fact]
    public void Rules_for_udp_are_refused_whichever_comes_first()
    {
        Ruleset hosts = Ruleset.DenyAll(10).WithHosts([HostRule.Parse("a.example")]);
        NetRule udp = new(new PortRange(443, 443), AccessNet.BindUdp);
        Assert.Contains("does not go with hosts", Assert.Throws<RulesetException>(() => hosts.With(udp)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hosts_of_one_sandbox_reach_no_layer_of_another_around_it()
    {
        LandlockSupport support = LandlockSupport.ForAbi(7);
        Sandbox outer = Sandbox.Strict.ConnectHost("a.example").WithPresets("WebClient").Closed(support, "/");
        Sandbox inner = Sandbox.Strict.ConnectHost("b.example").ConnectTcp(22).Closed(support, "/");
        LaunchRequest request = Launch(Sandbox.Nested([outer, inner]));
        Assert.Equal(["a.example:443", "b.example:443"], request.Layers.Select(Hosts));
        // Nor does a preset open a port where hosts are named.
        Assert.Empty(request.Layers[0].NetRules);
        Assert.Equal("connect_tcp 22", Assert.Single(request.Layers[1].NetRules).ToString());
        Assert.Contains(request.Findings, finding => finding.Message.StartsWith("Hosts are named, and only these are reached: the preset "
            + "WebClient opens no port (", StringComparison.Ordinal));
    }

    [Fact]
    public void What_options_add_to_a_profile_is_said()
    {
        Sandbox profile = Sandbox.Strict with { Name = "p" };
        SandboxFinding finding = Assert.Single(SandboxLoosening.Of(profile, profile.ConnectHost("a.example")));
        Assert.Equal("Allowed on top of the profile 'p': host a.example:443.", finding.Message);
    }

    private static string Hosts(Ruleset layer) => string.Join(' ', layer.HostRules);

    private static LaunchRequest Launch(Sandbox sandbox, int abi = 7) => sandbox.Launch(
        new LaunchContext { Support = LandlockSupport.ForAbi(abi), BaseDirectory = "/", Environment = [] }, "true");
}
