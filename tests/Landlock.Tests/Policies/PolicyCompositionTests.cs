using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using static Landlock.Tests.Policies.Documents;

namespace Landlock.Tests.Policies;

/// <summary>The worked examples of the format, and upstream's own golden file.</summary>
public class PolicyCompositionTests
{
    [SharedTheory]
    [InlineData("source/s1.toml", "source/s2.toml")]
    [InlineData("s.toml")]
    [InlineData("s.json")]
    [InlineData("source")]
    [InlineData("source/s1.json", "source/s2.toml")]
    public void The_golden_composition(params string[] inputs)
    {
        string[] paths = [.. inputs.Select(input => SharedData.At($"landlockconfig/tests/composition/{input}"))];
        PolicySyntax? syntax = inputs is ["source"] ? PolicySyntax.Toml : null;
        Ruleset ruleset = RulesetOf([.. PolicyFile.ReadAll(paths, syntax)]);

        (ulong fs, ulong net, ulong scoped, string rules) = Golden();
        Assert.Equal(fs, (ulong)ruleset.HandledFs);
        Assert.Equal(net, (ulong)ruleset.HandledNet);
        Assert.Equal(scoped, (ulong)ruleset.Scopes);
        Assert.Equal(rules, Paths(ruleset));
        Assert.Empty(ruleset.NetRules);
        Assert.Equal(4, ruleset.Abi);
    }

    private static (ulong Fs, ulong Net, ulong Scoped, string Rules) Golden()
    {
        Dictionary<string, ulong> handled = [];
        List<string> rules = [];
        string name = "";
        foreach (string line in File.ReadLines(SharedData.At("landlockconfig/tests/composition/golden-debug.txt")))
        {
            string text = line.Trim();
            if (text.StartsWith("Ignored", StringComparison.Ordinal)) break;
            if (text.Contains(": BitFlags<", StringComparison.Ordinal))
                name = text[..text.IndexOf(": BitFlags<", StringComparison.Ordinal)];
            if (!text.StartsWith("bits: 0b", StringComparison.Ordinal)) continue;
            ulong mask = Convert.ToUInt64(text["bits: 0b".Length..^1], 2);
            if (name.StartsWith('"')) rules.Add($"{name.Trim('"')}: {mask:x}");
            else handled.Add(name, mask);
        }

        return (handled["handled_fs"], handled["handled_net"], handled["scoped"], string.Join('\n', rules));
    }

    [Fact]
    public void Nothing_in_common_leaves_nothing_handled()
    {
        PolicyDocument a = FromJson("""{ "pathBeneath": [ { "allowedAccess": [ "execute" ], "parent": [ "a" ] } ] }""");
        PolicyDocument b = FromJson("""{ "pathBeneath": [ { "allowedAccess": [ "read_file" ], "parent": [ "a", "b" ] } ] }""", "b.json");

        Assert.True(RulesetOf(a, b).IsEmpty);
        Assert.Empty(RulesetOf(a, b).PathRules);
        PolicyException error = Assert.Throws<PolicyException>(() => PolicyComposition.Compose([a, b]));
        Assert.Equal("a.json, b.json: composed, the documents handle no right and no scope, so they would restrict nothing: what one of "
            + "them does not handle, none does", error.Message);
        Assert.Equal(6, error.Findings.Length);
    }

    [Fact]
    public void What_one_does_not_handle_the_other_loses()
    {
        PolicyDocument a = FromJson("""{ "ruleset": [ { "handledAccessFs": [ "read_file" ] } ], "pathBeneath": [ { "allowedAccess": """
            + """[ "execute" ], "parent": [ "a" ] } ] }""");
        PolicyDocument b = FromJson("""{ "pathBeneath": [ { "allowedAccess": [ "read_file" ], "parent": [ "a", "b" ] } ] }""", "b.json");
        PolicyComposition composition = PolicyComposition.Compose([a, b]);

        Assert.Equal(AccessFs.ReadFile, composition.Policy.HandledFs);
        Assert.Equal("a: 4\nb: 4", Paths(RulesetOf(a, b)));
        Assert.Equal(
            [
                "a.json:1:75: warning: execute is no longer restricted: b.json does not handle it",
                "a.json:1:121: note: the rule for 'a' vanishes with execute, which is not handled any more",
            ],
            composition.Findings.Select(finding => finding.ToString()));
        Assert.True(composition.IsLoosened);
    }

    [Fact]
    public void Refer_is_denied_by_the_kernel_where_it_is_not_handled()
    {
        PolicyDocument a = FromToml("path_beneath = [{ allowed_access = ['refer', 'execute'], parent = ['/a'] }]");
        PolicyDocument b = FromToml("ruleset = [{ handled_access_fs = ['execute'] }]", "b.toml");
        PolicyComposition composition = PolicyComposition.Compose([a, b]);

        Assert.False(composition.IsLoosened);
        Assert.Equal(
            [
                "a.toml:1:17: warning: refer is denied everywhere, whatever rules say: b.toml does not handle it",
                "a.toml:1:68: note: the rule for '/a' loses refer, which is not handled any more",
            ],
            composition.Findings.Select(finding => finding.ToString()));
        Assert.Equal(
            "Composed, no rule can allow refer any more (handled by a.toml, not by b.toml), so files can be moved and linked within their "
                + "directories only. Nest them.",
            CompositionText.Warning(composition, "Nest them."));
        Assert.Null(CompositionText.Warning(PolicyComposition.Compose([a, a]), "Nest them."));

        // Where no filesystem right is handled at all, it is free as any other.
        PolicyDocument c = FromToml("ruleset = [{ scoped = ['signal'] }]", "c.toml");
        Assert.Equal("execute refer", string.Join(' ',
            PolicyComposition.Compose([FromToml("ruleset = [{ handled_access_fs = ['refer', 'execute'], scoped = ['signal'] }]"),
                c]).Loosened.Select(right => right.Right)));
    }

    [Fact]
    public void A_variable_of_one_document_alone()
    {
        PolicyDocument a = FromJson("""{ "variable": [ { "name": "foo", "literal": [ "a", "b" ] } ], "pathBeneath": [ { "allowedAccess": """
            + """[ "execute" ], "parent": [ "${foo}" ] } ] }""");
        PolicyDocument b = FromJson("""{ "ruleset": [ { "handledAccessFs": [ "execute" ] } ], "pathBeneath": [ { "allowedAccess": """
            + """[ "read_file" ], "parent": [ "a", "b" ] } ] }""");

        Assert.Equal(AccessFs.Execute, RulesetOf(a, b).HandledFs);
        Assert.Equal("a: 1\nb: 1", Paths(RulesetOf(a, b)));
    }

    [Fact]
    public void A_variable_that_is_shared()
    {
        PolicyDocument a =
            FromJson("""{ "ruleset": [ { "handledAccessFs": [ "read_file" ] } ], "variable": [ { "name": "foo", "literal": [ "a", "b" ] """
                + """} ], "pathBeneath": [ { "allowedAccess": [ "execute" ], "parent": [ "${foo}" ] } ] }""");
        PolicyDocument b = FromJson("""{ "ruleset": [ { "handledAccessFs": [ "execute" ] } ], "variable": [ { "name": "foo" } """
            + """], "pathBeneath": [ { "allowedAccess": [ "read_file" ], "parent": [ "${foo}", "x/${foo}" ] } ] }""");

        Assert.Equal("a: 5\nb: 5\nx/a: 4\nx/b: 4", Paths(RulesetOf(a, b)));
        Assert.False(PolicyComposition.Compose([a, b]).IsLoosened);
        Assert.Equal("", Paths(RulesetOf(b)));
        Assert.Equal(AccessFs.Execute | AccessFs.ReadFile, RulesetOf(b).HandledFs);
    }

    [Fact]
    public void A_variable_with_values_from_both_widens_the_rules_of_both()
    {
        PolicyDocument a = FromToml(
            "variable = [{ name = 'rw', literal = ['/tmp'] }]\npath_beneath = [{ allowed_access = ['execute'], parent = ['${rw}'] }]");
        PolicyDocument b =
            FromToml("variable = [{ name = 'rw', literal = ['/home'] }]\nruleset = [{ handled_access_fs = ['execute'] }]", "b.toml");

        Assert.Equal("/home: 1\n/tmp: 1", Paths(RulesetOf(a, b)));
        Assert.Equal(
            "a.toml:1:13: warning: the variable 'rw' has values from a.toml and b.toml, and the rules of each apply to all "
                + "of them: /home, /tmp",
            Assert.Single(PolicyComposition.Compose([a, b]).Findings).ToString());
    }

    [Fact]
    public void Groups_resolve_before_composition()
    {
        PolicyDocument a = FromJson("""{ "abi": 4, "ruleset": [ { "handledAccessFs": [ "abi.all" ], "handledAccessNet": [ "abi.all" """
            + """], "scoped": [ "abi.all" ] } ] }""");
        PolicyDocument b = FromJson("""{ "abi": 6, "pathBeneath": [ { "allowedAccess": [ "abi.all" ], "parent": [ "a" ] } ], "netPort": """
            + """[ { "allowedAccess": [ "abi.all" ], "port": [ 1 ] } ] }""");
        Ruleset ruleset = RulesetOf(a, b);

        Assert.Equal(0x7fffUL, (ulong)ruleset.HandledFs);
        Assert.Equal(AccessNet.BindTcp | AccessNet.ConnectTcp, ruleset.HandledNet);
        Assert.Equal(Scope.None, ruleset.Scopes);
        Assert.Equal("a: 7fff", Paths(ruleset));
        Assert.Equal("bind_tcp,connect_tcp 1", Assert.Single(ruleset.NetRules).ToString());
    }

    [Fact]
    public void Scopes_intersect()
    {
        PolicyDocument a = FromJson("""{ "ruleset": [ { "scoped": [ "abstract_unix_socket" ] } ] }""");
        PolicyDocument b = FromJson("""{ "abi": 6, "ruleset": [ { "scoped": [ "abi.all" ] } ] }""");

        Assert.Equal(Scope.AbstractUnixSocket, RulesetOf(a, b).Scopes);
    }

    [Fact]
    public void The_trap_of_a_document_with_variables_alone()
    {
        PolicyDocument a = FromToml("path_beneath = [{ allowed_access = ['execute'], parent = ['/usr'] }]");
        PolicyDocument b = FromToml("variable = [{ name = 'x', literal = ['/'] }]", "b.toml");

        Assert.Contains("they would restrict nothing", Assert.Throws<PolicyException>(() => PolicyComposition.Compose([a, b])).Message,
            StringComparison.Ordinal);
        Assert.Contains("it would restrict nothing", Assert.Throws<PolicyException>(() => PolicyComposition.Compose([b])).Message,
            StringComparison.Ordinal);
        Assert.True(PolicyComposition.Compose([a, b], allowEmpty: true).Policy.IsEmpty);
    }

    [Fact]
    public void Layers_are_rulesets_of_their_own()
    {
        PolicyDocument a = FromToml("path_beneath = [{ allowed_access = ['execute'], parent = ['/usr'] }]");
        PolicyDocument b = FromToml("net_port = [{ allowed_access = ['bind_tcp'], port = [1] }]");

        Assert.Equal([AccessFs.Execute, AccessFs.None],
            new[] { a, b }.Select(document => Policy.From(document).Resolve().Ruleset.HandledFs));
    }
}
