using Landlock.Documents;
using Landlock.Profiles;
using Landlock.Rulesets;
using Landlock.Sandboxes;

namespace Landlock.Tests.Profiles;

public sealed class ProfileSandboxTests : IDisposable
{
    private readonly ProfileFolders _folders = new();

    public void Dispose() => _folders.Dispose();

    private Profile[] Active(string directory = "work") =>
        [.. _folders.Store().FindActive(_folders[directory]).Select(match => match.Profile)];

    private ProfileSandbox Prepare(string directory = "work") =>
        ProfileSandbox.Prepare(Active(directory), _folders.Store(), _folders.Sources(_folders[directory]) with { MakesTemp = true });

    private PolicyFinding[] Errors() => ProfileFolders.Errors(ProfileSandbox.Check(Active(), _folders.Store(), _folders.Sources()));

    [Fact]
    public void The_workspace_of_the_narrowest_profile_is_allowed_in_every_layer()
    {
        _folders.Add("broad",
            _folders.Context("work") + "[[env]]\nname = \"A\"\nliteral = \"1\"\n[[env]]\nname = \"B\"\nliteral = \"1\"\n");
        _folders.Add("narrow", _folders.Context("work/sub") + "[[env]]\nname = \"B\"\nliteral = \"2\"\n");
        ProfileSandbox launch = Prepare("work/sub");
        Assert.Equal(["broad", "narrow"], launch.Sandbox.Rulesets.Select(layer => layer.Name));
        foreach (Ruleset layer in launch.Sandbox.Rulesets)
        {
            Assert.Contains(_folders["work/sub"], layer.PathRules.Select(rule => rule.Path));
            Assert.DoesNotContain(_folders["work"], layer.PathRules.Select(rule => rule.Path));
            Assert.Contains(launch.Workspace.Scratch, layer.PathRules.Select(rule => rule.Path));
        }

        Dictionary<string, string> environment =
            launch.Sandbox.Environment.Changes.ToDictionary(change => change.Name, change => change.Value!);
        Assert.Equal(("1", "2", "broad>narrow"), (environment["A"], environment["B"], launch.Sandbox.Name));
        Assert.Equal(_folders["home/.cache/landlockps-cache-profiles/narrow"], environment["XDG_CACHE_HOME"]);
        Assert.Equal(_folders["work/sub"], environment["ISLAND_CONTEXT_BENEATH_0"]);
        Assert.Equal(launch.Workspace.Scratch, environment["TMPDIR"]);
        Assert.False(environment.ContainsKey("XDG_RUNTIME_DIR"));
    }

    [Fact]
    public void The_variables_of_a_profile_are_those_of_that_profile_and_of_no_narrower_one()
    {
        _folders.Add("broad", "workspace = false\n" + _folders.Context("work")
            + "[landlockps]\nworkspace = [\"cache\"]\nenvironment = { NPM = \"${workspace_cache}/npm\" }\n", policy: null);
        _folders.Add("narrow", "workspace = false\n" + _folders.Context("work/sub") + "[landlockps]\nno_unix_socket = true\n",
            policy: null);
        Sandbox sandbox = Prepare("work/sub").Sandbox;
        string cache = _folders["home/.cache/landlockps-cache-profiles/broad"];
        Assert.True(Directory.Exists(cache));
        Assert.Contains(new EnvironmentChange("NPM", $"{cache}/npm"), sandbox.Environment.Changes);
        // Where both are it has to be allowed by both.
        Assert.Equal([true, false], sandbox.Rulesets.Select(layer => layer.PathRules.Any(rule => rule.Path == cache)));
        Assert.DoesNotContain(sandbox.Environment.Changes, change => change.Name == "XDG_CACHE_HOME");
    }

    [Fact]
    public void Workspaces_are_for_the_user_alone_and_those_for_temporary_files_are_made_later()
    {
        _folders.Add("work", _folders.Context("work"));
        ProfileWorkspace workspace = Prepare().Workspace;
        Assert.EndsWith($"/landlockps-{ScratchDirectory.Unnamed}/t", workspace.Scratch, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.Scratch));
        foreach (string directory in workspace.Directories.Where(path => path != _folders["work"] && path != workspace.Scratch))
            Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(directory));
    }

    [Theory]
    [InlineData("home/.cache/landlockps-cache-profiles/work")]
    [InlineData("home/.cache/landlockps-cache-profiles")]
    public void A_link_that_was_planted_for_a_workspace_is_not_followed(string planted)
    {
        _folders.Add("work", _folders.Context("work"));
        Directory.CreateDirectory(_folders["secret/work"]);
        Directory.CreateDirectory(Path.GetDirectoryName(_folders[planted])!);
        Directory.CreateSymbolicLink(_folders[planted], _folders["secret"]);
        string message = Assert.Throws<PolicyException>(() => Prepare()).Message;
        Assert.Contains($"'{_folders[planted]}' is no directory of this user's alone, but a symbolic link", message,
            StringComparison.Ordinal);
        Assert.Contains("workspace-cache", message, StringComparison.Ordinal);
        // Where others may write, they could have put anything.
        Directory.Delete(_folders[planted]);
        Directory.CreateDirectory(_folders[planted]);
        File.SetUnixFileMode(_folders[planted], (UnixFileMode)0x1FF);
        Assert.Throws<PolicyException>(() => Prepare());
        File.SetUnixFileMode(_folders[planted], (UnixFileMode)0x1C0);
        Prepare();
    }

    [Fact]
    public void The_place_of_workspaces_may_be_a_link()
    {
        _folders.Add("work", _folders.Context("work"));
        Directory.CreateDirectory(_folders["disk"]);
        Directory.CreateSymbolicLink(_folders["home/.cache"], _folders["disk"]);
        Assert.Contains(Prepare().Sandbox.Paths,
            rule => rule.Found?.RealPath == _folders["disk/landlockps-cache-profiles/work"]);
    }

    [Fact]
    public void Profiles_are_protected_by_rules_with_relative_paths_too()
    {
        _folders.Add("work", _folders.Context("work"), ProfileFolders.DenyAll + ProfileFolders.Rule("../home/.config", "write_file"));
        Assert.Contains("could change", Errors()[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Island_profiles_keep_their_own_workspace_and_links_lead_elsewhere()
    {
        string folder = _folders.Add("work", _folders.Context("work"), owner: "island");
        Directory.CreateDirectory(_folders["elsewhere"]);
        Directory.CreateSymbolicLink(Path.Combine(folder, "workspace-config"), _folders["elsewhere"]);
        ProfileWorkspace workspace = Prepare().Workspace;
        Assert.Contains(("XDG_CONFIG_HOME", _folders["elsewhere"]), workspace.Variables);
        Assert.Contains(("XDG_DATA_HOME", _folders["home/.local/share/island-data-profiles/work"]), workspace.Variables);
    }

    [Fact]
    public void Without_a_workspace_nothing_is_made_and_nothing_allowed()
    {
        _folders.Add("work", "workspace = false\n" + _folders.Context("work"));
        ProfileSandbox launch = Prepare();
        Assert.Empty(launch.Sandbox.Rulesets[0].PathRules);
        Assert.Equal("work", launch.Sandbox.Name);
        Assert.Empty(launch.Sandbox.Environment.Changes);
        Assert.Empty(Directory.GetFileSystemEntries(_folders["tmp"]));
    }

    [Fact]
    public void A_check_makes_nothing()
    {
        _folders.Add("work", _folders.Context("work"));
        Assert.Empty(Errors());
        Assert.Empty(Directory.GetFileSystemEntries(_folders["tmp"]));
        Assert.False(Directory.Exists(_folders["home/.cache"]));
    }

    [Theory]
    [InlineData("home", "write_file", "remove_file")]
    [InlineData("home/.config", "make_reg")]
    [InlineData("home/.config/landlockps", "truncate")]
    [InlineData("home/.config/landlockps/profiles", "make_dir")]
    [InlineData("home/.config/landlockps/profiles/work", "remove_file")]
    [InlineData("home/.config/landlockps/profiles/work/profile.toml", "write_file")]
    [InlineData("home/.config/landlockps/profiles/work/landlock/base.toml", "write_file")]
    [InlineData("home/.config/landlockps/profiles/other", "write_file")]
    [InlineData("link", "write_file")]
    [InlineData("work/../home", "write_file")]
    public void A_profile_that_lets_itself_or_another_be_rewritten_is_refused(string path, params string[] access)
    {
        Directory.CreateSymbolicLink(_folders["link"], _folders["home"]);
        _folders.Add("other", "");
        _folders.Add("work", _folders.Context("work"), ProfileFolders.DenyAll + ProfileFolders.Rule(_folders[path], access));
        PolicyFinding error = Errors()[0];
        Assert.Contains("could change", error.Message, StringComparison.Ordinal);
        Assert.Throws<PolicyException>(() => Prepare());
        Assert.Empty(Directory.GetFileSystemEntries(_folders["tmp"]));
    }

    [Theory]
    [InlineData("home", "read_file", "read_dir", "execute")]
    [InlineData("home/other", "write_file")]
    [InlineData("work", "write_file", "make_reg")]
    [InlineData("home/.config-2", "write_file")]
    public void What_lies_beside_may_be_written_and_profiles_may_be_read(string path, params string[] access)
    {
        Directory.CreateDirectory(_folders[path]);
        _folders.Add("work", _folders.Context("work"), ProfileFolders.DenyAll + ProfileFolders.Rule(_folders[path], access));
        Assert.Empty(Errors());
    }

    [Fact]
    public void A_workspace_around_the_profiles_is_refused()
    {
        _folders.Add("work", _folders.Context("home"));
        Assert.Throws<PolicyException>(() => Prepare("home"));
    }

    [Fact]
    public void A_policy_that_does_not_handle_writing_is_refused()
    {
        _folders.Add("work", "workspace = false\n" + _folders.Context("work"), "[[ruleset]]\nscoped = [\"signal\"]\n");
        Assert.Contains("no ruleset of it handles", Errors()[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broader_profile_may_close_what_a_narrower_one_leaves_open()
    {
        _folders.Add("broad", "workspace = false\n" + _folders.Context("."));
        _folders.Add("work", "workspace = false\n" + _folders.Context("work"),
            ProfileFolders.DenyAll + ProfileFolders.Rule(_folders["home"], "write_file"));
        Assert.Empty(Errors());
    }

    [Fact]
    public void Documents_that_links_lead_to_are_protected_where_they_are()
    {
        string folder = _folders.Add("work", _folders.Context("work"));
        File.WriteAllText(_folders["work/shared.toml"], ProfileFolders.DenyAll);
        File.CreateSymbolicLink(Path.Combine(folder, "landlock", "shared.toml"), _folders["work/shared.toml"]);
        Assert.Contains("a document of the profile", Errors().Single().Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "there is no such file or directory")]
    [InlineData("nonsense", "base.toml:1:")]
    [InlineData("abi = 6\n", "empty")]
    public void A_broken_policy_is_an_error_with_its_place(string? policy, string expected)
    {
        _folders.Add("work", _folders.Context("work"), policy);
        Assert.Contains(Errors(), error => error.ToString().Contains(expected, StringComparison.Ordinal));
        Assert.Throws<PolicyException>(() => Prepare());
    }

    [Fact]
    public void Built_in_variables_have_their_values_and_temporary_files_are_the_workspaces()
    {
        _folders.Add("work", _folders.Context("work"), ProfileFolders.DenyAll
            + "[[variable]]\nname = \"tmp\"\n[[variable]]\nname = \"home\"\n" + ProfileFolders.Rule("${tmp}", "write_file")
            + ProfileFolders.Rule("${home}/x", "read_file"));
        ProfileSandbox launch = Prepare();
        Assert.DoesNotContain(_folders["tmp"], launch.Sandbox.Rulesets[0].PathRules.Select(rule => rule.Path));
        Assert.Contains(_folders["home/x"], launch.Sandbox.Rulesets[0].PathRules.Select(rule => rule.Path));
    }

    [Fact]
    public void What_a_kernel_lacks_is_said_for_each_profile()
    {
        _folders.Add("broad", "workspace = false\n" + _folders.Context("."));
        _folders.Add("work", _folders.Context("work"));
        Assert.Equal(["broad", "work"], ProfileSandbox.FindDegradations(Active(), _folders.Store(), _folders.Sources() with
        { Support = Landlock.Abi.LandlockSupport.ForAbi(1) }).Select(text => text.Split('\'')[1]));
        Assert.Empty(ProfileSandbox.FindDegradations(Active(), _folders.Store(), _folders.Sources() with
        { Support = Landlock.Abi.LandlockSupport.ForAbi(6) }));
    }

    [Fact]
    public void Islands_own_default_policy_can_be_used()
    {
        string sample = Path.Combine(AppContext.BaseDirectory, "../../../../../shared/island/assets/landlock/island-default-base.toml");
        _folders.Add("work", _folders.Context("work"), File.Exists(sample) ? File.ReadAllText(sample) : ProfileFolders.DenyAll,
            owner: "island");
        Assert.Empty(Errors());
    }
}
