using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Landlock.Documents;
using Landlock.Policies;

namespace Landlock.Bench;

/// <summary>
/// Reads documents of growing size, and the same JSON with System.Text.Json: with JsonDocument, which makes no objects, and every text
/// asked for once; and with its serializer (source generated), into classes that hold the texts as we do, but not where they stand.
/// </summary>
internal static partial class PolicyBench
{
    private static readonly (string Name, Func<byte[], byte[], object?> Load)[] Ways =
    [
        ("TOML", static (toml, _) => PolicyDocument.ReadToml(toml, "bench")),
        ("JSON", static (_, json) => PolicyDocument.ReadJson(json, "bench")),
        ("JsonDocument", static (_, json) => Walk(json)),
        ("JsonSerializer", static (_, json) => JsonSerializer.Deserialize(json, BenchJson.Default.BenchDocument)),
        ("TOML, to a ruleset", static (toml, _) => Policy.From(PolicyDocument.ReadToml(toml, "bench")).Resolve()),
        ("JSON, to a ruleset", static (_, json) => Policy.From(PolicyDocument.ReadJson(json, "bench")).Resolve()),
    ];

    public static void Run()
    {
        Console.WriteLine($"| rules | {string.Join(" | ", Ways.Select(way => way.Name))} | TOML / JsonDocument | JSON / JsonDocument | "
            + "TOML / JsonSerializer | JSON / JsonSerializer |");
        Console.WriteLine($"|{string.Concat(Enumerable.Repeat("---|", Ways.Length + 5))}");
        foreach (int rules in (int[])[1_000, 10_000, 100_000, 200_000])
        {
            byte[] toml = Toml(rules);
            byte[] json = Json(rules);
            double[] times = [.. Medians(rules, toml, json)];
            double[] ratios = [times[0] / times[2], times[1] / times[2], times[0] / times[3], times[1] / times[3]];
            Console.WriteLine($"| {rules:n0} | "
                + $"{string.Join(" | ", times.Concat(ratios).Select(value => value.ToString("n1", CultureInfo.InvariantCulture)))} |");
        }
    }

    // The ways take turns, so that what else the machine does hits all of them.
    private static IEnumerable<double> Medians(int rules, byte[] toml, byte[] json)
    {
        const int Rounds = 15;
        // Small documents are read often before the runtime compiles the reader for speed, as it has System.Text.Json already.
        int warmUp = Math.Max(2, 200_000 / rules);
        double[][] times = [.. Ways.Select(_ => new double[Rounds])];
        for (int round = -warmUp; round < Rounds; round++)
        {
            for (int way = 0; way < Ways.Length; way++)
            {
                // What the others left behind is not for this one to clear away.
                GC.Collect();
                long start = Stopwatch.GetTimestamp();
                object? result = Ways[way].Load(toml, json);
                double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                GC.KeepAlive(result);
                if (round >= 0) times[way][round] = time;
            }
        }

        foreach (double[] all in times)
        {
            Array.Sort(all);
            yield return all[Rounds / 2];
        }
    }

    private static int Walk(byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        int characters = 0;
        foreach (JsonElement rule in document.RootElement.GetProperty("pathBeneath").EnumerateArray())
        {
            foreach (JsonElement right in rule.GetProperty("allowedAccess").EnumerateArray()) characters += right.GetString()!.Length;
            foreach (JsonElement parent in rule.GetProperty("parent").EnumerateArray()) characters += parent.GetString()!.Length;
        }

        return characters;
    }

    private static byte[] Toml(int rules)
    {
        StringBuilder text = new("abi = 7\n");
        for (int i = 0; i < rules; i++)
            text.Append(CultureInfo.InvariantCulture,
                $"[[path_beneath]]\nallowed_access = [\"read_file\", \"read_dir\"]\nparent = [\"/srv/data/{i}\"]\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Json(int rules)
    {
        StringBuilder text = new("{\"abi\": 7, \"pathBeneath\": [");
        for (int i = 0; i < rules; i++)
            text.Append(CultureInfo.InvariantCulture,
                $"{(i == 0 ? "" : ",")}{{\"allowedAccess\": [\"read_file\", \"read_dir\"], \"parent\": [\"/srv/data/{i}\"]}}");
        return Encoding.UTF8.GetBytes(text.Append("]}").ToString());
    }

    internal sealed record BenchDocument(int Abi, List<BenchRule> PathBeneath);

    internal sealed record BenchRule(List<string> AllowedAccess, List<string> Parent);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
    [JsonSerializable(typeof(BenchDocument))]
    internal sealed partial class BenchJson : JsonSerializerContext;
}
