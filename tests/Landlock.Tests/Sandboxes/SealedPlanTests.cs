using System.Diagnostics;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Needs;
using Landlock.Tests.Exec;
using Landlock.Tests.Linux;
using KernelFactAttribute = Landlock.Tests.Linux.KernelFactAttribute;

namespace Landlock.Tests.Sandboxes;

/// <summary>A plan on its way through landlock-exec, from this process, as the module does it; and what is said when it fails.</summary>
public sealed class SealedPlanTests
{
    [KernelFact]
    public void A_command_runs_and_the_outcome_is_known()
    {
        using SealedPlan launch =
            SealedPlan.Create(Plan("/bin/sh", "-c", "echo out; echo err >&2; cat /etc/hostname; exit 7"), keepErrors: true);
        Assert.Equal(2, launch.Arguments.Length);
        Assert.Equal("", launch.ReadErrors());
        Assert.Equal("landlock-exec ended before it could set up the sandbox; nothing was run.", launch.ReadOutcome().Error!.Message);
        (int exitCode, string output, string error, int process) = Run(launch);
        Assert.Equal((7, "out\n", ""), (exitCode, output, error));
        Assert.Equal(new LaunchOutcome(true, null, process), launch.ReadOutcome());
        Assert.StartsWith("err\n", launch.ReadErrors(), StringComparison.Ordinal);
        Assert.Contains("Permission denied", launch.ReadErrors(), StringComparison.Ordinal);
    }

    [KernelFact]
    public void Standard_error_is_kept_up_to_a_size_and_the_rest_does_not_stop_the_command()
    {
        using SealedPlan launch = SealedPlan.Create(Plan("/bin/sh", "-c",
            "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done; echo end"),
            keepErrors: true);
        Assert.Equal("end\n", Run(launch).Output);
        Assert.Equal(64 << 10, launch.ReadErrors().Length);
    }

    [KernelFact]
    public void Why_a_command_is_not_executed_is_told_as_the_user_needs_it()
    {
        string folder = Directory.CreateTempSubdirectory("launch-").FullName;
        try
        {
            string text = $"{folder}/text", lost = $"{folder}/lost";
            File.WriteAllText(text, "no program\n");
            File.WriteAllText(lost, "#!/no/such/interpreter\n");
            foreach (string file in (string[])[text, lost]) File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
            LaunchPlan plan = Plan("/bin/true") with { Program = text };
            Refused(plan, LaunchProblem.NotExecutable, $"The sandbox does not allow executing '{text}' (or its loader or interpreter): "
                + "Permission denied. It needs execute and read_file, as ReadOnly gives.");
            Refused(Plan(folder, "/bin/true") with { Program = text }, LaunchProblem.NotExecutable,
                $"'{text}' is neither a program nor a script with a #! line; run it with its interpreter, such as: sh '{text}'.");
            Refused(Plan(folder, "/bin/true") with { Program = lost }, LaunchProblem.NotFound,
                $"'{lost}' or its interpreter does not exist.");
            Refused(plan with { Start = new CommandStart { WorkingDirectory = $"{folder}/gone" } }, LaunchProblem.SetupFailed,
                $"Cannot change to the directory '{folder}/gone': No such file or directory; nothing was run.");
            Refused(
                plan with
                {
                    Layers = [plan.Layers[0] with
                    { PathRules = [new ResolvedPathRule($"{folder}/removed", AccessFs.ReadFile, AccessFs.ReadFile, false, false)] }],
                },
                LaunchProblem.SetupFailed, $"Cannot open '{folder}/removed': No such file or directory; nothing was run.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static void Refused(LaunchPlan plan, LaunchProblem problem, string message)
        {
            using SealedPlan launch = SealedPlan.Create(plan);
            (int exitCode, string output, string error, _) = Run(launch);
            // The one who reads the outcome says it, not landlock-exec.
            Assert.Equal(("", ""), (output, error));
            Assert.Equal(problem == LaunchProblem.SetupFailed ? 125 : problem == LaunchProblem.NotFound ? 127 : 126, exitCode);
            LaunchOutcome outcome = launch.ReadOutcome();
            Assert.False(outcome.Executed);
            Assert.Equal((problem, message), (outcome.Error!.Problem, outcome.Error.Message));
        }
    }

    [KernelFact]
    public void In_place_landlock_exec_itself_says_what_failed()
    {
        using SealedPlan launch =
            SealedPlan.CreateInPlace(Plan("/bin/true") with { Start = new CommandStart { WorkingDirectory = "/no/such/place" } }, "prog");
        Assert.Single(launch.Arguments);
        (int exitCode, _, string error, _) = Run(launch);
        Assert.Equal((125, "prog: cannot change to the directory '/no/such/place': No such file or directory; nothing was run\n"),
            (exitCode, error));
        Assert.Equal("This plan reports to nobody.", Assert.Throws<InvalidOperationException>(() => launch.ReadOutcome()).Message);
        Assert.Equal("", launch.ReadErrors());
    }

    [Fact]
    public void Every_step_has_a_sentence_with_its_object()
    {
        LandlockSupport support = LandlockSupport.ForAbi(7);
        Ruleset ruleset = Ruleset.DenyAll(7).With([new PathRule("/usr", AccessClass.ReadOnly.Rights)],
            [new NetRule(new PortRange(80, 81), AccessNet.BindTcp), new NetRule(new PortRange(443, 443), AccessNet.BindTcp)]);
        LaunchPlan plan = new()
        {
            Layers = [RulesetResolver.Resolve(ruleset, support, "/", _ => PathKind.Directory)],
            Program = "/p",
            Arguments = ["p"],
            Start = new CommandStart { WorkingDirectory = "/w" },
        };
        Assert.Equal("cannot create the ruleset of layer 1: Cannot allocate memory; nothing was run",
            Sentence(PlanStep.CreateRuleset, Errno.ENOMEM, 0));
        Assert.Equal("cannot add the rule for '/usr': Invalid argument; nothing was run", Sentence(PlanStep.AddPathRule, Errno.EINVAL, 0));
        Assert.Equal("cannot add the rule for port 80: Invalid argument; nothing was run", Sentence(PlanStep.AddPortRule, Errno.EINVAL, 0));
        Assert.Equal("cannot add the rule for port 443: Invalid argument; nothing was run",
            Sentence(PlanStep.AddPortRule, Errno.EINVAL, 2));
        Assert.Equal("cannot add the rule for port -1: Invalid argument; nothing was run", Sentence(PlanStep.AddPortRule, Errno.EINVAL, 3));
        Assert.Equal("cannot set resource limit 7: Operation not permitted; nothing was run", Sentence(PlanStep.SetLimit, Errno.EPERM, 7));
        Assert.Equal("cannot enforce layer 1: Argument list too long; nothing was run (at most 16 layers can be nested, those "
            + "already in force included)", Sentence(PlanStep.Restrict, Errno.E2BIG, 0));
        Assert.Equal("cannot execute '/p': Input/output error", Sentence(PlanStep.Execute, Errno.EIO, 0));
        Assert.Equal("cannot execute '/p': Text file busy", Sentence(PlanStep.Execute, Errno.ETXTBSY, 0));
        foreach (PlanStep step in Enum.GetValues<PlanStep>().Except([PlanStep.Execute, PlanStep.ReadPlan, PlanStep.Count]))
        {
            string sentence = Sentence(step, Errno.EPERM, 0);
            Assert.Contains("nothing was run", sentence, StringComparison.Ordinal);
            Assert.DoesNotContain("the plan is not valid", sentence, StringComparison.Ordinal);
        }

        string Sentence(PlanStep step, Errno error, int index) => LaunchMessages.Sentence(plan, step, error, 0, index);
    }

    private static LaunchPlan Plan(string command, params string[] arguments) => command.StartsWith("/bin/", StringComparison.Ordinal)
        ? Plan(null, command, arguments)
        : Plan(command, arguments[0], arguments[1..]);

    private static LaunchPlan Plan(string? granted, string command, string[] arguments) => LaunchPlanner.Plan(new LaunchRequest
    {
        Layers = [Ruleset.DenyAll(RawKernel.Version).With(
            [.. ((string?[])["/usr", granted]).OfType<string>().Select(path => new PathRule(path, AccessClass.ReadOnly.Rights))], [])],
        Command = command,
        Arguments = [.. arguments],
        BaseDirectory = "/",
        SearchPath = "/usr/bin:/bin",
        Grants = Baseline.Grants,
        Support = RunningKernel.Support,
    });

    private static (int ExitCode, string Output, string Error, int Process) Run(SealedPlan launch)
    {
        ProcessStartInfo start = new(ExecRun.Executable,
            launch.Arguments)
        { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        launch.SetInherited(true);
        using Process process = Process.Start(start)!;
        launch.SetInherited(false);
        System.Threading.Tasks.Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result, process.Id);
    }
}
