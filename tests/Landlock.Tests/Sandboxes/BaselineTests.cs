using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes;

public sealed class BaselineTests
{
    [Fact]
    public void It_writes_to_nothing_but_devices_that_keep_nothing()
    {
        const AccessFs harmless = AccessFs.ReadFile | AccessFs.ReadDir;
        foreach (Grant grant in Baseline.Grants)
        {
            if (grant.Rule.Path is "/dev/null" or "/dev/zero" or "/dev/full")
                Assert.Equal(AccessFs.ReadFile | AccessFs.WriteFile | AccessFs.IoctlDev, grant.Rule.Access);
            else Assert.Equal(AccessFs.None, grant.Rule.Access & ~harmless);
        }
    }

    [Fact]
    public void It_tells_nothing_about_the_user()
    {
        string[] personal = ["/home", "/root", "/tmp", "/var", "/run", "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf",
            "/proc/self", "/dev/shm", "/dev/pts", "/dev/tty", "/dev/ptmx"];
        Assert.All(Baseline.Grants, grant => Assert.DoesNotContain(personal, path => path == grant.Rule.Path || path.StartsWith(
            grant.Rule.Path + "/", StringComparison.Ordinal) || grant.Rule.Path.StartsWith(path + "/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_path_is_absolute_optional_named_once_and_has_its_origin()
    {
        Assert.All(Baseline.For(onTerminal: true), grant =>
        {
            Assert.StartsWith("/", grant.Rule.Path, StringComparison.Ordinal);
            Assert.True(grant.Rule.Optional);
            Assert.Equal("baseline", grant.Origin);
        });
        Assert.Equal(Baseline.Grants.Length, Baseline.Grants.Select(grant => grant.Rule.Path).Distinct().Count());
    }

    [Fact]
    public void It_is_the_preset_that_ships()
    {
        string file = Path.GetFullPath(Path.Combine(Sources(), "../../../policies/Baseline.toml"));
        Ruleset preset = Policy.From(PolicyFile.Read(file)).Resolve().Ruleset;
        Assert.Equal(
            Baseline.Grants.Select(grant => (grant.Rule.Path, grant.Rule.Access)).Order(),
            preset.PathRules.Select(rule => (rule.Path, rule.Access)).Order());
    }

    [Fact]
    public void The_terminal_is_for_commands_that_have_it_anyway()
    {
        Assert.DoesNotContain(Baseline.For(onTerminal: false), grant => grant.Rule.Path == "/dev/tty");
        Assert.Contains(Baseline.For(onTerminal: true), grant => grant.Rule.Path == "/dev/tty");
    }

    private static string Sources([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.GetDirectoryName(path.StartsWith("/_/", StringComparison.Ordinal)
            ? Path.Combine(AppContext.BaseDirectory, "../../../../../", path[3..])
            : path)!;
}
