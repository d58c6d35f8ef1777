using System.Diagnostics;
using Landlock.Abi;
using Landlock.Access;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;

namespace Landlock.Tests.Cli;

/// <summary>--except on the real kernel, and the evaluator beside it.</summary>
public sealed class ExceptTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public ExceptTests() => _scratch.Do("mkdir -p home/.ssh home/docs/private/a home/docs/open; for f in home/.ssh/id "
        + "home/docs/private/a/x home/docs/open/y home/docs/z home/rc; do echo data > $f; done; ln -s .ssh home/link");

    public static TheoryData<Who> Everyone => CliRun.Everyone;

    private string Home => _scratch["home"];

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [MemberData(nameof(Everyone))]
    public void The_kernel_and_the_evaluator_deny_exactly_what_is_excepted(Who who)
    {
        PathRule rule = new(Home, AccessClass.ReadOnly.Rights) { Except = [$"{Home}/.ssh", $"{Home}/docs/private"] };
        AccessEvaluator evaluator = AccessEvaluator.For([Ruleset.DenyAll(7).With(rule)], RunningKernel.Support, "/");
        foreach ((string path, bool allowed) in new[]
                 {
                     ("rc", true), ("docs/z", true), ("docs/open", true), ("docs/open/y", true),
                     (".ssh", false), (".ssh/id", false), ("link/id", false), ("docs/private/a/x", false), ("docs/private", false),
                     ("docs", false), ("", false),
                 })
        {
            string full = $"{Home}/{path}".TrimEnd('/');
            bool isDirectory = Directory.Exists(full);
            CliRun run = CliRun.Of(who, "--read-only", Home, "--except", $"{Home}/.ssh", "--except", $"{Home}/docs/private",
                isDirectory ? "ls" : "cat", full);
            Assert.True(run.ExitCode == 0 == allowed, $"{path}: {run}");
            if (!allowed) Assert.Contains("Permission denied", run.Error, StringComparison.Ordinal);
            Assert.Equal(allowed, evaluator.IsAllowed(full, isDirectory ? AccessFs.ReadDir : AccessFs.ReadFile));
        }
    }

    [Theory]
    [MemberData(nameof(Everyone))]
    public void Moving_or_linking_what_is_excepted_does_not_help(Who who)
    {
        string script = $"mv {Home}/.ssh {Home}/docs/open/ssh; ln {Home}/.ssh/id {Home}/docs/open/id; mv {Home}/.ssh {Home}/other; "
            + $"mkdir {Home}/new; cat {Home}/docs/open/* {Home}/docs/open/ssh/id {Home}/other/id";
        CliRun run = CliRun.Of(who, "--preset", "Base", "--read-only", "/usr", "--edit", Home, "--except", $"{Home}/.ssh", "--read-write",
            $"{Home}/docs/open", "sh", "-c", script);
        Assert.Equal("data\n", run.Output);
        Assert.True(Scratch.Exists($"{Home}/.ssh/id") && !Scratch.Exists($"{Home}/docs/open/id"));
    }

    [Theory]
    [MemberData(nameof(Everyone))]
    public void Beneath_a_writable_directory_what_is_excepted_stays_as_it_is(Who who)
    {
        _scratch.Do("mkdir -p home/repo/.git/hooks home/repo/.git/refs home/repo/src; cd home/repo; echo data > .env; echo data > top; "
            + "echo '#!/bin/sh' > .git/hooks/pre-commit; chmod -R a+rwX .");
        string repo = $"{Home}/repo";
        string[] options = ["--read-only", "/usr", "--read-write", repo, "--except", $"{repo}/.git/hooks", "--except", $"{repo}/.env",
            "--working-directory", repo, "sh", "-c"];
        // The attempts: to read, to exchange by renaming, to remove, to make anew, to write into, to link, to move where more is allowed.
        string[] attempts = ["cat .env", "mv .env src/env", "mv top .env", "rm -f .env", "ln .env src/env", "ls .git/hooks",
            "mv .git/hooks .git/old", "mv .git old", "echo x > .git/hooks/pre-commit", "echo x > .git/hooks/post-commit",
            "rm .git/hooks/pre-commit", "mv src .git/hooks/", "echo x > new", "mkdir .git/new", "rm top", "mv top src/top", "ln -s src new",
            "mkdir src/x && mv src/x ./x"];
        foreach (string attempt in attempts)
        {
            CliRun denied = CliRun.Of(who, [.. options, $"{attempt} && echo done"]);
            string error = attempt.StartsWith("ln .env", StringComparison.Ordinal) ? "Invalid cross-device link" : "Permission denied";
            Assert.True(denied.Output.Length == 0 && denied.Error.Contains(error, StringComparison.Ordinal), $"{attempt}: {denied}");
        }

        CliRun run = CliRun.Of(who, [.. options, "echo changed > top; mkdir src/new; echo x > src/new/x; mv src/new src/old; "
            + "mv src/old/x .git/refs/x; rmdir src/old; cat top .git/refs/x; rm .git/refs/x"]);
        Assert.Equal(("changed\nx\n", ""), (run.Output, run.Error));
        _scratch.Do("test \"$(cat home/repo/.env)\" = data; test \"$(cat home/repo/.git/hooks/*)\" = '#!/bin/sh'");
        // Files alone leave the directory around them to be listed.
        string[] files = ["--read-only", "/usr", "--read-write", repo, "--except", $"{repo}/.env", "ls", "-A", repo];
        Assert.Equal(".env\n.git\nsrc\ntop\n", CliRun.Of(who, files).Output);
        Assert.Contains($"in '{repo}' nothing can be made, removed or renamed, and what others make there is not allowed.",
            CliRun.Of(who, ["--dry-run", "--verbose", .. files]).Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Everyone))]
    public void What_a_pattern_means_is_denied_wherever_it_is(Who who)
    {
        _scratch.Do("mkdir -p home/app/deep; for f in home/.env home/app/deep/.env home/app/x.pem home/app/y; do echo data > $f; done; "
            + "chmod -R a+rwX .");
        string[] options = ["--read-write", Home, "--read-only", "/usr", "--except", "**/.env", "--except", $"{Home}/**/*.pem"];
        foreach (string name in (string[])[".env", "app/deep/.env", "app/x.pem"])
            Assert.Contains("Permission denied", CliRun.Of(who, [.. options, "cat", $"{Home}/{name}"]).Error, StringComparison.Ordinal);
        // What is made in a directory that holds none is as any other file.
        Assert.Equal("data\nnew\n", CliRun.Of(who, [.. options, "sh", "-c",
            $"cat {Home}/app/y; echo new > {Home}/docs/.env; cat {Home}/docs/.env"]).Output);
        string plan = CliRun.Of(who, ["--dry-run", "--verbose", .. options, "true"]).Output;
        Assert.Contains($"except **/.env: 3 entries now ('{Home}/.env', '{Home}/app/deep/.env', '{Home}/docs/.env'); one that is made "
            + "later is allowed, but in the directories around these.", plan, StringComparison.Ordinal);
        Assert.Contains($"except {Home}/**/*.pem: 1 entry now", plan, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_that_is_no_pattern_is_told_with_the_options_name()
    {
        Assert.Contains("--except: The exception 'a**b' is no pattern: ** stands for directories", CliRun.Of("--read-only", "/usr",
            "--except", "a**b", "true").Error, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(Everyone))]
    public void Secrets_are_left_out_of_what_is_said_and_of_presets(Who who)
    {
        _scratch.Do("mkdir -p home/.config/gh home/.kube home/.cargo/registry home/gpg; for f in home/.netrc home/.kube/config "
            + "home/.config/gh/hosts.yml home/.cargo/credentials.toml home/.cargo/config.toml home/gpg/key home/.npmrc; do echo data > $f; "
            + "done; chmod -R a+rwX .");
        Setup setup = new() { Who = who, Environment = ["PATH=/usr/bin:/bin", "LANG=C", $"HOME={Home}", $"GNUPGHOME={Home}/gpg"] };
        string[] options = ["--read-only", "/usr", "--read-data", Home, "--except", "secrets"];
        string[] secrets = [".ssh/id", ".netrc", ".kube/config", ".config/gh/hosts.yml", ".cargo/credentials.toml", "gpg/key"];
        foreach (string name in secrets)
            Assert.Contains("Permission denied", CliRun.Of(setup, [.. options, "cat", $"{Home}/{name}"]).Error, StringComparison.Ordinal);
        Assert.Equal("data\ndata\n", CliRun.Of(setup, [.. options, "cat", $"{Home}/rc", $"{Home}/.cargo/config.toml"]).Output);
        string plan = CliRun.Of(setup, ["--dry-run", "--verbose", .. options, "true"]).Output;
        Assert.Matches($"except Secrets: [0-9]+ entries now \\('{Home}/.cargo/credentials.toml', ", plan);
        // A policy's rules lose them, too; a rule for a place itself wins; one within is refused.
        string policy = _scratch.File("all.toml", "abi = 7\n[[ruleset]]\nhandled_access_fs = ['abi.all']\n[[path_beneath]]\n"
            + $"allowed_access = ['read_file', 'read_dir']\nparent = ['{Home}']\n");
        string[] layered = ["--policy", policy, "--except", "Secrets"];
        Assert.Contains("Permission denied", CliRun.Of(setup, [.. layered, "cat", $"{Home}/.netrc"]).Error, StringComparison.Ordinal);
        Assert.Equal("data\n", CliRun.Of(setup, [.. layered, "cat", $"{Home}/rc"]).Output);
        Assert.Equal("data\n",
            CliRun.Of(setup, ["--read-data", $"{Home}/.kube", .. options, "cat", $"{Home}/.kube/config"]).Output);
        CliRun refused = CliRun.Of(setup, ["--read-data", $"{Home}/.ssh/id", .. options, "cat", $"{Home}/rc"]);
        Assert.Contains($"the exception '{Home}/.ssh' would not hold: the rule for '{Home}/.ssh/id' allows read_file,read_dir beneath it",
            refused.Error, StringComparison.OrdinalIgnoreCase);
        // Build allows .cargo/registry and config.toml, Node the home's .npmrc where it does.
        CliRun preset = CliRun.Of(setup, "--preset", "Base", "--preset", "Build", "--preset", "Node", "--except", "Secrets", "cat",
            $"{Home}/.cargo/config.toml", $"{Home}/.npmrc", $"{Home}/.cargo/credentials.toml");
        Assert.Equal("data\n", preset.Output);
        Assert.Equal(2, preset.Error.Split("Permission denied").Length - 1);
    }

    [Theory]
    [MemberData(nameof(Everyone))]
    public void What_is_made_later_is_not_allowed_and_the_plan_says_so(Who who)
    {
        CliRun plan = CliRun.Of(who, "--dry-run", "--verbose", "--read-only", Home, "--except", $"{Home}/.ssh", "true");
        Assert.Contains($"note: '{Home}' is allowed without '{Home}/.ssh', by 2 rules for what is beside it now: '{Home}' cannot be "
            + "listed, and what is made there later is not allowed.", plan.Output, StringComparison.Ordinal);
        _scratch.Do("mkfifo go");
        string script = $"read line < {_scratch["go"]}; cat {Home}/rc {Home}/late";
        _scratch.Do("(sleep 0.3; echo late > home/late; echo > go) >/dev/null 2>&1 &");
        CliRun run = CliRun.Of(who, "--read-only", Home, "--except", $"{Home}/.ssh", "--read-only", "/usr", "--read-data", _scratch["go"],
            "sh", "-c", script);
        Assert.Equal("data\n", run.Output);
        Assert.Contains("late: Permission denied", run.Error, StringComparison.Ordinal);
    }

    [CliFact]
    public void An_entry_that_becomes_a_link_after_planning_is_not_followed()
    {
        PathRule rule = new(Home, AccessClass.ReadOnly.Rights) { Except = [$"{Home}/.ssh"] };
        LaunchPlan plan = LaunchPlanner.Plan(new LaunchRequest
        {
            Layers = [Ruleset.DenyAll(7).With(rule)],
            Command = "/bin/cat",
            Arguments = [$"{Home}/rc", $"{Home}/.ssh/id"],
            BaseDirectory = "/",
            Support = RunningKernel.Support,
        });
        // Between the plan and its launch: what is allowed becomes a link to what is excepted.
        _scratch.Do("rm -r home/docs; ln -s .ssh home/docs");
        using SealedPlan launch = SealedPlan.Create(plan);
        launch.SetInherited(true);
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(Built.Programs, "landlock-exec"), launch.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        launch.SetInherited(false);
        Assert.Equal("", process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        Assert.Equal((125, LaunchProblem.SetupFailed), (process.ExitCode, launch.ReadOutcome().Error!.Problem));
        Assert.Equal($"Cannot open '{Home}/docs': something else is there now than when the sandbox was planned, such as a symbolic link; "
            + "see who can change it, then run it again; nothing was run.", launch.ReadOutcome().Error!.Message);
    }

    [Fact]
    public void A_fix_that_would_be_refused_is_not_proposed()
    {
        PathRule rule = new(Home, AccessClass.ReadOnly.Rights) { Except = [$"{Home}/.ssh"] };
        AccessEvaluator evaluator = AccessEvaluator.For([Ruleset.DenyAll(7).With(rule)], RunningKernel.Support, "/");
        foreach (string path in (string[])[$"{Home}/.ssh/id", $"{Home}/.ssh", Home])
        {
            AccessVerdict verdict = evaluator.CheckOpen(path, OpenModes.Read);
            Assert.Empty(verdict.Fixes);
            Assert.Equal($"'{Home}/.ssh' is an exception of the rule for '{Home}', so a rule for '{path}' would be refused. Take the "
                + "exception out, or allow more narrowly.", verdict.Note);
        }

        Assert.Equal($"-Edit {Home}/rc", Assert.Single(evaluator.CheckOpen($"{Home}/rc", OpenModes.Write).Fixes).ClassParameter);
    }

    [Fact]
    public void A_mount_that_shows_the_exception_elsewhere_is_refused()
    {
        if (CliRun.Everyone.Count == 1) return; // Only root can mount; the theory above runs for everyone.
        Setup mounted = new()
        {
            Who = Who.Root,
            Wrapper = ["/usr/bin/unshare", "-m", "/bin/sh", "-euc",
                "mount --bind \"$HERE/home/.ssh\" \"$HERE/home/docs/open\"; exec \"$@\"", "sh"],
        };
        mounted = mounted with { Environment = [.. mounted.Environment, $"HERE={_scratch.Path}"] };
        CliRun run = CliRun.Of(mounted, "--read-only", Home, "--except", $"{Home}/.ssh", "true");
        Assert.Equal(125, run.ExitCode);
        Assert.Contains($"the rule for '{Home}' allows execute,read_file,read_dir at '{Home}/docs/open', where a mount shows the same "
            + "files. Except that path as well", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, CliRun.Of(mounted, "--read-only", Home, "--except", $"{Home}/.ssh", "--except", $"{Home}/docs/open", "cat",
            $"{Home}/rc").ExitCode);
        CliRun denied = CliRun.Of(mounted, "--read-only", Home, "--except", $"{Home}/.ssh", "--except", $"{Home}/docs/open", "cat",
            $"{Home}/docs/open/id");
        Assert.Contains("Permission denied", denied.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mount_of_a_directory_around_the_exception_is_refused()
    {
        if (CliRun.Everyone.Count == 1) return; // Only root can mount.
        // What is mounted in home/docs is not seen in alias, but home/docs is what alias is: a rule for alias is for what is excepted.
        Setup mounted = new()
        {
            Who = Who.Root,
            Wrapper = ["/usr/bin/unshare", "-m", "/bin/sh", "-euc", "mount -t tmpfs none \"$HERE/home/docs/private\"; echo data > "
                + "\"$HERE/home/docs/private/key\"; mkdir \"$HERE/alias\"; mount --bind \"$HERE/home/docs\" \"$HERE/alias\"; "
                + "exec \"$@\"", "sh"],
        };
        mounted = mounted with { Environment = [.. mounted.Environment, $"HERE={_scratch.Path}"] };
        string key = $"{Home}/docs/private/key", alias = _scratch["alias"];
        CliRun run = CliRun.Of(mounted, "--read-only", Home, "--except", key, "--read-data", alias, "cat", key);
        Assert.Equal((125, ""), (run.ExitCode, run.Output));
        Assert.Contains($"the exception '{key}' would not hold: the rule for '{alias}' allows read_file,read_dir there, as '{alias}' "
            + $"is the same as '{Home}/docs' (a mount). Leave that rule out, or allow what is beside it instead", run.Error,
            StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(Everyone))]
    public void Links_on_the_way_make_no_difference(Who who)
    {
        _scratch.Do("ln -s home alias; chmod -R a+rX .");
        string alias = _scratch["alias"];
        foreach ((string rule, string exception) in new[] { (Home, $"{alias}/.ssh"), (alias, $"{Home}/.ssh"), (alias, $"{alias}/link") })
        {
            foreach (string name in (string[])[$"{Home}/.ssh/id", $"{alias}/.ssh/id", $"{alias}/link/id"])
                Assert.Contains("Permission denied", CliRun.Of(who, "--read-only", rule, "--except", exception, "cat", name).Error,
                    StringComparison.Ordinal);
            Assert.Equal("data\n", CliRun.Of(who, "--read-only", rule, "--except", exception, "cat", $"{alias}/rc").Output);
        }
    }

    [Theory]
    [MemberData(nameof(Everyone))]
    public void A_hard_link_of_an_excepted_file_is_refused_or_denied_with_it(Who who)
    {
        _scratch.Do("ln home/.ssh/id home/docs/open/copy");
        CliRun run = CliRun.Of(who, "--read-only", Home, "--except", $"{Home}/.ssh", "cat", $"{Home}/docs/open/copy");
        Assert.Equal(125, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Contains($"the exception '{Home}/.ssh' would not hold: '{Home}/.ssh/id' is the same file as '{Home}/docs/open/copy' (a hard "
            + $"link), for which the rule for '{Home}' allows execute,read_file. Except that name as well, or copy the file", run.Error,
            StringComparison.OrdinalIgnoreCase);
        foreach (string name in (string[])[".ssh/id", "docs/open/copy"])
            Assert.Contains("Permission denied", CliRun.Of(who, "--read-only", Home, "--except", $"{Home}/.ssh", "--except",
                $"{Home}/docs/open/copy", "cat", $"{Home}/{name}").Error, StringComparison.Ordinal);
        Assert.Equal("data\n", CliRun.Of(who, "--read-only", Home, "--except", $"{Home}/.ssh", "--except", $"{Home}/docs/open/copy", "cat",
            $"{Home}/docs/open/y").Output);
    }

    [Fact]
    public void An_exception_needs_a_directory_around_it()
    {
        CliRun run = CliRun.Of("--except", "/etc", "--read-only", "/usr", "true");
        Assert.Equal(125, run.ExitCode);
        Assert.Contains("The exception '/etc' is beneath none of the allowed paths (/usr). Correct it, or leave it out: what no rule "
            + "allows is denied anyway", run.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("allows execute,read_file beneath it", CliRun.Of("--except", "/usr/bin", "--read-only", "/usr", "true").Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_shows_its_exceptions_and_keeps_them()
    {
        string policy = _scratch.File("except.toml", "abi = 7\n[[ruleset]]\nhandled_access_fs = ['abi.all']\n[[landlockps.path_beneath]]\n"
            + $"allowed_access = ['read_file', 'read_dir']\nparent = ['{Home}']\nexcept = ['{Home}/.ssh']\n");
        Assert.Contains($"{Home}  except {Home}/.ssh", CliRun.Of("policy", "resolve", policy).Output, StringComparison.Ordinal);
        Assert.Equal(0, CliRun.Of("--policy", policy, "cat", $"{Home}/rc").ExitCode);
        Assert.Contains("Permission denied", CliRun.Of("--policy", policy, "cat", $"{Home}/.ssh/id").Error, StringComparison.Ordinal);
    }
}
