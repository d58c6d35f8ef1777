using System.Text;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Profiles;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Profiles;

/// <summary>Hosts and variables of profiles.</summary>
public sealed class ProfileHostTests : IDisposable
{
    private const string Hosts = "connect_host = [\"${hosts}\"]\n[[landlockps.variable]]\nname = \"hosts\"\n";

    private readonly ProfileFolders _folders = new();

    public void Dispose() => _folders.Dispose();

    private static string Named(IEnumerable<HostRule> hosts) => string.Join(' ', hosts);

    private static string[] Layers(Sandbox sandbox, int abi = 10) =>
        [.. sandbox.Layers(LandlockSupport.ForAbi(abi), "/", []).Select(layer => Named(layer.HostRules))];

    private ProfileSources Sources(params (string Name, string[] Values)[] given)
    {
        PolicyVariables variables = PolicyVariables.None;
        foreach ((string name, string[] values) in given) variables = variables.With(name, values);
        return _folders.Sources() with { Given = variables.Given, Support = LandlockSupport.ForAbi(10) };
    }

    private ProfileSandbox Prepare(string[] names, params (string Name, string[] Values)[] given)
    {
        ProfileStore store = _folders.Store();
        return ProfileSandbox.Prepare([.. names.Select(store.Find)], store, Sources(given), make: false);
    }

    private ProfileSandbox Prepare(string settings, params (string Name, string[] Values)[] given)
    {
        _folders.Add("p", $"workspace = false\n[landlockps]\n{settings}", policy: null);
        return Prepare(["p"], given);
    }

    private string Refused(string settings, params (string Name, string[] Values)[] given) =>
        Assert.Throws<PolicyException>(() => Prepare(settings, given)).Message
            .Replace(_folders["home/.config/landlockps/profiles/p/profile.toml:"], "", StringComparison.Ordinal);

    [Fact]
    public void Hosts_are_those_of_the_profile_and_of_variables()
    {
        const string settings = "connect_host = [\"A.example\", \"*.b.example:80\", \"${hosts}\", \"${name}.c.example:1\"]\n"
            + "[[landlockps.variable]]\nname = \"hosts\"\n[[landlockps.variable]]\nname = \"name\"\nliteral = [\"x\", \"y\"]\n";
        Assert.Equal("a.example:443 *.b.example:80 d.example:443 10.0.0.1:22 x.c.example:1 y.c.example:1",
            Named(Prepare(settings, ("hosts", ["d.example", "10.0.0.1:22"])).Sandbox.Hosts));
        Assert.Equal("a.example:443 *.b.example:80 d.example:443 z.c.example:1", Named(
            Prepare(settings, ("hosts", ["d.example"]), ("name", ["z"])).Sandbox.Hosts));
    }

    [Theory]
    [InlineData("connect_host = [\"*\"]", "3:17: '*' is no host: '*' alone is every host")]
    [InlineData("connect_host = [1]", "3:17: 'connect_host' must hold strings, not an integer")]
    [InlineData("connect_host = []", "3:16: 'connect_host' is empty; name at least one, or leave the key out")]
    [InlineData("connect_host = [\"${hosts\"]", "3:17: unclosed variable reference starting at position 0")]
    [InlineData("[[landlockps.variable]]\nname = \"a b\"", "4:8: the variable name 'a b' may hold ASCII letters, digits and '_' only")]
    [InlineData("[[landlockps.variable]]\nliteral = [\"x\"]", "3:1: a variable needs 'name'")]
    [InlineData("[[landlockps.variable]]\nname = \"a\"\n[[landlockps.variable]]\nname = \"a\"",
        "6:8: the variable 'a' is declared already")]
    [InlineData("[[landlockps.variable]]\nname = \"a\"\noptional = 1", "5:12: 'optional' must be true or false, not an integer")]
    [InlineData("[[landlockps.variable]]\nname = \"a\"\ndefault = \"x\"",
        "5:1: a variable has no key 'default'; it has name, literal, optional")]
    public void What_cannot_be_meant_is_told_with_its_place(string settings, string expected) => Assert.Contains(
        ProfileFolders.Errors(ProfileReader.Read(Encoding.UTF8.GetBytes($"workspace = false\n[landlockps]\n{settings}\n"), "/profiles/p")
            .Findings), error => error.ToString().StartsWith($"/profiles/p/profile.toml:{expected}", StringComparison.Ordinal));

    [Fact]
    public void A_variable_that_is_none_or_has_no_value_is_an_error()
    {
        Assert.StartsWith("3:17: there is no variable 'hots'; did you mean 'hosts'?",
            Refused(Hosts.Replace("${hosts}", "${hots}", StringComparison.Ordinal), ("hosts", ["a.example"])), StringComparison.Ordinal);
        Assert.Equal("4:1: the variable 'hosts' has no value; give it one (--variable hosts=VALUE, -Variable)", Refused(Hosts));
        Assert.StartsWith("3:17: '${hosts}' cannot stand for that: 'a,b' is no host", Refused(Hosts, ("hosts", ["a,b"])),
            StringComparison.Ordinal);
        // What is looked at may get its values later.
        ProfileStore store = _folders.Store();
        PolicyFinding finding = Assert.Single(ProfileSandbox.Check([store.Find("p")], store, Sources()));
        Assert.Equal((FindingSeverity.Note, 4), (finding.Severity, finding.Location.Line));
    }

    [Fact]
    public void An_optional_variable_without_a_value_names_nothing_and_one_that_was_given_none_is_an_error()
    {
        const string optional = Hosts + "optional = true\n";
        Assert.Empty(Prepare(optional).Sandbox.Hosts);
        Assert.Empty(Prepare(optional).Findings);
        Assert.Equal("a.example:443", Named(Prepare(optional, ("hosts", ["a.example"])).Sandbox.Hosts));
        Assert.Equal("b.example:443",
            Named(Prepare(optional.Replace("[\"", "[\"b.example\", \"", StringComparison.Ordinal)).Sandbox.Hosts));
        // Whoever gives it nothing has not left it out: that would be every host.
        Assert.StartsWith("4:1: the variable 'hosts' has no value", Refused(optional, ("hosts", [])), StringComparison.Ordinal);
        Assert.Contains("'' is no host: it is empty", Refused(optional, ("hosts", [""])), StringComparison.Ordinal);
    }

    [Fact]
    public void Declared_variables_are_for_all_templates()
    {
        const string settings = "read_only = [\"${where}/sub\", \"${none}/x\"]\nexcept = [\"${where}/sub/${none}\"]\n"
            + "environment = { PLACE = \"${where}\", NONE = \"${none}\" }\npreserve = [\"${none}/x\"]\n"
            + "[[landlockps.variable]]\nname = \"where\"\nliteral = [\"/nowhere\"]\n"
            + "[[landlockps.variable]]\nname = \"none\"\noptional = true\n[[landlockps.variable]]\nname = \"home\"\n";
        Sandbox sandbox = Prepare(settings, ("where", [_folders["work"]])).Sandbox;
        Assert.Equal(_folders["work/sub"], Assert.Single(sandbox.Paths).Path);
        Assert.Empty(sandbox.Except);
        Assert.Equal(new EnvironmentChange("PLACE", _folders["work"]), Assert.Single(sandbox.Environment.Changes));
        Assert.Empty(sandbox.Supervision.Preserve);
        // A name that is built in has that value, unless it is given another, where it is declared.
        Assert.Equal(_folders["home"],
            Prepare(settings + "[[landlockps.path_beneath]]\nallowed_access = [\"execute\"]\nparent = [\"${home}\"]\n").Sandbox.Paths
                .Single(rule => rule.Access == AccessFs.Execute).Path);
        Assert.Equal(_folders["home"], Assert.Single(Prepare("read_only = [\"${home}\"]", ("home", ["/usr"])).Sandbox.Paths).Path);
    }

    [Fact]
    public void A_value_for_no_variable_is_an_error_where_a_profile_has_some()
    {
        Sandbox sandbox = Prepare(Hosts, ("hosts", ["a.example"]), ("host", ["b.example"])).Changed(sandbox => sandbox with
        { Variables = sandbox.Variables.With("host", "b.example") }, Sources(), hasLayers: false);
        Assert.Equal("host: no document uses the variable 'host'; did you mean 'hosts'?",
            Assert.Throws<PolicyException>(() => Layers(sandbox)).Message);
        Assert.Equal(["a.example:443"], Layers(sandbox with { Variables = PolicyVariables.None.With("hosts", "a.example") }));
    }

    [Fact]
    public void Profiles_are_layers_with_hosts_of_their_own_and_hosts_of_options_are_for_all()
    {
        _folders.Add("outer", "workspace = false\n[landlockps]\npreset = [\"WebClient\"]\n", policy: null);
        _folders.Add("inner", "workspace = false\n[landlockps]\npreset = [\"WebClient\"]\nconnect_host = [\"b.example\"]\n", policy: null);
        ProfileSandbox prepared = Prepare(["outer", "inner"]);
        Assert.Equal(["", "b.example:443"], Layers(prepared.Sandbox));
        Assert.Contains(prepared.Sandbox.Rulesets[0].NetRules, rule => rule.Port.Contains(80));
        Assert.Empty(prepared.Sandbox.Rulesets[1].NetRules);
        Sandbox changed = prepared.Changed(sandbox => sandbox.ConnectHost("a.example").WithLayers(Ruleset.DenyAll(10)), Sources(), true);
        Assert.Equal(["a.example:443", "a.example:443 b.example:443", "a.example:443"], Layers(changed));
        // Ports of presets, and UDP, are gone with them: whoever names hosts means these.
        Assert.All(changed.Rulesets, layer => Assert.Empty(layer.NetRules));
        Assert.False(changed.OpensUdp);
        Assert.Equal(Layers(changed), Layers(prepared.Changed(sandbox => (sandbox with { Presets = ["HostsNuGet"] })
            .WithLayers(Ruleset.DenyAll(10)), Sources(), true)).Select(layer => layer.Replace(Named(Preset.Find("HostsNuGet").Hosts),
                "a.example:443", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_agent_reaches_https_anywhere_or_the_hosts_that_are_named()
    {
        Assert.Empty(Prepare(["agent"]).Sandbox.Hosts);
        Assert.Equal([""], Layers(Prepare(["agent"]).Sandbox));
        ProfileSandbox named = Prepare(["agent"], ("hosts", ["a.example", "b.example:80"]));
        Assert.Equal(["a.example:443 b.example:80"], Layers(named.Sandbox));
        Assert.Equal(["a.example:443 b.example:80 c.example:443"],
            Layers(named.Changed(sandbox => sandbox.ConnectHost("c.example"), Sources(), hasLayers: false)));
        Assert.Equal([Named(Preset.Find("HostsNpm").Hosts)],
            Layers(Prepare(["agent"]).Changed(sandbox => sandbox.WithPresets("HostsNpm"), Sources(), hasLayers: false)));
    }

    [KernelFact]
    public void The_shells_hook_cannot_keep_hosts()
    {
        _folders.Add("p", "workspace = false\n[landlockps]\nconnect_host = [\"a.example\"]\n", policy: null);
        ProfileStore store = _folders.Store();
        Assert.Equal("The profile 'p' names hosts (connect_host), which the shell's hook cannot keep. Run the command with "
            + "Invoke-Landlocked -Profile; nothing was run.", Assert.Throws<LaunchException>(
                () => ProfilePlanner.Plan("/bin/true", [store.Find("p")], store, _folders.Sources())).Message);
    }
}
