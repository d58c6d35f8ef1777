using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Landlock.Policies;

namespace Landlock.Bench;

/// <summary>Reads documents of growing size, and the same JSON with System.Text.Json's own document model.</summary>
internal static class PolicyBench
{
    public static void Run()
    {
        Console.WriteLine("| rules | TOML ms | JSON ms | System.Text.Json ms | TOML / STJ | JSON / STJ |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (int rules in (int[])[1_000, 10_000, 100_000])
        {
            byte[] toml = Toml(rules);
            byte[] json = Json(rules);
            double tomlTime = Median(() => Policy.From(PolicyDocument.ReadToml(toml, "bench")).Resolve());
            double jsonTime = Median(() => Policy.From(PolicyDocument.ReadJson(json, "bench")).Resolve());
            double plain = Median(() =>
            {
                using JsonDocument document = JsonDocument.Parse(json);
                int count = 0;
                foreach (JsonElement rule in document.RootElement.GetProperty("pathBeneath").EnumerateArray())
                    foreach (JsonElement parent in rule.GetProperty("parent").EnumerateArray()) count += parent.GetString()!.Length;
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {rules} | {tomlTime:n1} | {jsonTime:n1} | {plain:n1} | {tomlTime / plain:n1} | {jsonTime / plain:n1} |"));
        }
    }

    private static double Median(Action action)
    {
        double[] times = new double[9];
        action();
        for (int i = 0; i < times.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        return times[times.Length / 2];
    }

    private static byte[] Toml(int rules)
    {
        StringBuilder text = new("abi = 7\n");
        for (int i = 0; i < rules; i++) text.Append(CultureInfo.InvariantCulture, $"[[path_beneath]]\nallowed_access = [\"read_file\", \"read_dir\"]\nparent = [\"/srv/data/{i}\"]\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Json(int rules)
    {
        StringBuilder text = new("{\"abi\": 7, \"pathBeneath\": [");
        for (int i = 0; i < rules; i++) text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}{{\"allowedAccess\": [\"read_file\", \"read_dir\"], \"parent\": [\"/srv/data/{i}\"]}}");
        return Encoding.UTF8.GetBytes(text.Append("]}").ToString());
    }
}
