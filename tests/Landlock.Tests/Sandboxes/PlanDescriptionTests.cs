using Landlock.Abi;
using Landlock.Rulesets;
using Landlock.Sandboxes;

namespace Landlock.Tests.Sandboxes;

public sealed class PlanDescriptionTests
{
    [Fact]
    public void Degradation_is_one_warning_for_each_layer()
    {
        LaunchPlan plan = Plan(3, Ruleset.DenyAll(7) with { Name = "outer" }, Ruleset.DenyAll(3), Ruleset.DenyAll(5));
        string[] warnings = [.. Told.Warnings(plan)];
        Assert.Equal(plan.Status.Where(status => status.Degradation is not null).Select(status => status.Degradation), warnings);
        Assert.Equal(2, warnings.Length);
        Assert.All(warnings, warning => Assert.DoesNotContain('\n', warning));
        string[] lines = [.. PlanDescription.Describe(plan)];
        Assert.Contains("layer 1 of 3 'outer': Landlock ABI 3, enforced in part", lines);
        Assert.Contains("layer 2 of 3: Landlock ABI 3, fully enforced", lines);
        Assert.All(warnings, warning => Assert.Contains($"warning: {warning}", lines));
    }

    [Fact]
    public void Every_rule_of_every_layer_is_shown()
    {
        Ruleset first = Ruleset.DenyAll(7).With([new PathRule("/usr", AccessClass.ReadOnly.Rights),
            new PathRule("/tmp", AccessFs.ReadFile)], [new NetRule(new PortRange(1, 9), AccessNet.BindTcp)]);
        LaunchPlan plan = Plan(7, first, Ruleset.DenyAll(7).With([new PathRule("/etc", AccessFs.ReadDir)], []));
        string[] allowed = [.. PlanDescription.Describe(plan).Where(line => line.StartsWith("  allowed: ", StringComparison.Ordinal))];
        Assert.Equal(plan.Layers.Sum(layer => layer.PathRules.Length + layer.NetRules.Length), allowed.Length);
        foreach (ResolvedLayer layer in plan.Layers)
            Assert.All(layer.PathRules,
                rule => Assert.Contains(allowed, line => line.Contains($" {ShellText.Word(rule.Path)} ", StringComparison.Ordinal)));
    }

    [Fact]
    public void In_short_what_was_asked_for_is_shown_and_the_rest_is_counted()
    {
        Ruleset asked = Ruleset.DenyAll(7).With([new PathRule("/usr", AccessClass.ReadOnly.Rights)],
            [new NetRule(new PortRange(80, 80), AccessNet.ConnectTcp)]);
        LaunchPlan plan = Plan(7, asked);
        string[] all = [.. PlanDescription.Describe(plan).Where(line => line.StartsWith("  allowed: ", StringComparison.Ordinal))];
        string[] lines = [.. PlanDescription.Summarize(plan)];
        string[] allowed = [.. lines.Where(line => line.StartsWith("  allowed: ", StringComparison.Ordinal))];
        Assert.Equal(["ReadOnly", "connect_tcp"], allowed.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
        Assert.Equal($"  allowed on top: {all.Length - 2} for closure", Assert.Single(lines,
            line => line.StartsWith("  allowed on top", StringComparison.Ordinal)));
        // In full, too, what was asked for comes first.
        Assert.All(all[..2], line => Assert.EndsWith("  as asked", line, StringComparison.Ordinal));
        Assert.Contains("  allowed: nothing that was asked for", PlanDescription.Summarize(Plan(7, Ruleset.DenyAll(7))));
        Assert.DoesNotContain(lines, line => line.StartsWith("protection: refer", StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_ruleset_leaves_alone_is_said()
    {
        LaunchPlan plan = Plan(7, Ruleset.Handling(1, AccessFs.Execute, 0, 0));
        Assert.Contains(
            "  not restricted: write_file read_file read_dir remove_dir remove_file make_char make_dir make_reg make_sock make_fifo "
                + "make_block make_sym refer truncate ioctl_dev bind_tcp connect_tcp abstract_unix_socket signal",
            PlanDescription.Describe(plan));
    }

    private static LaunchPlan Plan(int abi, params Ruleset[] layers) => LaunchPlanner.Plan(new LaunchRequest
    {
        Layers = [.. layers],
        Command = "/bin/true",
        BaseDirectory = "/",
        Support = LandlockSupport.ForAbi(abi),
    });
}
