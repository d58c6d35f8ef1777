using System.Text.Json;
using Landlock.Abi;
using Landlock.Policies;
using Landlock.Profiles;
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

    [Fact]
    public void Ports_beside_hosts_are_opened_in_a_layer_that_restricted_none()
    {
        Ruleset files = Ruleset.Handling(1, AccessFs.Execute, AccessNet.None, Scope.None);
        Ruleset layer = Launch(Sandbox.Strict.WithLayers(files).ConnectTcp(22).ConnectHost("a.example")).Layers[0];
        Assert.Equal("connect_tcp 22", Assert.Single(layer.NetRules).ToString());
        Assert.Equal("a.example:443", Hosts(layer));
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
    public void A_rule_for_a_unix_socket_is_said_to_open_all_where_the_kernel_cannot_tell()
    {
        Sandbox sandbox = Sandbox.Strict.ConnectHost("a.example").UnixSocket("/run", "/tmp");
        Sandbox layered = sandbox with { Hosts = [], Rulesets = [Ruleset.DenyAll(7).WithHosts([HostRule.Parse("a.example")])] };
        foreach (Sandbox one in (Sandbox[])[sandbox, layered])
            Assert.Equal("Landlock ABI 7 cannot tell UNIX sockets apart, so rules for some open all of them, and who listens there may "
                + "connect to any host: resolve_unix (needs ABI 9, Linux 7.1).", Assert.Single(Launch(one).Findings).Message);
        Assert.Empty(Launch(sandbox, 9).Findings);
        ProtectionPromises foreseen = new() { AllowDegraded = Protection.ResolveUnix };
        Assert.Empty(Launch(sandbox with { Promises = foreseen }).Findings);
    }

    [Fact]
    public void A_protection_that_is_disabled_contradicts_hosts()
    {
        Sandbox sandbox = Sandbox.Strict.ConnectHost("a.example") with
        { Promises = new ProtectionPromises { Disabled = Protection.NetTcp } };
        RulesetException exception = Assert.Throws<RulesetException>(() => Launch(sandbox));
        Assert.Equal(RulesetProblem.Contradictory, exception.Problem);
        Assert.Equal("The protection net_tcp is disabled, and hosts such as a.example:443 are kept by it. Leave out one of them.",
            exception.Message);
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
    public void Hosts_of_presets_add_up_with_others_and_hold_for_all_layers()
    {
        string expected = string.Join(' ', Preset.Find("HostsPyPI").Hosts.Append(HostRule.Parse("a.example")).Order());
        Sandbox sandbox = Sandbox.Strict.WithPresets("WebClient", "HostsPyPI").ConnectHost("a.example");
        LaunchRequest request = Launch(sandbox);
        Assert.Equal(expected, Hosts(Assert.Single(request.Layers)));
        Assert.Empty(request.NetGrants);
        Assert.Equal([expected, expected],
            Launch(sandbox.WithLayers(Ruleset.DenyAll(4), Ruleset.DenyAll(6))).Layers.Select(Hosts));
        Assert.Equal(expected, Hosts(Assert.Single(sandbox.Closed(LandlockSupport.ForAbi(7), "/").Rulesets)));
    }

    [Fact]
    public void What_options_add_to_a_profile_is_said()
    {
        Sandbox profile = Sandbox.Strict with { Name = "p" };
        SandboxFinding finding = Assert.Single(SandboxLoosening.Of(profile, profile.ConnectHost("a.example")));
        Assert.Equal("Allowed on top of the profile 'p': host a.example:443.", finding.Message);
    }

    [Fact]
    public void A_new_profile_with_hosts_takes_no_port_of_its_presets()
    {
        ProfilePolicy policy = new() { Abi = 10, Presets = [Preset.Find("WebClient")], Hosts = [HostRule.Parse("a.example")] };
        string text = ProfileWriter.WritePolicy(policy);
        Assert.Contains("connect_host = [\"a.example:443\"]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("net_port", text, StringComparison.Ordinal);
        NetRule udp = new(new PortRange(53, 53), AccessNet.ConnectSendUdp);
        Assert.Throws<RulesetException>(() => ProfileWriter.WritePolicy(policy with { Ports = [udp] }));
    }

    [Fact]
    public void A_plan_shows_hosts_and_the_ports_that_lead_anywhere()
    {
        Ruleset ruleset = Ruleset.DenyAll(7).With(new NetRule(new PortRange(440, 450), AccessNet.ConnectTcp))
            .WithHosts([HostRule.Parse("*.a.example:443-444"), HostRule.Parse("10.0.0.0/8:450")]);
        LaunchPlan plan = Plan(ruleset);
        string[] lines = [.. PlanDescription.Describe(plan)];
        Assert.Equal(
        [
            "  allowed: connect_tcp  host 10.0.0.0/8:450                as asked",
            "  allowed: connect_tcp  host *.a.example:443-444           as asked",
            "  allowed: connect_tcp  port 440-442 of any other machine  as asked",
            "  allowed: connect_tcp  port 445-449 of any other machine  as asked",
        ], lines.Where(line => line.StartsWith("  allowed: ", StringComparison.Ordinal)));
        Assert.Contains("hosts: a supervisor connects for the command, and asks name servers for any name, since not every port is one of "
            + "named hosts", lines);

        using JsonDocument json = JsonDocument.Parse(PlanJson.Write(plan));
        JsonElement layer = json.RootElement.GetProperty("layers")[0];
        Assert.Equal("""[{"host":"10.0.0.0/8","first":450,"last":450,"origin":"as asked"},"""
            + """{"host":"*.a.example","first":443,"last":444,"origin":"as asked"}]""", Text(layer.GetProperty("hosts")));
        Assert.Equal("""[{"access":["connect_tcp"],"first":440,"last":442,"origin":"as asked"},"""
            + """{"access":["connect_tcp"],"first":445,"last":449,"origin":"as asked"}]""", Text(layer.GetProperty("ports")));
    }

    [Theory]
    [InlineData("a.example", "names of these hosts alone")]
    [InlineData("10.0.0.1", "no name")]
    public void A_plan_says_which_names_are_asked_for(string host, string names)
    {
        LaunchPlan plan = Plan(Ruleset.DenyAll(7).WithHosts([HostRule.Parse(host)]));
        string line = $"hosts: a supervisor connects for the command, and asks name servers for {names}";
        Assert.Contains(line, PlanDescription.Describe(plan));
        Assert.Contains(line, PlanDescription.Summarize(plan));
    }

    private static string Text(JsonElement json) => JsonSerializer.Serialize(json);

    private static string Hosts(Ruleset layer) => string.Join(' ', layer.HostRules);

    private static LaunchRequest Launch(Sandbox sandbox, int abi = 7) => sandbox.Launch(
        new LaunchContext { Support = LandlockSupport.ForAbi(abi), BaseDirectory = "/", Environment = [] }, "true");

    private static LaunchPlan Plan(Ruleset ruleset) => LaunchPlanner.Plan(new LaunchRequest
    {
        Sandbox = Sandbox.Strict with { Closure = false },
        Layers = [ruleset],
        Command = "/bin/true",
        BaseDirectory = "/",
        Support = LandlockSupport.ForAbi(7),
    });
}
