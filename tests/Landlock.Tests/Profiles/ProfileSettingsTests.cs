using System.Text;
using System.Text.Json;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Profiles;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Options;

namespace Landlock.Tests.Profiles;

public sealed class ProfileSettingsTests : IDisposable
{
    private readonly ProfileFolders _folders = new();

    public void Dispose() => _folders.Dispose();

    private static Profile Read(string settings) =>
        ProfileReader.Read(Encoding.UTF8.GetBytes($"workspace = false\n[landlockps]\n{settings}"), "/profiles/p");

    private ProfileSandbox Prepare(params string[] names)
    {
        ProfileStore store = _folders.Store();
        return ProfileSandbox.Prepare([.. names.Select(store.Find)], store, _folders.Sources());
    }

    private ProfileSandbox Prepare(string settings)
    {
        _folders.Add("p", $"workspace = false\n[landlockps]\n{settings}", policy: null);
        return Prepare(["p"]);
    }

    [Fact]
    public void Every_option_of_a_sandbox_can_be_said()
    {
        Sandbox sandbox = Prepare("""
            preset = ["base"]
            read_only = ["/usr", "${home}"]
            read_write = ["${cwd}"]
            except = ["${home}/.ssh"]
            connect_tcp = [443, "8000-8010"]
            connect_send_udp = [53]
            network = "tcp"
            no_unix_socket = true
            no_system_v_ipc = true
            restrict_namespaces = true
            compatibility = "soft_requirement"
            require = ["seccomp"]
            allow_degraded = ["net_udp"]
            clean_environment = true
            remove_secret = true
            pass_environment = ["CI_*"]
            remove_environment = ["X"]
            environment = { PLACE = "${home}/x" }
            working_directory = "${cwd}"
            ignore_missing = true
            no_closure = true
            no_baseline = true
            log_denials = true
            private_temp = true
            kill_on_parent_exit = true
            timeout_sec = "10m"
            timeout_grace_sec = 5
            max_memory = "2G"
            max_file_size = 1000
            max_open_files = 64
            max_processes = 10
            max_cpu_seconds = "90s"
            max_total_memory = "1G"
            max_total_processes = 20
            """).Sandbox;
        Assert.Equal("p", sandbox.Name);
        Assert.Equal("Base", Assert.Single(sandbox.Presets));
        Assert.Equal([("/usr", AccessClass.ReadOnly.Rights), (_folders["home"], AccessClass.ReadOnly.Rights),
            (_folders["work"], AccessClass.ReadWrite.Rights)],
            sandbox.Paths.Select(rule => (rule.Path, rule.Access)).OrderBy(rule => rule.Path == "/usr" ? "" : rule.Path,
                StringComparer.Ordinal));
        Assert.Equal(_folders["home/.ssh"], Assert.Single(sandbox.Except));
        Assert.Equal([new NetRule(new PortRange(443, 443), AccessNet.ConnectTcp), new NetRule(new PortRange(8000, 8010),
            AccessNet.ConnectTcp), new NetRule(new PortRange(53, 53), AccessNet.ConnectSendUdp)], sandbox.Ports.ToArray());
        Assert.Equal((NetworkMode.Tcp, true, true, true), (sandbox.Network, sandbox.NoUnixSocket, sandbox.NoSystemVIpc,
            sandbox.RestrictNamespaces));
        Assert.Equal((Compatibility.SoftRequirement, Protection.Seccomp, Protection.NetUdp), (sandbox.Compatibility!.Value,
            sandbox.Promises.Required, sandbox.Promises.AllowDegraded));
        Assert.Equal((true, true), (sandbox.Environment.Clean, sandbox.Environment.RemoveSecrets));
        Assert.Equal("CI_* X", string.Join(' ', sandbox.Environment.Pass.Concat(sandbox.Environment.Remove)));
        Assert.Contains(new EnvironmentChange("PLACE", _folders["home/x"]), sandbox.Environment.Changes);
        Assert.Equal(_folders["work"], sandbox.WorkingDirectory);
        Assert.Equal((true, false, false, true), (sandbox.IgnoreMissing, sandbox.Closure, sandbox.Baseline, sandbox.LogDenials));
        Assert.Equal((true, true, TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(5)), (sandbox.Supervision.PrivateTemp,
            sandbox.Supervision.EndWithParent, sandbox.Supervision.Timeout!.Value, sandbox.Supervision.Grace));
        Assert.Equal((2L << 30, 1000L, 64L, 10L, 90L), (sandbox.Limits.Memory!.Value, sandbox.Limits.FileSize!.Value,
            sandbox.Limits.OpenFiles!.Value, sandbox.Limits.Processes!.Value, sandbox.Limits.CpuSeconds!.Value));
        Assert.Equal((1L << 30, 20L), (sandbox.Supervision.TotalMemory!.Value, sandbox.Supervision.TotalProcesses!.Value));
    }

    [Theory]
    [InlineData("read_onyl = [\"/usr\"]", "3:1: the table 'landlockps' has no key 'read_onyl'; did you mean 'read_only'?")]
    [InlineData("read_only = \"/usr\"", "3:13: 'read_only' must be an array, not a string")]
    [InlineData("read_only = []", "3:13: 'read_only' is empty; name at least one, or leave the key out")]
    [InlineData("read_only = [1]", "3:14: 'read_only' must hold strings, not an integer")]
    [InlineData("network = \"nome\"", "3:11: 'network' cannot be 'nome'; did you mean 'none'?")]
    [InlineData("compatibility = \"hard-requirement\"",
        "3:17: 'compatibility' cannot be 'hard-requirement'; did you mean 'hard_requirement'?")]
    [InlineData("no_unix_socket = 1", "3:18: 'no_unix_socket' must be true or false, not an integer")]
    [InlineData("require = [\"secomp\"]", "3:12: 'require' cannot be 'secomp'; did you mean 'seccomp'?")]
    [InlineData("unrestricted = [\"all\"]", "3:17: 'unrestricted' cannot be 'all'; it can be fs, net, scope")]
    [InlineData("connect_tcp = [70000]", "3:16: there is no port 70000: ports go up to 65535")]
    [InlineData("connect_tcp = [true]", "3:16: 'connect_tcp' must hold integers, or ranges as strings (\"8000-8010\"), not a boolean")]
    [InlineData("max_memory = \"2X\"", "3:14: 'max_memory' must be a number of bytes, or a size such as \"512M\" or \"2G\"")]
    [InlineData("max_open_files = \"64\"", "3:18: 'max_open_files' must be a number, 0 or more")]
    [InlineData("timeout_sec = 0", "3:15: 'timeout_sec' must be a positive number of seconds, or a time such as \"90s\" or \"10m\"")]
    [InlineData("preset = [\"Bas\"]", "3:11: there is no preset 'Bas'; did you mean 'Base'?")]
    [InlineData("workspace = [\"cahce\"]", "3:14: 'workspace' cannot be 'cahce'; did you mean 'cache'?")]
    [InlineData("environment = { A = 1 }", "3:21: 'environment' must hold strings, not an integer")]
    [InlineData("environment = { \"A=B\" = \"\" }", "3:17: 'A=B' cannot be the name of an environment variable")]
    [InlineData("pass_environment = [\"A=B\"]", "3:21: 'A=B' matches no name of an environment variable")]
    [InlineData("working_directory = \"\"", "3:21: 'working_directory' is empty; leave the key out")]
    [InlineData("read_only = [\"${home\"]", "3:14: unclosed variable reference starting at position 0")]
    public void What_cannot_be_meant_is_told_with_its_place(string settings, string expected)
    {
        PolicyFinding[] errors = ProfileFolders.Errors(Read(settings).Findings);
        Assert.Contains($"/profiles/p/profile.toml:{expected}", errors.Select(error => error.ToString().Replace(" error:", "",
            StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("read_only = [\"${hom}\"]", "variable 'hom' not found")]
    [InlineData("except = [\"${hom}/x\"]", "there is no variable 'hom'; did you mean 'home'?")]
    [InlineData("except = [\"${xdg_runtime_dir}/x\"]", "the variable 'xdg_runtime_dir' has no value")]
    public void A_variable_that_has_no_value_is_no_silence(string settings, string expected)
    {
        PolicyException exception = Assert.Throws<PolicyException>(() => Prepare(settings));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Patterns_and_secrets_are_left_out_and_values_of_variables_are_no_patterns()
    {
        Sandbox sandbox = Prepare("read_only = [\"${home}\"]\nexcept = [\"**/.env\", \"${home}/*.key\", \"Secrets\"]").Sandbox;
        Assert.Equal(["**/.env", $"{_folders["home"]}/*.key", "Secrets"], sandbox.Except.AsEnumerable());
        PlaceOption option = SandboxOptions.All.OfType<PlaceOption>().Single(option => option.Name == "except");
        Assert.Equal("/home/a[*]", option.TextOf!("/home/a*"));
    }

    [Fact]
    public void A_path_that_is_not_there_is_refused()
    {
        Sandbox sandbox = Prepare("read_only = [\"${home}/none\"]").Sandbox;
        Assert.Contains("none", Assert.Throws<RulesetException>(() => sandbox.Plan("/bin/true")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Profiles_within_each_other_keep_what_each_denies()
    {
        _folders.Add("outer", "workspace = false\n[landlockps]\nread_only = [\"/usr\", \"/etc\"]\nnetwork = \"none\"\ntimeout_sec = 60\n"
            + "unix_socket = [\"/run\"]\nmax_memory = \"1G\"\nclean_environment = true\npass_environment = [\"A\"]\n", policy: null);
        _folders.Add("inner", "workspace = false\n[landlockps]\nread_only = [\"/usr\"]\nconnect_tcp = [443]\ntimeout_sec = 90\n"
            + "max_memory = \"512M\"\nno_unix_socket = true\n", policy: null);
        Sandbox sandbox = Prepare("outer", "inner").Sandbox;
        Assert.Equal("outer>inner", sandbox.Name);
        Assert.Equal(["outer", "inner"], sandbox.Rulesets.Select(layer => layer.Name));
        Assert.Equal([2, 1], sandbox.Rulesets.Select(layer => layer.PathRules.Length));
        // Where one of them has no network, rules of another one open none.
        Assert.Equal([0, 0], sandbox.Rulesets.Select(layer => layer.NetRules.Length));
        Assert.Equal(["Rules of the profile 'outer' for UNIX sockets are left out, since another profile refuses them altogether.",
            "Rules of the profile 'inner' for ports and hosts are left out, since another profile refuses them altogether."],
            sandbox.Findings.Select(finding => finding.Message).Where(message => message.Contains("altogether", StringComparison.Ordinal)));
        sandbox.Plan("/bin/true");
        Assert.Empty(sandbox.Paths);
        Assert.Equal((NetworkMode.None, true, TimeSpan.FromMinutes(1), 512L << 20), (sandbox.Network, sandbox.NoUnixSocket,
            sandbox.Supervision.Timeout!.Value, sandbox.Limits.Memory!.Value));
        Assert.True(sandbox.Environment.Clean);
    }

    [Fact]
    public void What_options_loosen_is_said_and_what_they_allow_is_noted()
    {
        ProfileSandbox prepared = Prepare("network = \"none\"\nremove_secret = true\nmax_memory = \"1G\"\n");
        Sandbox changed = prepared.Changed(sandbox => sandbox.ReadOnly("/srv") with
        {
            Network = NetworkMode.Unrestricted,
            Limits = sandbox.Limits with { Memory = 2L << 30 },
        }, _folders.Sources(), hasLayers: false);
        Assert.Equal(["Allowed on top of the profile 'p': ReadOnly /srv.",
            "The options loosen the profile 'p': network unrestricted instead of none, more memory."],
            changed.Findings.Select(finding => finding.Message));
        Assert.Empty(prepared.Changed(sandbox => sandbox with { NoUnixSocket = true }, _folders.Sources(), false).Findings);
    }

    [Fact]
    public void Layers_of_options_do_not_get_the_rules_of_a_profile()
    {
        Ruleset own = Ruleset.DenyAll(3);
        Sandbox changed =
            Prepare("read_only = [\"/usr\"]").Changed(sandbox => sandbox.WithLayers(own), _folders.Sources(), hasLayers: true);
        Assert.Equal(["p", null], changed.Rulesets.Select(layer => layer.Name));
        Assert.Empty(changed.Rulesets[1].PathRules);
        Assert.Empty(changed.Paths);
    }

    [Fact]
    public void A_profile_that_could_be_changed_from_inside_is_refused()
    {
        Assert.Contains("could change", Assert.Throws<PolicyException>(() => Prepare("read_write = [\"${home}\"]")).Message,
            StringComparison.Ordinal);
        Assert.Contains("could change", Assert.Throws<PolicyException>(() => Prepare("unrestricted = [\"fs\"]")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Directories_of_its_own_are_named_in_its_environment()
    {
        ProfileSandbox prepared = Prepare("workspace = [\"cache\"]\nenvironment = { NPM = \"${workspace_cache}/npm\" }\n");
        string cache = _folders["home/.cache/landlockps-cache-profiles/p"];
        Dictionary<string, string?> environment = prepared.Sandbox.Environment.Changes.ToDictionary(change => change.Name,
            change => change.Value);
        Assert.Equal((cache, $"{cache}/npm"), (environment["XDG_CACHE_HOME"], environment["NPM"]));
        Assert.False(environment.ContainsKey("XDG_CONFIG_HOME"));
        Assert.Equal(cache, Assert.Single(prepared.Workspace.Directories));
        Assert.True(Directory.Exists(cache));
    }

    [Fact]
    public void The_schema_has_every_key()
    {
        JsonElement properties = JsonDocument.Parse(ProfileSchema.Write()).RootElement.GetProperty("properties");
        Assert.Equal(["$schema", "context", "env", "landlockps", "workspace"], properties.EnumerateObject().Select(entry => entry.Name)
            .Order(StringComparer.Ordinal));
        string[] keys = [.. properties.GetProperty("landlockps").GetProperty("properties").EnumerateObject().Select(entry => entry.Name)];
        Assert.All(SandboxOptions.All, option => Assert.Contains(option.Key, keys));
        Assert.Equal(keys.Length, keys.Distinct().Count());
        // What the schema allows, the reader takes; and nothing else.
        Assert.DoesNotContain(keys, key => Read($"{key} = 1").Findings.Any(finding => finding.Message.Contains("has no key",
            StringComparison.Ordinal)));
    }

    [Fact]
    public void A_place_for_editors_to_find_the_schema_is_allowed() =>
        Assert.Empty(ProfileReader.Read("\"$schema\" = \"https://example.org/profile.json\"\n"u8, "/profiles/p").Findings);

    [Fact]
    public void What_ships_can_be_read_and_never_applies_by_itself()
    {
        Assert.Equal(["agent", "build", "untrusted"], ShippedProfiles.All.Select(profile => profile.Name));
        foreach (Profile profile in ShippedProfiles.All)
        {
            Assert.Empty(profile.Findings);
            Assert.NotNull(profile.Description);
            Assert.Empty(profile.Contexts);
            Assert.Equal($"profile {profile.Name}", profile.File);
        }

        Assert.Empty(_folders.Store().FindActive(_folders["work"]));
    }

    [Fact]
    public void A_users_profile_stands_in_for_one_that_ships()
    {
        _folders.Add("agent", "workspace = false\n[landlockps]\nread_only = [\"/usr\"]\n", policy: null);
        Assert.Equal(ProfileOrigin.LandlockPS, _folders.Store().Find("agent").Origin);
    }

    [Fact]
    public void A_name_that_nobody_has_is_told_with_the_nearest() => Assert.Equal("agnet: there is no such profile; did you mean 'agent'?",
        Assert.Throws<PolicyException>(() => _folders.Store().Find("agnet")).Message);
}
