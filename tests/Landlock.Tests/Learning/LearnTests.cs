using Landlock.Linux;
using Landlock.Tests.Cli;
using Landlock.Tests.Tracing;

namespace Landlock.Tests.Learning;

/// <summary>A policy that was learned lets the same run again, and nothing that it never did.</summary>
public sealed class LearnTests
{
    [CliTheory]
    [TracedProgram("gcc")]
    [TracedProgram("git")]
    [TracedProgram("python3")]
    [TracedProgram("pwsh")]
    [TracedProgram("curl")]
    [TracedProgram("ssh")]
    [TracedProgram("script")]
    [TracedProgram("npm")]
    public void What_was_learned_is_enough_and_not_everything(string program, string script)
    {
        string found = TracedProgramAttribute.Find(program)!;
        using Scratch scratch = new();
        string work = scratch.Path + "/work", policy = scratch["policy.toml"], secret = scratch.File("secret");
        scratch.Do("mkdir work home tmp");
        if (program.EndsWith("git", StringComparison.Ordinal))
            scratch.Do("git init -q -b main w; cd w; echo 1 > f; git add .; git -c user.name=a -c user.email=a@b commit -qm x; git clone "
                + "-q --bare . ../work/origin.git");
        using LearnServer? server = LearnServer.For(program, work);
        if (program.EndsWith("ssh", StringComparison.Ordinal) && server is null) return;
        if (program == "npm")
            scratch.Do("cd work; echo '{ \"name\": \"x\", \"scripts\": { \"test\": \"node --test\" } }' > package.json; "
                + "echo \"require('node:test')('works', () => {});\" > a.test.js");
        script = script.Replace("$PORT", $"{server?.Port}", StringComparison.Ordinal);
        Setup setup = new()
        {
            Who = Who.Root,
            Directory = work,
            Environment = [$"PATH={Path.GetDirectoryName(found)}:/usr/bin:/bin", "LANG=C", $"DOTNET_ROOT={Built.DotnetRoot}",
                $"HOME={scratch["home"]}", $"TMPDIR={scratch["tmp"]}"],
        };
        // Runtimes keep things in the home directory, which is a guarded place.
        string[] trace = ["trace", "--learn", policy, "--collapse", "20", "--allow-guarded", scratch["home"], "--allow-guarded",
            scratch["home"] + "/.cache", "--allow-guarded", "/proc", "--", "/bin/sh", "-c", script];
        Assert.Equal(0, CliRun.Program(setup, "/bin/sh", "-c", script).ExitCode);
        // Two runs, since not every run needs the same; the second one extends the policy of the first.
        foreach (int _ in (int[])[1, 2])
        {
            CliRun traced = CliRun.Of(setup, trace);
            Assert.True(traced.ExitCode == 0 && File.Exists(policy), traced.ToString());
        }

        string[] sandbox = ["--policy", policy, "--no-closure", "--no-baseline", "--"];
        CliRun again = CliRun.Of(setup, [.. sandbox, "/bin/sh", "-c", script]);
        Assert.True(again.ExitCode == 0, $"{again}\n{File.ReadAllText(policy)}");

        // Asked of the shell itself, which the policy lets run.
        foreach (string denied in (string[])[secret, "/etc/shadow", "/etc/machine-id"])
        {
            if (PosixFile.Stat(denied) is null) continue;
            Assert.Equal(3, CliRun.Of(setup, [.. sandbox, "/bin/sh", "-c", $"read x < '{denied}' || exit 3"]).ExitCode);
        }

        Assert.Equal(3, CliRun.Of(setup, [.. sandbox, "/bin/sh", "-c", $"(echo > '{scratch["new"]}') 2>&- || exit 3"]).ExitCode);
    }

    // Before ABI 10 no rule of Landlock's is needed, but the filter wants to know; a terminal's other end is opened by an ioctl.
    [Theory]
    [InlineData("import socket; s = socket.socket(2, 2); s.connect(('127.0.0.1', 5399)); s.send(b'x')")]
    [InlineData("import os; print(os.isatty(os.openpty()[1]))")]
    [InlineData("import socket; socket.socket(2, 1); socket.socket(2, 2)")]
    [InlineData("import socket; socket.if_nameindex()")]
    public void What_was_learned_is_enough_for(string code)
    {
        if (PosixFile.Stat("/usr/bin/python3") is null) return;
        using Scratch scratch = new();
        string[] command = ["/usr/bin/python3", "-c", code];
        foreach (int _ in (int[])[1, 2])
            Assert.Equal(0, CliRun.Of(["trace", "--learn", scratch["p.toml"], "--allow-guarded", "/proc", "--", .. command]).ExitCode);
        CliRun run = CliRun.Of(["--policy", scratch["p.toml"], "--no-closure", "--no-baseline", "--", .. command]);
        Assert.True(run is { ExitCode: 0, Error: "" }, $"{run}\n{File.ReadAllText(scratch["p.toml"])}");
        CliRun bare = CliRun.Of(["--read-only", "/", "--", .. command]);
        Assert.NotEqual(0, bare.ExitCode);
    }

    [Fact]
    public void What_is_no_policy_is_told_before_anything_is_run()
    {
        using Scratch scratch = new();
        scratch.File("p.toml", "abi = \"x\"\n[[variable]]\nname = \"x\"\n");
        CliRun.Of("trace", "--learn", scratch["p.toml"], "touch", scratch["ran"])
            .Refused($"landlocked: {scratch["p.toml"]}:1:7: 'abi' must be an integer from 1 to 2147483647, not a string");
        Assert.False(File.Exists(scratch["ran"]));
    }

    [Fact]
    public void What_cannot_be_written_afterwards_is_told_in_words()
    {
        using Scratch scratch = new();
        scratch.Do("mkdir d");
        CliRun run = CliRun.Of("trace", "--learn", scratch["d/p.toml"], "rmdir", scratch["d"]);
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith($"landlocked: warning: cannot write the policy '{scratch["d/p.toml"]}': No such file or directory\n", run.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_leads_nowhere_yet_gets_its_file()
    {
        using Scratch scratch = new();
        scratch.Do("ln -s real.toml p.toml");
        foreach (int _ in (int[])[1, 2]) CliRun.Of("trace", "--learn", scratch["p.toml"], "true").Ran();
        Assert.Equal("real.toml", new FileInfo(scratch["p.toml"]).LinkTarget);
        CliRun.Of("--policy", scratch["real.toml"], "--no-closure", "--no-baseline", "true").Ran();
    }

    [Fact]
    public void A_report_that_cannot_be_written_is_told()
    {
        CliRun run = CliRun.Of(Who.Root, "trace", "--json-file", "/dev/full", "true");
        Assert.Equal((0, "landlocked: warning: cannot write the report to '/dev/full': No space left on device\n"),
            (run.ExitCode, run.Error));
    }

    [Fact]
    public void What_is_wider_than_what_was_seen_is_told()
    {
        using Scratch scratch = new();
        scratch.Do("mkdir many; for i in $(seq 30); do echo > many/$i; done");
        CliRun run = CliRun.Of(new Setup { Directory = scratch.Path, Environment = ["PATH=/usr/bin:/bin", $"HOME={scratch.Path}"] },
            "trace", "--learn", "p.toml", "--collapse", "20", "--", "/bin/sh", "-c", "cat $(seq -f many/%g 22) > /dev/null; echo > new");
        string root = PosixFile.RealPath(scratch.Path)!;
        Assert.Contains($"Granted read_file {root}/many: 22 seen, 30 granted (22 of its entries need the same)", run.Error);
        Assert.Contains($"LeftOut write_file,make_reg,truncate {root}: a guarded place; allow it by name if that is meant", run.Error);
        Assert.DoesNotContain($"\"{root}\"", File.ReadAllText(scratch["p.toml"]));
    }
}
