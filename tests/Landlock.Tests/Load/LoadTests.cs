using System.Diagnostics;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Load;

/// <summary>Many sandboxes, one after another, at once, and killed at any moment. LANDLOCKPS_SOAK=1 asks for the large numbers.</summary>
[Collection(Alone.Name)]
public sealed class LoadTests : IDisposable
{
    private static readonly bool Soak = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") == "1";

    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [KernelFact]
    public void Runs_of_the_library_leave_nothing()
    {
        LaunchPlan plan = Plan(new PathRule("/etc", AccessClass.ReadOnly.Rights), "/bin/sh", "-c", ":");
        Run(plan);
        Resources before = Resources.Now();
        for (int i = Soak ? 10_000 : 300; i > 0; i--) Run(plan);
        before.DemandNothingLeft();
    }

    [KernelFact]
    public void Runs_of_landlocked_leave_nothing()
    {
        CliRun.Of("true").Ran();
        Resources before = Resources.Now();
        string[] temporary = Directory.GetFileSystemEntries("/dev/shm");
        for (int i = Soak ? 2000 : 30; i > 0; i--) CliRun.Of("echo", $"{i}").Ran($"{i}\n");
        before.DemandNothingLeft();
        Assert.Equal(temporary, Directory.GetFileSystemEntries("/dev/shm"));
    }

    [KernelFact]
    public void Two_hundred_run_at_once()
    {
        string secret = _temporary.Write("secret", "secret");
        string mark = $"{Guid.NewGuid()}";
        Resources before = Resources.Now();
        List<Process> processes = [];
        for (int i = 0; i < 200; i++)
        {
            processes.Add(Process.Start(new ProcessStartInfo(CliRun.Landlocked,
                ["--", "sh", "-c", $"read line; echo $line; (: < {secret}) 2> /dev/null && echo read; : {mark}"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!);
        }

        // One that is becoming the next program has no command line for a moment.
        int running = 0;
        for (int i = 0; i < 1000 && (running = Resources.Holding(mark).Length) < 200; i++) Thread.Sleep(20);
        Assert.Equal(200, running);
        for (int i = 0; i < processes.Count; i++) processes[i].StandardInput.WriteLine($"line {i}");
        for (int i = 0; i < processes.Count; i++)
        {
            using Process process = processes[i];
            Assert.Equal($"line {i}\n", process.StandardOutput.ReadToEnd());
            Assert.True(process.WaitForExit(120_000));
            Assert.Equal(0, process.ExitCode);
            process.StandardInput.Close();
        }

        before.DemandNothingLeft();
        Assert.Empty(Resources.Holding(mark));
    }

    [KernelFact]
    public void Killed_while_it_starts_it_runs_in_the_sandbox_or_not_at_all()
    {
        string marks = _temporary.CreateDirectory("marks");
        string secret = _temporary.Write("secret", "secret");
        Random random = new(1);
        Resources before = Resources.Now();
        int executed = 0, ended = 0;
        for (int i = Soak ? 3000 : 100; i > 0; i--)
        {
            string mark = Path.Combine(marks, $"{i}");
            LaunchPlan plan = Plan(new PathRule(marks, AccessClass.ReadWrite.Rights), "/bin/sh", "-c",
                $": > {mark}; (: < {secret}) 2> /dev/null && : > {mark}-free; exec sleep 300");
            using SealedPlan launch = SealedPlan.Create(plan);
            int process = Spawn(launch);
            Thread.SpinWait(random.Next(60_000));
            Posix.Kill(process);
            int status = Posix.Wait(process, TimeSpan.FromMinutes(2));
            LaunchOutcome outcome = launch.ReadOutcome();
            Assert.Equal(9, status & 0x7F);
            if (outcome.Executed) executed++;
            else
            {
                ended++;
                Assert.Equal("landlock-exec ended before it could set up the sandbox; nothing was run.", outcome.Error!.Message);
                Assert.False(File.Exists(mark));
            }

            Assert.False(File.Exists($"{mark}-free"));
        }

        Assert.True(executed > 0 && ended > 0, $"{executed} were executed, {ended} ended before.");
        before.DemandNothingLeft();
    }

    [KernelFact]
    public void A_tracer_that_is_killed_takes_its_command_along()
    {
        Random random = new(2);
        string mark = $"{Guid.NewGuid()}";
        string secret = _temporary.Write("secret", "secret");
        for (int i = Soak ? 300 : 15; i > 0; i--)
        {
            int process = Posix.Spawn(CliRun.Landlocked, [CliRun.Landlocked, "--explain", "--", "sh", "-c",
                $"(: < {secret}) 2> /dev/null && : > {_temporary["free"]}; sleep 300; : {mark}"],
                ["PATH=/usr/bin:/bin"], new Dictionary<int, int>(), 0);
            Thread.Sleep(random.Next(60));
            Posix.Kill(process);
            _ = Posix.Wait(process, TimeSpan.FromMinutes(2));
        }

        for (int i = 0; i < 250 && Resources.Holding(mark).Length > 0; i++) Thread.Sleep(20);
        Assert.Empty(Resources.Holding(mark));
        Assert.False(File.Exists(_temporary["free"]));
        // Before it is the command, it has no mark: it would wait, stopped, for a tracer that does not come.
        for (int i = 0; i < 250 && Resources.Stopped().Length > 0; i++) Thread.Sleep(20);
        Assert.Empty(Resources.Stopped());
    }

    private static LaunchPlan Plan(PathRule rule, string command, params string[] arguments) => LaunchPlanner.Plan(new LaunchRequest
    {
        Layers = [Ruleset.DenyAll(RunningKernel.Support.Abi).With([new PathRule("/usr", AccessClass.ReadOnly.Rights), rule], [])],
        Command = command,
        Arguments = [.. arguments],
        BaseDirectory = "/",
        Support = RunningKernel.Support,
    });

    private static int Spawn(SealedPlan launch)
    {
        launch.SetInherited(true);
        try
        {
            return Posix.Spawn(ExecRun.Executable, ["landlock-exec", .. launch.Arguments], ["PATH=/usr/bin:/bin"],
                new Dictionary<int, int>(), 0);
        }
        finally
        {
            launch.SetInherited(false);
        }
    }

    private static void Run(LaunchPlan plan)
    {
        using SealedPlan launch = SealedPlan.Create(plan);
        Assert.Equal(0, Posix.Wait(Spawn(launch), TimeSpan.FromMinutes(2)));
        Assert.True(launch.ReadOutcome().Executed);
    }
}
