using Landlock.Linux;
using Landlock.Profiles;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Profiles;

/// <summary>
/// The profiles of Island's own tests mean here what `island run -p` makes of them: the policy, the directories of the workspace and of the
/// contexts with every right, their variables, and no filter, closure or environment beside.
/// </summary>
public sealed class IslandTests : IDisposable
{
    private const string Name = "foo";
    private static readonly string Samples = Path.Combine(Repository.Root, "../shared/island/tests/home");
    private readonly Scratch _scratch = new();

    /// <summary>A test that needs the files of Island's tests beside the checkout.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class IslandFactAttribute : FactAttribute
    {
        public IslandFactAttribute() => Skip = Directory.Exists(Samples) ? CliNeeds.Missing(6, perl: false, root: false)
            : "the files of Island's tests are not beside this checkout (shared/island)";
    }

    public void Dispose() => _scratch.Dispose();

    // A home directory as Island has it, with a context in it.
    private void Use(string sample)
    {
        _scratch.Do("mkdir -p home/config work; cp -RL -- \"$1/config/island\" home/config/; chmod -R u+w,a+rX home",
            Path.Combine(Samples, sample));
        string profile = _scratch[$"home/config/island/profiles/{Name}/profile.toml"];
        File.WriteAllText(profile, $"[[context]]\nwhen_beneath = \"{_scratch["work"]}\"\n");
        if (Posix.geteuid() == 0) _scratch.Do("chown -R 65534:65534 home work");
    }

    private CliRun Run(string script, params string[] options) => CliRun.Of(new Setup
    {
        Directory = _scratch["work"],
        Environment =
        [
            "PATH=/usr/bin:/bin", "LANG=C", $"HOME={_scratch["home"]}", $"XDG_CONFIG_HOME={_scratch["home/config"]}",
            $"XDG_CACHE_HOME={_scratch["home/cache"]}", $"XDG_DATA_HOME={_scratch["home/share"]}", $"TMPDIR={_scratch.Path}",
        ],
    }, ["--profile", Name, .. options, "--", "sh", "-c", script]);

    [IslandFact]
    public void A_profile_with_a_policy_gives_the_sandbox_that_Island_makes()
    {
        Use("mini-landlock-config");
        // Its policy, the directories of its contexts and its own.
        Run("cat /etc/hostname >/dev/null && echo x > \"$ISLAND_CONTEXT_BENEATH_0/made\" && mkdir \"$XDG_CACHE_HOME/made\" && "
            + "echo x > \"$TMPDIR/made\" && echo worked").Ran("worked\n");
        Assert.True(Directory.Exists(_scratch[$"home/cache/island-cache-profiles/{Name}/made"]));
        Run("echo \"$XDG_CACHE_HOME $XDG_DATA_HOME\"").Ran(
            $"{_scratch[$"home/cache/island-cache-profiles/{Name}"]} {_scratch[$"home/share/island-data-profiles/{Name}"]}\n");
        // Nothing else, and no directory for temporary files is left.
        foreach (string denied in (string[])["cat /proc/version", "ls \"$HOME\"", "echo x > ../beside", "echo x > /etc/made"])
            Assert.True(Run(denied).ExitCode != 0, denied);
        Assert.Empty(Directory.EnumerateDirectories(_scratch.Path, "landlockps-*"));
    }

    [IslandFact]
    public void Island_grants_nothing_on_behalf_of_the_command_and_installs_no_filter()
    {
        Use("mini-landlock-config");
        _scratch.Program("outside");
        Assert.Equal(126, CliRun.Of(new Setup
        {
            Directory = _scratch["work"],
            Environment = ["PATH=/usr/bin:/bin", $"HOME={_scratch["home"]}", $"XDG_CONFIG_HOME={_scratch["home/config"]}"],
        }, "--profile", Name, "--", _scratch["outside"]).ExitCode);
        string plan = Run("true", "--dry-run", "--verbose").Output;
        Assert.Contains("Landlock ABI 6", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("seccomp filter refuses", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("closure", plan, StringComparison.Ordinal);
    }

    [IslandFact]
    public void The_hook_makes_the_same_of_it()
    {
        Use("mini-landlock-config");
        string? Environment(string name) => name switch
        {
            "HOME" => _scratch["home"],
            "XDG_CONFIG_HOME" => _scratch["home/config"],
            "XDG_CACHE_HOME" => _scratch["home/cache"],
            "TMPDIR" => _scratch.Path,
            _ => null,
        };
        ProfileSources sources = new() { Support = RunningKernel.Support, WorkingDirectory = _scratch["work"], Environment = Environment };
        ProfileStore store = ProfileStore.All(Environment);
        ProfileSandbox named = ProfileSandbox.Prepare([store.Find(Name)], store, sources);
        ProfileSandbox hooked = ProfileSandbox.Prepare([.. store.FindActive(_scratch["work"]).Select(match => match.Profile)], store,
            sources with { MakesTemp = true });
        Assert.Equal(named.Sandbox.Rulesets.ToArray(), hooked.Sandbox.Rulesets.ToArray());
        Assert.Equal(named.Sandbox.Paths.Select(rule => rule.Path),
            hooked.Sandbox.Paths.Select(rule => rule.Path).Where(path => path != hooked.Workspace.Scratch));
        Assert.Equal((named.Sandbox.Network, named.Sandbox.Closure), (hooked.Sandbox.Network, hooked.Sandbox.Closure));
    }

    [IslandFact]
    public void A_profile_without_a_policy_is_refused_as_Island_refuses_it()
    {
        Use("no-landlock-config");
        CliRun run = Run("true");
        Assert.Equal(125, run.ExitCode);
        Assert.Contains("/landlock", run.Error, StringComparison.Ordinal);
    }
}
