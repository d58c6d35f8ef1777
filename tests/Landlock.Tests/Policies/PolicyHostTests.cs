using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Tests.Rulesets;
using static Landlock.Tests.Policies.Documents;

namespace Landlock.Tests.Policies;

/// <summary>connect_host of the table landlockps.</summary>
public sealed class PolicyHostTests
{
    private const string Usage =
        ". Write NAME:PORT, *.NAME:PORT, ADDRESS:PORT or ADDRESS/BITS:PORT; without PORT it is 443";

    private static string Hosts(Ruleset ruleset) => string.Join(' ', ruleset.HostRules);

    private static string Named(string hosts) => $"[landlockps]\nconnect_host = [{hosts}]\n";

    private static Ruleset With(string toml, params (string Name, string[] Values)[] given)
    {
        PolicyVariables variables = PolicyVariables.None;
        foreach ((string name, string[] values) in given) variables = variables.With(name, values);
        return Policy.From(FromToml(toml)).Resolve(variables).Ruleset;
    }

    private static string Refused(Action action) => Assert.Throws<PolicyException>(action).Message;

    [Fact]
    public void Hosts_are_named_and_connecting_is_handled()
    {
        Ruleset ruleset = RulesetOf(FromToml(Named("'API.example.com', '*.pkg.example:80-81', '10.0.0.0/8:5432', '[2001:DB8::]/32'")));
        Assert.Equal("10.0.0.0/8:5432 [2001:db8::]/32:443 *.pkg.example:80-81 api.example.com:443", Hosts(ruleset));
        Assert.Equal((AccessNet.ConnectTcp, 4), (ruleset.HandledNet, ruleset.Abi));
        Assert.Equal(ruleset, RulesetOf(FromJson("""{"landlockps": {"connectHost": ["api.example.com:443", "*.pkg.example:80-81", """
            + "\"10.0.0.0/8:5432\", \"[2001:db8::]/32\", \"api.example.com\"]}}")));
    }

    [Theory]
    [InlineData("'*'", "a.toml:2:17: '*' is no host: '*' alone is every host; leave it out and allow the port with connect_tcp "
        + "(-ConnectTcp)" + Usage)]
    [InlineData("'a.example', 'b c'", "a.toml:2:30: 'b c' is no host: ' ' is not part of a name" + Usage)]
    [InlineData("'a$$b'", "a.toml:2:17: 'a$b' is no host: '$' is not part of a name" + Usage)]
    [InlineData("''", "a.toml:2:17: '' is no host: it is empty" + Usage)]
    [InlineData("'${a'", "a.toml:2:17: unclosed variable reference starting at position 0")]
    [InlineData("443", "a.toml:2:17: 'connect_host' must hold strings, not an integer")]
    [InlineData("", "a.toml:2:16: 'connect_host' is empty; name at least one, or leave the key out")]
    public void What_is_no_host_is_told_with_its_place(string hosts, string finding) => Assert.Equal(finding, Findings(Named(hosts)));

    [Fact]
    public void A_single_host_is_no_list() => Assert.Equal("a.toml:2:16: 'connect_host' must be an array, not a string",
        Findings("[landlockps]\nconnect_host = 'a.example'"));

    [Fact]
    public void Other_tools_refuse_it() => Assert.StartsWith("a.toml:1:1: the table 'landlockps' is LandlockPS's own",
        Findings(Named("'a.example'"), options: new PolicyReadOptions { StrictCompatibility = true }), StringComparison.Ordinal);

    [Fact]
    public void Values_of_variables_each_give_a_host()
    {
        const string text = "variable = [{ name = 'registry', literal = ['a.example', '10.0.0.1'] }, { name = 'port', literal = ['80', "
            + "'443'] }, { name = 'more' }]\n[landlockps]\nconnect_host = ['${registry}:${port}', '*.${registry}', '${more}', 'c.example']";
        Assert.Contains("'*.${registry}' cannot stand for that: '*.10.0.0.1' is no host: a name does not end in a number",
            Refused(() => RulesetOf(FromToml(text))), StringComparison.Ordinal);
        string some = text.Replace("'*.${registry}', ", "", StringComparison.Ordinal);
        Assert.Equal("10.0.0.1:80 10.0.0.1:443 a.example:80 a.example:443 c.example:443", Hosts(RulesetOf(FromToml(some))));
        Assert.Equal("a.toml:3:40: note: the variable 'more' has no value, so '${more}' stands for no host",
            Assert.Single(Resolve(FromToml(some)).Findings).ToString());
        Assert.Equal("c.example:443 x.example:80", Hosts(With(some, ("registry", ["x.example"]), ("port", ["80"]))));
    }

    [Theory]
    [InlineData("*", "'*' alone is every host")]
    [InlineData("a.example,b.example", "',' is not part of a name")]
    [InlineData("a.example\nb.example", @"'\n' is not part of a name")]
    [InlineData("${home}", "'$' is not part of a name")]
    [InlineData("0.0.0.0/0:80:90", "an address of IPv6 stands in brackets")]
    [InlineData("", "it is empty")]
    public void A_value_is_data(string value, string reason)
    {
        string message = Refused(() => With(Named("'${hosts}', 'a.example'"), ("hosts", [value])));
        Assert.StartsWith("a.toml:2:17: '${hosts}' cannot stand for that: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_policy_that_names_hosts_has_one()
    {
        string text = "variable = [{ name = 'hosts' }]\nnet_port = [{ allowed_access = ['connect_tcp'], port = [443] }]\n"
            + Named("'${hosts}', '${hosts}:80'");
        const string none = "a.toml:4:17: no host is left, since the variable 'hosts' has no value; without any, every host could be "
            + "reached, so give it one";
        Assert.Equal(none, Refused(() => RulesetOf(FromToml(text))));
        Assert.Equal(none, Refused(() => With(text, ("hosts", []))));
        Assert.Equal("a.example:80 a.example:443", Hosts(With(text, ("hosts", ["a.example"]))));
        // With a host of another document, one is left.
        PolicyDocument other = FromToml(Named("'b.example'"), "b.toml");
        Assert.Equal("b.example:443", Hosts(RulesetOf(FromToml(text), other)));
        Assert.Equal("a.toml:2:17: variable 'hots' not found; declare it, or give it a value",
            Refused(() => RulesetOf(FromToml(Named("'${hots}'")))));
    }

    [Fact]
    public void There_is_an_end_to_hosts() => Assert.EndsWith("there are more than 10000 hosts up to here",
        Refused(() => With(Named("'a${n}.example:${n}'"), ("n", [.. Enumerable.Range(1, 101).Select(n => $"{n}")]))),
        StringComparison.Ordinal);

    [Fact]
    public void Errors_come_to_an_end_as_well() => Assert.Equal(100, Assert.Throws<PolicyException>(
        () => With(Named("'${n}'"), ("n", [.. Enumerable.Range(1, 5000).Select(n => $"{n}")]))).Findings.Length);

    [Fact]
    public void Udp_does_not_go_with_hosts()
    {
        const string udp = "[[landlockps.net_port]]\nallowed_access = ['connect_send_udp']\nport = [53]\n";
        const string reason = "(a.toml:2:17): UDP cannot be held to a host, and where hosts are named there is none but questions for "
            + "their names; leave out one of them";
        Assert.Equal($"a.toml:5:9: the rule for UDP on port 53 does not go with the host 'a.example:443' {reason}",
            Refused(() => RulesetOf(FromToml(Named("'a.example'") + udp))));
        // Composed, where both keep the right.
        PolicyDocument handling =
            FromToml("ruleset = [{ handled_access_net = ['connect_send_udp', 'bind_udp'] }]\n" + Named("'a.example'"));
        PolicyDocument sends = FromToml("ruleset = [{ handled_access_net = ['connect_tcp'] }]\n" + udp, "b.toml");
        Assert.StartsWith("b.toml:4:9: the rule for UDP on port 53 does not go with the host 'a.example:443' (a.toml:3:17)",
            Refused(() => RulesetOf(handling, sends)), StringComparison.Ordinal);
        Assert.Equal("a.example:443", Hosts(RulesetOf(FromToml(Named("'a.example'")), sends)));
    }

    [Fact]
    public void Merged_hosts_are_as_rules_for_ports()
    {
        PolicyDocument a = FromToml(Named("'a.example', 'b.example:80'")), b = FromToml(Named("'b.example:80', '*.a.example'"), "b.toml");
        Assert.Equal("*.a.example:443 a.example:443 b.example:80", Hosts(RulesetOf(a, b)));
        // What one of them leaves to everybody, all do, and it is told.
        PolicyDocument files = FromToml("ruleset = [{ handled_access_fs = ['execute'] }]", "c.toml");
        PolicyDocument both = FromToml("ruleset = [{ handled_access_fs = ['execute'] }]\n" + Named("'a.example', '${x}'"));
        PolicyComposition composition = PolicyComposition.Compose([both, files]);
        Assert.Empty(composition.Policy.HostRules);
        Assert.Equal(AccessNet.None, composition.Policy.HandledNet);
        Assert.Equal(
            [
                "a.toml:3:17: warning: connect_tcp is no longer restricted: c.toml does not handle it",
                "a.toml:3:17: note: the rule for the host 'a.example' vanishes with connect_tcp, which is not handled any more",
                "a.toml:3:30: note: the rule for the host '${x}' vanishes with connect_tcp, which is not handled any more",
            ],
            composition.Findings.Select(finding => finding.ToString()));
        Assert.Empty(composition.Policy.Resolve().Ruleset.HostRules);
        // A document that denies all of TCP adds nothing.
        Assert.Equal("b.example:80 a.example:443", string.Join(' ', RulesetOf(a, FromToml(
            "ruleset = [{ handled_access_net = ['connect_tcp'] }]")).HostRules.OrderByDescending(rule => rule.Name)));
    }

    [Fact]
    public void A_merge_reaches_no_host_that_none_of_them_reaches() => Law.Holds(Gen.Two(Restricting), pair =>
    {
        Ruleset merged = RulesetOf(pair.Item1, pair.Item2);
        Ruleset[] each = [RulesetOf(pair.Item1), RulesetOf(pair.Item2)];
        foreach (string address in (string[])["10.0.0.1", "11.0.0.1", "127.0.0.1"])
            foreach (string name in (string[])["a.example", "x.b.example"])
                for (int port = 1; port < 6; port++)
                    if (Reaches(merged, address, name, port))
                        Assert.Contains(each, ruleset => Reaches(ruleset, address, name, port));
    });

    private static bool Reaches(Ruleset ruleset, string address, string name, int port) =>
        HostLayer.Of(ruleset)!.Allows(HostAddress.TryParse(address)!.Value, port, rule => rule.AllowsName(name));

    private static Gen<PolicyDocument> Restricting =>
        from hosts in Gen.ListOf(from host in Gen.Elements("a.example", "*.b.example", "10.0.0.0/8", "127.0.0.1")
                                 from port in Gen.Choose(1, 5)
                                 from more in Gen.Choose(0, 2)
                                 select $"'{host}:{port}-{port + more}'")
        from ports in Gen.ListOf(Gen.Choose(1, 5))
        select FromToml("ruleset = [{ handled_access_net = ['abi.all'] }]\nabi = 6\n"
            + (ports.Count > 0 ? $"net_port = [{{ allowed_access = ['connect_tcp'], port = [{string.Join(", ", ports)}] }}]\n" : "")
            + (hosts.Count > 0 ? Named(string.Join(", ", hosts)) : ""));

    [Fact]
    public void Hosts_of_a_ruleset_are_written_and_read_again() => Law.Holds(
        from hosts in Gen.NonEmptyListOf(Generate.Hosts)
        from ports in Gen.ListOf(Generate.Ports)
        from syntax in Gen.Elements(PolicySyntax.Toml, PolicySyntax.Json)
        select (Ruleset.DenyAll(6).With([], ports.Select(port => new NetRule(port, AccessNet.ConnectTcp))).WithHosts(hosts), syntax),
        pair =>
        {
            PolicyDocument document = PolicyWriter.Export(pair.Item1).Document;
            Assert.Equal(pair.Item1, RulesetOf(PolicyDocument.Read(PolicyWriter.Write(document, pair.syntax), pair.syntax, "written")));
        });

    [Fact]
    public void They_are_written_in_our_table_and_strictly_not_at_all()
    {
        Ruleset ruleset = Ruleset.Handling(6, 0, AccessNet.ConnectTcp, 0).WithHosts([HostRule.Parse("a.example"),
            HostRule.Parse("*.b.example:80-81")]);
        PolicyExport export = PolicyWriter.Export(ruleset);
        Assert.Equal(["the table 'landlockps' is needed: it names hosts"], export.Notes.AsEnumerable());
        Assert.Equal("""
            abi = 6

            [[ruleset]]
            handled_access_net = ["connect_tcp"]

            # LandlockPS's own table: landlockconfig refuses documents that have it.
            [landlockps]
            connect_host = ["*.b.example:80-81", "a.example:443"]

            """, PolicyWriter.WriteText(export.Document, PolicySyntax.Toml));
        Assert.Contains("it names hosts", Refused(() => PolicyWriter.Export(ruleset, new PolicyWriteOptions { Strict = true })),
            StringComparison.Ordinal);
        // A policy keeps its variables.
        Policy policy = Policy.From(FromToml("variable = [{ name = 'x' }]\n" + Named("'${x}', 'B.example'")));
        Assert.Equal(policy, Policy.From(PolicyWriter.Export(policy).Document));
        Assert.Equal("${x} b.example:443", string.Join(' ', policy.HostRules.Select(host => host.Text)));
    }

    [Fact]
    public void A_resolved_policy_lists_them() => Assert.Equal(
        """{"abi":null,"handledAccessFs":[],"handledAccessNet":["connect_tcp"],"scoped":[],"pathBeneath":[],"netPort":"""
            + """[],"connectHost":["a.example:443"]}""",
        Resolve(FromToml(Named("'a.example'"))).ToJson(indented: false));

    [Fact]
    public void They_are_added_to_a_document_that_has_no_table()
    {
        const string text = "# mine\n[[ruleset]]\nhandled_access_net = ['connect_tcp']\n";
        Ruleset more = RulesetOf(FromToml(text)).WithHosts([HostRule.Parse("a.example")]);
        PolicyUpdate update = PolicyWriter.Update(Encoding.UTF8.GetBytes(text), "a.toml", more);
        Assert.True(update.Appended);
        Assert.Equal(["the table 'landlockps' is needed for the added rules, which landlockconfig cannot say: they name hosts"],
            update.Notes.AsEnumerable());
        Assert.Equal(text + "\n[landlockps]\nconnect_host = [\"a.example:443\"]\n", Encoding.UTF8.GetString(update.Text));
        Ruleset all = more.WithHosts([HostRule.Parse("*.example:443"), HostRule.Parse("b.test")]);
        PolicyUpdate anew = PolicyWriter.Update(update.Text, "a.toml", all);
        Assert.False(anew.Appended);
        Assert.Equal(all, RulesetOf(FromToml(Encoding.UTF8.GetString(anew.Text))));
        Assert.EndsWith("hosts are added, and the table 'landlockps' is there already", anew.Notes[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_hosts_leave_of_a_port_is_told()
    {
        PolicyFinding[] told = [.. PolicyCheck.Text(Encoding.UTF8.GetBytes("[[net_port]]\nallowed_access = ['connect_tcp', 'bind_tcp']\n"
            + "port = [443, 80, 22]\n[[net_port]]\nallowed_access = ['bind_tcp']\nport = [443]\n"
            + Named("'a.example', 'b.example:79-90'")
            + "[[landlockps.net_port]]\nallowed_access = ['connect_tcp']\nport = ['80-81', '80-91']\n"),
            "a.toml").Where(finding => finding.Severity != FindingSeverity.Note)];
        Assert.Equal(
            [
                "a.toml:3:9: warning: hosts are named for port 443, so connect_tcp opens nothing more there; leave it out, or the hosts",
                "a.toml:3:14: warning: hosts are named for port 80, so connect_tcp opens nothing more there; leave it out, or the hosts",
                "a.toml:11:9: warning: hosts are named for port 80-81, so connect_tcp opens nothing more there; leave it out, or the hosts",
            ],
            told.Select(finding => finding.ToString()));
    }

    [Theory]
    [InlineData("'a.example'", "'a.example:443'")]
    [InlineData("'a.example:80-81'", "'a.example:80', 'a.example:81'")]
    [InlineData("'10.0.0.0/8'", "'10.0.0.0/9', '10.128.0.0/9'")]
    [InlineData("'10.0.0.0/8'", "'10.0.0.0/8', '10.1.0.0/16'")]
    [InlineData("'a.example'", "'b.example'", "<= connect_tcp a.example:443", "=> connect_tcp b.example:443")]
    [InlineData("'a.example:80-90'", "'a.example:85'", "<= connect_tcp a.example:80-84", "<= connect_tcp a.example:86-90")]
    [InlineData("'*.example'", "'a.example', 'b.example:80'", "<= connect_tcp *.example:443 but not a.example",
        "=> connect_tcp b.example:80")]
    [InlineData("'10.0.0.0/8'", "'10.0.0.0/9', '10.128.0.0/10'", "<= connect_tcp 10.0.0.0/8:443 but not 10.0.0.0/9, 10.128.0.0/10")]
    public void Policies_are_compared_by_the_hosts_that_they_name(string first, string second, params string[] expected) =>
        Assert.Equal(expected, Between(Named(first), Named(second)));

    [Fact]
    public void Hosts_are_compared_with_ports_of_any_host()
    {
        string Any(string ports) => $"net_port = [{{ allowed_access = ['connect_tcp'], port = [{ports}] }}]\n";
        Assert.Equal(["<= connect_tcp port 443, any host"], Between(Any("443"), Named("'a.example'")));
        Assert.Equal(["<= connect_tcp port 80, any host", "=> connect_tcp a.example:443"], Between(Any("80"), Named("'a.example'")));
        // This machine is no host among others.
        Assert.Equal(["<= connect_tcp localhost:80", "=> connect_tcp a.example:443"],
            Between(Any("80"), Any("80") + Named("'a.example'")));
        Assert.Equal(["=> connect_tcp 127.0.0.1:80"], Between(Any("80") + Named("'a.example'"), Any("80") + Named("'a.example', "
            + "'127.0.0.1:80'")).Where(difference => difference.StartsWith('=')));
        // A policy that leaves connecting alone.
        Assert.Equal(["<= connect_tcp,bind_udp,connect_send_udp port 0-65535, any host", "<= sockets other than TCP, UDP and UNIX",
            "<= listing network interfaces"], Between("", Named("'a.example'"), handled: "scoped = ['signal']"));
    }

    [Fact]
    public void Nothing_differs_from_itself_and_the_sides_change_places() => Law.Holds(Gen.Two(Restricting), pair =>
    {
        Ruleset first = RulesetOf(pair.Item1), second = RulesetOf(pair.Item2);
        Assert.Empty(PolicyDifference.Between(first, first));
        Assert.Equal(PolicyDifference.Between(first, second).Select(difference => (difference.IsOfFirst, difference.What)).Order(),
            PolicyDifference.Between(second, first).Select(difference => (!difference.IsOfFirst, difference.What)).Order());
        // Asked host by host, both say what the differences say.
        foreach (string address in (string[])["10.0.0.1", "11.0.0.1", "127.0.0.1"])
            for (int port = 1; port < 6; port++)
                if (Reaches(first, address, "-", port) && !Reaches(second, address, "-", port))
                    Assert.Contains(PolicyDifference.Between(first, second), difference => difference.IsOfFirst
                        && (difference.Port ?? difference.Host!.Port).Contains(port));
    });

    [Fact]
    public void Differences_say_the_host_in_json()
    {
        string json = Encoding.UTF8.GetString(DifferencesJson.Write("a", "b", PolicyDifference.Between(
            RulesetOf(FromToml(Named("'*.example:80-81', 'a.test'"))), RulesetOf(FromToml(Named("'a.test'"))))));
        Assert.Contains("\"about\": \"host\"", json, StringComparison.Ordinal);
        Assert.Contains("\"host\": \"*.example\"", json, StringComparison.Ordinal);
        Assert.Contains("\"firstPort\": 80", json, StringComparison.Ordinal);
        Assert.Contains("\"lastPort\": 81", json, StringComparison.Ordinal);
    }

    private static string[] Between(string first, string second,
        string handled = "handled_access_net = ['bind_tcp', 'connect_tcp']") =>
        [.. PolicyDifference.Between(RulesetOf(FromToml($"{first}[[landlockps.ruleset]]\n{handled}\n")),
            RulesetOf(FromToml($"{second}[[landlockps.ruleset]]\n{handled}\n"))).Select(difference => difference.ToString())];
}
