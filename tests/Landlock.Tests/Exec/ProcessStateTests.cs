using Landlock.Sandboxes;
using static Landlock.Tests.Exec.PlanBuilder;

namespace Landlock.Tests.Exec;

/// <summary>The state in which the command starts: what the plan asks for, and otherwise exactly that of a direct start.</summary>
public sealed class ProcessStateTests : IDisposable
{
    private const ulong Terminate = 1ul << 14;
    private const ulong User1 = 1ul << 9;
    private const ulong Pipe = 1ul << 12;
    private const ulong Hangup = 1ul << 0;

    private static readonly string[] SignalLines = ["SigBlk", "SigIgn"];

    private readonly TemporaryDirectory temporary = new();

    public void Dispose() => temporary.Dispose();

    [KernelFact]
    public void Descriptors_above_two_are_closed()
    {
        int descriptor = Posix.MemoryFile("leak");
        ExecOptions options = new() { Descriptors = { [5] = descriptor, [9] = descriptor, [63] = descriptor, [200] = descriptor } };
        Assert.Equal("0 1 2 ", ExecRun.Of(OpenDescriptors(), options).Ran().Output);
        Posix.Close(descriptor);
    }

    [KernelFact]
    public void Kept_descriptors_stay_open_and_the_gaps_are_closed()
    {
        int descriptor = Posix.MemoryFile("kept");
        ExecOptions options = new()
        {
            Descriptors = Enumerable.Range(5, 20).Append(200).Append(300).ToDictionary(number => number, _ => descriptor),
        };
        PlanBuilder plan = OpenDescriptors();
        plan.Kept.AddRange([5, 6, 9, 24, 200]);
        Assert.Equal("0 1 2 5 6 9 24 200 ", ExecRun.Of(plan, options).Ran().Output);
        Posix.Close(descriptor);
    }

    [KernelFact]
    public void A_kept_descriptor_is_the_same_open_file()
    {
        int descriptor = Posix.MemoryFile("kept");
        PlanBuilder plan = Shell("echo into memory >&7");
        plan.Kept.Add(7);
        ExecRun.Of(plan, new() { Descriptors = { [7] = descriptor } }).Ran();
        Assert.Equal("into memory\n"u8.ToArray(), Posix.Read(descriptor));
        Posix.Close(descriptor);
    }

    [KernelFact]
    public void Closed_standard_descriptors_stay_closed()
    {
        ExecOptions options = new() { Descriptors = { [0] = -1, [2] = -1 } };
        Assert.Equal("1 ", ExecRun.Of(OpenDescriptors(), options).Ran().Output);
    }

    [KernelFact]
    public void Signals_are_left_alone_by_default()
    {
        ExecOptions options = new() { Blocked = Terminate | User1, Wrapper = Ignoring("HUP PIPE") };
        ExecRun run = ExecRun.Of(Status(), options).Ran();
        Assert.Equal([Terminate | User1, Hangup | Pipe], Signals(run));
    }

    [KernelFact]
    public void A_group_of_its_own_is_begun()
    {
        PlanBuilder plan = Shell("read pid name state parent group rest < /proc/$$/stat; echo $((group == $$))");
        Assert.Equal("0\n", ExecRun.Of(plan).Ran().Output);
        plan.Flags = PlanFlags.NewGroup;
        Assert.Equal("1\n", ExecRun.Of(plan).Ran().Output);
    }

    [KernelFact]
    public void Orphans_are_adopted()
    {
        const string script = "orphan=$(sh -c 'sleep 5 > /dev/null & echo $!'); read pid name state parent rest < /proc/$orphan/stat; echo "
            + "$((parent == $$)); kill $orphan";
        Assert.Equal("0\n", ExecRun.Of(Shell(script)).Ran().Output);
        PlanBuilder plan = Shell(script);
        plan.Flags = PlanFlags.AdoptOrphans;
        Assert.Equal("1\n", ExecRun.Of(plan).Ran().Output);
    }

    [KernelFact]
    public void Standard_error_is_another_descriptor()
    {
        int descriptor = Posix.MemoryFile("errors");
        PlanBuilder plan = Shell("echo words >&2; ls -l /proc/$$/fd | grep -c errors");
        plan.StandardError = 9;
        Assert.Equal(("1\n", ""),
            (ExecRun.Of(plan, new() { Descriptors = { [9] = descriptor } }).Ran() is var run ? (run.Output, run.Error) : default));
        Assert.Equal("words\n"u8.ToArray(), Posix.Read(descriptor));
        Posix.Close(descriptor);
    }

    [KernelFact]
    public void The_mask_is_set_exactly()
    {
        PlanBuilder plan = Status();
        plan.Flags = PlanFlags.SetSignalMask;
        plan.Blocked = User1 | (1ul << 63);
        Assert.Equal([User1 | (1ul << 63), 0], Signals(ExecRun.Of(plan, new() { Blocked = Terminate }).Ran()));
        plan.Blocked = 0;
        Assert.Equal([0, 0], Signals(ExecRun.Of(plan, new() { Blocked = ulong.MaxValue }).Ran()));
    }

    [KernelFact]
    public void The_mask_is_added_to()
    {
        PlanBuilder plan = Status();
        plan.Flags = PlanFlags.AddToSignalMask;
        plan.Blocked = User1;
        Assert.Equal([Terminate | User1, 0], Signals(ExecRun.Of(plan, new() { Blocked = Terminate }).Ran()));
    }

    [KernelFact]
    public void Dispositions_are_set_for_every_signal()
    {
        PlanBuilder plan = Status();
        plan.Flags = PlanFlags.SetDispositions;
        plan.Ignored = Pipe | User1 | (1ul << 63) | (1ul << 8) | (1ul << 18);
        ExecOptions options = new() { Wrapper = Ignoring("HUP TERM") };
        Assert.Equal([0, Pipe | User1 | (1ul << 63)], Signals(ExecRun.Of(plan, options).Ran()));
        plan.Ignored = 0;
        Assert.Equal([0, 0], Signals(ExecRun.Of(plan, options).Ran()));
        plan.Ignored = ulong.MaxValue;
        Assert.Equal([0, ulong.MaxValue & ~(1ul << 8) & ~(1ul << 18)], Signals(ExecRun.Of(plan, options).Ran()));
    }

    [KernelFact]
    public void A_waiting_signal_meets_the_disposition_of_the_plan()
    {
        // The shell blocks nothing itself: the mask comes from the start, and the signal is sent before landlock-exec begins.
        PlanBuilder plan = Shell("echo ran");
        plan.Flags = PlanFlags.SetSignalMask | PlanFlags.SetDispositions;
        plan.Ignored = Terminate;
        ExecOptions options = new() { Blocked = Terminate, Wrapper = ["/bin/sh", "-c", "kill -TERM $$; exec \"$@\"", "sh"] };
        Assert.Equal("ran\n", ExecRun.Of(plan, options).Ran().Output);
        plan.Ignored = 0;
        ExecRun run = ExecRun.Of(plan, options);
        Assert.Equal((15, PlanOutcome.Preparing, PlanStep.SetSignals), (run.Signal, run.Outcome, run.Step));
    }

    [KernelFact]
    public void Limits_are_set()
    {
        PlanBuilder plan = Shell("ulimit -Sn; ulimit -Hn; ulimit -Sc; ulimit -Hs");
        plan.Limits.Add(new() { Resource = 7, Soft = 123, Hard = 456 });
        plan.Limits.Add(new() { Resource = 4, Soft = 0, Hard = 0 });
        plan.Limits.Add(new() { Resource = 3, Soft = 8 << 20, Hard = 16 << 20 });
        Assert.Equal("123\n456\n0\n16384\n", ExecRun.Of(plan).Ran().Output);
    }

    [KernelFact]
    public void Kept_descriptors_may_lie_above_the_limit()
    {
        int descriptor = Posix.MemoryFile("kept");
        PlanBuilder plan = OpenDescriptors();
        plan.Kept.Add(200);
        plan.Limits.Add(new() { Resource = 7, Soft = 20, Hard = 20 });
        ExecOptions options = new() { Descriptors = { [200] = descriptor, [300] = descriptor } };
        Assert.Equal("0 1 2 200 ", ExecRun.Of(plan, options).Ran().Output);
        Posix.Close(descriptor);
    }

    [KernelFact]
    public void The_command_has_no_new_privileges()
    {
        Assert.Contains("NoNewPrivs:\t1\n", ExecRun.Of(Status()).Ran().Output, StringComparison.Ordinal);
    }

    [KernelFact]
    public void Filters_are_installed_in_order()
    {
        PlanBuilder plan = Shell("uname; grep Seccomp_filters /proc/self/status");
        plan.Filters.Add(Filter.Allow);
        plan.Filters.Add(Filter.Deny(Filter.UnameCall, 95));
        ExecRun run = ExecRun.Of(plan).Ran();
        Assert.Equal("Seccomp_filters:\t2\n", run.Output);
        Assert.Contains("not supported", run.Error, StringComparison.Ordinal);
    }

    [KernelFact]
    public void The_command_starts_in_the_working_directory()
    {
        PlanBuilder plan = Shell("pwd");
        plan.WorkingDirectory = temporary.Root;
        Assert.Equal(temporary.Root + "\n", ExecRun.Of(plan).Ran().Output);

    }

    [KernelFact]
    public void The_environment_is_inherited()
    {
        PlanBuilder plan = PlanBuilder.Command("/usr/bin/env");
        string[] environment = ["B=2", "A=1", "LD_LIBRARY_PATH=/none", "EMPTY=", "=odd", "no equals sign"];
        ExecOptions options = new() { Environment = environment };
        Assert.Equal(ExecRun.Direct(["/usr/bin/env"], options).Output, ExecRun.Of(plan, options).Ran().Output);
        Assert.Equal("", ExecRun.Of(plan, new() { Environment = [] }).Ran().Output);
    }

    [KernelFact]
    public void The_environment_is_replaced()
    {
        PlanBuilder plan = PlanBuilder.Command("/usr/bin/env");
        plan.Environment = ["X=1", "Y=a b", "PATH="];
        Assert.Equal("X=1\nY=a b\nPATH=\n", ExecRun.Of(plan).Ran().Output);
        plan.Environment = [];
        Assert.Equal("", ExecRun.Of(plan).Ran().Output);
    }

    [KernelFact]
    public void Arguments_arrive_as_they_are()
    {
        PlanBuilder plan = Shell("tr '\\0' '|' < /proc/$$/cmdline; :");
        plan.Arguments[0] = "any name";
        plan.Arguments.AddRange(["", " ", "ä\n", "--", ""]);
        Assert.Equal("any name|-c|tr '\\0' '|' < /proc/$$/cmdline; :|| |ä\n|--||", ExecRun.Of(plan).Ran().Output);
    }

    [KernelFact]
    public void The_environment_does_not_influence_landlock_exec()
    {
        ExecOptions options = new()
        {
            Environment = ["LD_PRELOAD=/none.so", "LD_AUDIT=/none.so", "MALLOC_CHECK_=3", "DOTNET_gcServer=1", "LD_DEBUG=all"],
        };
        PlanBuilder plan = PlanBuilder.Command();
        plan.Environment = [];
        Assert.Equal(("", ""), (ExecRun.Of(plan, options).Ran().Output, ExecRun.Of(plan, options).Error));
    }

    /// <summary>Everything a process can see of its own state is the same as without landlock-exec, but for no_new_privs.</summary>
    [KernelFact]
    public void The_command_starts_as_if_it_were_started_directly()
    {
        string[][] commands =
        [
            ["/bin/cat", "/proc/self/limits"],
            ["/bin/cat", "/proc/self/environ"],
            ["/bin/cat", "/proc/self/cmdline"],
            ["/bin/cat", "/proc/self/comm"],
            ["/bin/cat", "/proc/self/cgroup"],
            ["/bin/cat", "/proc/self/mountinfo"],
            ["/bin/cat", "/proc/self/oom_score_adj"],
            ["/bin/cat", "/proc/self/coredump_filter"],
            ["/bin/cat", "/proc/self/uid_map"],
            ["/bin/cat", "/proc/self/loginuid"],
            ["/bin/cat", "/proc/self/personality"],
            ["/bin/cat", "/proc/self/timerslack_ns"],
            ["/bin/sh", "-c", "umask; pwd; ulimit -a; id; nice; trap"],
            ["/bin/sh", "-c", "for f in root cwd ns/net ns/mnt ns/user ns/pid; do readlink /proc/$$/$f; done"],
        ];
        ExecOptions options = new()
        {
            Blocked = User1,
            Wrapper = ["/usr/bin/nice", "-n", "3", "/usr/bin/taskset", "-c", "0", .. Ignoring("HUP")],
            Environment = ["PATH=/usr/bin:/bin", "ODD=a=b", "LANG=C"],
        };
        foreach (string[] command in commands)
            Assert.Equal(Direct(command, options), ExecRun.Of(Everything(command), options).Ran().Output);

        string[] status = ["/bin/cat", "/proc/self/status"];
        Assert.Equal(Stable(Direct(status, options)), Stable(ExecRun.Of(Everything(status), options).Ran().Output));

        string[] stat = ["/bin/cat", "/proc/self/stat"];
        Assert.Equal(StatFields(Direct(stat, options)), StatFields(ExecRun.Of(Everything(stat), options).Ran().Output));

        string[] auxiliary = ["/usr/bin/env", "LD_SHOW_AUXV=1", "/bin/true"];
        Assert.Equal(Auxiliary(Direct(auxiliary, options)), Auxiliary(ExecRun.Of(Everything(auxiliary), options).Ran().Output));

        // The descriptors of the plan are gone, those of a direct start were never there.
        Assert.Equal("0 1 2 ", ExecRun.Of(OpenDescriptors(), options).Ran().Output);
    }

    private static string Direct(string[] command, ExecOptions options)
    {
        ExecRun run = ExecRun.Direct([.. options.Wrapper, .. command], options);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.NotEqual("", run.Output);
        return run.Output;
    }

    /// <summary>A plan that allows everything, so that only the way of starting can make a difference.</summary>
    private static PlanBuilder Everything(string[] command)
    {
        PlanBuilder plan = new() { Program = command[0], Arguments = [.. command] };
        plan.Layers.Add(new Layer().Path("/", AllFs));
        return plan;
    }

    private static string[] Stable(string status) =>
        [.. status.Split('\n').Where(line => !line.StartsWith("Vm", StringComparison.Ordinal)
            && !line.StartsWith("Rss", StringComparison.Ordinal)
            && !line.Contains("ctxt_switches", StringComparison.Ordinal)
            && !line.StartsWith("NoNewPrivs", StringComparison.Ordinal)
            && !line.StartsWith("Pid", StringComparison.Ordinal)
            && !line.StartsWith("Tgid", StringComparison.Ordinal)
            && !line.StartsWith("NStgid", StringComparison.Ordinal)
            && !line.StartsWith("NSpid", StringComparison.Ordinal))];

    /// <summary>comm, state, parent, group, session, terminal, flags, priority, nice, threads, exit signal, scheduling.</summary>
    private static string[] StatFields(string stat)
    {
        string[] fields = stat.Trim().Split(' ');
        int[] stable = [2, 3, 4, 5, 6, 7, 8, 9, 18, 19, 20, 21, 25, 31, 32, 33, 38, 40, 41];
        return [.. stable.Select(number => fields[number - 1])];
    }

    private static string[] Auxiliary(string output) =>
        [.. output.Split('\n').Where(line => !line.Contains("0x7", StringComparison.Ordinal)
            && !line.StartsWith("AT_PHDR", StringComparison.Ordinal)
            && !line.StartsWith("AT_ENTRY", StringComparison.Ordinal))];

    private static PlanBuilder Status() => PlanBuilder.Command("/bin/cat", "/proc/self/status");

    private static PlanBuilder OpenDescriptors() =>
        Shell("i=0; while [ $i -lt 400 ]; do [ -e /proc/$$/fd/$i ] && printf '%s ' $i; i=$((i + 1)); done; :");

    private static string[] Ignoring(string signals) => ["/bin/sh", "-c", $"trap '' {signals}; exec \"$@\"", "sh"];

    private static ulong[] Signals(ExecRun run) =>
        [.. SignalLines.Select(name => Convert.ToUInt64(
            run.Output.Split('\n').Single(line => line.StartsWith(name, StringComparison.Ordinal))[(name.Length + 1)..].Trim(), 16))];
}
