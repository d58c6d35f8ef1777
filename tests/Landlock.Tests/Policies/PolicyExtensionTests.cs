using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using static Landlock.Tests.Policies.Documents;

namespace Landlock.Tests.Policies;

/// <summary>The table landlockps, and resolved policies as JSON.</summary>
public class PolicyExtensionTests
{
    private const string Text = """
        [[path_beneath]]
        allowed_access = ["read_file"]
        parent = ["/a"]

        [landlockps]
        name = "ci"
        description = "Builds."
        compatibility = "hard_requirement"
        missing_paths = "refuse"
        require = ["net_tcp", "scopes", "seccomp"]
        allow_degraded = ["refer"]
        disabled = ["net_udp", "ioctl_dev"]
        list_interfaces = true
        connect_host = ["*.pkg.example:80", "a.example"]
        log = ["log_new_exec_on", "log_subdomains_off"]
        quiet_access_fs = ["read_file", "execute"]

        [[landlockps.ruleset]]
        scoped = ["signal"]

        [[landlockps.path_beneath]]
        allowed_access = ["write_file"]
        parent = ["/b$$"]
        parent_escaped = ["/%FF%25/%C3%A9$${}"]
        optional = true

        [[landlockps.path_beneath]]
        parent = ["/c"]
        quiet = true

        [[landlockps.net_port]]
        allowed_access = ["bind_tcp"]
        port = [80, "8000-8010"]
        compatibility = "soft_requirement"
        """;

    [Fact]
    public void Everything_reaches_the_ruleset()
    {
        ResolvedPolicy policy = Resolve(FromToml(Text));
        Ruleset ruleset = policy.Ruleset;

        Assert.Equal(("ci", "Builds.", Compatibility.HardRequirement), (ruleset.Name, policy.Description, ruleset.Compatibility));
        Assert.Equal(RestrictFlags.LogNewExecOn | RestrictFlags.LogSubdomainsOff, ruleset.LogFlags);
        Assert.True(ruleset.ListInterfaces);
        Assert.Equal(new ProtectionPromises
        {
            Required = Protection.NetTcp | Protection.Scopes | Protection.Seccomp,
            AllowDegraded = Protection.Refer,
            Disabled = Protection.NetUdp | Protection.IoctlDev,
        }, ruleset.Promises);
        // execute is not handled, so there is nothing about it to silence.
        Assert.Equal(AccessFs.ReadFile, ruleset.QuietFs);
        Assert.Equal("read_file /a|write_file /b$ (optional)|none /c (quiet)|write_file /\\xff%/é${} (optional)",
            string.Join('|', ruleset.PathRules));
        Assert.Equal("*.pkg.example:80 a.example:443", string.Join(' ', ruleset.HostRules));
        Assert.Equal("bind_tcp 80|bind_tcp 8000-8010", string.Join('|', ruleset.NetRules));
        Assert.All(ruleset.NetRules, rule => Assert.Equal(Compatibility.SoftRequirement, rule.Compatibility));
        Assert.Equal(10, ruleset.Abi);
    }

    [Fact]
    public void A_resolved_policy_is_one_json_object()
    {
        Assert.Equal(
            """
            {
              "abi": null,
              "handledAccessFs": ["read_file", "write_file"],
              "handledAccessNet": ["bind_tcp", "connect_tcp"],
              "scoped": ["signal"],
              "pathBeneath": [
                {
                  "path": "/a",
                  "allowedAccess": ["read_file"],
                  "required": true
                },
                {
                  "path": "/b$",
                  "allowedAccess": ["write_file"]
                },
                {
                  "path": "/c",
                  "allowedAccess": [],
                  "quiet": true,
                  "required": true
                },
                {
                  "path": "/\udcff%/é${}",
                  "allowedAccess": ["write_file"]
                }
              ],
              "netPort": [
                {
                  "port": 80,
                  "allowedAccess": ["bind_tcp"],
                  "compatibility": "soft_requirement"
                },
                {
                  "port": "8000-8010",
                  "allowedAccess": ["bind_tcp"],
                  "compatibility": "soft_requirement"
                }
              ],
              "connectHost": ["*.pkg.example:80", "a.example:443"],
              "name": "ci",
              "description": "Builds.",
              "compatibility": "hard_requirement",
              "require": ["net_tcp", "scope_abstract_unix_socket", "scope_signal", "seccomp"],
              "allowDegraded": ["refer"],
              "disabled": ["ioctl_dev", "net_udp"],
              "listInterfaces": true,
              "log": ["log_new_exec_on", "log_subdomains_off"],
              "quietAccessFs": ["read_file"]
            }
            """,
            Resolve(FromToml(Text)).ToJson());
        Assert.Equal(
            """{"abi":6,"handledAccessFs":["read_dir","read_file"],"handledAccessNet":"""
                + """["bind_tcp","connect_tcp"],"scoped":"""
                + """["abstract_unix_socket","signal"],"pathBeneath":"""
                + """[{"path":"/a\"\\\n","allowedAccess":["read_dir","read_file"]}],"netPort":"""
                + """[{"port":0,"allowedAccess":["connect_tcp"]}]}""",
            Resolve(FromToml("abi = 6\nruleset = [{ handled_access_net = ['abi.all'], scoped = ['abi.all'] }]\n"
                + "path_beneath = [{ allowed_access = ['read_file', 'read_dir'], parent = [\"/a\\\"\\\\\\n\"] }]\n"
                + "net_port = [{ allowed_access = ['connect_tcp'], port = [0] }]")).ToJson(indented: false));
    }

    [Fact]
    public void A_named_abi_stays()
    {
        Assert.Equal(3, RulesetOf(
            FromToml("abi = 3\n" + Text.Replace("connect_host", "# ", StringComparison.Ordinal).Split("[[landlockps.ruleset]]")[0])).Abi);
        Assert.Equal(6, RulesetOf(FromToml("abi = 3\n" + Text)).Abi);
    }

    [Fact]
    public void Traits_compose_towards_the_safer_side()
    {
        PolicyDocument a = FromToml(Text);
        PolicyDocument b = FromToml(
            Text.Replace("\"ci\"", "\"zz\"", StringComparison.Ordinal).Replace("hard_requirement", "best_effort", StringComparison.Ordinal)
            .Replace("\"log_new_exec_on\", \"log_subdomains_off\"", "\"log_same_exec_off\"", StringComparison.Ordinal)
            .Replace("quiet_access_fs = [\"read_file\"", "quiet_access_fs = [\"write_file\"", StringComparison.Ordinal));
        Ruleset ruleset = RulesetOf(a, b);

        Assert.Equal(("ci + zz", Compatibility.HardRequirement), (ruleset.Name, ruleset.Compatibility));
        Assert.Equal((RestrictFlags.LogNewExecOn, AccessFs.None), (ruleset.LogFlags, ruleset.QuietFs));
        Assert.Equal("Builds.", Resolve(a, b).Description);
    }

    [Fact]
    public void What_one_requires_is_required_and_what_may_be_missing_is_up_to_all()
    {
        PolicyDocument a =
            FromToml("[landlockps]\nrequire = ['net_tcp']\nallow_degraded = ['refer', 'truncate']\nruleset = [{ scoped = ['signal'] }]");
        PolicyDocument b =
            FromToml("[landlockps]\nrequire = ['truncate']\nallow_degraded = ['refer']\nruleset = [{ scoped = ['signal'] }]");
        Assert.Equal(new ProtectionPromises { Required = Protection.NetTcp | Protection.Truncate, AllowDegraded = Protection.Refer },
            RulesetOf(a, b).Promises);
    }

    [Fact]
    public void What_one_lets_be_listed_is_listed()
    {
        PolicyDocument handles = FromToml("[[ruleset]]\nscoped = ['signal']");
        PolicyDocument lists = FromToml("[landlockps]\nlist_interfaces = true\nruleset = [{ scoped = ['signal'] }]");
        Assert.True(RulesetOf(lists).ListInterfaces);
        Assert.False(RulesetOf(handles).ListInterfaces);
        // As with rules, which unite.
        Assert.True(RulesetOf(handles, lists).ListInterfaces);
        Assert.False(RulesetOf(FromToml("[landlockps]\nlist_interfaces = false\nruleset = [{ scoped = ['signal'] }]")).ListInterfaces);
        Assert.Contains("it lets network interfaces be listed", Assert.Throws<PolicyException>(() =>
            PolicyWriter.Export(RulesetOf(lists), new PolicyWriteOptions { Strict = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_handled_cannot_be_disabled() => Assert.Contains(
        "the table 'landlockps' disables scope_signal, which the policy handles",
        Assert.Throws<PolicyException>(
            () => RulesetOf(FromToml("[landlockps]\ndisabled = ['scopes']\nruleset = [{ scoped = ['signal'] }]"))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Promises_of_a_ruleset_are_written_and_read_again()
    {
        Ruleset ruleset = Ruleset.Handling(7, 0, AbiTable.AllNet(7), 0).WithPromises(new()
        {
            Required = Protection.NetTcp | Protection.Seccomp,
            AllowDegraded = Protection.Logging,
            Disabled = Protection.Scopes,
        });
        PolicyDocument document = PolicyWriter.Export(ruleset).Document;
        foreach (PolicySyntax syntax in Enum.GetValues<PolicySyntax>())
            Assert.Equal(ruleset, RulesetOf(PolicyDocument.Read(PolicyWriter.Write(document, syntax), syntax, "written")));
        Assert.Throws<PolicyException>(() => PolicyWriter.Export(ruleset, new PolicyWriteOptions { Strict = true }));
    }

    [Fact]
    public void Rules_of_both_places_unite()
    {
        Ruleset ruleset = RulesetOf(FromToml("path_beneath = [{ allowed_access = ['read_file'], parent = ['/a'] }]\n[landlockps]\n"
            + "path_beneath = [{ allowed_access = ['execute'], parent = ['/a/'] }]"));

        Assert.Equal("/a: 5", Paths(ruleset));
        Assert.True(Assert.Single(ruleset.PathRules).Optional);
    }

    [Theory]
    [InlineData("[landlockps]", "a.toml:1:1: the table 'landlockps' is empty; leave it out")]
    [InlineData("landlockps = 1", "a.toml:1:14: the table 'landlockps' must be a table, not an integer")]
    [InlineData("[landlockps]\nnames = 'x'", "a.toml:1:1: the table 'landlockps' is empty; leave it out\n"
        + "a.toml:2:1: the table 'landlockps' has no key 'names'; did you mean 'name'?")]
    [InlineData("[landlockps]\nname = 1", "a.toml:2:8: 'name' must be a string, not an integer")]
    [InlineData("[landlockps]\ncompatibility = 'best-effort'",
        "a.toml:2:17: 'compatibility' cannot be 'best-effort'; did you mean 'best_effort'?")]
    [InlineData("[landlockps]\nmissing_paths = 'error'", "a.toml:2:17: 'missing_paths' cannot be 'error'; it can be skip, refuse")]
    [InlineData("[landlockps]\nrequire = ['net_tpc', 1]",
        "a.toml:2:12: 'require' cannot hold 'net_tpc'; did you mean 'net_tcp'?\na.toml:2:23: 'require' must hold strings, not an integer")]
    [InlineData("[landlockps]\nrequire = ['refer']\nallow_degraded = ['refer']",
        "a.toml:1:1: refer cannot be required and allowed to be degraded at once. Name it once")]
    [InlineData("[landlockps]\ndisabled = ['refer']", "a.toml:1:1: refer cannot be disabled: the kernel denies links and moves between "
        + "directories to every ruleset that handles a filesystem right. Allow it with a rule, on / for everywhere")]
    [InlineData("[landlockps]\ndisabled = ['seccomp']",
        "a.toml:1:1: the seccomp filter belongs to the command and not to a policy, which can only require it")]
    [InlineData("[landlockps]\nlog = ['tsync']",
        "a.toml:2:8: 'tsync' is no log flag; there are log_same_exec_off, log_new_exec_on, log_subdomains_off")]
    [InlineData("[landlockps]\nlog = []", "a.toml:2:7: 'log' is empty; name at least one, or leave the key out")]
    [InlineData("[landlockps]\nquiet_scoped = ['abi.all']",
        "a.toml:2:17: the group 'abi.all' needs 'abi' in the same document, which says what it stands for")]
    [InlineData("[[landlockps.path_beneath]]\nallowed_access = ['execute']", "a.toml:1:1: a path_beneath rule needs 'parent'")]
    [InlineData("[[landlockps.path_beneath]]\nparent = ['/']", "a.toml:1:1: a path_beneath rule needs 'allowed_access'")]
    [InlineData("[[landlockps.path_beneath]]\nparent = ['/']\nquiet = 1",
        "a.toml:1:1: a path_beneath rule needs 'allowed_access'\na.toml:3:9: 'quiet' must be true or false, not an integer")]
    [InlineData("[[landlockps.path_beneath]]\nallowed_access = ['execute']\nparent_escaped = ['/%4']",
        "a.toml:3:19: '/%4' has a '%' without two hexadecimal digits after it; write '%25' for a percent sign")]
    [InlineData("[[landlockps.path_beneath]]\nallowed_access = ['execute']\nparent_escaped = ['/%00']",
        "a.toml:3:19: a path cannot hold a NUL character")]
    [InlineData("[[landlockps.net_port]]\nallowed_access = ['bind_tcp']\nport = ['9-1', 'x', 1.5]",
        "a.toml:3:9: The port range 9-1 runs backwards; write 1-9\na.toml:3:16: 'x' is no port: expected a number from 0 to 65535, or a "
        + "range such as 8000-8010\na.toml:3:21: 'port' must hold integers, or ranges as strings (\"8000-8010\"), not a float")]
    public void Problems(string text, string findings) => Assert.Equal(findings,
        Findings(text).Replace("The port", "The port", StringComparison.Ordinal).Split("\na.toml:1:1: the document is empty")[0]);

    [Fact]
    public void Json_spells_the_keys_its_own_way()
    {
        PolicyDocument document = FromJson("""
            { "landlockps": { "missingPaths": "refuse", "quietAccessFs": ["execute"],
              "pathBeneath": [ { "parentEscaped": ["/%ff"], "allowedAccess": ["execute"], "optional": true, "quiet": true } ] } }
            """);

        Assert.Equal("execute /\\xff (optional) (quiet)", string.Join(' ', RulesetOf(document).PathRules));
    }
}
