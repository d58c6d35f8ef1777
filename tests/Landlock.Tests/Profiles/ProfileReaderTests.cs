using System.Text;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Profiles;
using Landlock.Rulesets;

namespace Landlock.Tests.Profiles;

public sealed class ProfileReaderTests
{
    private static Profile Read(string text) => ProfileReader.Read(Encoding.UTF8.GetBytes(text), "/profiles/work");

    [Fact]
    public void Everything_of_Islands_format_is_read()
    {
        Profile profile = Read("""
            workspace = false
            [[context]]
            when_beneath = "/usr"
            [[context]]
            when_beneath = "/etc"
            [[env]]
            name = "EDITOR"
            literal = "/usr/bin/vim"
            """);
        Assert.True(profile.IsValid);
        Assert.Equal("work", profile.Name);
        Assert.Equal(["/usr", "/etc"], profile.Contexts.Select(context => context.WhenBeneath));
        Assert.Equal(("EDITOR", "/usr/bin/vim"), (profile.Environment[0].Name, profile.Environment[0].Literal));
        Assert.False(profile.Workspace);
    }

    [Fact]
    public void An_empty_profile_is_valid_applies_nowhere_and_has_a_workspace()
    {
        Profile profile = Read("");
        Assert.True(profile.IsValid && profile.AreContextsKnown && profile.Workspace);
        Assert.Empty(profile.Contexts);
    }

    [Theory]
    [InlineData("[[context]]\nwhen_beneat = \"/usr\"", "2:1: a context has no key 'when_beneat'; did you mean 'when_beneath'?")]
    [InlineData("[[context]]\nwhen_beneath = \"usr\"", "2:16: 'when_beneath' must be an absolute path, not 'usr'")]
    [InlineData("[[context]]\nwhen_beneath = 1", "2:16: 'when_beneath' must be a string, not an integer")]
    [InlineData("[[context]]", "1:1: a context needs 'when_beneath'")]
    [InlineData("context = 1", "1:11: 'context' must be tables with the header [[context]], not an integer")]
    [InlineData("[[env]]\nname = \"A=B\"\nliteral = \"\"", "2:8: 'A=B' cannot be the name of an environment variable")]
    [InlineData("[[env]]\nname = \"A\"", "1:1: an environment variable needs 'literal'")]
    [InlineData("workspace = \"no\"", "1:13: 'workspace' must be a boolean, not a string")]
    [InlineData("workspaces = true", "1:1: a profile has no key 'workspaces'; did you mean 'workspace'?")]
    public void Errors_name_the_place(string text, string expected)
    {
        Profile profile = Read(text);
        Assert.False(profile.IsValid);
        Assert.Contains($"/profiles/work/profile.toml:{expected}", profile.Findings.Select(finding => finding.ToString()));
    }

    [Fact]
    public void All_errors_are_told_at_once() =>
        Assert.Equal(3, ProfileFolders.Errors(Read("x = 1\nworkspace = 1\n[[env]]\nname = \"A\"").Findings).Length);

    [Theory]
    [InlineData("[[context]\n", false)]
    [InlineData("[[context]]\nwhen_beneath = \"usr\"", false)]
    [InlineData("context = 1", false)]
    [InlineData("x = 1\n[[context]]\nwhen_beneath = \"/usr\"", true)]
    [InlineData("[[env]]\nname = 1", true)]
    public void What_a_broken_profile_is_for_is_known_or_not(string text, bool known)
    {
        Profile profile = Read(text);
        Assert.False(profile.IsValid);
        Assert.Equal(known, profile.AreContextsKnown);
    }

    [Fact]
    public void A_directory_that_does_not_exist_is_a_warning_and_matches_nothing()
    {
        Profile profile = Read("[[context]]\nwhen_beneath = \"/nowhere/at/all\"");
        Assert.True(profile.IsValid);
        Assert.Contains("does not exist", profile.Findings.Single().Message, StringComparison.Ordinal);
        Assert.Null(profile.Matching("/nowhere/at/all/x"));
    }

    [Theory]
    [InlineData("work", true)]
    [InlineData("customer a", true)]
    [InlineData("ärzte", true)]
    [InlineData("", false)]
    [InlineData(".hidden", false)]
    [InlineData("-x", false)]
    [InlineData("~x", false)]
    [InlineData(" x", false)]
    [InlineData("x ", false)]
    [InlineData("a/b", false)]
    [InlineData("a$b", false)]
    [InlineData("a\nb", false)]
    public void Names_follow_Islands_rules(string name, bool valid) => Assert.Equal(valid, Profile.IsName(name));

    [Fact]
    public void What_is_written_reads_as_the_same()
    {
        Profile profile = Read(ProfileWriter.WriteProfile(["/usr", "/etc/\"quoted\" ü"], [("A", "b\n$c"), ("B", "")], workspace: false));
        Assert.Equal(["/usr", "/etc/\"quoted\" ü"], profile.Contexts.Select(context => context.WhenBeneath));
        Assert.Equal([("A", "b\n$c"), ("B", "")], profile.Environment.Select(variable => (variable.Name, variable.Literal)));
        Assert.False(profile.Workspace);
        Assert.True(profile.IsValid);
    }

    [Fact]
    public void A_policy_of_ABI_6_is_one_that_upstream_reads()
    {
        string text = ProfileWriter.WritePolicy(new ProfilePolicy
        {
            Presets = [.. Preset.All.Where(preset => preset.Hosts.IsEmpty)],
            Paths = [new PathRule("/srv/${x}", AccessFs.ReadFile)],
        });
        PolicyReading reading = PolicyDocument.Check(Encoding.UTF8.GetBytes(text), PolicySyntax.Toml, "base.toml",
            new PolicyReadOptions { StrictCompatibility = true });
        Assert.Empty(ProfileFolders.Errors(reading.Findings));
        // The path of a rule is no template.
        Assert.Contains(reading.Document!.PathBeneath, entry => entry.Parents.Any(parent => parent.Text == "/srv/$${x}"));
    }

    [Fact]
    public void A_policy_that_names_hosts_opens_no_port_of_presets()
    {
        string text = ProfileWriter.WritePolicy(new ProfilePolicy
        {
            Presets = [Preset.Find("WebClient"), Preset.Find("HostsGitHub")],
            Ports = [new NetRule(new PortRange(8080, 8080), AccessNet.ConnectTcp), new NetRule(new PortRange(80, 80), AccessNet.BindTcp)],
            Hosts = [HostRule.Parse("a.example")],
        });
        Ruleset ruleset = Policy.From(PolicyDocument.ReadToml(Encoding.UTF8.GetBytes(text), "base.toml")).Resolve().Ruleset;
        Assert.Equal("bind_tcp 80 connect_tcp 8080", string.Join(' ', ruleset.NetRules));
        Assert.Equal(Preset.Find("HostsGitHub").Hosts.Append(HostRule.Parse("a.example")).Order(), ruleset.HostRules);
        Assert.Contains("\n# LandlockPS's own table", text, StringComparison.Ordinal);
        Assert.Contains(ruleset.PathRules, rule => rule.Path == "/etc/resolv.conf");
    }
}
