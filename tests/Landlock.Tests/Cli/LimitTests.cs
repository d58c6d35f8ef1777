namespace Landlock.Tests.Cli;

/// <summary>Limits on resources: the kernel enforces them, on the command and on what it starts.</summary>
public sealed class LimitTests
{
    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void The_command_and_its_children_have_them(Who who)
    {
        string script = "ulimit -t; ulimit -f; ulimit -d; ulimit -n; sh -c 'ulimit -n'";
        CliRun.Of(who, "--read-only", "/usr", "--max-cpu", "7", "--max-file-size", "1M", "--max-memory=512M", "--max-open-files", "50",
            "sh", "-c", script).Ran("7\n2048\n524288\n50\n50\n");
    }

    [CliTheory(perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Memory_ends_where_it_should(Who who)
    {
        const string fill = "my $x = 'x' x (200 << 20); print 'filled'";
        CliRun.Of(who, "--max-memory", "900M", "--", Probe.Perl, "-e", fill).Ran("filled");
        CliRun run = CliRun.Of(who, "--max-memory", "50M", "--", Probe.Perl, "-e", fill);
        Assert.StartsWith("Out of memory", run.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, run.ExitCode);
    }

    [CliFact]
    public void Files_grow_no_further()
    {
        using Scratch scratch = new();
        CliRun run = CliRun.Of("--read-only", "/usr", "--read-write", scratch.Path, "--max-file-size", "100K", "--", "sh", "-c",
            $"head -c 200000 /dev/zero > {scratch.Path}/file; stat -c %s {scratch.Path}/file");
        Assert.Equal("102400\n", run.Output);
    }

    [CliTheory(perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Processor_time_ends(Who who) =>
    Assert.Equal(24, CliRun.Of(who, "--max-cpu", "1", "--", Probe.Perl, "-e", "1 while 1").Signal);

    [CliFact]
    public void Processes_are_counted()
    {
        // The user of these tests has other processes, too; with a limit of one there is no room for any.
        CliRun run = CliRun.Of("--read-only", "/usr", "--max-processes", "1", "sh", "-c", "/usr/bin/true & wait; echo none");
        Assert.Contains("fork", run.Error, StringComparison.OrdinalIgnoreCase);
    }

    [CliFact(root: true)]
    public void Root_is_told_that_processes_are_not_counted() => CliRun.Of(Who.Root, "--max-processes", "10", "true").Refused(
        "landlocked: the kernel holds root to no number of processes (RLIMIT_NPROC), so the limit cannot be had; nothing was run. Start "
            + "the command as another user, or limit all of it together (-MaxTotalProcesses, --max-total-processes)");

    [CliFact]
    public void Limits_are_shown() => Assert.Contains(
        "limit: 3 processor seconds of each process\nlimit: 1073741824 bytes of memory of each process\n",
        CliRun.Of("--dry-run", "--verbose", "--max-cpu", "3", "--max-memory", "1g", "true").Output, StringComparison.Ordinal);

    [CliFact]
    public void What_is_above_the_present_limit_is_the_present_limit() =>
        CliRun.Program(new Setup(), "/bin/sh", "-c", $"ulimit -n 100; exec \"$0\" --max-open-files 5000 sh -c 'ulimit -n'",
            CliRun.Landlocked).Ran("100\n");

    [CliTheory]
    [InlineData("--max-open-files", "3", "3 descriptors of each process cannot be a limit: at least 4 is needed; nothing was run")]
    [InlineData("--max-cpu", "0", "0 processor seconds of each process cannot be a limit: at least 1 is needed; nothing was run")]
    [InlineData("--max-cpu", "1w",
        "--max-cpu: expected a number of seconds, such as 30 or 0.5, or a number and a unit, such as 30s, 10m, 2h or 7d, not '1w'")]
    [InlineData("--max-memory", "", "--max-memory: expected a size, such as 1048576, 512M or 2G, not ''")]
    [InlineData("--max-memory", "-1", "--max-memory: expected a size, such as 1048576, 512M or 2G, not '-1'")]
    [InlineData("--max-memory", "999999999999999G", "--max-memory: expected a size, such as 1048576, 512M or 2G, not '999999999999999G'")]
    public void What_cannot_be_a_limit_is_refused(string option, string value, string message) =>
    CliRun.Of($"{option}={value}", "true").Refused($"landlocked: {message}");
}
