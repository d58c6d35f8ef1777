using System.Diagnostics;
using System.Globalization;
using Landlock.Abi;
using Landlock.Access;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Bench;

/// <summary>How many questions an evaluator answers in a second, on one core, for two layers of 100 rules each.</summary>
internal static class AccessBench
{
    public static void Run()
    {
        string[] directories = [.. Directory.EnumerateDirectories("/usr", "*", new EnumerationOptions
        { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Order(StringComparer.Ordinal).Take(2000)];
        string[] files = [.. directories.SelectMany(directory => Directory.EnumerateFileSystemEntries(directory)).Take(20_000)];
        string[] missing = [.. files.Select(file => file + ".none")];
        LandlockSupport support = RunningKernel.Support;
        Ruleset outer = Layer(directories.Where((_, i) => i % 20 == 0).Take(100), support);
        Ruleset inner = Layer(directories.Where((_, i) => i % 20 == 5).Take(99).Append("/usr"), support);

        Console.WriteLine("| questions, 2 layers of 100 rules | a second |");
        Console.WriteLine("|---|---|");
        Measure($"{files.Length} paths, each for the first time", files, warm: false);
        Measure($"{files.Length} paths, seen before", files, warm: true);
        Measure($"{missing.Length} paths that do not exist, each for the first time", missing, warm: false);
        Measure($"{files.Length} paths, with the whole verdict explained", files, warm: true, explain: true);

        void Measure(string name, string[] paths, bool warm, bool explain = false)
        {
            AccessEvaluator evaluator = AccessEvaluator.For([outer, inner], support, "/");
            double best = 0;
            for (int round = 0; round < 7; round++)
            {
                if (!warm) evaluator.Refresh();
                long start = Stopwatch.GetTimestamp();
                int allowed = 0;
                foreach (string path in paths)
                {
                    if (!explain) allowed += evaluator.IsAllowed(path, AccessFs.ReadFile | AccessFs.Execute) ? 1 : 0;
                    else if (evaluator.Check(path, AccessFs.ReadFile | AccessFs.WriteFile).Denials.Length > 0) allowed++;
                }

                double rate = paths.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (round > 1) best = Math.Max(best, rate);
                if (allowed < 0) throw new InvalidOperationException();
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {best:n0} |"));
        }
    }

    private static Ruleset Layer(IEnumerable<string> paths, LandlockSupport support) =>
        Ruleset.DenyAll(support.Abi).With(paths.Select(path => new PathRule(path, AccessClass.ReadOnly.Rights)), []);
}
