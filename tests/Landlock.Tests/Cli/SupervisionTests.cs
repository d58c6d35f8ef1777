using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Landlock.Tests.Cli;

/// <summary>
/// Time limits, private directories for temporary files, and the end of the parent: nothing of the command is left, however it ends.
/// </summary>
public sealed class SupervisionTests
{
    private static readonly string[] Usual = ["--read-only", "/usr", "--read-only", "/bin", "--read-only", "/lib", "--read-only", "/proc"];

    /// <summary>Every way to get away from a parent: the background, a session of its own, a double fork, deafness to SIGTERM.</summary>
    private const string Family = """
        sleep $T & setsid sleep $T & (sh -c 'setsid sh -c "trap \"\" TERM HUP; sleep $T & while :; do sleep $T; done" &')
        setsid setsid -f sleep $T
        echo ready
        while :; do sleep $T; done
        """;

    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void The_time_is_over_for_the_whole_tree(Who who)
    {
        string mark = Mark();
        CliRun run =
            CliRun.Of(who, [.. Usual, "--timeout", "0.5", "--timeout-grace", "0.3", "--env", $"T={mark}", "--", "sh", "-c", Family]);
        Assert.Equal((124, 0, "ready\n"), (run.ExitCode, run.Signal, run.Output));
        Assert.Matches(@"\A(Terminated\n)?landlocked: 'sh' was stopped after 0\.5 seconds \(--timeout\), with \d+ processes that it had "
            + @"started; \d+ process(es)? did not end within 0\.3 seconds of SIGTERM and got SIGKILL\n\z", run.Error);
        Assert.Equal(0, Running(mark));
    }

    [CliFact]
    public void What_a_preset_grants_for_temporary_files_is_the_private_directory()
    {
        Assert.Contains(" /tmp ", CliRun.Of("--preset", "Build", "--dry-run", "--verbose", "true").Output, StringComparison.Ordinal);
        CliRun run = CliRun.Of("--preset", "Build", "--private-temp", "--dry-run", "--verbose", "true");
        Assert.DoesNotContain(" /tmp ", run.Output, StringComparison.Ordinal);
        Assert.Contains("private directory for temporary files", run.Output, StringComparison.Ordinal);
        // Who names it gets it.
        Assert.Contains(" /tmp ", CliRun.Of("--preset", "Build", "--private-temp", "--var", "tmp=/tmp",
            "--dry-run", "--verbose", "true").Output,
            StringComparison.Ordinal);
    }

    [CliFact(root: true)]
    public void Root_makes_no_device_nodes_in_the_private_directory()
    {
        CliRun run = CliRun.Of(Who.Root, "--private-temp", "--read-only", "/usr", "--", "sh", "-c",
            "cd $TMPDIR && mkfifo pipe && ln -s pipe link && mkdir inner && echo made; mknod disk b 8 0; mknod zero c 1 5; ls");
        Assert.Equal("made\ninner\nlink\npipe\n", run.Output);
        Assert.Equal("mknod: disk: Permission denied\nmknod: zero: Permission denied\n", run.Error);
    }

    [CliFact]
    public void What_ends_at_SIGTERM_is_not_killed_and_may_say_something()
    {
        CliRun run = CliRun.Of([.. Usual, "--timeout", "0.3", "--timeout-grace", "30", "--", "sh", "-c",
            "trap 'echo bye; exit 3' TERM; while :; do sleep 0.1; done"]);
        Assert.Equal((124, "bye\n"), (run.ExitCode, run.Output));
        Assert.DoesNotContain("SIGKILL", run.Error, StringComparison.Ordinal);
    }

    [CliFact]
    public void One_that_is_stopped_ends_too() =>
    Assert.Equal(124, CliRun.Of([.. Usual, "--timeout", "0.5", "--", "sh", "-c", "kill -STOP $$"]).ExitCode);

    [CliTheory]
    [InlineData("exit 0", 0, 0)]
    [InlineData("exit 41", 41, 0)]
    [InlineData("exit 124", 124, 0)]
    [InlineData("kill -TERM $$", -1, 15)]
    [InlineData("kill -KILL $$", -1, 9)]
    [InlineData("trap 'exit 5' TERM; kill -TERM $$", 5, 0)]
    [InlineData("p=$$; (sleep 0.2; kill -CONT $p) & kill -STOP $p; exit 6", 6, 0)]
    public void A_command_that_is_in_time_ends_as_it_would(string script, int exitCode, int signal)
    {
        CliRun run = CliRun.Of([.. Usual, "--timeout", "30", "--private-temp", "--", "sh", "-c", script]);
        Assert.Equal((exitCode, signal, ""), (run.ExitCode, run.Signal, run.Error));
    }

    [CliTheory]
    [InlineData("--timeout", "30")]
    [InlineData("--kill-on-parent-exit")]
    public void Without_proc_the_command_runs_and_what_is_not_ended_is_said(params string[] options)
    {
        CliRun run = WithoutProc([.. options, "--read-only", "/usr", "echo", "ran"]);
        Assert.Equal((0, "ran\n"), (run.ExitCode, run.Output));
        Assert.StartsWith("landlocked: warning: the processes of this machine cannot be seen, since /proc is missing or may not be read: "
            + "of what the command starts, only the command itself is ended. Mount /proc", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        // What can be seen is not warned of, in a sandbox that allows that.
        Assert.Equal("", CliRun.Of(["--read-only", "/usr", "--read-only", "/bin", "--read-only", "/lib", "--read-only", "/proc",
            "--read-only", Built.Programs, "--", CliRun.Landlocked, .. options, "--read-only", "/usr", "echo", "ran"]).Error);
    }

    [CliFact]
    public void Without_proc_there_is_no_private_directory() => WithoutProc("--private-temp", "--read-only", "/usr", "echo", "ran").Refused(
        "landlocked: a private directory for temporary files is named after its process, and /proc/self/stat, which tells of that, cannot "
            + "be read. Mount /proc, or allow reading it in the sandbox around this one. Nothing was run");

    // In a sandbox that allows to run programs, and nothing else.
    private static CliRun WithoutProc(params string[] inner) =>
        CliRun.Of(["--read-only", "/usr", "--read-only", "/bin", "--read-only", "/lib", "--read-only", Built.Programs, "--",
            CliRun.Landlocked, .. inner]);

    [CliFact]
    public void What_cannot_be_run_says_so_as_ever()
    {
        CliRun.Of("--timeout", "30", "no-such-command")
            .Refused("landlocked: the command 'no-such-command' was not found in PATH; nothing was run", 127);
        CliRun run = CliRun.Of("--timeout", "30", "--chdir", "/usr", "--no-closure", "/usr/bin/true");
        Assert.Equal(126, run.ExitCode);
        Assert.StartsWith("landlocked: the sandbox does not allow executing '/usr/bin/true'", run.Error, StringComparison.Ordinal);
    }

    [CliFact]
    public void The_command_starts_in_the_state_it_would_have_had()
    {
        const string script = "grep -E 'Sig(Ign|Blk|Cgt)' /proc/self/status; ulimit -n; ls /proc/self/fd";
        string[] command = ["/bin/sh", "-c", script];
        Setup blocked = new() { Blocked = 1 << 9 };
        Assert.Equal(CliRun.Of(blocked, [.. Usual, "--", .. command]).Output,
            CliRun.Of(blocked, [.. Usual, "--timeout", "30", "--", .. command]).Output);
        CliRun run = CliRun.Program(new Setup(), ["/bin/sh", "-c", "trap '' HUP INT; exec \"$@\"", "sh", CliRun.Landlocked, .. Usual,
            "--timeout", "30", "--", "grep", "SigIgn", "/proc/self/status"]);
        run.Ran("SigIgn:\t0000000000000003\n");
    }

    [CliFact]
    public void Bytes_stay_as_they_are()
    {
        byte[] bytes = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 7))];
        Assert.Equal(bytes, CliRun.Of(new Setup { Input = bytes }, "--timeout", "30", "cat").OutputBytes);
    }

    [CliFact]
    public void Ends_of_pipes_are_seen_by_whoever_is_at_the_other_end()
    {
        // When the command has closed its own end, and not when the supervisor goes.
        using Scratch scratch = new();
        string program = $"{CliRun.Landlocked} {string.Join(' ', Usual)} --read-write {scratch.Path} --timeout 30 -- sh -c";
        CliRun.Program(new Setup(), "/bin/sh", "-c",
            $"{program} 'echo 1; exec >&-; sleep 1; echo > {scratch.Path}/end' | {{ cat; test -e {scratch.Path}/end || echo before; }}")
            .Ran("1\nbefore\n");
        // yes ends at once, since nobody can read from the pipe any more; it would fill the pipe and wait, otherwise.
        CliRun writer = CliRun.Program(new Setup(), "/bin/bash", "-c", $"rm {scratch.Path}/end; {{ yes 2>/dev/null; test "
            + $"-e {scratch.Path}/end || echo before >&2; }} | {program} 'exec <&-; sleep 1; echo > {scratch.Path}/end'");
        Assert.Equal("before\n", writer.Error);
    }

    [CliFact]
    public void What_is_left_behind_ends_with_the_command()
    {
        string mark = Mark();
        CliRun.Of([.. Usual, "--timeout", "30", "--", "sh", "-c", $"setsid sleep {mark} & (setsid sh -c 'sleep {mark}' &); exit 4"])
            .Ran(exitCode: 4);
        Assert.Equal(0, Running(mark));
        // Without a limit it does not: landlocked is no longer there then.
        CliRun.Of([.. Usual, "--", "sh", "-c", $"setsid sleep {mark} >/dev/null 2>&1 </dev/null &"]).Ran();
        // While it becomes sleep, it has no arguments.
        Assert.True(SpinWait.SpinUntil(() => Running(mark) == 1, TimeSpan.FromMinutes(1)));
        Assert.Equal(1, Running(mark, end: true));
    }

    [CliTheory]
    [InlineData("front", 9, 137)]
    [InlineData("inner", 9, 137)]
    [InlineData("front", 15, 143)]
    [InlineData("front", 10, 138)]
    [InlineData("inner", 10, 138)]
    public void Whoever_is_killed_takes_the_tree_along(string target, int signal, int code)
    {
        string mark = Mark();
        string victim = target == "front" ? "$front" : "$(pgrep -P $front)";
        using Scratch scratch = new();
        CliRun run =
            CliRun.Program(new Setup { Environment = ["PATH=/usr/bin:/bin", $"TMPDIR={scratch.Path}", $"T={mark}"] }, "/bin/bash", "-c",
            $"{CliRun.Landlocked} {string.Join(' ', Usual)} --private-temp --timeout 30 -- sh "
                + $"-c '{Family.Replace("'", "'\\''", StringComparison.Ordinal)}' > {scratch.Path}/out & front=$!; while ! grep -q "
                + $"ready {scratch.Path}/out; do sleep 0.05; done; ls -d {scratch.Path}/landlockps-* | wc -l; kill -{signal} {victim}; "
                + "wait $front; echo $?");
        Assert.Equal($"1\n{code}\n", run.Output);
        Eventually(() => Assert.Equal(0, Running(mark)));
        Eventually(() => Assert.Empty(Directory.GetDirectories(scratch.Path, "landlockps-*")));
    }

    [CliFact]
    public void A_parent_that_is_killed_takes_the_tree_along()
    {
        string mark = Mark();
        string run = $"{CliRun.Landlocked} {string.Join(' ', Usual)} --kill-on-parent-exit -- sh -c 'setsid sleep {mark} & sleep {mark}' & "
            + "sleep 0.5; kill -9 $$";
        Assert.Equal(9, CliRun.Program(new Setup(), "/bin/sh", "-c", run).Signal);
        Eventually(() => Assert.Equal(0, Running(mark)));
    }

    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void The_directory_for_temporary_files_is_the_commands_own(Who who)
    {
        using Scratch scratch = new();
        CliRun run = CliRun.Of(new Setup { Who = who, Environment = ["PATH=/usr/bin:/bin", $"TMPDIR={scratch.Path}"] },
            [.. Usual, "--private-temp", "--", "sh", "-c", "echo $TMPDIR; test $TMPDIR = $TMP && test $TMP = $TEMP && stat -c %a $TMPDIR; "
                + "cp /bin/true $TMPDIR/t && $TMPDIR/t && echo run; touch $TMPDIR/../beside"]);
        Assert.Matches($@"\A{Regex.Escape(scratch.Path)}/landlockps-[0-9a-v]{{12}}/t\n700\nrun\n\z", run.Output);
        Assert.Contains("Permission denied", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(scratch.Path, "landlockps-*"));
    }

    [CliTheory]
    [InlineData("")]
    [InlineData("--explain")]
    public void A_command_that_is_started_with_SIGCHLD_ignored_ends_as_it_does(string option)
    {
        const string ignoring = "env --ignore-signal=CHLD";
        string[] landlocked =
            [CliRun.Landlocked, .. Usual, "--timeout", "60", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--"];
        CliRun run = CliRun.Program(new Setup(),
            ["/bin/sh", "-c", $"exec {ignoring} \"$@\" sh -c 'sleep 0.1; grep SigIgn /proc/$$/status; exit 7'", "sh", .. landlocked]);
        string direct =
            CliRun.Program(new Setup(), "/bin/sh", "-c", $"exec {ignoring} sh -c 'sleep 0.1; grep SigIgn /proc/$$/status; exit 7'").Output;
        Assert.Equal((7, 0, direct), (run.ExitCode, run.Signal, run.Output));
    }

    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void In_a_sandbox_that_may_not_read_proc_a_command_is_told_before_it_is_killed(Who who)
    {
        string[] outer = ["--read-only", "/usr", "--read-only", Built.Programs, "--"];
        CliRun ended =
            CliRun.Of(who, [.. outer, CliRun.Landlocked, "--timeout", "60", "--read-only", "/usr", "--", "sh", "-c", "echo out; exit 3"]);
        Assert.Equal((3, "out\n"), (ended.ExitCode, ended.Output));
        string mark = Mark();
        CliRun late = CliRun.Of(who, [.. outer, CliRun.Landlocked, "--timeout", "0.3", "--read-only", "/usr", "--", "sleep", mark]);
        Assert.Equal(124, late.ExitCode);
        Assert.EndsWith("\nlandlocked: 'sleep' was stopped after 0.3 seconds (--timeout)\n", late.Error, StringComparison.Ordinal);
        Assert.Equal(0, Running(mark));
    }

    // A container that shares /tmp: each of the two sees no process of the other, and takes it for gone no more.
    [CliTheory(root: true)]
    [InlineData("", "unshare --pid --fork --mount-proc")]
    [InlineData("unshare --pid --fork --mount-proc", "")]
    [InlineData("unshare --pid --fork", "")]
    public void The_directory_of_a_command_in_another_PID_namespace_stays(string first, string second)
    {
        using Scratch scratch = new();
        string landlocked = $"{CliRun.Landlocked} {string.Join(' ', Usual)} --private-temp";
        CliRun run =
            CliRun.Program(new Setup { Who = Who.Root, Environment = ["PATH=/usr/bin:/bin", $"TMPDIR={scratch.Path}"] }, "/bin/sh", "-c",
            $"cd {scratch.Path}; mkfifo go; {first} {landlocked} --read-data go -- sh -c 'echo kept > $TMPDIR/file; echo ready; read line "
                + $"< go; cat $TMPDIR/file' > out & while ! test -s out; do sleep 0.05; done; {second} {landlocked} -- true; echo > go; "
                + "wait; cat out; ls -d landlockps-*");
        Assert.Equal("ready\nkept\n", run.Output);
    }

    [CliFact]
    public void The_path_of_the_directory_leaves_room_for_a_socket() =>
        CliRun.Of(new Setup { Environment = ["PATH=/usr/bin:/bin"] }, [.. Usual, "--private-temp", "--", "sh", "-c", "echo ${#TMPDIR}"])
            .Ran("30\n");

    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void The_directory_goes_whatever_is_in_it_and_links_lead_nowhere(Who who)
    {
        if (!File.Exists("/usr/bin/python3")) return;
        using Scratch scratch = new();
        using Scratch victim = new();
        victim.File("keep");
        const string fill = """
            import os, sys
            os.chdir(os.environ["TMPDIR"])
            os.makedirs(b"\xff\xfe/n\nl"); open(b"\xff\xfe/n\nl/f\x01", "w").close()
            os.symlink(sys.argv[1], "link"); os.symlink(sys.argv[1], b"\xff\xfe/link"); os.mkfifo("fifo")
            os.makedirs("hard/sub"); open("hard/sub/y", "w").close(); os.chmod("hard/sub", 0); os.chmod("hard", 0)
            os.mkdir("ro"); open("ro/x", "w").close(); os.chmod("ro", 0o500)
            os.makedirs("landlockps-0/k"); open("landlockps-0/k/f", "w").close()
            for i in range(1500): os.mkdir("d"); open("f", "w").close(); os.chdir("d")
            os.chmod(os.environ["TMPDIR"], 0)
            print("filled")
            """;
        CliRun.Of(new Setup { Who = who, Environment = ["PATH=/usr/bin:/bin", $"TMPDIR={scratch.Path}"] },
            [.. Usual, "--private-temp", "--", "/usr/bin/python3", "-c", fill, victim.Path]).Ran("filled\n");
        Assert.Empty(Directory.GetFileSystemEntries(scratch.Path, "landlockps-*"));
        Assert.True(File.Exists(victim["keep"]));
    }

    [CliFact]
    public void A_sandboxed_command_cannot_reach_its_supervisor()
    {
        string mark = Mark();
        // Its parent, its parent's parent, and everything that it may signal: itself.
        CliRun run = CliRun.Of([.. Usual, "--timeout", "1", "--timeout-grace", "0.2", "--", "sh", "-c",
            $"up=$(awk '/PPid/{{print $2}}' /proc/$PPID/status); for p in $PPID $up; do for s in KILL STOP USR1; do kill -$s $p; done; "
                + $"(echo > /proc/$p/mem); readlink /proc/$p/fd/1 /proc/$p/exe; done; setsid sleep {mark} & sleep {mark}"]);
        Assert.Equal((124, ""), (run.ExitCode, run.Output));
        Assert.Equal(0, Running(mark));
    }

    [CliFact]
    public void A_daemon_that_moves_on_and_on_is_caught()
    {
        if (!File.Exists("/usr/bin/python3")) return;
        string mark = Mark();
        string hop = $"import os, signal, time\nmark = {mark}\nsignal.signal(15, signal.SIG_IGN)\nif os.fork(): time.sleep(60)\n"
            + "os.setsid()\nfor i in range(30000):\n    if os.fork(): os._exit(0)\ntime.sleep(60)";
        Assert.Equal(124,
            CliRun.Of([.. Usual, "--timeout", "0.5", "--timeout-grace", "0.2", "--", "/usr/bin/python3", "-c", hop]).ExitCode);
        Assert.Equal(0, Running(mark));
    }

    [CliFact]
    public void What_was_denied_is_explained_afterwards()
    {
        CliRun run = CliRun.Of([.. Usual, "--explain", "--timeout", "0.7", "--", "sh", "-c", "cat /etc/hostname; sleep 60"]);
        Assert.Equal(124, run.ExitCode);
        Assert.Contains("landlocked: 'sh' was stopped after 0.7 seconds (--timeout), with 1 process that it had started\n", run.Error,
            StringComparison.Ordinal);
        Assert.Contains("open /etc/hostname: read_file denied, by cat", run.Error, StringComparison.Ordinal);
    }

    [CliFact]
    public void It_is_shown_and_nothing_is_run_or_made()
    {
        using Scratch scratch = new();
        CliRun run = CliRun.Of(new Setup { Environment = ["PATH=/usr/bin:/bin", $"TMPDIR={scratch.Path}"] },
            "--dry-run", "--verbose", "--timeout",
            "1.5", "--timeout-grace", "1", "--private-temp", "--kill-on-parent-exit", "true");
        Assert.Contains("limit: 1.5 seconds; then SIGTERM, and after 1 second SIGKILL, to the command and all that it has started; exit "
            + "code 124\nends with its parent: yes\ntemporary files: a new directory, removed afterwards; the zeros in its name below "
            + "become a new name\nleft behind when the command ends: nothing\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("environment: unchanged, with TMPDIR TMP TEMP\n", run.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(scratch.Path));
    }

    [CliTheory]
    [InlineData("--timeout", "0", "a positive number of seconds")]
    [InlineData("--timeout", "-1", "a positive number of seconds")]
    [InlineData("--timeout", "5x", "a positive number of seconds")]
    [InlineData("--timeout", "1e5", "a positive number of seconds")]
    [InlineData("--timeout", "99999999999", "a positive number of seconds")]
    [InlineData("--timeout-grace", "", "a number of seconds")]
    public void What_is_no_time_is_refused(string option, string value, string expected) =>
        CliRun.Of($"{option}={value}", "true").Refused($"landlocked: {option}: expected {expected}, such as 30 or 0.5, or a number and a "
            + $"unit, such as 30s, 10m, 2h or 7d, not '{value}'");

    [CliTheory]
    [InlineData]
    [InlineData("front", "5", "-1", "0", "0", "-", "-")]
    [InlineData("front", "1", "-1", "0", "0", "-", "-", "5,6")]
    [InlineData("other", "5", "-1", "0", "0", "-", "-", "5,6")]
    public void The_supervisors_own_command_line_is_not_for_people(params string[] words) =>
        CliRun.Of(["--supervise", .. words])
            .Refused("landlocked: '--supervise' is for LandlockPS; write: landlocked --timeout SECONDS COMMAND");

    // A number of seconds to sleep that no other test sleeps: so its processes can be found by their command lines.
    private static string Mark() => Random.Shared.Next(100_000_000, 999_999_999).ToString(CultureInfo.InvariantCulture);

    private static int Running(string mark, bool end = false)
    {
        int count = 0;
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id) || id == Environment.ProcessId) continue;
            try
            {
                if (!File.ReadAllText(folder + "/cmdline").Contains(mark, StringComparison.Ordinal)) continue;
                count++;
                if (end) Process.GetProcessById(id).Kill();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // It has ended meanwhile.
            }
        }

        return count;
    }

    private static void Eventually(Action assert)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                assert();
                return;
            }
            catch (Xunit.Sdk.XunitException) when (clock.Elapsed < TimeSpan.FromMinutes(1))
            {
                Thread.Sleep(50);
            }
        }
    }
}
