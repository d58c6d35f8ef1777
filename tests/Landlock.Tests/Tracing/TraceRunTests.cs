using Landlock.Abi;
using Landlock.Linux;
using Landlock.Tests.Cli;
using Landlock.Tracing;

namespace Landlock.Tests.Tracing;

/// <summary>`landlocked trace` on real programs: what is recorded, and that the command does not notice.</summary>
public sealed class TraceRunTests
{
    public static TheoryData<Who> Everyone => CliRun.Everyone;

    [Theory]
    [MemberData(nameof(Everyone))]
    public void Files_links_and_renames_are_recorded_as_the_kernel_finds_them(Who who)
    {
        using Scratch scratch = new();
        scratch.File("source");
        string root = PosixFile.RealPath(scratch.Path)!;
        TraceReport report = Trace(who,
            scratch, "cd sub; cat ../source > copy; mv copy ../moved; ln -s moved ../link; cat ../link; rm ../link; cat missing; exit 3",
            out CliRun run);
        Assert.Equal(3, run.ExitCode);
        Has(report, "open", $"{root}/source", AccessFs.ReadFile);
        Has(report, "open", $"{root}/sub/copy", AccessFs.WriteFile | AccessFs.Truncate | AccessFs.MakeReg);
        Has(report, "rename", $"{root}/sub/copy", AccessFs.RemoveFile | AccessFs.Refer, other: $"{root}/moved");
        Has(report, "rename", $"{root}/moved", AccessFs.MakeReg | AccessFs.Refer, other: $"{root}/sub/copy");
        Has(report, "symlink", $"{root}/link", AccessFs.MakeSym);
        Has(report, "open", $"{root}/moved", AccessFs.ReadFile);
        Has(report, "unlink", $"{root}/link", AccessFs.RemoveFile);
        Has(report, "open", $"{root}/sub/missing", AccessFs.ReadFile, Errno.ENOENT);
        AccessRecord shell = Has(report, "execute", PosixFile.RealPath("/bin/sh")!, AccessFs.Execute | AccessFs.ReadFile);
        Assert.True(shell.ProcessId > 0);
        Has(report, "open", $"{root}/source", AccessFs.ReadFile, program: PosixFile.RealPath("/bin/cat")!);
    }

    [Fact]
    public void What_many_threads_start_at_once_is_recorded_as_the_programs_that_it_becomes()
    {
        if (!File.Exists("/usr/bin/python3")) return;
        using Scratch scratch = new();
        string file = scratch.File("file");
        const string script = """
            import subprocess, sys, threading
            def go():
                for i in range(100): subprocess.run(["/bin/cat", sys.argv[1]], stdout=subprocess.DEVNULL)
            all = [threading.Thread(target=go) for i in range(8)]
            for thread in all: thread.start()
            """;
        CliRun run = CliRun.Of("trace", "--json-file", scratch["report"], "--json", "--", "/usr/bin/python3", "-c", script, file);
        Assert.Equal(0, run.ExitCode);
        AccessRecord[] records =
            [.. TraceReport.Read(File.ReadAllBytes(scratch["report"])).Records.Where(record => record.Path == PosixFile.RealPath(file))];
        Assert.Equal((800, PosixFile.RealPath("/bin/cat")),
            (records.Sum(record => record.Count), Assert.Single(records.Select(record => record.Program).Distinct())));
    }

    [Theory]
    [InlineData("exit 0", 0, 0)]
    [InlineData("exit 41", 41, 0)]
    [InlineData("kill -TERM $$", -1, 15)]
    [InlineData("kill -KILL $$", -1, 9)]
    [InlineData("trap 'exit 5' TERM; kill -TERM $$", 5, 0)]
    [InlineData("kill -STOP $$ & sleep 0.2; exit 6", 6, 0)]
    public void The_command_ends_as_it_would(string script, int exitCode, int signal)
    {
        using Scratch scratch = new();
        // One that stops is let go on by another one.
        if (script.Contains("STOP", StringComparison.Ordinal)) script = "p=$$; (sleep 0.2; kill -CONT $p) & kill -STOP $p; exit 6";
        CliRun run = Run(Who.Ordinary, scratch, script);
        Assert.Equal((exitCode, signal), (run.ExitCode, run.Signal));
    }

    [Fact]
    public void Output_and_input_are_the_commands_own()
    {
        using Scratch scratch = new();
        CliRun run = CliRun.Of(new Setup { Input = "in"u8.ToArray() }, "trace", "--json-file", scratch["report"], "--", "/bin/sh", "-c",
            "cat; echo err >&2");
        Assert.Equal(("in", "err\n", 0), (run.Output, run.Error, run.ExitCode));
    }

    [Fact]
    public void The_command_starts_in_the_state_it_would_have_had()
    {
        using Scratch scratch = new();
        const string script = "grep -E 'Sig(Ign|Blk|Cgt)' /proc/self/status; ulimit -n";
        Assert.Equal("0\n1\n2\n3\n", Run(Who.Ordinary, scratch, "ls /proc/self/fd").Output);
        Assert.Equal(CliRun.Program(new Setup(), "/bin/sh", "-c", script).Output, Run(Who.Ordinary, scratch, script).Output);
    }

    [Fact]
    public void Threads_and_their_executions_are_followed()
    {
        if (PosixFile.Stat("/usr/bin/python3") is null) return;
        using Scratch scratch = new();
        scratch.File("seen");
        string root = PosixFile.RealPath(scratch.Path)!;
        // The program that a thread which is not the first one executes takes over the process.
        TraceReport report = Trace(Who.Ordinary, scratch,
            "exec /usr/bin/python3 -c 'import threading,os,time; threading.Thread(target=lambda: os.execv(\"/bin/cat\", [\"cat\", "
                + $"\"{root}/seen\"])).start(); time.sleep(10)'", out CliRun run);
        Assert.Equal(("content\n", 0), (run.Output, run.ExitCode));
        Has(report, "open", $"{root}/seen", AccessFs.ReadFile, program: PosixFile.RealPath("/bin/cat")!);
    }

    [Fact]
    public void A_sandbox_inside_shows_what_it_denies()
    {
        using Scratch scratch = new();
        scratch.File("secret");
        string root = PosixFile.RealPath(scratch.Path)!;
        TraceReport report = Trace(Who.Ordinary, scratch, $"'{CliRun.Landlocked}' cat '{root}/secret'", out CliRun run);
        Assert.Equal(1, run.ExitCode);
        Assert.True(Has(report, "open", $"{root}/secret", AccessFs.ReadFile, Errno.EACCES).Denied);
    }

    [Fact]
    public void Children_left_behind_are_part_of_the_trace()
    {
        using Scratch scratch = new();
        scratch.File("late");
        string root = PosixFile.RealPath(scratch.Path)!;
        TraceReport report = Trace(Who.Ordinary, scratch, "(sleep 0.3; cat late) >/dev/null 2>&1 & exit 2", out CliRun run);
        Assert.Equal(2, run.ExitCode);
        Has(report, "open", $"{root}/late", AccessFs.ReadFile);
    }

    [Fact]
    public void Mistakes_are_told()
    {
        CliRun.Of("trace").Refused("landlocked: no command was given; write: landlocked trace -- COMMAND");
        CliRun.Of("trace", "--", "no-such-command")
            .Refused("landlocked: the command 'no-such-command' was not found in PATH; nothing was run", 127);
        CliRun.Of("trace", "--json-file", "/no/such/file", "--", "true")
            .Refused("landlocked: --json-file: cannot write to '/no/such/file': No such file or directory");
        CliRun.Of("trace", "--collapse", "1", "--", "true").Refused("landlocked: --collapse: expected a number above 1, not '1'");
    }

    [Fact]
    public void A_32_bit_program_is_traced_explained_and_learned()
    {
        using Scratch scratch = new();
        if (NarrowProgram.Build(scratch) is not { } narrow) return;
        string root = PosixFile.RealPath(scratch.Path)!;
        scratch.File("data", "content\n");
        Setup here = new() { Directory = scratch.Path };
        CliRun traced = CliRun.Of(here, "trace", "--learn", scratch["p.toml"], narrow);
        Assert.Equal((0, "content\n"), (traced.ExitCode, traced.Output));
        Assert.DoesNotContain("32 bits", traced.Error, StringComparison.Ordinal);
        string said = CliRun.Of(here, "trace", narrow).Error;
        foreach (string access in (string[])[$" read_file  *{root}/data\n", " socket  *tcp\n",
            $" write_file,make_reg,truncate  *{root}/new\n", " connect_tcp  *ECONNREFUSED  *127.0.0.1:9\n", $" remove_file  *{root}/new\n"])
            Assert.Matches(access.Replace("  *", " +", StringComparison.Ordinal), said);

        Assert.Equal((0, "content\n"), Ended(CliRun.Of(here, "--policy", scratch["p.toml"], "--no-baseline", "--", narrow)));

        CliRun denied = CliRun.Of(here, "--explain", "--", narrow);
        Assert.Equal(13, denied.ExitCode);
        Assert.Contains($"open {root}/data: read_file denied, by narrow", denied.Error, StringComparison.Ordinal);
        CliRun refused = CliRun.Of(here, "--explain", "--read-only", root, "--", narrow);
        Assert.Equal(13, refused.ExitCode);
        Assert.Contains("--connect-tcp PORT", refused.Error, StringComparison.Ordinal);

        static (int, string) Ended(CliRun run) => (run.ExitCode, run.Output);
    }

    private static CliRun Run(Who who, Scratch scratch, string script) =>
        CliRun.Of(new Setup { Who = who, Directory = scratch.Path }, "trace", "--json-file", scratch["report"], "--", "/bin/sh", "-c",
            script);

    private static TraceReport Trace(Who who, Scratch scratch, string script, out CliRun run)
    {
        scratch.Do("mkdir sub");
        run = Run(who, scratch, script);
        Assert.True(File.Exists(scratch["report"]), run.ToString());
        TraceReport report = TraceReport.Read(File.ReadAllBytes(scratch["report"]));
        Assert.True(report.IsComplete);
        return report;
    }

    private static AccessRecord Has(TraceReport report, string operation, string path, AccessFs access, Errno error = Errno.None,
        string? other = null, string? program = null) =>
        Assert.Single(report.Records,
            record => record.Operation == operation && record.Path == path && record.Access == access && record.Error == error
            && (other is null || record.Other == other) && (program is null || record.Program == program));
}
