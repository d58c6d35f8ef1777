using System.Collections.Immutable;
using Landlock.Access;
using Landlock.Kernel;
using Landlock.Rulesets;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;
using Landlock.Tests.Launching.Closures;
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
    private const Errno NotForThisDevice = (Errno)25; // ENOTTY
    private const Errno Busy = (Errno)16; // EBUSY
    private static readonly bool Soak = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") == "1";
    private static int _denials;

    [SandboxFact]
    public void The_evaluator_answers_what_the_kernel_does() => Compare(Posix.geteuid() == 0 ? Who.Root : Who.Ordinary);

    [SandboxFact(root: true)]
    public void The_evaluator_answers_what_the_kernel_does_for_an_ordinary_user() => Compare(Who.Ordinary);

    private void Compare(Who who)
    {
        int seed = Environment.GetEnvironmentVariable("LANDLOCKPS_SEED") is { Length: > 0 } given ? int.Parse(given) : Environment.TickCount;
        using OracleProgram oracle = new(who);
        string[] kinds = [.. RandomOperation.Kinds, .. who == Who.Root ? RandomOperation.PrivilegedKinds : []];
        Dictionary<string, (int Cases, int Denied)> counts = kinds.ToDictionary(kind => kind, _ => (0, 0));
        int goal = Soak ? 10_000 : 25;
        int limit = Soak ? 5_000 : 50;
        List<string> wrong = [];
        for (; counts.Values.Any(count => count.Cases < goal) && wrong.Count < 10 && limit > 0; seed++, limit--)
        {
            int present = seed;
            // Of a kind that is complete, no more.
            string[] open = [.. kinds.Where(kind => counts[kind].Cases < goal)];
            OnThread(() => Round(oracle, new Random(present), present, open, counts, wrong));
        }

        foreach ((string kind, (int cases, int denied)) in counts) output.WriteLine($"{kind}: {cases} cases, {denied} denied");
        foreach (string line in wrong) output.WriteLine(line);
        Assert.Empty(wrong);
        Assert.All(counts, count => Assert.True(count.Value.Cases >= goal, count.Key));
        // A generator that denies or allows everything would prove nothing. Of few cases of one kind, all may happen to be denied.
        Assert.InRange(counts.Values.Sum(count => count.Denied), 100, counts.Values.Sum(count => count.Cases) - 100);
        if (Soak) Assert.All(counts.Where(count => count.Key is not ("open_path" or "stat" or "chmod")), count => Assert.InRange(count.Value.Denied, 1, count.Value.Cases - 1));
        Assert.All(counts.Where(count => count.Key is "open_path" or "stat" or "chmod"), count => Assert.Equal(0, count.Value.Denied));
    }

    private static void Round(OracleProgram oracle, Random random, int seed, string[] kinds, Dictionary<string, (int Cases, int Denied)> counts, List<string> wrong)
    {
        using RandomTree tree = new(random, oracle.Executable, oracle.Who);
        int rounds = Soak ? 8 : 2;
        for (int i = 0; i < rounds; i++)
        {
            ImmutableArray<ResolvedLayer> layers = RandomLayers.Of(tree, random, Posix.LandlockAbi());
            AccessEvaluator evaluator = new(layers, "/");
            List<RandomOperation> operations = [];
            for (int n = 0; n < (Soak ? 1500 : 150); n++)
                if (RandomOperation.Of(tree.Pick(kinds), tree, random) is { } operation) operations.Add(operation);
            KernelAnswer[] answers = oracle.Ask(layers, [.. operations.Select(operation => operation.Text)]);
            foreach ((RandomOperation operation, KernelAnswer answer) in operations.Zip(answers))
            {
                // A mount point cannot be moved (but onto itself), and the kernel judges what is covered there, which nobody can see.
                AccessVerdict verdict = operation.Judge(evaluator);
                if (answer.Outside == Busy || verdict.Note?.Contains("is a mount point", StringComparison.Ordinal) == true) continue;
                Errno foretold = verdict.Allowed ? answer.Outside : verdict.Error;
                // What fails anyway may fail before Landlock is asked; a closed port, and a command that a device does not know, are found out after.
                bool succeeds = answer.Outside is Errno.None or Errno.ECONNREFUSED or NotForThisDevice;
                if (answer.Inside != foretold && (succeeds || answer.Inside != answer.Outside))
                    wrong.Add($"seed {seed}, {operation.Text}: the kernel says {ErrnoText.Name(answer.Inside)} (outside {ErrnoText.Name(answer.Outside)}), the evaluator {verdict} {ErrnoText.Name(verdict.Error)}\n{Show(layers)}");
                if (!succeeds) continue;
                (int cases, int denied) = counts[operation.Kind];
                counts[operation.Kind] = (cases + 1, denied + (verdict.Allowed ? 0 : 1));
                if (!verdict.Allowed && _denials++ % 40 == 0) FixLaw.Holds(layers, operation, verdict, $"seed {seed}, {operation.Text}\n{Show(layers)}");
            }
        }
    }

    private static string Show(ImmutableArray<ResolvedLayer> layers) => string.Join('\n', layers.Select(layer =>
        $"  layer {layer.HandledFs:x} {layer.HandledNet:x} {layer.Scopes:x}{string.Concat(layer.PathRules.Select(rule => $"\n    {rule.Access:x} {rule.Path}"))}"));

    // The mount namespace of a tree goes with its thread.
    private static void OnThread(Action action)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null) throw new InvalidOperationException(failure.Message, failure);
    }
}
