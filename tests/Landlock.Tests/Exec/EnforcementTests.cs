using Landlock.Sandboxes;
using static Landlock.Tests.Exec.PlanBuilder;

namespace Landlock.Tests.Exec;

/// <summary>What the kernel allows and denies under a plan.</summary>
public sealed class EnforcementTests : IDisposable
{
    private readonly TemporaryDirectory temporary = new();

    public void Dispose() => temporary.Dispose();

    [KernelFact]
    public void A_valid_plan_runs_its_command()
    {
        ExecRun run = ExecRun.Of(Shell("echo hello; exit 7")).Ran(7);
        Assert.Equal("hello\n", run.Output);
        Assert.Equal("", run.Error);
        Assert.Equal(1u, run.Status.Enforced);
        Assert.Equal(0, run.Status.Error);
    }

    [KernelFact]
    public void What_no_rule_allows_is_denied()
    {
        string file = temporary.Write("secret", "secret");
        ExecRun run = ExecRun.Of(Shell($"cat {file}; echo x > {temporary["new"]}; cat /etc/passwd > /dev/null && echo read")).Ran();
        Assert.Equal("read\n", run.Output);
        Assert.Contains("cat: " + file + ": Permission denied", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(temporary["new"]));
    }

    [KernelFact]
    public void What_a_rule_allows_works_and_no_more()
    {
        string readable = temporary.CreateDirectory("readable");
        string writable = temporary.CreateDirectory("writable");
        temporary.Write("readable/file", "content\n");
        PlanBuilder plan = Shell($"cat {readable}/file; echo new > {writable}/file; cat {writable}/file; echo x > {readable}/other");
        plan.Layers[0].Path(readable, ReadFile | ReadDir).Path(writable, AllFs & ~Execute);
        ExecRun run = ExecRun.Of(plan).Ran(2);
        Assert.Equal("content\nnew\n", run.Output);
        Assert.False(File.Exists($"{readable}/other"));
    }

    [KernelFact]
    public void Access_needs_every_layer()
    {
        string both = temporary.CreateDirectory("both");
        string one = temporary.CreateDirectory("one");
        PlanBuilder plan = Shell($"echo x > {both}/file; echo x > {one}/file");
        plan.Layers.Add(SystemLayer());
        plan.Layers[0].Path(both, AllFs).Path(one, AllFs);
        plan.Layers[1].Path(both, AllFs);
        ExecRun run = ExecRun.Of(plan).Ran(2);
        Assert.Equal(2u, run.Status.Enforced);
        Assert.True(File.Exists($"{both}/file"));
        Assert.False(File.Exists($"{one}/file"));
    }

    [KernelFact]
    public void An_optional_rule_without_its_path_is_skipped_and_counted()
    {
        string file = temporary.Write("file", "");
        PlanBuilder plan = Command();
        plan.Layers[0].Paths.RemoveAll(rule => rule.Flags != 0);
        plan.Layers[0].Path("/usr", Execute | ReadFile | ReadDir, PlanRuleFlags.Optional);
        plan.Layers[0].Path("/lib", Execute | ReadFile | ReadDir);
        plan.Layers[0].Path(temporary["none"], ReadFile, PlanRuleFlags.Optional);
        plan.Layers[0].Path(file + "/below", ReadFile, PlanRuleFlags.Optional);
        Assert.Equal(2u, ExecRun.Of(plan).Ran().Status.Skipped);
    }

    [KernelFact(Abi = 4)]
    public void Ports_are_allowed_one_by_one()
    {
        // bash connects; a refused connection went through Landlock, a denied one did not.
        PlanBuilder plan = Command("/bin/bash", "-c", "echo > /dev/tcp/127.0.0.1/1; echo > /dev/tcp/127.0.0.1/2");
        plan.Layers[0].Attribute = [AllFs, 3];
        plan.Layers[0].Port(1, 2);
        string error = ExecRun.Of(plan).Ran(1).Error;
        Assert.Contains("/dev/tcp/127.0.0.1/1: Connection refused", error, StringComparison.Ordinal);
        Assert.Contains("/dev/tcp/127.0.0.1/2: Permission denied", error, StringComparison.Ordinal);
    }

    [KernelFact(Abi = 6)]
    public void Scopes_hold()
    {
        PlanBuilder plan = Shell("kill -0 $PPID");
        plan.Layers[0].Attribute = [AllFs, 0, 3];
        Assert.Contains("not permitted", ExecRun.Of(plan).Ran(1).Error, StringComparison.Ordinal);
    }

    [KernelFact]
    public void Sixteen_layers_are_enforced()
    {
        PlanBuilder plan = Command();
        while (plan.Layers.Count < 16)
            plan.Layers.Add(SystemLayer());
        Assert.Equal(16u, ExecRun.Of(plan).Ran().Status.Enforced);
    }

    [KernelFact]
    public void Thousands_of_rules_and_arguments_need_few_descriptors()
    {
        PlanBuilder plan = Command("/bin/sh", "-c", "echo $#", "sh");
        for (int i = 0; i < 10_000; i++)
            plan.Layers[0].Path("/usr", ReadFile);
        plan.Arguments.AddRange(Enumerable.Range(0, 50_000).Select(i => $"{i}"));
        ExecOptions options = new() { Wrapper = ["/bin/sh", "-c", "ulimit -n 32; exec \"$@\"", "sh"] };
        Assert.Equal("50000\n", ExecRun.Of(plan, options).Ran().Output);
    }

    [KernelFact]
    public void A_plan_without_status_page_runs()
    {
        ExecRun run = ExecRun.Of(Shell("exit 9"), new() { Arguments = ["3"] });
        Assert.Equal(9, run.ExitCode);
        Assert.Equal(PlanOutcome.NotStarted, run.Outcome);
    }

    [KernelFact(Root = true)]
    public void An_ordinary_user_needs_no_privilege()
    {
        string file = temporary.Write("file", "secret", 0x1FF);
        ExecOptions options = new()
        {
            Wrapper = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
        };
        PlanBuilder plan = Shell($"id -u; cat {file}; grep -E '^(Cap(Eff|Prm)|NoNewPrivs)' /proc/self/status");
        ExecRun run = ExecRun.Of(plan, options).Ran();
        Assert.Equal("65534\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n", run.Output);
        Assert.Contains("Permission denied", run.Error, StringComparison.Ordinal);

        plan = Shell("true");
        plan.Layers[0].Path("/root/none", ReadFile, PlanRuleFlags.Optional);
        ExecRun.Of(plan, options).Failed(PlanStep.OpenPath, 13, "[OpenPath] </root/none>: permission denied (end)\n");

        plan = Shell("true");
        plan.Limits.Add(new() { Resource = 7, Soft = 1ul << 40, Hard = 1ul << 40 });
        ExecRun.Of(plan, options).Failed(PlanStep.SetLimit, 1, "[SetLimit] 0: error 1 (end)\n");
    }
}
