using Landlock.Tests.Attack;

namespace Landlock.Tests.Hosts;

/// <summary>
/// Attempts to get past rules for hosts, each with a control: without the sandbox it works, in it the answer is the documented one, and
/// nothing left the machine that no rule allows.
/// </summary>
[Collection(HostWorld.Name)]
public sealed class AttemptTests(HostWorld world, AttackProgram program) : IClassFixture<AttackProgram>
{
    public static TheoryData<string> Attempts => [.. HostAttempt.All.Select(attempt => attempt.Name)];

    [AttemptTheory]
    [MemberData(nameof(Attempts))]
    public void Nothing_gets_out(string name)
    {
        HostAttempt attempt = HostAttempt.All.Single(attempt => attempt.Name == name);
        string home = world.NewHome();
        File.WriteAllText(Path.Combine(home, "patient"), "");
        // In a shell, so that the parent is one that may be attacked.
        HostRun control = world.Bare("/bin/sh", "-c", "\"$@\"; exit $?", "sh", program.Program, attempt.Program, home);
        Assert.True(control.Run.ExitCode == 0 || (attempt.MayBeImpossible is not null && control.Run.ExitCode is 1 or 2),
            $"Without a sandbox the attempt has to work: {control}");

        HostRules rules = HostRules.Usual with { More = attempt.Options };
        HostRun run = world.Sandboxed(rules, program.Program, attempt.Program, world.NewHome());
        if (attempt.IsOpen)
        {
            Assert.True(run.Run.ExitCode == 0, $"The attempt is refused now, and docs/security.md says otherwise: {run}");
            return;
        }

        Assert.True(run.Run.ExitCode is 1 or 2, $"The attempt got out: {run}");
        Assert.True(run.Run.Output.StartsWith("refused: ", StringComparison.Ordinal)
            && run.Run.Output.Contains(attempt.Answer, StringComparison.Ordinal), $"not {attempt.Answer}: {run}");
    }

    [Fact]
    public void Every_attempt_is_documented()
    {
        string document = File.ReadAllText(Path.Combine(Repository.Root, "docs/security.md"));
        document = document[document.IndexOf("\n## Attempts on hosts\n", StringComparison.Ordinal)..];
        string[] rows =
            [.. HostAttempt.All.Select(attempt => $"| {attempt.What} | {(attempt.IsOpen ? "**open**" : "blocked")} | {attempt.Why} |")];
        Assert.Equal(rows, document.Split('\n').Where(line => rows.Contains(line)));
        Assert.True(HostAttempt.All.Count(attempt => !attempt.IsOpen) >= 100);
    }
}

/// <summary>What attempts need, and the world.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AttemptTheoryAttribute : TheoryAttribute
{
    public AttemptTheoryAttribute() => Skip = HostWorld.Missing ?? AttackTheoryAttribute.Missing;
}
