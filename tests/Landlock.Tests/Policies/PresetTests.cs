using Landlock.Abi;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Policies;

public class PresetTests
{
    private static readonly PolicyVariables Variables = new()
    {
        Builtins = new BuiltinVariables(new BuiltinSources
        {
            WorkingDirectory = "/work",
            Environment = name => name == "HOME" ? "/home/me" : null,
            UserId = 1000,
            PowerShellHome = "/opt/microsoft/powershell/7",
            Inspect = _ => PathKind.Missing,
        }),
    };

    public static TheoryData<string> Names => new(Preset.All.Select(preset => preset.Name));

    [Fact]
    public void There_are_eleven_and_five_that_name_hosts()
    {
        Assert.Equal("Baseline Base PowerShell Dotnet Python Node Git Build Convert WebClient Gpu HostsNpm HostsPyPI HostsNuGet "
            + "HostsCrates HostsGitHub", string.Join(' ', Preset.All));
        Assert.All(Preset.All, preset => Assert.Equal(preset.Name.StartsWith("Hosts", StringComparison.Ordinal), preset.Hosts.Length > 0));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_preset_describes_itself_and_only_grants(string name)
    {
        Preset preset = Preset.Find(name.ToUpperInvariant());

        Assert.Same(preset, Preset.Find(name));
        Assert.StartsWith($"# {preset.Description}\n#\n", preset.Text, StringComparison.Ordinal);
        Assert.EndsWith(".", preset.Description, StringComparison.Ordinal);
        Assert.InRange(preset.Description.Length, 20, 140);
        Assert.Empty(preset.Document.Rulesets);
        // Other tools read presets as well, but for what leaves out secrets.
        if (preset.Document.Extension is { } extension) Assert.All(extension.PathBeneath, entry => Assert.NotEmpty(entry.Except));
        // What names hosts does nothing else: it restricts.
        if (preset.Hosts.Length > 0)
            Assert.Equal((0, 0, 0), (preset.Document.PathBeneath.Length, preset.Document.NetPort.Length, preset.Document.Variables.Length));
        Assert.All(preset.Document.Findings, finding => Assert.Equal(FindingSeverity.Note, finding.Severity));
        // Every variable is one that everybody has a value for, so that none has to be given.
        Assert.All(preset.Document.Variables, variable => Assert.Contains(variable.Name, BuiltinVariables.Names));
        Assert.All(preset.Document.Variables, variable => Assert.Empty(variable.Literals));
        Assert.All(preset.Document.Variables, variable => Assert.Contains(preset.Document.PathBeneath.SelectMany(entry => entry.Parents),
            parent => parent.Variables.Contains(variable.Name)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Grants_are_optional_absolute_and_never_whole_trees(string name)
    {
        PresetGrants grants = Preset.Find(name).Grants(Variables);

        Assert.Equal(Preset.Find(name).Hosts.Length > 0, grants.Paths.IsEmpty);
        foreach (PathRule rule in grants.Paths)
        {
            Assert.True(rule.Optional);
            Assert.StartsWith("/", rule.Path, StringComparison.Ordinal);
            Assert.DoesNotContain(rule.Path, new[] { "/", "/home", "/home/me", "/dev", "/dev/shm", "/run", "/var", "/root", "/sys" });
            bool writes = (rule.Access & (AccessFs.WriteFile | AccessFs.MakeReg | AccessFs.Truncate)) != 0;
            Assert.True(!writes || rule.Path is "/tmp" || rule.Path.StartsWith("/dev/", StringComparison.Ordinal), rule.ToString());
            Assert.False(writes && (rule.Access & AccessFs.Execute) != 0, rule.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_files_ship_as_they_are_embedded(string name)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LandlockPS.slnx"))) folder = folder.Parent;
        if (folder is null) return;

        Assert.Equal(File.ReadAllText(Path.Combine(folder.FullName, "policies", $"{name}.toml")), Preset.Find(name).Text);
        Assert.Equal(Preset.All.Length, Directory.GetFiles(Path.Combine(folder.FullName, "policies")).Length);
    }

    [Fact]
    public void Baseline_is_what_every_command_gets() =>
        Assert.Equal(
            Baseline.Grants.Select(grant => grant.Rule.ToString()).Order(StringComparer.Ordinal),
            Preset.Find("Baseline").Grants(Variables).Paths.Select(rule => rule.ToString()).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("/usr/share/dotnet", "/home/me/.local/share", "/home/me/.config")]
    [InlineData(null, null, null)]
    public void PowerShell_is_what_every_child_pwsh_gets(string? dotnet, string? data, string? configuration)
    {
        PolicyVariables variables = PolicyVariables.None.With("pwsh_home", "/opt/microsoft/powershell/7")
            .With("dotnet_root", dotnet is null ? [] : [dotnet]).With("xdg_data_home", data is null ? [] : [data])
            .With("xdg_config_home", configuration is null ? [] : [configuration]);
        Assert.Equal(
            PowerShellNeeds.Of("/opt/microsoft/powershell/7", dotnet, data, configuration).Select(grant => grant.Rule.ToString())
                .Order(StringComparer.Ordinal),
            Preset.Find("PowerShell").Grants(variables).Paths.Select(rule => rule.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Base_covers_baseline()
    {
        PresetGrants wide = Preset.Find("Base").Grants(Variables);
        foreach (PathRule rule in Preset.Find("Baseline").Grants(Variables).Paths)
            Assert.Equal(rule.Access, rule.Access
                & wide.Paths.Where(other => other.IsFor(rule.Path)).Aggregate(AccessFs.None, (all, other) => all | other.Access));
    }

    [Fact]
    public void Grants_add_to_what_a_ruleset_handles_and_nothing_else()
    {
        Ruleset ruleset = Ruleset.Handling(7, AccessFs.Execute, AccessNet.BindTcp, Scope.Signal);
        Ruleset with = Preset.Find("WebClient").Grants(Variables).AddTo(Preset.Find("Base").Grants(Variables).AddTo(ruleset));

        Assert.Equal((ruleset.Abi, ruleset.HandledFs, ruleset.HandledNet, ruleset.Scopes),
            (with.Abi, with.HandledFs, with.HandledNet, with.Scopes));
        Assert.All(with.PathRules, rule => Assert.Equal(AccessFs.Execute, rule.Access));
        Assert.Empty(with.NetRules);
        Assert.Equal("connect_tcp 53 connect_tcp 80 connect_tcp 443",
            string.Join(' ', Preset.Find("WebClient").Grants(Variables).AddTo(Ruleset.DenyAll(9)).NetRules));
    }

    [Theory]
    [InlineData("dotnt", "dotnt: there is no such preset; did you mean 'Dotnet'?")]
    [InlineData("xyz",
        "xyz: there is no such preset; there are Baseline, Base, PowerShell, Dotnet, Python, Node, Git, Build, Convert, WebClient, Gpu, "
        + "HostsNpm, HostsPyPI, HostsNuGet, HostsCrates, HostsGitHub")]
    public void An_unknown_name(string name, string message) =>
    Assert.Equal(message, Assert.Throws<PolicyException>(() => Preset.Find(name)).Message);
}
