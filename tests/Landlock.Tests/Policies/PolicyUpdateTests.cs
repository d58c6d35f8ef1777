using System.Text;
using FsCheck.Fluent;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Tests.Rulesets;
using static Landlock.Tests.Policies.Documents;

namespace Landlock.Tests.Policies;

/// <summary>Rules are added to documents that somebody wrote.</summary>
public class PolicyUpdateTests
{
    [Fact]
    public void Added_rules_keep_comments()
    {
        string text = "# My policy\nabi = 5 # not 6\nruleset = [{ handled_access_fs = ['abi.all'], handled_access_net = ['abi.all'] }]\n"
            + "variable = [{name = 'x', literal = ['/a']}]\n\n[[path_beneath]] # system\nallowed_access = ['abi.read_execute']\n"
            + "parent = ['/usr', '${x}']";
        Ruleset old = RulesetOf(FromToml(text));
        Ruleset ruleset = old.With(new PathRule("/srv", AccessFs.ReadFile)).With(new PathRule("/a", AccessFs.WriteFile))
            .With(new NetRule(new PortRange(80, 80), AccessNet.BindTcp));
        PolicyUpdate update = PolicyWriter.Update(Encoding.UTF8.GetBytes(text), "a.toml", ruleset);

        Assert.True(update.Appended);
        Assert.Equal(["as the others of the document, the added rules are skipped where their path does not exist"],
            update.Notes.AsEnumerable());
        Assert.Equal(
            text + """


            [[path_beneath]]
            allowed_access = ["write_file"]
            parent = ["/a"]

            [[path_beneath]]
            allowed_access = ["read_file"]
            parent = ["/srv"]

            [[net_port]]
            allowed_access = ["bind_tcp"]
            port = [80]

            """,
            Encoding.UTF8.GetString(update.Text));
        Assert.Equal(Written.AllOptional(ruleset), RulesetOf(FromToml(Encoding.UTF8.GetString(update.Text))));
    }

    [Fact]
    public void Added_rules_can_need_our_table()
    {
        string text = "# My policy\nabi = 11\n[[ruleset]]\nhandled_access_fs = ['abi.all']\nhandled_access_net = ['abi.all']\n"
            + "[landlockps]\n# strict about paths\nmissing_paths = 'refuse'\n";
        Ruleset ruleset = RulesetOf(FromToml(text))
            .With(new PathRule("/srv", AccessFs.ReadFile))
            .With(new PathRule("/opt", AccessFs.ReadFile) { Optional = true })
            .With(new NetRule(new PortRange(1, 1000), AccessNet.BindTcp));
        PolicyUpdate update = PolicyWriter.Update(Encoding.UTF8.GetBytes(text), "a.toml", ruleset);

        Assert.True(update.Appended);
        Assert.Empty(update.Notes);
        Assert.StartsWith(text, Encoding.UTF8.GetString(update.Text), StringComparison.Ordinal);
        Assert.Equal(ruleset, RulesetOf(FromToml(Encoding.UTF8.GetString(update.Text))));
    }

    [Theory]
    [InlineData(
        "abi = 5\nruleset = [{ handled_access_fs = ['abi.all'] }]\npath_beneath = [{ allowed_access = ['read_file'], parent = ['/usr'] }]",
        "the key 'path_beneath' is already defined at line 3, column 1; only an array of tables made with double brackets can grow")]
    [InlineData("abi = 5\n[[ruleset]]\nhandled_access_fs = ['abi.all']\n[[path_beneath]]\n"
        + "allowed_access = ['execute', 'read_file']\nparent = ['/usr']", "it is not only rules that are added")]
    [InlineData("abi = 5\n[[ruleset]]\nhandled_access_fs = ['execute']", "it is not only rules that are added")]
    public void Other_changes_write_the_document_anew(string text, string reason)
    {
        Ruleset ruleset = Ruleset.Handling(5, AbiTable.AllFs(5), 0, 0).With(new PathRule("/usr", AccessFs.ReadFile) { Optional = true })
            .With(new PathRule("/srv", AccessFs.ReadFile) { Optional = true });
        PolicyUpdate update = PolicyWriter.Update(Encoding.UTF8.GetBytes(text), "a.toml", ruleset);

        Assert.False(update.Appended);
        Assert.Equal([$"the document is written anew, without its comments and variables: {reason}"], update.Notes.AsEnumerable());
        Assert.Equal(ruleset, RulesetOf(FromToml(Encoding.UTF8.GetString(update.Text))));
    }

    [Fact]
    public void Any_rules_can_be_added_to_any_written_document() => Law.Holds(Gen.Two(Written.Rulesets), pair =>
    {
        (Ruleset first, Ruleset second) = pair;
        byte[] text = [.. "# kept\n"u8, .. PolicyWriter.Write(PolicyWriter.Export(first).Document, PolicySyntax.Toml)];
        Ruleset more = first.With(second.PathRules.Where(rule => Generate.Accepts(first, rule)),
            second.NetRules.Where(rule => Generate.Accepts(first, rule) && (first.HostRules.IsEmpty || !rule.HasUdp)));
        PolicyUpdate update = PolicyWriter.Update(text, "a.toml", more);
        Ruleset read = RulesetOf(FromToml(Encoding.UTF8.GetString(update.Text)));

        Assert.True(update.Appended, string.Join('\n', update.Notes));
        Assert.True(update.Text.AsSpan().StartsWith(text));
        Assert.Equal(Paths(Written.With(more, more.PathRules.Select(rule => rule with { Optional = false }))),
            Paths(Written.With(read, read.PathRules.Select(rule => rule with { Optional = false }))));
        Assert.Equal(more.NetRules.AsEnumerable(), read.NetRules.AsEnumerable());
        Assert.Equal(more.HostRules.AsEnumerable(), read.HostRules.AsEnumerable());
    });
}
