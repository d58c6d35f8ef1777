using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;

namespace Landlock.Tests.Rulesets;

public sealed class HostRuleTests
{
    private const string Usage =
        ". Write NAME:PORT, *.NAME:PORT, ADDRESS:PORT or ADDRESS/BITS:PORT; without PORT it is 443.";

    [Theory]
    [InlineData("api.example.com", "api.example.com:443")]
    [InlineData("api.example.com:443", "api.example.com:443")]
    [InlineData("API.Example.COM.:80", "api.example.com:80")]
    [InlineData(" localhost:8000-8010 ", "localhost:8000-8010")]
    [InlineData("*.pkg.example", "*.pkg.example:443")]
    [InlineData("*.com:1", "*.com:1")]
    [InlineData("_x.a-b.example", "_x.a-b.example:443")]
    [InlineData("bücher.example:80", "xn--bcher-kva.example:80")]
    [InlineData("Bücher.example:80", "xn--bcher-kva.example:80")]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example:443")]
    [InlineData("*.bücher.example", "*.xn--bcher-kva.example:443")]
    [InlineData("10.1.2.3", "10.1.2.3:443")]
    [InlineData("10.0.0.0/8:5432", "10.0.0.0/8:5432")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0:443")]
    [InlineData("[2001:DB8:0::1]", "[2001:db8::1]:443")]
    [InlineData("[2001:db8::]/32:443", "[2001:db8::]/32:443")]
    [InlineData("[2001:db8::/32]:80", "[2001:db8::]/32:80")]
    [InlineData("[::ffff:10.1.2.3]:80", "10.1.2.3:80")]
    [InlineData("[::]/0", "[::]/0:443")]
    public void A_host_has_one_form(string text, string form)
    {
        Assert.Equal(form, HostRule.Parse(text).ToString());
        Assert.Equal(HostRule.Parse(text), HostRule.Parse(form));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("*", "'*' alone is every host; leave it out and allow the port with connect_tcp (-ConnectTcp)")]
    [InlineData("*:443", "'*' alone is every host; leave it out and allow the port with connect_tcp (-ConnectTcp)")]
    [InlineData("a*.example", "'*' stands for whole parts at the beginning of a name only: *.example.org")]
    [InlineData("a.*.example", "'*' stands for whole parts at the beginning of a name only: *.example.org")]
    [InlineData("*.*.example", "'*' is not part of a name")]
    [InlineData("a..b", "it has an empty part")]
    [InlineData(".", "it has an empty part")]
    [InlineData("-a.example", "a part begins or ends with '-'")]
    [InlineData("a b.example", "' ' is not part of a name")]
    [InlineData("a\n.example", "'\\n' is not part of a name")]
    [InlineData("a\u001b[31m.example", "'\\x1b' is not part of a name")]
    [InlineData("a@b.example", "'@' is not part of a name")]
    [InlineData("443", "a name does not end in a number")]
    [InlineData("127.1:80", "a name does not end in a number")]
    [InlineData("0x7f.1", "a name does not end in a number")]
    [InlineData("a.0x7f", "a name does not end in a number")]
    [InlineData("010.1.2.3", "a name does not end in a number")]
    [InlineData("1.2.3.256", "a name does not end in a number")]
    [InlineData("https://api.example.com", "it is an address of a page; write its host")]
    [InlineData("api.example.com/path", "'api.example.com' is no address; names have no '/'")]
    [InlineData("2001:db8::1", "an address of IPv6 stands in brackets: [2001:db8::1]:443")]
    [InlineData("[2001:db8::1", "']' is missing")]
    [InlineData("[fe80::1%eth0]:80", "it is no address")]
    [InlineData("[10.1.2.3]:80", "only addresses of IPv6 stand in brackets")]
    [InlineData("[::1]80", "only '/' and ':' follow ']'")]
    [InlineData("10.1.2.3/8:80", "its address has bits beyond the first 8; write 10.0.0.0/8")]
    [InlineData("10.0.0.0/33", "what follows '/' is a number from 0 to 32")]
    [InlineData("10.0.0.0/", "what follows '/' is a number from 0 to 32")]
    [InlineData("[::]/129", "what follows '/' is a number from 0 to 128")]
    [InlineData("0.0.0.0:80", "it is this machine; write 127.0.0.1")]
    [InlineData("[::]:80", "it is this machine; write ::1")]
    [InlineData("a.example:0", "port 0 is none that can be connected to")]
    [InlineData("a.example:", "what follows the last ':' is no port: '' is no port: expected a number from 0 to 65535, or a range such as "
        + "8000-8010")]
    [InlineData("a.example:70000", "what follows the last ':' is no port: '70000' is no port: expected a number from 0 to 65535, or a "
        + "range such as 8000-8010")]
    public void Everything_else_is_none(string text, string reason)
    {
        RulesetException exception = Assert.Throws<RulesetException>(() => HostRule.Parse(text));
        Assert.Equal($"'{PosixText.Printable(text)}' is no host: {reason}{Usage}", exception.Message);
        Assert.Equal(RulesetProblem.InvalidHost, exception.Problem);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void A_name_has_253_characters_at_most_and_a_part_63()
    {
        string label = new('a', 63);
        Assert.Equal(253, HostRule.Parse($"{label}.{label}.{label}.{new string('b', 61)}").Host.Length);
        Assert.Contains("longer than 253", Assert.Throws<RulesetException>(
            () => HostRule.Parse($"{label}.{label}.{label}.{new string('b', 62)}")).Message, StringComparison.Ordinal);
        Assert.Contains("a part is longer than 63", Assert.Throws<RulesetException>(() => HostRule.Parse($"{label}a.example")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_again() => Law.Holds(Generate.Hosts, rule => Assert.Equal(rule, HostRule.Parse(rule.ToString())));

    [Fact]
    public void The_order_of_rules_does_not_matter_and_what_another_contains_is_left_out() => Law.HoldsForLists(Generate.Hosts, rules =>
    {
        var canonical = HostRule.Canonical(rules);
        Assert.Equal<HostRule>(canonical, HostRule.Canonical(rules.AsEnumerable().Reverse()));
        Assert.Equal<HostRule>(canonical, HostRule.Canonical(canonical));
        Assert.All(rules, rule => Assert.Contains(canonical, other => other == rule || other.Contains(rule)));
    });

    [Theory]
    [InlineData("*.pkg.example", "a.pkg.example", true)]
    [InlineData("*.pkg.example", "a.b.pkg.example", true)]
    [InlineData("*.pkg.example", "pkg.example", false)]
    [InlineData("*.pkg.example", "apkg.example", false)]
    [InlineData("*.pkg.example", ".pkg.example", false)]
    [InlineData("*.pkg.example", "a.pkg.example.net", false)]
    [InlineData("api.example", "api.example", true)]
    [InlineData("api.example", "x.api.example", false)]
    [InlineData("10.0.0.0/8", "a", false)]
    public void A_star_is_one_label_or_several(string rule, string name, bool allowed) =>
        Assert.Equal(allowed, HostRule.Parse(rule).AllowsName(name));

    [Theory]
    [InlineData("10.0.0.0/8:80", "10.255.0.1", 80, true)]
    [InlineData("10.0.0.0/8:80", "11.0.0.1", 80, false)]
    [InlineData("10.0.0.0/8:80", "10.0.0.1", 81, false)]
    [InlineData("10.0.0.0/8:80", "::ffff:10.0.0.1", 80, true)]
    [InlineData("[::]/0:80", "10.0.0.1", 80, false)]
    [InlineData("[::]/0:80", "2001:db8::1", 80, true)]
    [InlineData("0.0.0.0/0:80", "2001:db8::1", 80, false)]
    [InlineData("0.0.0.0/0:80", "127.0.0.1", 80, false)]
    [InlineData("0.0.0.0/0:80", "0.0.0.0", 80, false)]
    [InlineData("[::]/0:80", "::1", 80, false)]
    [InlineData("[::]/0:80", "::", 80, false)]
    [InlineData("127.0.0.0/8:80", "127.9.9.9", 80, true)]
    [InlineData("127.0.0.1:80", "0.0.0.0", 80, true)]
    [InlineData("[::1]:80", "::", 80, true)]
    public void Addresses_are_compared_as_addresses(string rule, string address, int port, bool allowed)
    {
        HostLayer layer = new([HostRule.Parse(rule)], []);
        Assert.Equal(allowed, layer.Allows(HostAddress.TryParse(address)!.Value.Destination, port, _ => false));
    }

    [Theory]
    [InlineData("93.184.216.34", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("2001:db8::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("febf::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    public void A_name_opens_only_what_is_far_away(string address, bool far) =>
        Assert.Equal(far, HostAddress.TryParse(address)!.Value.IsFarAway);

    [Fact]
    public void A_port_that_hosts_are_named_for_leads_to_these_alone_and_another_to_everybody()
    {
        Ruleset ruleset = Ruleset.DenyAll(6).With(new NetRule(new PortRange(22, 22), AccessNet.ConnectTcp))
            .With(new NetRule(new PortRange(443, 443), AccessNet.ConnectTcp)).WithHosts([HostRule.Parse("10.0.0.1:443")]);
        HostAccess access = HostAccess.Of([ruleset])!;
        HostAddress named = HostAddress.TryParse("10.0.0.1")!.Value, other = HostAddress.TryParse("10.0.0.2")!.Value;
        Assert.True(access.Allows(named, 443, _ => false));
        Assert.False(access.Allows(other, 443, _ => false));
        Assert.True(access.Allows(other, 22, _ => false));
        Assert.False(access.Allows(HostAddress.TryParse("127.0.0.1")!.Value, 22, _ => false));
        Assert.True(access.AllowsName("anything.example"));
        Assert.Equal("22 443", string.Join(' ', access.Ports()));
    }

    [Fact]
    public void Each_layer_has_to_allow_it()
    {
        Ruleset ports = Ruleset.DenyAll(6).With(new NetRule(new PortRange(443, 443), AccessNet.ConnectTcp));
        Ruleset hosts = Ruleset.DenyAll(6).WithHosts([HostRule.Parse("a.example:443"), HostRule.Parse("a.example:80")]);
        HostAccess access = HostAccess.Of([ports, hosts])!;
        HostAddress address = HostAddress.TryParse("10.0.0.1")!.Value;
        Assert.True(access.Allows(address, 443, _ => true));
        Assert.False(access.Allows(address, 443, _ => false));
        Assert.False(access.Allows(address, 80, _ => true));
        Assert.True(access.AllowsName("a.example"));
        Assert.False(access.AllowsName("b.example"));
        Assert.Equal("443", string.Join(' ', access.Ports()));
        Assert.Null(HostAccess.Of([ports]));
    }

    [Fact]
    public void It_goes_through_a_command_line()
    {
        Ruleset ruleset = Ruleset.DenyAll(6).With(new NetRule(new PortRange(22, 25), AccessNet.ConnectTcp | AccessNet.BindTcp))
            .WithHosts([HostRule.Parse("*.a.example:443"), HostRule.Parse("[2001:db8::]/32:80")]);
        HostAccess access = HostAccess.Of([Ruleset.DenyAll(6), ruleset])!;
        Assert.Equal(access, HostAccess.Read(access.Write()));
        Assert.Null(HostAccess.Read([]));
        Assert.Null(HostAccess.Read(["host=a.example:443"]));
        Assert.Null(HostAccess.Read(["layer=", "host=*"]));
        Assert.Null(HostAccess.Read(["layer=", "other=1"]));
    }

    [Fact]
    public void Udp_does_not_go_with_hosts()
    {
        Ruleset udp = Ruleset.DenyAll(10).With(new NetRule(new PortRange(53, 53), AccessNet.ConnectSendUdp));
        RulesetException exception = Assert.Throws<RulesetException>(() => udp.WithHosts([HostRule.Parse("a.example")]));
        Assert.Equal(RulesetProblem.Contradictory, exception.Problem);
        Assert.Contains("does not go with hosts such as a.example:443", exception.Message, StringComparison.Ordinal);
        // In either order.
        Assert.Equal(exception.Message, Assert.Throws<RulesetException>(() => Ruleset.DenyAll(10).WithHosts([HostRule.Parse("a.example")])
            .With(new NetRule(new PortRange(53, 53), AccessNet.ConnectSendUdp))).Message);
    }

    [Fact]
    public void A_ruleset_with_hosts_has_a_say_in_sockets_and_keeps_a_command_off_udp()
    {
        Ruleset ruleset = Ruleset.Handling(1, AccessFs.Execute, AccessNet.None, Scope.None).WithHosts([HostRule.Parse("a.example")]);
        Assert.Equal((true, true, false), (ruleset.ClaimsSockets, ruleset.DeniesUdp, ruleset.DeniesTcp));
        Assert.False(Ruleset.DenyAll(6).WithHosts(ruleset.HostRules).DeniesTcp);
    }

    [Fact]
    public void Leaving_out_secrets_keeps_hosts()
    {
        Sandbox sandbox = Sandbox.Strict.ReadOnly("/usr").ConnectHost("a.example").Excepting("Secrets");
        Assert.Equal("a.example:443", string.Join(' ', sandbox.MakeRuleset(RunningKernel.Support, "/", out _).HostRules));
        Assert.Equal("a.example:443", string.Join(' ', sandbox.AddTo(Ruleset.DenyAll(6)).HostRules));
    }

    [Fact]
    public void A_ruleset_with_hosts_restricts_connecting_whatever_it_is_for()
    {
        Ruleset ruleset = Ruleset.Handling(1, AccessFs.Execute, AccessNet.None, Scope.None).WithHosts([HostRule.Parse("a.example")]);
        Assert.Equal(AccessNet.ConnectTcp, ruleset.HandledNet);
        Assert.Equal("a.example:443", Assert.Single(ruleset.HostRules).ToString());
        Assert.NotEqual(ruleset, ruleset.WithHosts([HostRule.Parse("b.example")]));
        Assert.Empty(ruleset.Without(AccessFs.None, AccessNet.ConnectTcp, Scope.None).HostRules);
        Assert.Empty(ruleset.WithoutConnecting().NetRules);
    }
}
