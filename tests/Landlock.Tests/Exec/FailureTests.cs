using Landlock.Sandboxes;
using static Landlock.Tests.Exec.PlanBuilder;

namespace Landlock.Tests.Exec;

/// <summary>Every step that can fail: its exit code, its line, its status page, and that the command did not run.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly TemporaryDirectory temporary = new();

    public void Dispose() => temporary.Dispose();

    [KernelFact]
    public void Create_ruleset()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.Layers.Add(SystemLayer());
        plan.Layers[1].Attribute = [1ul << 60];
        ExecRun run = ExecRun.Of(plan).Failed(PlanStep.CreateRuleset, 22, "[CreateRuleset] 2: error 22 (end)\n");
        Assert.Equal(1u, run.Status.Layer);
        Assert.Equal(0u, run.Status.Enforced);
    }

    [KernelFact]
    public void Create_ruleset_without_landlock()
    {
        ExecRun.Of(Shell("echo ran"), new() { Outer = Denying(Filter.CreateRuleset, 38) })
            .Failed(PlanStep.CreateRuleset, 38, "[CreateRuleset] 1: error 38 (end)\n");
    }

    [KernelFact]
    public void Open_path()
    {
        PlanBuilder plan = Shell("echo ran");
        uint index = (uint)plan.Layers[0].Paths.Count;
        plan.Layers[0].Path(temporary["none"], ReadFile);
        ExecRun run = ExecRun.Of(plan)
            .Failed(PlanStep.OpenPath, 2, $"[OpenPath] <{temporary["none"]}>: no such file or directory (end)\n");
        Assert.Equal((0u, index), (run.Status.Layer, run.Status.Index));
    }

    [KernelFact]
    public void Open_path_of_a_link_that_leads_round()
    {
        File.CreateSymbolicLink(temporary["loop"], "loop");
        PlanBuilder plan = Shell("echo ran");
        plan.Layers[0].Path(temporary["loop"], ReadFile, PlanRuleFlags.Optional);
        ExecRun.Of(plan).Failed(PlanStep.OpenPath, 116, $"[OpenPath] <{temporary["loop"]}>: error 116 (end)\n");
    }

    [KernelFact]
    public void Stat_of_a_path()
    {
        // Plan and status page are 3 and 4; later two rulesets are, and the path of the second layer is 5.
        PlanBuilder plan = Shell("echo ran");
        plan.Layers.Insert(0, new Layer());
        plan.Layers[1].Paths.Clear();
        plan.Layers[1].Path("/dev/null", ReadFile);
        PlanBuilder outer = Permissive();
        outer.Filters.Add(Filter.DenyAbove(Filter.StatX, 4, 1));
        ExecRun run = ExecRun.Of(plan, new() { Outer = outer }).Failed(PlanStep.OpenPath, 1, "[OpenPath] </dev/null>: error 1 (end)\n");
        Assert.Equal((1u, 0u), (run.Status.Layer, run.Status.Index));
    }

    [KernelFact]
    public void Add_path_rule()
    {
        PlanBuilder plan = Shell("echo ran");
        uint index = (uint)plan.Layers[0].Paths.Count;
        plan.Layers[0].Path("/usr", 1ul << 60);
        ExecRun run = ExecRun.Of(plan).Failed(PlanStep.AddPathRule, 22, "[AddPathRule] </usr>: error 22 (end)\n");
        Assert.Equal(index, run.Status.Index);
    }

    [KernelFact]
    public void Add_path_rule_with_flags_that_the_kernel_does_not_know()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.Layers[0].Path("/usr", ReadFile, addFlags: 1u << 30);
        ExecRun.Of(plan).Failed(PlanStep.AddPathRule, 22, "[AddPathRule] </usr>: error 22 (end)\n");
    }

    [KernelFact(Abi = 4)]
    public void Add_port_rule()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.Layers[0].Attribute = [AllFs, 1];
        plan.Layers[0].Port(80, 1).Port(65535, 2);
        ExecRun run = ExecRun.Of(plan).Failed(PlanStep.AddPortRule, 22, "[AddPortRule] 65535: error 22 (end)\n");
        Assert.Equal(1u, run.Status.Index);
    }

    [KernelFact]
    public void Change_directory()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.WorkingDirectory = temporary["none"];
        ExecRun.Of(plan).Failed(PlanStep.ChangeDirectory, 2, "[ChangeDirectory] : no such file or directory (end)\n");
    }

    [KernelFact]
    public void Set_limit()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.Limits.Add(new() { Resource = 4, Soft = 0, Hard = 0 });
        plan.Limits.Add(new() { Resource = 99, Soft = 0, Hard = 0 });
        ExecRun run = ExecRun.Of(plan).Failed(PlanStep.SetLimit, 22, "[SetLimit] 1: error 22 (end)\n");
        Assert.Equal(1u, run.Status.Index);
    }

    [KernelFact]
    public void Set_signals()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.Flags = PlanFlags.SetDispositions;
        ExecRun.Of(plan, new() { Outer = Denying(Filter.SignalAction, 1) })
            .Failed(PlanStep.SetSignals, 1, "[SetSignals] 1: error 1 (end)\n");
        plan.Flags = PlanFlags.AddToSignalMask;
        ExecRun.Of(plan, new() { Outer = Denying(Filter.SignalMask, 1) })
            .Failed(PlanStep.SetSignals, 1, "[SetSignals] 0: error 1 (end)\n");
        plan.Flags = PlanFlags.SetSignalMask;
        ExecRun.Of(plan, new() { Outer = Denying(Filter.SignalMask, 1) })
            .Failed(PlanStep.SetSignals, 1, "[SetSignals] 0: error 1 (end)\n");
    }

    [KernelFact]
    public void Begin_a_group_as_the_leader_of_a_session()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.Flags = PlanFlags.NewGroup;
        ExecRun.Of(plan, new() { Wrapper = ["/usr/bin/setsid"] }).Failed(PlanStep.Detach, 1, "[Detach] : error 1 (end)\n");
    }

    [KernelFact]
    public void Take_a_standard_error_that_is_not_open()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.StandardError = 77;
        ExecRun.Of(plan).Failed(PlanStep.Detach, 9, "[Detach] : error 9 (end)\n");
    }

    [KernelFact]
    public void Sweep_descriptors()
    {
        ExecRun.Of(Shell("echo ran"), new() { Outer = Denying(Filter.CloseRange, 22) })
            .Failed(PlanStep.SweepDescriptors, 22, "[SweepDescriptors] : error 22 (end)\n");
    }

    [KernelFact]
    public void Keep_a_descriptor_that_is_not_open()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.Kept.AddRange([7, 8]);
        ExecOptions options = new() { Descriptors = { [7] = Posix.MemoryFile("kept") } };
        ExecRun run = ExecRun.Of(plan, options).Failed(PlanStep.SweepDescriptors, 9, "[SweepDescriptors] : error 9 (end)\n");
        Posix.Close(options.Descriptors[7]);
        Assert.Equal(1u, run.Status.Index);
    }

    [KernelFact]
    public void Keep_the_plan_or_the_status_page()
    {
        foreach (uint descriptor in (uint[])[ExecRun.PlanDescriptor, ExecRun.StatusDescriptor])
        {
            PlanBuilder plan = Shell("echo ran");
            plan.Kept.Add(descriptor);
            ExecRun.Of(plan).Failed(PlanStep.SweepDescriptors, 9, "[SweepDescriptors] : error 9 (end)\n");
        }
    }

    [KernelFact]
    public void No_new_privileges()
    {
        ExecRun.Of(Shell("echo ran"), new() { Outer = Denying(Filter.Prctl, 1) })
            .Failed(PlanStep.NoNewPrivileges, 1, "[NoNewPrivileges] : error 1 (end)\n");
    }

    [KernelFact]
    public void A_thread_name_is_set_if_there_is_one_and_does_not_matter_if_it_cannot_be()
    {
        const uint setName = 15;
        PlanBuilder plan = Shell("echo ran");
        plan.ThreadName = "sandbox-0123456";
        Assert.Equal("ran\n", ExecRun.Of(plan).Ran().Output);
        PlanBuilder outer = Permissive();
        outer.Filters.Add(Filter.DenyEqual(Filter.Prctl, setName, 1));
        Assert.Equal("ran\n", ExecRun.Of(plan, new() { Outer = outer }).Ran().Output);

        // That the call is made shows when it is deadly.
        outer = Permissive();
        outer.Filters.Add(Filter.KillEqual(Filter.Prctl, setName));
        Assert.Equal(31, ExecRun.Of(plan, new() { Outer = outer }).Signal);
        plan.ThreadName = "";
        outer.Kept.Clear();
        ExecRun.Of(plan, new() { Outer = outer }).Ran();
    }

    [KernelFact]
    public void Restrict_flags()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.Layers[0].RestrictFlags = 1u << 31;
        ExecRun.Of(plan).Failed(PlanStep.Restrict, 22, "[Restrict] 1: error 22 (end)\n");
    }

    [KernelFact]
    public void Restrict_inside_sixteen_layers()
    {
        PlanBuilder outer = Permissive();
        while (outer.Layers.Count < 16)
            outer.Layers.Add(outer.Layers[0]);
        ExecRun run = ExecRun.Of(Shell("echo ran"), new() { Outer = outer }).Failed(PlanStep.Restrict, 7, "[Restrict] 1: error 7 (end)\n");
        Assert.Equal(0u, run.Status.Enforced);
    }

    [KernelFact]
    public void Restrict_inside_fifteen_layers()
    {
        PlanBuilder outer = Permissive();
        while (outer.Layers.Count < 15)
            outer.Layers.Add(outer.Layers[0]);
        PlanBuilder plan = Shell("echo ran");
        ExecRun.Of(plan, new() { Outer = outer }).Ran();
        outer.Kept.Clear();
        plan.Layers.Add(SystemLayer());
        ExecRun run = ExecRun.Of(plan, new() { Outer = outer }).Failed(PlanStep.Restrict, 7, "[Restrict] 2: error 7 (end)\n");
        Assert.Equal((1u, 1u), (run.Status.Layer, run.Status.Enforced));
    }

    [KernelFact]
    public void Install_filter()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.Filters.Add(Filter.Allow);
        plan.Filters.Add([Filter.Instruction(0xFFFF, 0)]);
        ExecRun run = ExecRun.Of(plan).Failed(PlanStep.InstallFilter, 22, "[InstallFilter] : error 22 (end)\n");
        Assert.Equal((1u, 1u), (run.Status.Index, run.Status.Enforced));
    }

    [KernelFact]
    public void A_filter_that_denies_even_the_exit_ends_in_a_trap()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.Filters.Add([Filter.Instruction(0x06, 0x0005_0001)]);
        ExecRun run = ExecRun.Of(plan);
        Assert.Equal((PlanOutcome.Failed, PlanStep.Execute, 1), (run.Outcome, run.Step, run.Status.Error));
        Assert.True(run.Signal is 4 or 5, $"{run}");
    }

    [KernelFact]
    public void Execute_what_does_not_exist()
    {
        ExecRun.Of(PlanBuilder.Command("/usr/none")).Failed(
            PlanStep.Execute, 2, "[Execute] : no such file or directory (end)\n", PlanLayout.ExitNotFound);
        ExecRun.Of(PlanBuilder.Command("/etc/passwd/none")).Failed(
            PlanStep.Execute, 20, "[Execute] : error 20 (end)\n", PlanLayout.ExitNotFound);
    }

    [KernelFact]
    public void Execute_what_the_policy_denies()
    {
        string file = temporary.Write("script", "#!/bin/sh\necho ran\n", 0x1ED);
        ExecRun run = ExecRun.Of(PlanBuilder.Command(file)).Failed(
            PlanStep.Execute, 13, "[Execute] : permission denied (end)\n", PlanLayout.ExitNotExecutable);
        Assert.Equal(1u, run.Status.Enforced);
    }

    [KernelFact]
    public void Execute_what_is_no_program()
    {
        string file = temporary.Install("/etc/passwd", "text");
        PlanBuilder plan = PlanBuilder.Command(file);
        plan.Layers[0].Path(temporary.Root, Execute | ReadFile);
        ExecRun.Of(plan).Failed(PlanStep.Execute, 8, "[Execute] : error 8 (end)\n", PlanLayout.ExitNotExecutable);
    }

    [KernelFact]
    public void Execute_with_too_long_an_argument()
    {
        PlanBuilder plan = PlanBuilder.Command("/bin/true", new string('x', 1 << 20));
        ExecRun.Of(plan).Failed(PlanStep.Execute, 7, "[Execute] : error 7 (end)\n", PlanLayout.ExitNotExecutable);
    }

    [KernelFact]
    public void A_text_for_execve_replaces_the_whole_line()
    {
        PlanBuilder plan = PlanBuilder.Command("/usr/none");
        plan.ExecuteTexts[13] = "not this";
        plan.ExecuteTexts[2] = "nöthing there";
        ExecRun.Of(plan).Failed(PlanStep.Execute, 2, "nöthing there\n", PlanLayout.ExitNotFound);

        // It is for execve alone.
        plan = Shell("echo ran");
        plan.ExecuteTexts[2] = "not this";
        plan.WorkingDirectory = "/none";
        ExecRun.Of(plan).Failed(PlanStep.ChangeDirectory, 2, "[ChangeDirectory] : no such file or directory (end)\n");
    }

    [KernelFact]
    public void Without_messages_nothing_is_printed()
    {
        PlanBuilder plan = PlanBuilder.Command("/usr/none");
        plan.Messages = false;
        plan.ExecuteTexts[2] = "not this";
        ExecRun.Of(plan).Failed(PlanStep.Execute, 2, "", PlanLayout.ExitNotFound);
    }

    [KernelFact]
    public void Too_little_memory_for_the_arguments()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.Arguments.AddRange(Enumerable.Repeat("", 1_000_000));
        ExecRun.Of(plan, new() { Wrapper = ["/bin/sh", "-c", "ulimit -v 9000; exec \"$@\"", "sh"] })
            .Failed(PlanStep.ReadPlan, 12, "[ReadPlan] : error 12 (end)\n");
    }

    [KernelFact]
    public void A_reader_that_is_gone_does_not_change_the_exit_code()
    {
        int pipe = Posix.BrokenPipe();
        ExecRun run = ExecRun.Of(PlanBuilder.Command("/usr/none"), new() { Descriptors = { [2] = pipe } });
        Posix.Close(pipe);
        Assert.Equal((0, PlanLayout.ExitNotFound), (run.Signal, run.ExitCode));
    }

    [KernelFact]
    public void A_full_file_does_not_change_the_exit_code()
    {
        PlanBuilder plan = PlanBuilder.Command("/usr/none");
        plan.Limits.Add(new() { Resource = 1 });
        ExecRun run = ExecRun.Of(plan);
        Assert.Equal((0, PlanLayout.ExitNotFound, ""), (run.Signal, run.ExitCode, run.Error));
    }

    [KernelFact]
    public void Without_standard_error_the_exit_code_remains()
    {
        ExecRun run = ExecRun.Of(PlanBuilder.Command("/usr/none"), new() { Descriptors = { [2] = -1 } });
        Assert.Equal((0, PlanLayout.ExitNotFound), (run.Signal, run.ExitCode));
    }

    /// <summary>A plan that allows everything but one system call.</summary>
    private static PlanBuilder Denying(uint systemCall, uint error)
    {
        PlanBuilder plan = Permissive();
        plan.Filters.Add(Filter.Deny(systemCall, error));
        return plan;
    }

    private static PlanBuilder Permissive()
    {
        PlanBuilder plan = new();
        plan.Layers.Add(new Layer().Path("/", AllFs));
        return plan;
    }
}
