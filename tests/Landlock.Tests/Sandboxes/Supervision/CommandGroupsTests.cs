using System.Diagnostics;
using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Supervision;
using Landlock.Tests.Cli;

namespace Landlock.Tests.Sandboxes.Supervision;

/// <summary>
/// Where a command can have a control group, and why not. What the kernel makes of one is tested on the kernels of Kernels.
/// </summary>
public sealed class CommandGroupsTests
{
    private const string Mounts = """
        23 1 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw
        30 23 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755
        31 30 0:27 / /sys/fs/cgroup/unif\040ied rw,nosuid shared:10 - cgroup2 cgroup2 rw,nsdelegate

        """;

    private static readonly string AsUser = "Start it, or the shell, in a separate group: "
        + $"systemd-run {(CurrentUser.Id == 0 ? "" : "--user ")}--scope -p Delegate=yes COMMAND. Nothing was run.";

    [Theory]
    [InlineData("0::/\n", "/", "/sys/fs/cgroup/unif ied")]
    [InlineData("4:memory:/other\n0::/user.slice/a.scope\n", "/", "/sys/fs/cgroup/unif ied/user.slice/a.scope")]
    [InlineData("0::/docker/1/in\n", "/docker/1", "/sys/fs/cgroup/unif ied/in")]
    [InlineData("0::/docker/1\n", "/docker/1", "/sys/fs/cgroup/unif ied")]
    [InlineData("0::/docker/12\n", "/docker/1", null)]
    [InlineData("0::/../../other\n", "/", null)]
    [InlineData("0::/gone (deleted)\n", "/", null)]
    [InlineData("4:memory:/only/version/1\n", "/", null)]
    public void The_group_of_this_process_is_found(string groups, string root, string? own) =>
        Assert.Equal(own, ControlGroups.Find(groups, Mounts.Replace("0:27 / ", $"0:27 {root} ", StringComparison.Ordinal))?.Own);

    [Fact]
    public void Nowhere_without_such_a_mount()
    {
        Assert.Null(ControlGroups.Find("0::/\n", Mounts.Replace("- cgroup2", "- cgroup", StringComparison.Ordinal)));
        Assert.Null(ControlGroups.Find(null, Mounts));
        Assert.Null(ControlGroups.Find("0::/\n", null));
        Refuses(null, "this process is in none that can be seen here. See: findmnt -t cgroup2. Nothing was run.");
    }

    [Fact]
    public void What_is_missing_is_said()
    {
        using Scratch scratch = new();
        ControlGroups.Place place = Place(scratch, controllers: "cpu pids", own: "cpu");
        Refuses(place, $"there is no controller 'memory' in '{place.Root}'. It may be in use by version 1: the boot parameter "
            + "cgroup_no_v1=all leaves it to version 2. Nothing was run.");
        place = Place(scratch, controllers: "memory pids", own: "pids");
        Refuses(place, $"there is no controller 'memory' for '{place.Own}'. {AsUser}");
        // Of a group that another one around it could be changed, too, somebody else may be the manager.
        place = Place(scratch, controllers: "memory pids", own: "memory pids");
        Refuses(place, $"'{place.Own}' is managed by another program, such as systemd. {AsUser}");
        File.WriteAllText($"{place.Own}/cgroup.subtree_control", "memory pids\n");
        new CommandGroups(place).Demand(1 << 30, 5);
        // Beside the group that processes were moved into.
        new CommandGroups(place with { Own = Directory.CreateDirectory($"{place.Own}/landlockps-rest").FullName }).Demand(1 << 30, 5);
        new CommandGroups(null).Demand(null, null);
    }

    [Theory]
    [InlineData(1000L, null,
        "1000 bytes of memory of all processes together cannot be a limit: at least 1048576 is needed. Nothing was run.")]
    [InlineData(null, 0L, "0 processes and threads, all together, cannot be a limit: at least 1 is needed. Nothing was run.")]
    public void Limits_that_nothing_could_run_in_are_refused(long? memory, long? processes, string message) =>
        Assert.Equal(message, Assert.Throws<LaunchException>(() => CommandGroups.Here().Demand(memory, processes)).Message);

    [CliFact(root: true)]
    public void All_of_a_group_is_killed_at_once_and_the_group_removed()
    {
        if (ControlGroups.Find() is not { } place || !File.Exists($"{place.Root}/cgroup.procs")) return;
        string group = $"{place.Own}/landlockps-test-{Guid.NewGuid():N}";
        Assert.Equal(Errno.None, ControlGroups.Make(group));
        try
        {
            Assert.Equal(Errno.None, ControlGroups.Make($"{group}/inner"));
            Assert.Equal(0, CommandGroups.Kill(group));
            using Process process =
                Process.Start("/bin/sh", ["-c", $"echo 0 > '{group}/cgroup.procs' || exit 1; trap '' TERM; sleep 60 & sleep 60 & wait"])!;
            Assert.True(SpinWait.SpinUntil(() => ControlGroups.Words(group, "cgroup.procs").Length >= 3, TimeSpan.FromMinutes(2)));
            Assert.False(ControlGroups.Remove(group) == Errno.None);
            if (!File.Exists($"{group}/cgroup.kill")) process.Kill(entireProcessTree: true);
            else Assert.Equal(3, CommandGroups.Kill(group));
            process.Kill(entireProcessTree: true);
        }
        finally
        {
            Assert.True(CommandGroups.Remove(group));
        }

        Assert.False(Directory.Exists(group));
        Assert.True(CommandGroups.Remove(group));
    }

    [CliFact]
    public void Landlocked_runs_nothing_where_there_is_no_group()
    {
        if (ControlGroups.Find() is { } place && ControlGroups.Words(place.Root, "cgroup.controllers").Contains("memory")) return;
        CliRun run = CliRun.Of("--max-total-memory", "1G", "--", "echo", "ran");
        Assert.Equal("", run.Output);
        Assert.Equal(125, run.ExitCode);
        Assert.StartsWith("landlocked: a command can be limited as a whole only in a separate control group (version 2), and ", run.Error,
            StringComparison.Ordinal);
        Assert.EndsWith("Nothing was run\n", run.Error, StringComparison.Ordinal);
    }

    private static void Refuses(ControlGroups.Place? place, string reason) =>
        Assert.Equal("A command can be limited as a whole only in a separate control group (version 2), and " + reason,
            Assert.Throws<LaunchException>(() => new CommandGroups(place).Demand(1 << 30, 5)).Message);

    // Files as the kernel has them, of a group beneath a mount.
    private static ControlGroups.Place Place(Scratch scratch, string controllers, string own)
    {
        string root = Path.Combine(scratch.Path, Guid.NewGuid().ToString("N")), group = $"{root}/a/b";
        Directory.CreateDirectory(group);
        File.WriteAllText($"{root}/cgroup.controllers", controllers + "\n");
        foreach (string directory in (string[])[$"{root}/a", group])
            foreach (string file in (string[])["cgroup.procs", "cgroup.subtree_control", "cgroup.type"])
                File.WriteAllText($"{directory}/{file}", "");
        File.WriteAllText($"{group}/cgroup.controllers", own + "\n");
        return new ControlGroups.Place(root, group);
    }
}
