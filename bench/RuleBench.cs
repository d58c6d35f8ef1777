using System.Diagnostics;
using System.Text;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;

namespace Landlock.Bench;

/// <summary>What many rules and many layers cost when a process starts.</summary>
internal static class RuleBench
{
    public static void Run(string start, string sandboxer, string bin)
    {
        LandlockSupport support = RunningKernel.Support;
        string folder = Directory.CreateTempSubdirectory("landlock-bench-").FullName;
        try
        {
            string[] places = [.. Enumerable.Range(0, 10_000).Select(i => Path.Combine(folder, $"d{i}"))];
            foreach (string place in places) Directory.CreateDirectory(place);
            foreach (int count in (int[])[10, 100, 1000, 2000, 10_000])
            {
                string[] rules = [.. places.Take(count - 3), "/usr", "/lib", "/lib64"];
                string policy = Path.Combine(folder, $"p{count}.toml");
                File.WriteAllText(policy, Policy(rules, support.Abi));
                using SealedPlan prepared = Prepare([Layer(rules, "rules", support)], support);
                Console.WriteLine($"\n{count} rules");
                Start(start, count > 1000 ? 60 : 400,
                [
                    "bare", "/bin/true",
                    "---", "an equivalent C program", sandboxer, .. rules, "--", "/bin/true",
                    "---", "`landlock-exec`", Path.Combine(bin, "landlock-exec"), .. prepared.Arguments,
                    "---", "`landlocked --policy`", Path.Combine(bin, "landlocked"), "--no-baseline", "--no-closure", "--policy", policy,
                    "--", "/bin/true",
                ]);
            }

            string[] few = [.. places.Take(17), "/usr", "/lib", "/lib64"];
            List<string> commands = ["bare", "/bin/true"];
            List<SealedPlan> launches = [];
            foreach (int layers in (int[])[1, 2, 4, 8, 16])
            {
                launches.Add(Prepare([.. Enumerable.Range(0, layers).Select(i => Layer(few, $"layer {i}", support))], support));
                commands.AddRange(["---", $"`landlock-exec`, {layers} layer{(layers == 1 ? "" : "s")}", Path.Combine(bin, "landlock-exec"),
                    .. launches[^1].Arguments]);
            }

            Console.WriteLine("\nlayers of 20 rules");
            Start(start, 400, commands);
            foreach (SealedPlan launch in launches) launch.Dispose();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Ruleset Layer(string[] rules, string name, LandlockSupport support) =>
        (Ruleset.DenyAll(support.Abi) with { Name = name }).With(rules.Select(path => new PathRule(path, AccessClass.ReadOnly.Rights)), []);

    private static SealedPlan Prepare(Ruleset[] layers, LandlockSupport support) => SealedPlan.CreateInPlace(
        LaunchPlanner.Plan(new LaunchRequest
        {
            Layers = [.. layers],
            Command = "/bin/true",
            BaseDirectory = "/",
            Sandbox = Sandbox.Strict with { Closure = false },
            Support = support,
        }), "bench");

    /// <summary>A document with these rules.</summary>
    public static string Policy(string[] rules, int abi)
    {
        StringBuilder text = new($"abi = {abi}\n\n[[ruleset]]\nhandled_access_fs = [\"abi.all\"]\nhandled_access_net = [\"abi.all\"]\n");
        foreach (string path in rules)
            text.Append($"\n[[path_beneath]]\nallowed_access = [\"read_file\", \"read_dir\", \"execute\"]\nparent = [\"{path}\"]\n");
        return text.ToString();
    }

    private static void Start(string start, int runs, IEnumerable<string> commands)
    {
        using Process process = Process.Start(new ProcessStartInfo(start, [$"{runs}", .. commands]))!;
        process.WaitForExit();
    }
}
