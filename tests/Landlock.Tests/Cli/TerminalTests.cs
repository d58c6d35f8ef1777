using System.Text.Json;

namespace Landlock.Tests.Cli;

/// <summary>
/// Job control of a shell, with a supervisor or a tracer between it and the command: as without, and the command cannot
/// get the better of either.
/// </summary>
public sealed class TerminalTests
{
    // Takes the foreground for a group of its own, and reads.
    private const string Taker = "import os,signal; signal.signal(signal.SIGTTOU, signal.SIG_IGN); os.setpgid(0,0); os.tcsetpgrp(0, "
        + "os.getpid()); print('ta'+'ken', flush=True); print('re'+'ad', input())";

    // Leaves a process behind that reads.
    private const string Leaver = "import os,signal,sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); signal.signal(signal.SIGTTOU, "
        + "signal.SIG_IGN); pipe=os.pipe()\nif os.fork(): os.read(pipe[0],1); sys.exit(0)\n"
        + "os.setpgid(0,0); os.tcsetpgrp(0, os.getpid()); os.write(pipe[1],b'x'); print('sto'+'len', os.read(0,100), flush=True)";

    public static TheoryData<string> Ways => ["--timeout 50", "--private-temp", "--explain", "--explain --timeout 50"];

    [TerminalTheory]
    [MemberData(nameof(Ways))]
    public void One_that_stops_itself_is_a_stopped_job(string way) => Bash(
        ($"{Command(way)} sh -c 'kill -STOP $$; echo aga''in'\n", "Stopped"), ("jobs\n", "Stopped"), ("fg\n", "\nagain"),
        ("echo $?-ov''er\n", "0-over"));

    [TerminalTheory]
    [MemberData(nameof(Ways))]
    public void One_that_the_user_stops_goes_on_and_reads(string way) => Bash(
        ($"{Command(way)} sh -c 'echo beg''un; read x; echo got $x'\n", "begun"), ("\u001a", "Stopped"), ("fg\n", "sh -c"),
        ("hello\n", "got hello"), ("echo $?-ov''er\n", "0-over"));

    [TerminalTheory]
    [MemberData(nameof(Ways))]
    public void One_in_the_background_is_stopped_when_it_reads(string way) => Bash(
        ($"{Command(way)} sh -c 'read x; echo got $x' & until jobs | grep Stopped; do sleep 0.1; done\n", "\n[^\n]*Stopped"),
        ("fg\n", "\n[^\n]*sh -c"), ("hello\n", "got hello"));

    [TerminalTheory]
    [MemberData(nameof(Ways))]
    public void One_that_takes_the_foreground_for_itself_reads_and_gives_it_back(string way) => Bash(
        ($"{Command(way)} /usr/bin/python3 -c \"{Taker}\"\n", "taken"), ("hello\n", "read hello"), ("echo $?-ov''er\n", "0-over"));

    [TerminalTheory]
    [MemberData(nameof(Ways))]
    public void One_that_took_the_foreground_and_stops_gets_it_again(string way) => Bash(
        ($"{Command(way)} /usr/bin/python3 -c "
            + $"\"{Taker.Replace("print('re'", "os.kill(os.getpid(), 19); print('re'", StringComparison.Ordinal)}\"\n", "taken"),
        ("", "Stopped"), ("jobs\n", "Stopped"), ("fg\n", "\n[^\n]*python3"), ("hello\n", "read hello"), ("echo $?-ov''er\n", "0-over"));

    [TerminalTheory]
    [MemberData(nameof(Ways))]
    public void Ctrl_C_ends_it(string way) => Bash(
        ($"{Command(way)} /usr/bin/python3 -c \"import signal; signal.signal(2, 0); print('be'+'gun', flush=True); signal.pause()\"\n",
            "begun"), ("\u0003", "ready> "), ("echo $?-ov''er\n", "130-over"));

    [TerminalTheory]
    [MemberData(nameof(Ways))]
    public void Settings_of_the_terminal_are_those_of_the_command(string way)
    {
        // What was seen before the command changed them does not come back with SIGCONT.
        Bash(($"stty echoe; {Command(way)} sh -c 'stty -echoe; echo beg''un; read x; stty -a | grep -o -- .echoe'\n", "begun"),
            ("\u001a", "Stopped"), ("stty -echoe; fg\n", "sh -c"), ("x\n", "-echoe"));
    }

    [TerminalFact]
    public void The_time_is_over_whatever_the_command_does_with_the_terminal()
    {
        Bash(($"{Command("--timeout 2")} sh -c 'kill -STOP $$'\n", "Stopped"),
            ("until jobs | grep Exit; do sleep 0.1; done\n", "was stopped after 2 seconds[^$]*Exit 124"));
        Bash(($"{Command("--timeout 2")} /usr/bin/python3 -c \"{Taker}\"\n", "taken"), ("", "was stopped after 2 seconds"),
            ("echo $?-ov''er\n", "124-over"));
    }

    [TerminalFact]
    public void What_is_left_behind_reads_nothing_at_the_next_prompt()
    {
        using Scratch scratch = new();
        File.WriteAllText(scratch["leaver.py"], Leaver);
        File.SetUnixFileMode(scratch["leaver.py"], (UnixFileMode)0b110_100_100);
        // A program that starts it, without job control, as PowerShell does: nobody else takes the terminal back.
        string[] words = Words("--timeout 50", "--read-data", scratch["leaver.py"], "--", "/usr/bin/python3", scratch["leaver.py"]);
        string said = Dialog("/usr/bin/python3", "-c", $"import os,subprocess,sys; subprocess.run({JsonSerializer.Serialize(words)}); "
            + "print('rea'+'dy', flush=True); print('got', sys.stdin.readline())")
            (("", "ready"), ("hello\n", "got hello"));
        Assert.DoesNotContain("stolen", said, StringComparison.Ordinal);
    }

    private static string[] Words(string way, params string[] rest) =>
        [CliRun.Landlocked, .. way.Split(' '), "--read-only", "/usr", "--read-only", "/proc", .. rest];

    private static string Command(string way) => string.Join(' ', Words(way, "--"));

    private static void Bash(params (string Typed, string Pattern)[] steps) =>
        Dialog("/bin/bash", "--norc", "--noediting", "-i")([("", "ready> "), .. steps]);

    internal delegate string Steps(params (string Typed, string Pattern)[] steps);

    internal static Steps Dialog(params string[] program) => steps =>
    {
        string script = Path.Combine(Repository.Root, "tests/Landlock.Tests/Cli/dialog.py");
        string told = JsonSerializer.Serialize(steps.Select(step => new[] { step.Typed, step.Pattern }));
        CliRun run = CliRun.Program(new Setup { Who = Exec.Posix.geteuid() == 0 ? Who.Root : Who.Ordinary },
            ["/usr/bin/python3", script, told, .. program]);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        return run.Output;
    };
}

/// <summary>A test that needs Python and bash.</summary>
public sealed class TerminalTheoryAttribute : TheoryAttribute
{
    public TerminalTheoryAttribute() => Skip = Missing;

    internal static string? Missing { get; } = CliNeeds.Missing(abi: 1, perl: false, root: false)
        ?? (File.Exists("/usr/bin/python3") && File.Exists("/bin/bash") ? null : "needs python3 and bash");
}

/// <summary>The same, for a single one.</summary>
public sealed class TerminalFactAttribute : FactAttribute
{
    public TerminalFactAttribute() => Skip = TerminalTheoryAttribute.Missing;
}
