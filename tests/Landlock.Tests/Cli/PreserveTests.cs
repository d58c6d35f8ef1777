using Landlock.Tests.Exec;

namespace Landlock.Tests.Cli;

/// <summary>What --preserve puts back, whatever the command has made of it.</summary>
public sealed class PreserveTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public PreserveTests()
    {
        _scratch.Do("mkdir -p repo/hooks/deep; printf '[core]\\n' > repo/config; echo hook > repo/hooks/one; echo x > repo/hooks/deep/two; "
            + "ln -s one repo/hooks/link; chmod 755 repo/hooks/one");
        if (Posix.geteuid() == 0) _scratch.Do("chown -Rh 65534:65534 repo");
    }

    public void Dispose() => _scratch.Dispose();

    private CliRun Run(string script, params string[] options) => CliRun.Of(new Setup { Directory = _scratch["repo"] },
        ["--read-only", "/usr", "--read-only", "/bin", "--read-only", "/lib", "--read-write", ".", "--preserve", "config", "--preserve",
            "hooks", "--preserve", "absent", .. options, "--", "sh", "-c", script]);

    private string Tree() => string.Join('\n', CliRun.Program(new Setup { Who = Who.Root, Directory = _scratch["repo"] }, "/bin/sh", "-c",
        "cat config hooks/one hooks/deep/two; readlink hooks/link; ls -A . hooks; stat -c %a hooks/one config").Output.Split('\n')
        .Where(line => !line.Contains(".from-sandbox", StringComparison.Ordinal)));

    [CliTheory(abi: 3)]
    [InlineData("echo evil >> config", "config")]
    [InlineData("rm config; ln -s /etc/passwd config", "config")]
    [InlineData("rm config", "config")]
    [InlineData("mkfifo p; mv p config", "config")]
    [InlineData("chmod 777 config", "config")]
    [InlineData("echo evil > hooks/new", "hooks")]
    [InlineData("echo evil > hooks/deep/two", "hooks")]
    [InlineData("rm -r hooks; mkdir hooks; echo evil > hooks/one", "hooks")]
    [InlineData("rm -r hooks; ln -s / hooks", "hooks")]
    [InlineData("chmod 700 hooks/one; chmod 0 hooks/deep", "hooks")]
    [InlineData("echo evil > absent", "absent")]
    [InlineData("(setsid sh -c 'sleep 0.2; echo late >> config; sleep 60' >/dev/null 2>&1 &); sleep 0.5", "config")]
    public void What_was_changed_is_put_back(string script, string changed)
    {
        string before = Tree();
        CliRun run = Run(script);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal($"landlocked: warning: the command had changed '{_scratch["repo"]}/{changed}', which was put back; what it had made "
            + "of it is beside it, named *.from-sandbox\n", run.Error);
        Assert.Equal(before, Tree());
        Assert.False(File.Exists(_scratch["repo/absent"]));
    }

    [CliFact(abi: 3)]
    public void What_was_not_changed_is_left_alone_and_nothing_is_said()
    {
        DateTime before = File.GetLastWriteTimeUtc(_scratch["repo/config"]);
        Run("cat config hooks/one; echo other > file").Ran("[core]\nhook\n");
        Assert.Equal(before, File.GetLastWriteTimeUtc(_scratch["repo/config"]));
        Assert.True(File.Exists(_scratch["repo/file"]));
    }

    [CliFact(abi: 3)]
    public void What_the_command_made_of_it_is_kept_beside_it_each_time()
    {
        Run("echo first > config");
        Run("echo second > config");
        Assert.Equal(("first\n", "second\n"), (File.ReadAllText(_scratch["repo/config.from-sandbox"]),
            File.ReadAllText(_scratch["repo/config.from-sandbox-1"])));
    }

    [CliFact(abi: 3)]
    public void A_directory_that_was_exchanged_is_told()
    {
        CliRun run = CliRun.Of(new Setup { Directory = _scratch.Path },
            ["--read-only", "/usr", "--read-only", "/bin", "--read-only", "/lib", "--read-write", ".", "--preserve", "repo/config", "--",
                "sh", "-c", "mv repo old; mkdir repo; echo evil > repo/config"]);
        Assert.Equal($"landlocked: warning: the command has changed '{_scratch["repo/config"]}', which could not be put back; look at it "
            + "before you use what is there\n", run.Error);
        Assert.Equal("evil\n", File.ReadAllText(_scratch["repo/config"]));
        Assert.Equal("[core]\n", File.ReadAllText(_scratch["old/config"]));
    }

    [CliFact(abi: 3)]
    public void It_is_put_back_when_the_time_is_over_and_when_a_supervisor_is_killed()
    {
        Assert.Equal(124, Run("echo evil > config; sleep 60", "--timeout", "0.3").ExitCode);
        Assert.Equal("[core]\n", File.ReadAllText(_scratch["repo/config"]));
        // The inner supervisor is the command's parent, and outside of the sandbox's reach.
        Run("echo evil > config; kill -9 $PPID; sleep 1");
        Assert.Equal("[core]\n", File.ReadAllText(_scratch["repo/config"]));
        CliRun.Program(new Setup { Directory = _scratch["repo"] }, "/bin/sh", "-c",
            $"{CliRun.Landlocked} --read-only /usr --read-only /bin --read-only /lib --read-write . --preserve config -- "
                + "sh -c 'echo evil > config; sleep 60' & sleep 0.5; kill -9 $(pgrep -P $! -x landlocked); wait");
        Assert.Equal("[core]\n", File.ReadAllText(_scratch["repo/config"]));
    }

    [CliFact(abi: 3)]
    public void What_cannot_be_preserved_is_refused_and_nothing_runs()
    {
        _scratch.Do("mkfifo repo/hooks/pipe");
        Run("echo ran").Refused($"landlocked: '{_scratch["repo/hooks"]}' cannot be preserved: it holds something else than files, "
            + "directories and links; nothing was run. Leave it out, or name what is in it");
        _scratch.Do("rm repo/hooks/pipe; head -c 17000000 /dev/zero > repo/hooks/large");
        Run("echo ran").Refused($"landlocked: '{_scratch["repo/hooks"]}' cannot be preserved: a file in it cannot be read, or all together "
            + "have more than 16 MiB; nothing was run. Leave it out, or name what is in it");
    }

    [CliFact]
    public void It_is_shown()
    {
        string output = Run("true", "--dry-run", "--verbose").Output;
        Assert.Contains($"\nput back when the command ends, if it has changed it: {_scratch["repo/config"]}\n", output,
            StringComparison.Ordinal);
    }

    [ProfileFact("git")]
    public void An_agent_cannot_leave_hooks_behind()
    {
        using ProjectHome home = new();
        CliRun run = home.Under("agent",
            "echo evil > .git/hooks/pre-commit; git config core.fsmonitor evil; git commit -qam x --allow-empty");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("which was put back", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(home["home/work/.git/hooks/pre-commit"]));
        Assert.Equal("", home.Outside("git -C home/work config core.fsmonitor || true"));
        Assert.Equal("x\n", home.Outside("git -C home/work log --format=%s -1"));
    }
}
