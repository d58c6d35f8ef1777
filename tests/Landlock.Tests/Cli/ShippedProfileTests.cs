using System.Text.Json;
using Landlock.Tests.Exec;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Cli;

/// <summary>A test that needs programs, and a profile that ships.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ProfileFactAttribute : FactAttribute
{
    public ProfileFactAttribute(params string[] programs) => Skip = CliNeeds.Missing(4, perl: false, root: false)
        ?? programs.Where(program => !Tools.Has(program)).Select(program => $"{program} is not installed").FirstOrDefault();

    /// <summary>Whether the test needs a server on port 443, which only root may have.</summary>
    public bool NeedsHttps
    {
        get => false;
        init => Skip ??= value ? HttpsFiles.Missing() : null;
    }
}

/// <summary>A home directory with what is secret there, a repository, and another one, of an ordinary user.</summary>
public sealed class ProjectHome : IDisposable
{
    private readonly Scratch _scratch = new();

    public ProjectHome()
    {
        _scratch.Do("mkdir -p home/.ssh home/.aws home/.config home/agent/own");
        _scratch.Do("for f in .ssh/id_ed25519 .aws/credentials .bash_history agent/notes; do echo secret > home/$f; done");
        // Made by the user whose it is, as git asks for.
        Chown();
        if (!Tools.Has("git")) return;
        Outside("cd home && printf '[user]\nname = n\nemail = e@example.org\n[init]\ndefaultBranch = main\n[protocol \"file\"]\n"
            + "allow = always\n' > .gitconfig");
        foreach (string name in (string[])["other", "part", "work"])
            Outside($"git init -q home/{name} && cd home/{name} && echo {name} > file && git add file && git commit -qm one");
        Outside("cd home/work && git -c protocol.file.allow=always submodule --quiet add ../part part && git commit -qm submodule");
    }

    public string this[string name] => _scratch[name];

    public void Dispose() => _scratch.Dispose();

    /// <summary>Runs a script outside of any sandbox.</summary>
    public string Outside(string script)
    {
        CliRun run = CliRun.Program(Setup(""), "/bin/sh", "-euc", script);
        Assert.True(run.ExitCode == 0, $"{script}: {run}");
        return run.Output;
    }

    /// <summary>Runs a script under a profile, in a directory.</summary>
    internal CliRun Under(string profile, string script, string directory = "home/work", params string[] options) =>
        CliRun.Of(Setup(directory), ["--profile", profile, .. options, "--", "sh", "-c", script]);

    private Setup Setup(string directory) => new()
    {
        Directory = _scratch[directory],
        Environment =
        [
            $"PATH={Path.GetDirectoryName(Environment.ProcessPath)}:/usr/local/bin:/usr/bin:/bin", $"HOME={_scratch["home"]}",
            "LANG=C.UTF-8", "TERM=xterm", "SHELL=/bin/sh",
            "API_TOKEN=secret", $"DOTNET_ROOT={Built.DotnetRoot}", "DOTNET_CLI_TELEMETRY_OPTOUT=1", "DOTNET_NOLOGO=1",
        ],
    };

    private void Chown()
    {
        if (Posix.geteuid() == 0) _scratch.Do("chown -R 65534:65534 home");
    }
}

/// <summary>The profiles that ship, by what people do in them, as an ordinary user and without a further option.</summary>
public sealed class ShippedProfileTests(ProjectHome home) : IClassFixture<ProjectHome>
{
    private void Works(string script, string? expected = null, string directory = "home/work", string profile = "agent")
    {
        CliRun run = home.Under(profile, script, directory);
        Assert.True(run.ExitCode == 0, $"{script}: {run}");
        if (expected is not null) Assert.Equal(expected, run.Output.Trim().Split('\n')[^1]);
    }

    private void Denied(string script, string profile = "agent")
    {
        home.Outside(script.Replace("~/", home["home"] + "/", StringComparison.Ordinal));
        CliRun run = home.Under(profile, script);
        Assert.True(run.ExitCode != 0, $"{script}: {run}");
    }

    [ProfileFact("git")]
    public void An_agent_works_with_git()
    {
        Works("echo more >> file && git commit -qam two && git log --format=%s -1", "two");
        Works("git worktree add -q tree -b tree && cd tree && echo x > new && git add new && git commit -qm three");
        Works("git clone -q . \"$TMPDIR/clone\" && git -C \"$TMPDIR/clone\" log --format=%s -1 && git fetch -q .");
    }

    [ProfileFact("git")]
    public void An_agent_works_in_linked_worktrees_and_submodules()
    {
        home.Outside("cd home/work && git worktree add -q ../linked -b linked");
        Works("echo x > new && git add new && git commit -qm linked && git log --format=%s -1", "linked", "home/linked");
        Works("echo x > new && git add new && git commit -qm module && git log --format=%s -1", "module", "home/work/part");
        Works("git submodule --quiet update --init && git submodule status --quiet; git status --short part | tail -c 5");
    }

    [ProfileFact("git", "npm", NeedsHttps = true)]
    public void An_agent_fetches_over_https()
    {
        home.Outside("git clone -q --bare home/other site/other.git && git -C site/other.git update-server-info");
        home.Outside("mkdir -p pack/package && cd pack && printf '{\"name\":\"dep\",\"version\":\"1.0.0\",\"bin\":{\"dep\":\"dep.js\"}}' "
            + "> package/package.json && printf '#!/usr/bin/env node\nconsole.log(\"ran\")\n' > package/dep.js && "
            + "tar czf ../site/dep.tgz package");
        home.Outside("printf '{\"name\":\"dep\",\"dist-tags\":{\"latest\":\"1.0.0\"},\"versions\":{\"1.0.0\":{\"name\":\"dep\","
            + "\"version\":\"1.0.0\",\"bin\":{\"dep\":\"dep.js\"},\"dist\":{\"tarball\":\"https://localhost/dep.tgz\"}}}}' > site/dep");
        using HttpsFiles server = new(home["site"]);
        Works("git -c http.sslVerify=false clone -q https://localhost/other.git fetched && cat fetched/file", "other");
        Works("cd fetched && git -c http.sslVerify=false fetch -q origin && git log --format=%s -1", "one");
        Works("mkdir -p node && cd node && npm init -y >/dev/null && npm install --no-audit --no-fund --strict-ssl=false "
            + "--registry https://localhost/ dep >/dev/null && npx --no-install dep", "ran");
        CliRun offline = home.Under("build", "git -c http.sslVerify=false clone -q https://localhost/other.git none");
        Assert.NotEqual(0, offline.ExitCode);
    }

    [ProfileFact("gcc", "make")]
    public void An_agent_compiles() => Works(
        "mkdir -p c && cd c && printf 'all: a\\na: a.c\\n\\tgcc -o a a.c\\n' > Makefile && "
            + "printf '#include <stdio.h>\\nint main(){return puts(\"ran\")<0;}\\n' > a.c && make -s && ./a", "ran");

    [ProfileFact("python3")]
    public void An_agent_uses_python()
    {
        Works("python3 -m venv --without-pip v && v/bin/python -c 'print(1)'", "1");
        Works("python3 -c 'import pty, sys; sys.exit(pty.spawn([\"/bin/echo\", \"inner\"]))'", "inner");
    }

    [ProfileFact("pytest")]
    public void An_agent_runs_pytest() => Works("printf 'def test_a(tmp_path):\\n    assert tmp_path.exists()\\n' > test_a.py && "
        + "python3 -m pytest -q test_a.py | grep -o '1 passed'", "1 passed");

    [ProfileFact("git")]
    public void An_agent_builds_with_dotnet()
    {
        // The first time for a user it makes files in /tmp that all .NET processes share, which no sandbox gets.
        home.Outside("dotnet new list console >/dev/null");
        Works("mkdir -p dn && echo k > dn/keep && git add dn && git commit -qm dn && cd dn && "
            + "dotnet new console -o app --no-restore >/dev/null && cd app && dotnet build --nologo -v q >/dev/null && "
            + "dotnet run --no-build", "Hello, World!");
    }

    [ProfileFact("script")]
    public void An_agent_has_pseudo_terminals() => Works("script -qec 'test -t 0 && echo inner' /dev/null | tr -d '\\r'", "inner");

    [ProfileFact("vim")]
    public void An_agent_edits() => Works("vim -Es -c 'normal itext' -c 'w! out.txt' -c q </dev/null; cat out.txt", "text");

    [ProfileFact("less")]
    public void An_agent_pages() => Works("echo paged | less -F | cat", "paged");

    [ProfileFact("tmux")]
    public void A_pane_of_tmux_can_be_an_agents_shell()
    {
        string marker = home["home/work/pane"];
        home.Outside($"tmux -S {home["home/tmux"]} -f /dev/null new-session -d -c {home["home/work"]} "
            + $"'{CliRun.Landlocked} --profile agent -- sh -c \"tty > pane; cat ~/.ssh/id_ed25519 >> pane\"; sleep 1'");
        for (int i = 0; i < 300 && !(File.Exists(marker) && File.ReadAllText(marker).Length > 0); i++) Thread.Sleep(20);
        Assert.StartsWith("/dev/pts/", File.ReadAllText(marker), StringComparison.Ordinal);
        Thread.Sleep(200);
        Assert.DoesNotContain("secret", File.ReadAllText(marker), StringComparison.Ordinal);
    }

    [ProfileFact("git")]
    public void An_agent_reaches_no_secret()
    {
        Denied("cat ~/.ssh/id_ed25519");
        Denied("ls ~/.ssh");
        Denied("cat ~/.aws/credentials");
        Denied("cat ~/.bash_history");
        Denied("cat ~/other/file");
        Denied("ls ~/");
        Denied("cat ~/agent/notes");
        foreach (string script in (string[])["cat /etc/shadow", "echo x >> ~/other/file", "echo x > ~/new", "mkdir ~/.ssh/new"])
            Assert.NotEqual(0, home.Under("agent", script).ExitCode);
        Assert.Equal("", home.Under("agent", "printf %s \"$API_TOKEN\"").Ran().Output);
    }

    [ProfileFact("git")]
    public void An_agent_has_the_directory_that_its_variable_names() => Assert.Equal("secret\n", home.Outside(
        $"cd home/work && AGENT_HOME={home["home/agent"]} {CliRun.Landlocked} --profile agent -- sh -c 'cat ~/agent/notes'"));

    [ProfileFact("git")]
    public void Where_there_is_no_project_nothing_runs()
    {
        foreach (string profile in (string[])["agent", "build", "untrusted"])
        {
            home.Under(profile, "echo ran", "home").Refused(
                $"landlocked: workplace: '{home["home"]}' is never opened as a whole; go to the directory of a project");
            Setup setup = new() { Directory = "/tmp", Environment = ["PATH=/usr/bin:/bin", $"HOME={home["home"]}"] };
            CliRun.Of(setup, "--profile", profile, "--", "echo", "ran").Refused(
                "landlocked: workplace: '/tmp' is never opened as a whole; go to the directory of a project");
        }
    }

    [ProfileFact("git", "gcc", "make")]
    public void A_build_has_no_network()
    {
        Works("echo x > built && git status --short >/dev/null && cat built", "x", profile: "build");
        Assert.NotEqual(0, home.Under("build", "python3 -c 'import socket; socket.socket()'").ExitCode);
        Denied("cat ~/.ssh/id_ed25519", "build");
    }

    [ProfileFact]
    public void An_untrusted_program_has_one_directory()
    {
        Works("echo x > here && cat here && test -z \"$API_TOKEN\"", profile: "untrusted");
        Denied("cat ~/.gitconfig", "untrusted");
        Denied("cat ~/work/../other/file", "untrusted");
        Assert.Equal("1024", home.Under("untrusted", "ulimit -n").Output.Trim());
        Assert.NotEqual(0, home.Under("untrusted", "unshare -U true").ExitCode);
    }

    [ProfileFact]
    public void Options_add_to_a_profile_and_say_what_they_loosen()
    {
        CliRun run = home.Under("build", "true", options: ["--network", "unrestricted"]);
        Assert.Equal((0, "landlocked: warning: the options loosen the profile 'build': network unrestricted instead of none\n"),
            (run.ExitCode, run.Error));
        string[] more = ["--read-only", home["home/other"]];
        home.Under("agent", "cat ~/other/file", options: more).Ran("other\n");
        Assert.Contains($"note: Allowed on top of the profile 'agent': ReadOnly {home["home/other"]}.",
            home.Under("agent", "true", options: [.. more, "--dry-run", "--verbose"]).Output, StringComparison.Ordinal);
    }

    [ProfileFact("git")]
    public void What_options_leave_out_the_presets_of_a_profile_lose_as_well()
    {
        home.Outside("cd home/work && echo key > .env && mkdir -p deep && echo key > deep/.env && echo open > deep/open");
        CliRun run = home.Under("agent", "cat deep/open; cat .env; cat deep/.env", options: ["--except", "**/.env"]);
        Assert.Equal("open\n", run.Output);
        Assert.Equal(2, run.Error.Split("Permission denied").Length - 1);
        Assert.Contains("note: except **/.env: 2 entries now",
            home.Under("agent", "true", options: ["--except", "**/.env", "--dry-run", "--verbose"]).Output, StringComparison.Ordinal);
        // What somebody has said twice is his to decide.
        Assert.Contains("would not hold", home.Under("agent", "true",
            options: ["--except", "**/.env", "--read-only", home["home/work/.env"]]).Error, StringComparison.Ordinal);
        home.Outside("rm -r home/work/deep home/work/.env");
    }

    [ProfileFact]
    public void A_policy_beside_a_profile_is_a_layer_of_its_own()
    {
        File.WriteAllText(home["narrow.toml"], "[[ruleset]]\nhandled_access_fs = [\"abi.all\"]\n[[path_beneath]]\n"
            .Replace("[[ruleset]]", "abi = 3\n[[ruleset]]", StringComparison.Ordinal)
            + $"allowed_access = [\"abi.read_execute\"]\nparent = [\"/\"]\n");
        CliRun run = home.Under("agent", "touch none", options: ["--policy", home["narrow.toml"]]);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("Permission denied", run.Error, StringComparison.Ordinal);
        Assert.Contains("layer 2 of 2",
            home.Under("agent", "true", options: ["--policy", home["narrow.toml"],
                "--dry-run", "--verbose"]).Output, StringComparison.Ordinal);
    }

    [ProfileFact("git")]
    public void Why_answers_for_a_profile_and_in_one_and_makes_nothing()
    {
        string cache = home["home/.cache/landlockps-cache-profiles/build"];
        home.Outside($"rm -rf {cache}");
        Assert.Contains("allowed", home.Outside($"cd home/work && {CliRun.Landlocked} why --profile build --access read_file file"),
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(cache));
        CliRun inside = home.Under("agent", $"{CliRun.Landlocked} why --access read_file ~/.ssh/id_ed25519; echo $?; "
            + $"{CliRun.Landlocked} why --access read_file file; echo $?", options: ["--read-only", Built.Programs]);
        Assert.Contains("denied", inside.Output, StringComparison.Ordinal);
        Assert.EndsWith("0\n", inside.Output, StringComparison.Ordinal);
        Assert.Contains("agent", inside.Output, StringComparison.Ordinal);
    }

    [CliTheory(abi: 4, root: true)]
    [InlineData("agent")]
    [InlineData("build")]
    [InlineData("untrusted")]
    public void Root_makes_no_device_nodes(string profile)
    {
        using Scratch scratch = new();
        scratch.Do("mkdir home work");
        Setup root = new()
        {
            Who = Who.Root,
            Directory = scratch["work"],
            Environment = ["PATH=/usr/bin:/bin", $"HOME={scratch["home"]}"],
        };
        CliRun run = CliRun.Of(root, "--profile", profile, "--", "sh", "-c",
            "echo x > file && mkdir -p inner && rm file; mknod disk b 8 0; mknod $TMPDIR/zero c 1 5; ls");
        Assert.Equal("inner\n", run.Output);
        Assert.Equal(2, run.Error.Split("Permission denied").Length - 1);
    }

    [ProfileFact]
    public void Profiles_are_listed_shown_checked_and_described()
    {
        string list = CliRun.Of("profile", "list").Output;
        Assert.Equal(["agent", "build", "untrusted"], list.Trim().Split('\n').Select(line => line.Split(' ')[0]));
        Assert.Contains("no_unix_socket: yes\n", CliRun.Of("profile", "show", "agent").Output, StringComparison.Ordinal);
        Assert.Contains("untrusted: can be used\n", home.Outside($"{CliRun.Landlocked} profile check untrusted"), StringComparison.Ordinal);
        Assert.StartsWith("{", CliRun.Of("profile", "schema").Output, StringComparison.Ordinal);
        CliRun.Of("profile", "show", "agnet").Refused("landlocked: agnet: there is no such profile; did you mean 'agent'?");
        JsonElement document = JsonDocument.Parse(CliRun.Of("profile", "list", "--json").Output).RootElement;
        Assert.Equal((1, "profiles"), (document.GetProperty("schema").GetInt32(), document.GetProperty("kind").GetString()));
        Assert.Contains(document.GetProperty("profiles").EnumerateArray(),
            profile => profile.GetProperty("name").GetString() == "agent" && profile.GetProperty("origin").GetString() == "shipped");
        JsonElement shown = JsonDocument.Parse(CliRun.Of("profile", "show", "--json", "agent").Output).RootElement.GetProperty("profiles");
        Assert.Equal("yes", Assert.Single(shown.EnumerateArray()).GetProperty("settings").GetProperty("no_unix_socket").GetString());
        CliRun.Of("profile", "check", "--json").Refused("landlocked: profile check has no --json");
        Assert.StartsWith("Usage: ", CliRun.Of("profile", "check", "--help").Output, StringComparison.Ordinal);
        CliRun.Of("profile", "show").Refused("landlocked: profile show takes one name; profile list tells which there are");
        CliRun.Of("profile", "list", "x").Refused("landlocked: profile list takes no names; profile show NAME tells of one");
        CliRun.Of("profile", "lsit").Refused("landlocked: profile takes list, show, check or schema, not 'lsit' (a command of that name: "
            + "landlocked -- profile)");
    }
}
