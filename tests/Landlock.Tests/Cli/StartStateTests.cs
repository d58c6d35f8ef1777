using System.Text.RegularExpressions;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Cli;

/// <summary>The command starts as if nobody had been there: compared with the same command started directly.</summary>
public sealed class StartStateTests
{
    // Files of /proc/self that tell what a process inherited. Those that count time or memory are left out.
    private static readonly string[] Told =
    [
        "status", "limits", "environ", "cmdline", "comm", "oom_score_adj", "coredump_filter", "personality", "timerslack_ns", "cgroup",
        "loginuid", "sessionid",
    ];

    private static readonly string[] Changing =
        [
            "Pid:", "Tgid:", "Vm", "Rss", "Hugetlb", "voluntary_ctxt", "nonvoluntary_ctxt", "Threads:", "NStgid", "NSpid", "NSpgid",
            "NSsid", "Ngid", "x86_Thread", "Speculation", "SigQ:", "PPid:",
        ];

    public static TheoryData<Who, string> States()
    {
        TheoryData<Who, string> data = [];
        foreach (Who who in CliRun.Everyone)
        {
            foreach (string state in (string[])
            [
                "exec \"$@\"", "trap '' PIPE; exec \"$@\"", "trap '' HUP INT QUIT; exec \"$@\"", "trap '' CHLD TERM USR1; exec \"$@\"",
                "ulimit -n 20; exec \"$@\"", "ulimit -Sn 64; exec \"$@\"",
                "ulimit -Sn 512; ulimit -c 0; ulimit -f 1000; ulimit -t 100; exec \"$@\"", "umask 027; exec \"$@\"", "umask 0; exec \"$@\"",
                "exec nice -n 5 \"$@\"", "exec setsid \"$@\"", "exec taskset -c 0 \"$@\"",
                "echo 300 > /proc/self/oom_score_adj; exec \"$@\"", "exec env -i \"$@\"", "exec env -i PATH=/bin A= =B \"$@\"",
                "exec setpriv --no-new-privs \"$@\"", "exec nohup \"$@\"",
                "ulimit -s 1024; exec \"$@\"", "exec prlimit --sigpending=50 \"$@\"", "exec chrt -b 0 \"$@\"", "exec ionice -c 3 \"$@\"",
                "exec 3</dev/null; exec \"$@\"", "exec <&-; exec \"$@\"", "exec setarch -R \"$@\"",
            ])
                data.Add(who, state);
        }

        return data;
    }

    [CliTheory]
    [MemberData(nameof(States))]
    public void Nothing_but_no_new_privs_differs(Who who, string state) => Compare(new Setup { Who = who }, state);

    [CliTheory]
    [InlineData(1UL << 12)]
    [InlineData((1UL << 14) | (1UL << 1) | (1UL << 33) | (1UL << 63))]
    [InlineData(ulong.MaxValue)]
    public void Blocked_signals_stay_blocked_and_no_others(ulong blocked) => Compare(new Setup { Blocked = blocked }, "exec \"$@\"");

    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Exactly_the_open_descriptors_are_the_same(Who who)
    {
        Setup setup = new() { Who = who };
        string[] list = ["/bin/ls", "-l", "/proc/self/fd"];

        // The test host has descriptors of its own open; only the sandbox closes them.
        string[] direct = Descriptors(CliRun.Program(setup, list));
        string[] sandboxed = Descriptors(CliRun.Of(setup, ["--read-only", "/", .. list]));
        Assert.Equal(direct.Where(line => line[0] is >= '0' and <= '3' && line[1] == ' '), sandboxed);
        Assert.Equal(4, sandboxed.Length);
    }

    [CliFact]
    public void Other_descriptors_are_closed_unless_kept()
    {
        int file = Posix.MemoryFile("kept");
        try
        {
            Posix.Write(file, "content\n"u8);
            Setup setup = new() { Descriptors = new() { [5] = file, [7] = file, [200] = file } };
            Assert.Equal("0 1 2 3", Numbers([]));
            Assert.Equal("0 1 2 3 5", Numbers(["--keep-fd", "5"]));
            Assert.Equal("0 1 2 3 5 7 200", Numbers(["--keep-fd=200,5", "--keep-fd", "7,1"]));
            CliRun.Of(setup, "--keep-fd", "5,9", "true").Refused("landlocked: --keep-fd: descriptor 9 is not open");
            CliRun.Of(setup, "--keep-fd", "5", "--read-only", "/usr", "sh", "-c", "cat <&5").Ran("content\n");

            string Numbers(string[] options) => string.Join(' ', CliRun.Of(setup, [.. options, "--read-only", "/", "ls",
                "/proc/self/fd"]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).Order());
        }
        finally
        {
            Posix.Close(file);
        }
    }

    [CliTheory]
    [InlineData("<&-")]
    [InlineData(">&-")]
    [InlineData("2>&-")]
    [InlineData("<&- >&- 2>&-")]
    public void Closed_standard_streams_stay_closed(string closing)
    {
        using Scratch scratch = new();
        string[] list = ["/usr/bin/perl", "-e", "open(my $f, '>', $ARGV[0]); for (0, 1, 2) { print $f \"$_\" if -e \"/proc/self/fd/$_\" && "
            + "readlink(\"/proc/self/fd/$_\") ne $ARGV[0] }", scratch["list"]];
        string direct = Run([]);
        // Those who stay must not have taken the numbers for what they need themselves.
        foreach (string[] options in (string[][])[[], ["--explain"], ["--timeout", "60"], ["--explain", "--timeout", "60"]])
            for (int i = 0; i < (options.Length == 0 ? 1 : 3); i++)
                Assert.Equal(direct, Run([CliRun.Landlocked, .. options, "--read-only", "/", "--edit", scratch["list"]]));

        string Run(string[] prefix)
        {
            scratch.File("list", "");
            CliRun run = CliRun.Program(new Setup(), ["/bin/sh", "-c", $"exec \"$@\" {closing}", "sh", .. prefix, .. list]);
            Assert.Equal((0, 0), (run.ExitCode, run.Signal));
            return File.ReadAllText(scratch["list"]);
        }
    }

    // The runtime opens descriptors of its own, which get the lowest numbers.
    [CliTheory]
    [InlineData("<&-", 125, "landlocked: <stdin>: it may not be read (Bad file descriptor)\n", "--policy", "-", "true")]
    [InlineData(">&-", 125, "landlocked: cannot write to standard output: Bad file descriptor\n", "support")]
    [InlineData("2>&-", 127, "", "no-such-command")]
    [InlineData("<&- >&- 2>&-", 1, "", "--timeout", "20", "--private-temp", "--read-only", "/usr", "cat", "/dev/null", "/etc/passwd")]
    [InlineData("<&- >&- 2>&-", 1, "", "--explain", "--timeout", "20", "--private-temp", "--read-only", "/usr", "cat", "/dev/null",
        "/etc/passwd")]
    [InlineData("<&- >&- 2>&-", 1, "", "trace", "cat", "/nonexistent")]
    public void What_is_closed_is_read_from_and_written_to_by_nobody(string closing, int exitCode, string error, params string[] arguments)
    {
        CliRun run = CliRun.Program(new Setup(), ["/bin/sh", "-c", $"exec \"$@\" {closing}", "sh", CliRun.Landlocked, .. arguments]);
        Assert.Equal((exitCode, 0, "", error), (run.ExitCode, run.Signal, run.Output, run.Error));
    }

    [CliFact]
    public void Session_process_group_and_parent_are_the_same()
    {
        // Fields of /proc/self/stat: process, parent, group, session, terminal, foreground group; then nice and policy.
        const string show = "exec \"$@\" cut -d' ' -f1,4-8,19,40,41 /proc/self/stat";
        string script = $"({show}) | cut -d' ' -f2-; true";
        string direct = CliRun.Program(new Setup(), "/bin/sh", "-c", script, "sh").Output;
        string sandboxed = CliRun.Program(new Setup(), "/bin/sh", "-c", script, "sh", CliRun.Landlocked, "--read-only", "/").Output;
        Assert.Equal(direct.Split(' ').Length, sandboxed.Split(' ').Length);
        Assert.Equal(direct.Split(' ')[3..], sandboxed.Split(' ')[3..]);
    }

    [CliFact]
    public void Standard_error_in_a_closed_pipe_kills_nobody_but_the_command()
    {
        // A command that dies of SIGPIPE when started directly dies of SIGPIPE in a sandbox.
        const string script = "{ \"$@\" yes; echo $? >&2; } | true";
        string direct = CliRun.Program(new Setup(), "/bin/sh", "-c", script, "sh").Error;
        Assert.Equal("141\n", direct);
        Assert.Equal(direct, CliRun.Program(new Setup(), "/bin/sh", "-c", script, "sh", CliRun.Landlocked).Error);
    }

    private static void Compare(Setup setup, string state)
    {
        string[] command = ["cat", .. Told.Select(name => $"/proc/self/{name}").Where(File.Exists)];
        CliRun direct = CliRun.Program(setup, ["/bin/sh", "-c", state, "sh", .. command]);
        CliRun sandboxed = CliRun.Program(setup, ["/bin/sh", "-c", state, "sh", CliRun.Landlocked, "--read-only", "/", .. command]);
        Assert.Equal(direct.Error, sandboxed.Error);
        Assert.Equal(0, direct.ExitCode);
        Assert.Equal(0, sandboxed.ExitCode);
        Assert.Equal(Comparable(direct.Output), Comparable(sandboxed.Output));
        Assert.Contains("NoNewPrivs:\t1", sandboxed.Output, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t2", sandboxed.Output, StringComparison.Ordinal);
        Assert.Contains("SigCgt:\t0000000000000000", sandboxed.Output, StringComparison.Ordinal);
    }

    // A sandbox is told what it is, in two variables.
    private static string Comparable(string told) => string.Join('\n',
        Regex.Replace(told, "LANDLOCKPS_SANDBOX(_FILE)?=[^\0]*\0", "").Split('\n')
        .Where(line => !Changing.Any(prefix => line.StartsWith(prefix, StringComparison.Ordinal)))
        .Where(line => !line.StartsWith("Seccomp", StringComparison.Ordinal))
        .Select(line => line.StartsWith("NoNewPrivs:", StringComparison.Ordinal) ? "NoNewPrivs" : line));

    private static string[] Descriptors(CliRun run) =>
    [
        .. run.Output.Split('\n').Where(line => line.Contains(" -> ", StringComparison.Ordinal))
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[8..]))
            .Select(line => Regex.Replace(line, "/proc/[0-9]+/", "/proc/PID/")),
    ];
}
