using System.Collections.Immutable;
using Landlock.Access;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Access;

/// <summary>Many random cases: how many of each kind there were and were denied, and where the kernel and the evaluator disagree.</summary>
/// <param name="oracle">Who does the operations.</param>
/// <param name="goal">How many cases of each kind are wanted.</param>
/// <param name="seed">What the first tree is made of.</param>
internal sealed class OracleRun(OracleProgram oracle, int goal, int seed)
{
    private const Errno NotForThisDevice = (Errno)25; // ENOTTY
    private const Errno Busy = (Errno)16; // EBUSY

    private readonly bool _many = goal >= 1000;
    private readonly string[] _kinds = [.. RandomOperation.Kinds, .. oracle.Who == Who.Root ? RandomOperation.PrivilegedKinds : []];
    private readonly Dictionary<string, (int Cases, int Denied)> _counts = [];
    private readonly List<string> _wrong = [];
    private int _denials;

    /// <summary>All cases.</summary>
    public int Cases => _counts.Values.Sum(count => count.Cases);

    /// <summary>What came of it: a line for each kind, and one for each disagreement.</summary>
    public IEnumerable<string> Lines =>
        [.. _counts.Select(count => $"{count.Key}: {count.Value.Cases} cases, {count.Value.Denied} denied"), .. _wrong];

    /// <summary>Runs them, until there are enough of each kind, or ten disagreements.</summary>
    public void Run()
    {
        foreach (string kind in _kinds) _counts[kind] = (0, 0);
        int limit = _many ? 5_000 : 50;
        for (int present = seed; _counts.Values.Any(count => count.Cases < goal) && _wrong.Count < 10 && limit > 0; present++, limit--)
        {
            int chosen = present;
            // Of a kind that is complete, no more.
            string[] open = [.. _kinds.Where(kind => _counts[kind].Cases < goal)];
            OnThread(() => Round(new Random(chosen), chosen, open));
        }
    }

    /// <summary>Holds the run to what it is for.</summary>
    public void Check()
    {
        Assert.Empty(_wrong);
        Assert.All(_counts, count => Assert.True(count.Value.Cases >= goal, count.Key));
        // A generator that denies or allows everything would prove nothing. Of few cases of one kind, all may happen to be denied.
        int denied = _counts.Values.Sum(count => count.Denied);
        Assert.InRange(denied, goal * 4, Cases - (goal * 4));
        int abi = Posix.LandlockAbi();
        if (_many)
            Assert.All(_counts.Where(count => RandomOperation.CanBeDenied(count.Key, abi)),
                count => Assert.InRange(count.Value.Denied, 1, count.Value.Cases - 1));
        Assert.All(_counts.Where(count => !RandomOperation.CanBeDenied(count.Key, abi)), count => Assert.Equal(0, count.Value.Denied));
    }

    private void Round(Random random, int number, string[] kinds)
    {
        using RandomTree tree = new(random, oracle.Executable, oracle.Who);
        int rounds = _many ? 8 : 2;
        for (int i = 0; i < rounds; i++)
        {
            ImmutableArray<ResolvedLayer> layers = RandomLayers.Of(tree, random, Posix.LandlockAbi());
            AccessEvaluator evaluator = new(layers, "/");
            List<RandomOperation> operations = [];
            for (int n = 0; n < (_many ? 1500 : 150); n++)
                if (RandomOperation.Of(tree.Pick(kinds), tree, random) is { } operation) operations.Add(operation);
            KernelAnswer[] answers = oracle.Ask(layers, [.. operations.Select(operation => operation.Text)]);
            foreach ((RandomOperation operation, KernelAnswer answer) in operations.Zip(answers))
            {
                // A mount point cannot be moved (but onto itself), and the kernel judges what is covered there, which nobody can see.
                AccessVerdict verdict = operation.Judge(evaluator);
                if (answer.Outside == Busy || verdict.Note?.Contains("is a mount point", StringComparison.Ordinal) == true) continue;
                Errno foretold = verdict.Allowed ? answer.Outside : verdict.Error;
                // What fails anyway may fail before Landlock is asked; a closed port, and a command that a device does not
                // know, are found out after.
                bool succeeds = answer.Outside is Errno.None or Errno.ECONNREFUSED or NotForThisDevice;
                if (answer.Inside != foretold && (succeeds || answer.Inside != answer.Outside))
                    _wrong.Add($"seed {number}, {operation.Text}: the kernel says {ErrnoText.Name(answer.Inside)} (outside "
                        + $"{ErrnoText.Name(answer.Outside)}), the evaluator {verdict} {ErrnoText.Name(verdict.Error)}\n{Show(layers)}");
                if (!succeeds) continue;
                (int cases, int denied) = _counts[operation.Kind];
                _counts[operation.Kind] = (cases + 1, denied + (verdict.Allowed ? 0 : 1));
                if (!verdict.Allowed && _denials++ % 40 == 0)
                    FixLaw.Holds(layers, operation, verdict, $"seed {number}, {operation.Text}\n{Show(layers)}");
            }
        }
    }

    private static string Show(ImmutableArray<ResolvedLayer> layers) => string.Join('\n', layers.Select(layer =>
        $"  layer {layer.HandledFs:x} {layer.HandledNet:x} {layer.Scopes:x}"
            + $"{string.Concat(layer.PathRules.Select(rule => $"\n    {rule.Access:x} {rule.Path}"))}"));

    /// <summary>Runs something on a thread of its own, with which the mount namespace of a tree goes.</summary>
    internal static void OnThread(Action action)
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
