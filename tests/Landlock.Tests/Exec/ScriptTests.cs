using System.Globalization;
using System.Text.RegularExpressions;
using Landlock.Sandboxes;
using static Landlock.Tests.Exec.PlanBuilder;

namespace Landlock.Tests.Exec;

/// <summary>landlock-exec as the interpreter of a script, and the plans that are made for one.</summary>
public sealed class ScriptTests : IDisposable
{
    private const int ReadWrite = 2;

    private readonly TemporaryDirectory temporary = new();

    public void Dispose() => temporary.Dispose();

    [KernelFact]
    public void The_kernel_calls_it_with_a_plan_and_arguments_follow_those_of_the_plan()
    {
        PlanBuilder plan = Script("/usr/bin/printf", "%s|");
        string script = temporary["script"];
        File.WriteAllText(script, $"#!{ExecRun.Executable} /proc/self/fd/3\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        int descriptor = Posix.SealedFile(plan.Build());
        string[] arguments = ["", "a b", "-x", "--", "$HOME", "line\nline", "\u00e4", ""];
        ExecRun run = ExecRun.Direct([script, .. arguments], new() { Descriptors = { [3] = descriptor } });
        Posix.Close(descriptor);
        Assert.Equal((0, "", string.Join('|', arguments) + "|"), (run.ExitCode, run.Error, run.Output));
    }

    [KernelFact]
    public void Arguments_are_any_bytes()
    {
        PlanBuilder plan = Script("/bin/sh", "-c", "printf %s \"$1\" | od -An -tx1", "sh");
        ExecRun run = Call(plan, new() { Wrapper = ["/bin/sh", "-c", "exec \"$@\" \"$(printf '\\377\\001\\200')\"", "sh"] });
        Assert.Equal(" ff 01 80\n", run.Output);
    }

    [KernelFact]
    public void Many_and_long_arguments_arrive()
    {
        string[] many = [.. Enumerable.Range(0, 50_000).Select(number => number.ToString(CultureInfo.InvariantCulture))];
        Assert.Equal("50000 49999\n", Call(Script("/bin/sh", "-c", "echo $# ${50000}", "sh"), null, many).Output);
        Assert.Equal("131071\n", Call(Script("/bin/sh", "-c", "echo ${#1}", "sh"), null, new string('x', 131071)).Output);
    }

    [KernelFact]
    public void A_command_without_arguments_of_its_own_gets_none() =>
    Assert.Equal("0\n", Call(Script("/bin/sh", "-c", "echo $#", "sh")).Output);

    [KernelFact]
    public void Variables_are_added_and_replaced()
    {
        PlanBuilder plan = Script("/usr/bin/env");
        plan.Flags |= PlanFlags.AddToEnvironment;
        plan.Environment = ["B=new", "EMPTY=", "NEW=1", "LONG=x"];
        string[] received = ["A=1", "B=old", "BB=kept", "EMPTY=full", "=odd", "no equals sign", "LO=kept", "LONGER=kept", "B=twice"];
        ExecRun run = Call(plan, new() { Environment = received });
        Assert.Equal("A=1\nBB=kept\n=odd\nno equals sign\nLO=kept\nLONGER=kept\nB=new\nEMPTY=\nNEW=1\nLONG=x\n", run.Output);
        Assert.Equal("B=new\nEMPTY=\nNEW=1\nLONG=x\n", Call(plan, new() { Environment = [] }).Output);
        plan.Environment = [];
        Assert.Equal(string.Join('\n', received) + "\n", Call(plan, new() { Environment = received }).Output);
    }

    [KernelFact]
    public void Another_directory_is_refused()
    {
        string witness = temporary["witness"];
        PlanBuilder plan = Script("/bin/touch", witness);
        plan.Layers[0].Path(temporary.Root, AllFs);
        plan.Flags |= PlanFlags.CheckDirectory;
        string[] identity = ExecRun.Direct(["/usr/bin/stat", "-c", "%i %Hd %Ld", temporary.Root]).Output.Split();
        (ulong Inode, uint Major, uint Minor) here = (ulong.Parse(identity[0], CultureInfo.InvariantCulture),
            uint.Parse(identity[1], CultureInfo.InvariantCulture), uint.Parse(identity[2], CultureInfo.InvariantCulture));
        ExecOptions inside = new() { Wrapper = ["/usr/bin/env", "-C", temporary.Root] };
        foreach ((ulong, uint, uint) other in ((ulong, uint, uint)[])[(here.Inode + 1, here.Major, here.Minor),
            (here.Inode, here.Major + 1, here.Minor), (here.Inode, here.Major, here.Minor + 1)])
        {
            plan.Directory = other;
            ExecRun refused = Call(plan, inside);
            Assert.Equal((125, "", "[CheckDirectory]  (end)\n"), (refused.ExitCode, refused.Output, refused.Error));
        }

        plan.Directory = here;
        Assert.Equal(125, Call(plan, new() { Wrapper = ["/usr/bin/env", "-C", "/"] }).ExitCode);
        Assert.False(File.Exists(witness));
        Assert.Equal((0, ""), (Call(plan, inside) is var run ? (run.ExitCode, run.Error) : default));
        Assert.True(File.Exists(witness));
    }

    [KernelFact]
    public void A_rule_for_terminals_counts_on_a_terminal_only()
    {
        string file = temporary["file"];
        File.WriteAllText(file, "content");
        PlanBuilder plan = Script("/bin/cat", file);
        plan.Layers[0].Path(file, ReadFile, PlanRuleFlags.OnTerminal);
        Assert.Equal((1, ""), (Call(plan) is var none ? (none.ExitCode, none.Output) : default));
        int terminal = Posix.Open("/dev/ptmx", ReadWrite);
        foreach (int number in (int[])[0, 2])
            Assert.Equal((0, "content"),
                (Call(plan, new() { Descriptors = { [number] = terminal } }) is var run ? (run.ExitCode, run.Output) : default));
        // Another descriptor that is a terminal does not make the command one of the terminal.
        Assert.Equal(1, Call(plan, new() { Descriptors = { [7] = terminal } }).ExitCode);
        Posix.Close(terminal);
    }

    [KernelFact]
    public void A_directory_for_temporary_files_is_made_for_each_run()
    {
        string path = $"{temporary.Root}/x-{Unnamed}/t";
        PlanBuilder plan = Script("/bin/sh", "-c",
            "echo $TMPDIR $$; read rest < /proc/$$/stat; echo $rest; stat -c %a $TMPDIR; echo x > $TMPDIR/file && cat $TMPDIR/file");
        plan.ScratchParent = temporary.Root;
        plan.Flags |= PlanFlags.AddToEnvironment;
        plan.Environment = [$"TMPDIR={path}", $"TWICE={Unnamed}{Unnamed}"];
        plan.Layers[0].Path(path, AllFs, PlanRuleFlags.Scratch);
        byte[] image = plan.Build();
        HashSet<string> seen = [];
        for (int i = 0; i < 3; i++)
        {
            ExecRun run = Call(image);
            string[] lines = run.Output.Split('\n');
            string made = lines[0].Split(' ')[0];
            string process = lines[0].Split(' ')[1];
            string start = lines[1][(lines[1].LastIndexOf(')') + 2)..].Split(' ')[19];
            Assert.Equal((0, "700", "x"), (run.ExitCode, lines[2], lines[3]));
            string space = Regex.Match(new FileInfo("/proc/self/ns/pid").LinkTarget!, "[0-9]+").Value;
            Assert.Matches($"^{temporary.Root}/x-[0-9a-v]{{12}}/t$", made);
            Assert.True(seen.Add(made), "the name can be guessed");
            Assert.True(Directory.Exists(made));
            Assert.Equal($"{process}.{start}.{space}", new FileInfo($"{made}/../owner").LinkTarget);
        }

        plan.ScratchParent = "/proc";
        ExecRun failed = Call(plan);
        Assert.Equal((125, "", "[MakeScratch] : no such file or directory (end)\n"), (failed.ExitCode, failed.Output, failed.Error));
    }

    [KernelFact]
    public void A_refusal_is_all_that_happens()
    {
        PlanBuilder plan = Script("/bin/touch", temporary["witness"]);
        plan.Layers[0].Path(temporary.Root, AllFs);
        plan.Refusal = "one line\nand another\n";
        plan.ScratchParent = temporary.Root;
        ExecRun run = Call(plan);
        Assert.Equal((125, "", "one line\nand another\n"), (run.ExitCode, run.Output, run.Error));
        Assert.Empty(Directory.GetFileSystemEntries(temporary.Root));
    }

    [KernelFact]
    public void A_failure_has_its_exit_code_and_its_line()
    {
        ExecRun missing = Call(Script("/none"));
        Assert.Equal((127, "[Execute] : no such file or directory (end)\n"), (missing.ExitCode, missing.Error));
        ExecRun forbidden = Call(Script("/etc"));
        Assert.Equal((126, "[Execute] : permission denied (end)\n"), (forbidden.ExitCode, forbidden.Error));
        Assert.Equal(7, Call(Script("/bin/sh", "-c", "exit 7")).ExitCode);
        Assert.Equal(15, Call(Script("/bin/sh", "-c", "kill -TERM $$")).Signal);
    }

    [Fact]
    public void Only_the_plan_of_a_script_is_taken_by_its_path()
    {
        const string line = "landlock-exec: the plan is not valid; nothing was run\n";
        byte[] plan = Script("/bin/echo", "ran").Build();
        string file = temporary["plan"];
        File.WriteAllBytes(file, plan);
        foreach (string[] arguments in (string[][])[["/proc/self/fd/3"], [file, "script"], ["/none", "script"], ["/", "script"],
            ["/dev/null", "script"], ["/proc/self/fd/200", "script"]])
        {
            ExecRun refused = ExecRun.Of(plan, new() { Arguments = arguments });
            Assert.Equal((125, "", line), (refused.ExitCode, refused.Output, refused.Error));
        }

        Assert.Equal((125, line), (Call(Command("/bin/echo", "ran")) is var run ? (run.ExitCode, run.Error) : default));
        ExecRun unsealed = ExecRun.Of(plan, new() { Arguments = ["/proc/self/fd/3", "script"], Seals = 0x1 | 0x2 | 0x4 });
        Assert.Equal((125, line), (unsealed.ExitCode, unsealed.Error));
    }

    private static PlanBuilder Script(params string[] command)
    {
        PlanBuilder plan = Command(command);
        plan.Flags = PlanFlags.TakeArguments;
        return plan;
    }

    private static ExecRun Call(PlanBuilder plan, ExecOptions? options = null, params string[] arguments) =>
        Call(plan.Build(), options, arguments);

    // As the kernel calls an interpreter: with its argument, the path of the script, and what the script was called with.
    private static ExecRun Call(byte[] plan, ExecOptions? options = null, params string[] arguments)
    {
        options ??= new();
        return ExecRun.Of(plan, new()
        {
            Arguments = ["/proc/self/fd/3", "/path/of/script", .. arguments],
            Wrapper = options.Wrapper,
            Environment = options.Environment,
            Descriptors = options.Descriptors,
        });
    }
}
