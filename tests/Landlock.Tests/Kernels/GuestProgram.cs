using System.Diagnostics;
using Landlock.Abi;
using Landlock.Denials;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Tests.Access;
using Landlock.Tests.Cli;
using Landlock.Tests.Hosts;

namespace Landlock.Tests.Kernels;

/// <summary>What of these tests runs inside a machine or another namespace, as the program that this assembly is there.</summary>
internal static class GuestProgram
{
    /// <summary>Runs one of them.</summary>
    /// <returns>0 if all is well.</returns>
    public static int Main(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case ["oracle", var who, var goal, var seed]: Compare(Enum.Parse<Who>(who), int.Parse(goal), int.Parse(seed)); break;
                case ["denials", var script]: Watch(script); break;
                case ["in-place"]: RestrictInPlace(); break;
                case ["in-place-refused"]: RestrictTooOften(); break;
                case ["world", var folder]: WorldProgram.Run(folder); break;
                // Whoever runs tests calls this as well.
                case []: break;
                default: return 2;
            }

            return 0;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(exception);
            return 1;
        }
    }

    private static void Compare(Who who, int goal, int seed)
    {
        using OracleProgram oracle = new(who, "/usr/bin/oracle", "/usr/bin/nothing");
        OracleRun run = new(oracle, goal, seed);
        run.Run();
        foreach (string line in run.Lines) Console.WriteLine(line);
        run.Check();
        Console.WriteLine($"{run.Cases} cases, no disagreement");
    }

    // All threads of this process, those that were there before as well.
    private static void RestrictInPlace()
    {
        using ManualResetEventSlim restricted = new();
        string[] said = new string[3];
        Thread[] before = [.. said.Select((_, i) => new Thread(() =>
        {
            restricted.Wait();
            said[i] = Read("/outside/secret");
        }))];
        foreach (Thread thread in before) thread.Start();
        Console.WriteLine($"before: {Read("/outside/secret")}, {Threads("NoNewPrivs")}, {Threads("Seccomp")}");

        Ruleset ruleset = Ruleset.DenyAll(RunningKernel.Support.Abi).With([new PathRule("/usr", AccessClass.ReadOnly.Rights), new PathRule(
            "/proc", AccessClass.ReadData.Rights), new PathRule("/tmp", AccessClass.ReadWrite.Rights & ~AccessFs.ResolveUnix)], []);
        Sandbox.Strict.WithLayers(ruleset, ruleset).RestrictSelf();
        restricted.Set();
        foreach (Thread thread in before) thread.Join();
        Thread later = new(() => Console.WriteLine($"new thread: {Read("/outside/secret")}"));
        later.Start();
        later.Join();
        File.WriteAllText("/tmp/own", "own\n");
        Console.WriteLine($"threads: {string.Join(", ", said)}");
        Console.WriteLine($"main: {Read("/outside/secret")}, {Read("/tmp/own")}, {Threads("NoNewPrivs")}, {Threads("Seccomp")}");
        using Process child = Process.Start("/usr/bin/cat", ["/tmp/own", "/outside/secret"]);
        child.WaitForExit();
        Console.WriteLine($"child: {child.ExitCode}");
        using Process sockets = Process.Start("/usr/bin/sockets", ["bind4", "5001", "stream", "/tmp/s/stream"]);
        sockets.WaitForExit();
    }

    // By root, who needs no no_new_privs to restrict itself: a restriction that fails leaves nothing behind.
    private static void RestrictTooOften()
    {
        ResolvedLayer layer = RulesetResolver.Resolve(Ruleset.DenyAll(RunningKernel.Support.Abi)
            .With(new PathRule("/", AccessClass.ReadWriteExecute.Rights)), RunningKernel.Support, "/", PosixFile.Inspect);
        for (int i = 0; i < AbiTable.MaxLayers; i++)
        {
            using RulesetDescriptor ruleset = RulesetDescriptor.Create(layer.Attribute());
            ruleset.AddPath(layer.PathRules[0].Target, AccessClass.ReadWriteExecute.Rights,
                AccessClass.ReadWriteExecute.Rights & AbiTable.FileRights, optional: false, flags: 0);
            ruleset.Enforce(RestrictFlags.None);
        }

        string refused = "not refused";
        try
        {
            InPlaceRestriction.Enforce([layer], RestrictFlags.None);
        }
        catch (KernelException exception)
        {
            refused = ErrnoText.Name(exception.Error);
        }

        Console.WriteLine($"{refused}, no_new_privs {File.ReadLines("/proc/thread-self/status").Contains("NoNewPrivs:\t1")}");
    }

    // What the kernel logs while a script runs.
    private static void Watch(string script)
    {
        using DenialStream log = DenialStream.Open();
        List<LandlockDenial> denials = [];
        using Process child = Process.Start("/bin/sh", ["-c", script]);
        while (!child.HasExited) denials.AddRange(log.Next(100));
        for (int quiet = 0; quiet < 5;)
        {
            LandlockDenial[] more = [.. log.Next(200)];
            quiet = more.Length == 0 ? quiet + 1 : 0;
            denials.AddRange(more);
        }

        foreach (LandlockDenial denial in denials) Console.WriteLine($"{string.Join(',', denial.Blockers)} {denial.Target}: {denial.Fix}");
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd();
        }
        catch (UnauthorizedAccessException)
        {
            return "denied";
        }
    }

    private static string Threads(string field)
    {
        string[] values = [.. Directory.GetDirectories("/proc/self/task").Select(task => File.ReadLines($"{task}/status")
            .Single(line => line.StartsWith(field + ":", StringComparison.Ordinal)).Split('\t')[1]).Distinct().Order()];
        return $"{field} {string.Join('/', values)}";
    }
}
