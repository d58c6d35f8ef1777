using System.Runtime.InteropServices;
using Landlock.Linux;

namespace Landlock.Tests.Cli;

/// <summary>Kernels without Landlock, and processes that lack everything: nothing is run, and one line says why.</summary>
public sealed class AdversityTests
{
    /// <summary>A program of Perl that refuses one system call: the number of prctl(2), the error, the number of the call.</summary>
    internal const string SystemCallFilter = """
        my ($number, $error, $call) = splice @ARGV, 0, 3;
        my $filter = pack('SCCL' x 4, 0x20, 0, 0, 0, 0x15, 0, 1, $call, 6, 0, 0, 0x50000 | $error, 6, 0, 0, 0x7fff0000);
        syscall($number, 38, 1, 0, 0, 0) == 0 && syscall($number, 22, 2, pack('Sx6P', 4, $filter)) == 0 or die $!;
        exec { $ARGV[0] } @ARGV;
        """;

    public static TheoryData<Errno, string, string> Kernels()
    {
        bool listed = RunningKernel.Support.SecurityModules.Split(',').Contains("landlock");
        string modules = RunningKernel.Support.SecurityModules is { Length: > 0 } known ? "," + known : ",...";
        const string blocked =
            "a seccomp filter forbids the Landlock system calls, as older container runtimes do. Update the runtime, or use a seccomp "
                + "profile that allows "
            + "landlock_create_ruleset, landlock_add_rule and landlock_restrict_self";
        return new TheoryData<Errno, string, string>
        {
            { Errno.ENOSYS, listed ? "Blocked" : "NotBuilt", listed ? blocked : "this kernel has no Landlock: it is older than 5.13 or was "
                + "built without CONFIG_SECURITY_LANDLOCK=y. Boot a newer kernel" },
            { Errno.EOPNOTSUPP, "DisabledAtBoot",
                $"Landlock is built into this kernel but off. Add it to the boot parameter: lsm=landlock{modules} and reboot" },
            { Errno.EPERM, "Blocked", blocked },
        };
    }

    [CliTheory(perl: true)]
    [MemberData(nameof(Kernels))]
    public void Without_landlock_nothing_is_run(Errno error, string state, string advice)
    {
        Setup setup = new()
        {
            Wrapper = [Probe.Perl, "-e", SystemCallFilter, RuntimeInformation.OSArchitecture == Architecture.X64 ? "157" : "167",
                $"{(int)error}", "444"],
        };
        CliRun.Of(setup, "--unrestricted=net", "echo", "hello").Refused($"landlocked: {advice}. Nothing was run");
        CliRun.Of(setup, "--dry-run", "--verbose", "echo", "hello").Refused($"landlocked: {advice}. Nothing was run");

        CliRun support = CliRun.Of(setup, "support");
        Assert.Equal(1, support.ExitCode);
        Assert.Equal($"{char.ToUpperInvariant(advice[0])}{advice[1..]}.", support.Output.Split('\n')[0]);
        CliRun json = CliRun.Of(setup, "support", "--json");
        Assert.Equal(1, json.ExitCode);
        Assert.Contains("\"abi\": 0,\n", json.Output, StringComparison.Ordinal);
        Assert.Contains($"\"state\": \"{state}\",\n", json.Output, StringComparison.Ordinal);
    }

    [CliFact]
    public void Without_a_thread_for_the_runtime_nothing_is_run()
    {
        if (Exec.Posix.geteuid() != 0) return;
        CliRun.Program(new Setup { Who = Who.Root }, "/usr/bin/prlimit", "--nproc=1", "/usr/bin/setpriv", "--reuid=65531", "--regid=65534",
            "--clear-groups", CliRun.Landlocked, "echo", "hello")
            .Refused("landlocked: the .NET runtime cannot start, as if no thread or memory were left; nothing was run");
    }

    [CliTheory]
    [InlineData("--read-only=/usr")]
    [InlineData("--explain")]
    [InlineData("--explain=live")]
    [InlineData("--timeout=9")]
    [InlineData("trace")]
    public void Without_room_for_the_plan_nothing_is_run(string option)
    {
        CliRun run = CliRun.Program(new Setup(), "/bin/sh", "-c",
            "{ (ulimit -f 0; \"$0\" $1 -- echo hello; echo $?) 2>&1; } | cat", CliRun.Landlocked, option);
        Assert.Equal("landlocked: the plan of the sandbox is a file in memory, and no file may be as large here (ulimit -f); nothing was "
            + "run. Raise that limit, and limit the command: -MaxFileSize (--max-file-size)\n125\n", run.Output);
    }

    [CliFact]
    public void Without_descriptors_nothing_is_run() =>
        CliRun.Of(new Setup { Wrapper = ["/usr/bin/prlimit", "--nofile=4"] }, "echo", "hello").Refused(
            "landlocked: open '/proc/sys/kernel/osrelease': Too many open files (EMFILE); nothing was run");

    [CliTheory]
    [InlineData("--as=200000000")]
    [InlineData("--nofile=16")]
    [InlineData("--stack=262144")]
    [InlineData("--data=50000000")]
    [InlineData("--memlock=0")]
    [InlineData("--core=0")]
    [InlineData("--nice=0")]
    public void Tight_limits_are_no_obstacle(string limit) =>
    CliRun.Of(new Setup { Wrapper = ["/usr/bin/prlimit", limit] }, "echo", "hello").Ran("hello\n");

    [CliFact(root: true)]
    public void Without_proc_the_rest_of_the_program_is_found()
    {
        CliRun run = CliRun.Program(new Setup { Who = Who.Root }, "/usr/bin/unshare", "-m", "/bin/sh", "-c",
            "mount -t tmpfs none /proc && exec \"$0\" echo hello", CliRun.Landlocked);
        if (run.Error.Contains("mount", StringComparison.Ordinal)) return;
        run.Ran("hello\n");
    }

    [CliFact]
    public void Settings_of_the_runtime_in_the_environment_change_nothing()
    {
        string[] settings =
            ["PATH=/usr/bin:/bin", "DOTNET_gcServer=1", "DOTNET_EnableDiagnostics=1", "DOTNET_GCHeapCount=2", "COMPlus_gcServer=1"];
        CliRun.Of(new Setup { Environment = settings }, CliRun.Env()).Ran(string.Concat(settings.Select(entry => entry + "\n")));
    }
}
