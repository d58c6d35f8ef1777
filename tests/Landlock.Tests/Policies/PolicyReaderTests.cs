using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using static Landlock.Tests.Policies.Documents;

namespace Landlock.Tests.Policies;

public class PolicyReaderTests
{
    private const string Everything = """
        abi = 6
        [[variable]]
        name = "rw"
        literal = ["/tmp", "/var/tmp"]
        [[variable]]
        name = "later"
        [[ruleset]]
        handled_access_fs = ["abi.all", "execute"]
        handled_access_net = ["bind_tcp"]
        scoped = ["signal"]
        [[path_beneath]]
        allowed_access = ["abi.read_execute"]
        parent = ["/usr", "${rw}/x"]
        [[net_port]]
        allowed_access = ["connect_tcp"]
        port = [0, 443, 70000]
        """;

    [Fact]
    public void A_document_keeps_its_parts_with_their_places()
    {
        PolicyDocument document = FromToml(Everything);

        Assert.Equal(6, document.Abi);
        Assert.Equal(["rw", "later"], document.Variables.Select(variable => variable.Name));
        Assert.Equal("/tmp /var/tmp", string.Join(' ', document.Variables[0].Literals));
        Assert.Empty(document.Variables[1].Literals);
        Assert.Equal("abi.all execute", string.Join(' ', document.Rulesets[0].Fs.Words));
        Assert.Equal(0xffffUL, document.Rulesets[0].Fs.Mask);
        Assert.Equal(["/usr", "${rw}/x"], document.PathBeneath[0].Parents.Select(parent => parent.Text));
        Assert.Equal(new PolicyLocation("a.toml", 13, 19), document.PathBeneath[0].Parents[1].Location);
        Assert.Equal(new PolicyLocation("a.toml", 11, 1), document.PathBeneath[0].Location);
        Assert.Equal(["0", "443", "70000"], document.NetPort[0].Ports.Select(port => port.ToString()));
        Assert.Equal("a.toml:16:17", document.NetPort[0].Ports[2].Location.ToString());
        Assert.Equal("a.toml:16:17: warning: there is no port 70000: ports go up to 65535, and no ruleset can be built with this one",
            Assert.Single(document.Findings).ToString());
    }

    [Fact]
    public void Both_syntaxes_say_the_same()
    {
        PolicyDocument json = FromJson("""
            {
              "netPort": [ { "port": [ 70000, 443, 0 ], "allowedAccess": [ "connect_tcp" ] } ],
              "pathBeneath": [ { "parent": [ "${rw}/x", "/usr" ], "allowedAccess": [ "abi.read_execute" ] } ],
              "ruleset": [ { "scoped": [ "signal" ], "handledAccessNet": [ "bind_tcp" ], "handledAccessFs": [ "abi.all" ] } ],
              "variable": [ { "name": "later", "literal": null }, { "literal": [ "/var/tmp", "/tmp", "/tmp" ], "name": "rw" } ],
              "abi": 6
            }
            """);

        Assert.Equal(Policy.From(FromToml(Everything)), Policy.From(json));
        Assert.Equal("a.json:3:34", json.PathBeneath[0].Parents[0].Location.ToString());
    }

    [Theory]
    [InlineData(1, 0x1fff, 0xd, 0, 0)]
    [InlineData(2, 0x3fff, 0x200d, 0, 0)]
    [InlineData(3, 0x7fff, 0x200d, 0, 0)]
    [InlineData(4, 0x7fff, 0x200d, 3, 0)]
    [InlineData(5, 0xffff, 0x200d, 3, 0)]
    [InlineData(6, 0xffff, 0x200d, 3, 3)]
    [InlineData(7, 0xffff, 0x200d, 3, 3)]
    [InlineData(8, 0xffff, 0x200d, 3, 3)]
    [InlineData(9, 0x1ffff, 0x200d, 3, 3)]
    [InlineData(10, 0x1ffff, 0x200d, 15, 3)]
    [InlineData(11, 0x1ffff, 0x200d, 15, 3)]
    [InlineData(12, 0x1ffff, 0x200d, 15, 3)]
    [InlineData(2147483647, 0x1ffff, 0x200d, 15, 3)]
    public void Groups_are_those_of_the_documents_own_abi(int abi, int all, int readExecute, int net, int scopes)
    {
        string text = $$"""
            abi = {{abi}}
            ruleset = [{ handled_access_fs = ["abi.all"] }, { handled_access_fs = ["abi.read_execute"] },
                { handled_access_fs = ["abi.read_write"] },
                { handled_access_net = ["abi.all"] }, { scoped = ["abi.all"] }]
            """;
        PolicyDocument document = FromToml(text);

        Assert.Equal((ulong)all, document.Rulesets[0].Fs.Mask);
        Assert.Equal((ulong)readExecute, document.Rulesets[1].Fs.Mask);
        Assert.Equal((ulong)all & ~1UL, document.Rulesets[2].Fs.Mask);
        Assert.Equal((ulong)net, document.Rulesets[3].Net.Mask);
        Assert.Equal((ulong)scopes, document.Rulesets[4].Scoped.Mask);
        Assert.Equal(Math.Min(abi, 11), document.Abi);
        Assert.Equal(abi is 9 or 10 or 11 or > 11, document.Findings.Length > 0);

        PolicyDocument strict = FromToml(text, options: new PolicyReadOptions { StrictCompatibility = true });
        Assert.Equal(Math.Min((ulong)all, 0xffff), strict.Rulesets[0].Fs.Mask);
        Assert.Equal(Math.Min((ulong)all & ~1UL, 0xfffe), strict.Rulesets[2].Fs.Mask);
        Assert.Equal(Math.Min((ulong)net, 3), strict.Rulesets[3].Net.Mask);
        Assert.Equal((ulong)scopes, strict.Rulesets[4].Scoped.Mask);
        Assert.All(strict.Findings, finding => Assert.Equal(FindingSeverity.Note, finding.Severity));
    }

    [Fact]
    public void An_explicit_right_does_not_care_about_abi()
    {
        Ruleset ruleset = RulesetOf(FromToml("abi = 1\nruleset = [{ handled_access_fs = [\"truncate\", \"abi.all\"] }]"));

        Assert.Equal((AccessFs)0x5fff, ruleset.HandledFs);
        Assert.Equal(3, ruleset.Abi);
        Assert.Equal(1, Resolve(FromToml("abi = 1\nruleset = [{ handled_access_fs = [\"truncate\"] }]")).Abi);
    }

    [Fact]
    public void Rights_of_rules_are_handled_by_inference()
    {
        Ruleset ruleset = RulesetOf(FromToml("""
            ruleset = [{ handled_access_fs = ["make_dir"] }]
            path_beneath = [{ allowed_access = ["read_file"], parent = ["/a"] }, { allowed_access = ["execute"], parent = ["/a/"] }]
            net_port = [{ allowed_access = ["bind_tcp"], port = [1, 1] }, { allowed_access = ["connect_tcp"], port = [1] }]
            """));

        Assert.Equal(AccessFs.ReadFile | AccessFs.Execute | AccessFs.MakeDir, ruleset.HandledFs);
        Assert.Equal(AccessNet.BindTcp | AccessNet.ConnectTcp, ruleset.HandledNet);
        Assert.Equal("/a: 5", Paths(ruleset));
        Assert.Equal("bind_tcp,connect_tcp 1", Assert.Single(ruleset.NetRules).ToString());
        Assert.Equal(4, ruleset.Abi);
        Assert.True(Assert.Single(ruleset.PathRules).Optional);
    }

    [Fact]
    public void A_rule_whose_group_is_empty_vanishes()
    {
        PolicyDocument document = FromToml(
            "abi = 3\nruleset = [{ handled_access_fs = [\"execute\"] }]\nnet_port = [{ allowed_access = [\"abi.all\"], port = [1] }]");

        Assert.Empty(RulesetOf(document).NetRules);
        Assert.Equal(AccessNet.None, RulesetOf(document).HandledNet);
        Assert.Equal("a.toml:3:13: note: the rule allows nothing, since 'abi.all' is empty in ABI 3; it is left out",
            Assert.Single(document.Findings).ToString());
    }

    [Fact]
    public void A_port_beyond_the_last_fails_only_when_the_ruleset_is_built()
    {
        PolicyDocument document = FromJson("""{ "netPort": [ { "allowedAccess": [ "bind_tcp" ], "port": [ 18446744073709551615 ] } ] }""");

        PolicyException error = Assert.Throws<PolicyException>(() => Policy.From(document).Resolve());
        Assert.Equal("a.json:1:61: there is no port 18446744073709551615: ports go up to 65535", error.Message);
    }

    [Theory]
    [InlineData("abi = 6\n", PolicySyntax.Toml)]
    [InlineData("", PolicySyntax.Toml)]
    [InlineData("\uFEFF \r\n\t{", PolicySyntax.Json)]
    [InlineData("[[x]]", PolicySyntax.Toml)]
    public void The_syntax_of_a_text_shows_in_its_first_character(string text, PolicySyntax syntax) =>
        Assert.Equal(syntax, PolicySyntaxes.OfText(System.Text.Encoding.UTF8.GetBytes(text)));

    [SharedTheory]
    [InlineData("landlockconfig/examples/mini-write-tmp.toml")]
    [InlineData("landlockconfig/examples/micro-var.toml")]
    [InlineData("landlockconfig/examples/mini-scoped.json")]
    [InlineData("landlockconfig/examples/verbose-write-tmp.json")]
    [InlineData("landlockconfig/examples/micro-write-tmp.toml")]
    [InlineData("island/assets/landlock/island-default-base.toml")]
    [InlineData("island/tests/home/mini-landlock-config/config/island/profiles/foo/landlock/base.toml")]
    public void Upstreams_samples_are_read_without_a_finding(string name)
    {
        PolicyDocument document = PolicyFile.Read(SharedData.At(name));

        Assert.Empty(document.Findings);
        Assert.False(RulesetOf(document).IsEmpty);
        Assert.Equal(Policy.From(document),
            Policy.From(PolicyFile.Read(SharedData.At(name), options: new PolicyReadOptions { StrictCompatibility = true })));
    }

    [SharedFact]
    public void Samples_in_both_syntaxes_resolve_alike()
    {
        ResolvedPolicy json = Resolve(PolicyFile.Read(SharedData.At("landlockconfig/examples/mini-write-tmp.json")));
        ResolvedPolicy toml = Resolve(PolicyFile.Read(SharedData.At("landlockconfig/examples/mini-write-tmp.toml")));

        Assert.Equal(json.Ruleset, toml.Ruleset);
        Assert.Equal(json.ToJson(), toml.ToJson());
    }

    [SharedFact]
    public void Islands_base_policy_is_what_it_says()
    {
        Ruleset ruleset = RulesetOf(PolicyFile.Read(SharedData.At("island/assets/landlock/island-default-base.toml")));

        Assert.Equal(6, ruleset.Abi);
        Assert.Equal(Ruleset.DenyAll(6).HandledFs, ruleset.HandledFs);
        Assert.Equal(AccessNet.BindTcp | AccessNet.ConnectTcp, ruleset.HandledNet);
        Assert.Equal(Scope.AbstractUnixSocket | Scope.Signal, ruleset.Scopes);
        Assert.Equal(12, ruleset.PathRules.Length);
    }
}
