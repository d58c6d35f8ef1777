namespace Landlock.Tests.Exec;

public sealed class EnforcementTests
{
    [Fact]
    public void A_valid_plan_runs_its_command()
    {
        ExecRun run = ExecRun.Of(PlanBuilder.Shell("echo hello; exit 7")).Ran(7);
        Assert.Equal("hello\n", run.Output);
        Assert.Equal("", run.Error);
        Assert.Equal(1u, run.Status.Enforced);
    }
}
