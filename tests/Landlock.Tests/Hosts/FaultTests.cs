using System.Diagnostics;
using Landlock.Tests.Cli;

namespace Landlock.Tests.Hosts;

/// <summary>A command whose supervisors are killed or stopped reaches nobody. There are two of them, a process and its child.</summary>
[Collection(HostWorld.Name)]
public sealed class FaultTests(HostWorld world)
{
    private const string Before = "before: success";

    [HostTheory("gcc")]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Whose_supervisor_is_killed_ends(bool outer, bool inner)
    {
        using Started started = new(world);
        if (outer) Started.Send("KILL", started.Outer);
        if (inner) Started.Send("KILL", started.Inner);
        Assert.Equal("", started.Rest());
        Assert.True(HostWorld.Becomes(() => !Directory.Exists($"/proc/{started.Command}")), "it still runs");
    }

    [HostFact("gcc")]
    public void Without_any_supervisor_a_command_reaches_nobody()
    {
        using Started started = new(world);
        Started.Send("STOP", started.Outer, started.Inner);
        Started.Send("KILL", started.Outer, started.Inner);
        started.GoOn();
        Assert.Equal("""
            after: Function not implemented
            at once
            datagrams: Broken pipe
            a socket: Function not implemented
            kept: success

            """, started.Rest());
    }

    [HostFact("gcc")]
    public void While_its_supervisors_are_stopped_a_command_waits()
    {
        using Started started = new(world);
        Started.Send("STOP", started.Outer, started.Inner);
        started.GoOn();
        Thread.Sleep(500);
        Started.Send("CONT", started.Outer, started.Inner);
        Assert.Equal("after: success\nwaited\ndatagrams: success\na socket: success\nkept: success\n", started.Rest());
    }

    [HostFact]
    public void A_command_that_kills_all_it_can_does_not_end_its_supervisor()
    {
        HostRun run = world.Sandboxed(HostRules.Usual, "sh", "-c", "trap '' TERM; kill -9 $PPID; kill -STOP $PPID; kill -TERM -1; exit 9");
        Assert.Equal(9, run.Run.ExitCode);
    }

    /// <summary>A command that has connected, and its supervisors.</summary>
    private sealed class Started : IDisposable
    {
        private static readonly HostRules s_rules = new("10.9.0.2:80", "10.9.0.2:82");
        private readonly HostWorld _world;
        private readonly Process _process;
        private readonly string _home;
        private readonly int _mark;

        public Started(HostWorld world)
        {
            (_world, _home, _mark) = (world, world.NewHome(), world.Mark());
            string[] load = [world.Compile("gcc", "load.c"), "deserted", "0"];
            string[] command = world.Starting(_home, [CliRun.Landlocked, .. s_rules.Options, "--", .. load]);
            _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
            Assert.Equal(Before, _process.StandardOutput.ReadLine());
            string[] numbers = _process.StandardOutput.ReadLine()!.Split(' ');
            (Command, Inner) = (numbers[0], numbers[1]);
            Outer = File.ReadLines($"/proc/{Inner}/status")
                .Single(line => line.StartsWith("PPid:", StringComparison.Ordinal)).Split('\t')[1];
        }

        public string Command { get; }

        public string Inner { get; }

        public string Outer { get; }

        public static void Send(string signal, params string[] processes)
        {
            using Process kill = Process.Start("/bin/kill", [$"-{signal}", .. processes]);
            kill.WaitForExit();
            Assert.Equal(0, kill.ExitCode);
            // A process is on its way for a moment before it stops.
            foreach (string process in signal == "STOP" ? processes : [])
                Assert.True(HostWorld.Becomes(() => File.ReadLines($"/proc/{process}/status").Contains("State:\tT (stopped)")));
        }

        /// <summary>Lets the command go on.</summary>
        public void GoOn() => File.WriteAllText($"{_home}/go", "");

        /// <summary>What it says until it has ended.</summary>
        public string Rest() => _process.StandardOutput.ReadToEnd();

        public void Dispose()
        {
            _process.WaitForExit();
            _world.Mark();
            s_rules.Check(new HostRun(new CliRun(_process.ExitCode, 0, [], []), _world.Since(_mark)));
            _process.Dispose();
        }
    }
}
