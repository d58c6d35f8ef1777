using Landlock.Tests.Cli;
using Landlock.Tests.Exec;
using Landlock.Tests.Sandboxes.Needs;
using Xunit.Abstractions;

namespace Landlock.Tests.Access;

/// <summary>
/// The evaluator against the kernel: random trees, random layers, random operations, each done for real inside a domain and outside. What
/// is denied must give exactly the error that was foretold, and what is allowed exactly what it gives outside. Everyday a few hundred
/// operations; LANDLOCKPS_SOAK=1 asks for 10,000 of each kind.
/// </summary>
[Collection(Alone.Name)]
public sealed class KernelOracleTests(ITestOutputHelper output)
{
    private static readonly bool Soak = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") == "1";

    [SandboxFact]
    public void The_evaluator_answers_what_the_kernel_does() => Compare(Posix.geteuid() == 0 ? Who.Root : Who.Ordinary);

    [SandboxFact(root: true)]
    public void The_evaluator_answers_what_the_kernel_does_for_an_ordinary_user() => Compare(Who.Ordinary);

    private void Compare(Who who)
    {
        int seed =
            Environment.GetEnvironmentVariable("LANDLOCKPS_SEED") is { Length: > 0 } given ? int.Parse(given) : Environment.TickCount;
        using OracleProgram oracle = new(who);
        OracleRun run = new(oracle, Soak ? 10_000 : 25, seed);
        run.Run();
        foreach (string line in run.Lines) output.WriteLine(line);
        run.Check();
    }
}
