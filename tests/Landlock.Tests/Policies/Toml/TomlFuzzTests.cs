using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit.Abstractions;

namespace Landlock.Tests.Policies.Toml;

/// <summary>
/// Everyday this runs for two seconds. LANDLOCKPS_SOAK=1 makes it run for LANDLOCKPS_SOAK_SECONDS (600 without it).
/// </summary>
public class TomlFuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan LongestPerInput = TimeSpan.FromSeconds(10);

    [Fact]
    public void Mutated_documents_are_read_or_refused_and_nothing_else()
    {
        int seed = Random.Shared.Next();
        TomlFuzzer fuzzer = new(seed, Seeds());
        Exception? failure = null;
        Thread worker = new(() => failure = Record.Exception(() => fuzzer.Run(Duration())));
        worker.IsBackground = true;
        worker.Start();
        while (!worker.Join(TimeSpan.FromMilliseconds(100)))
        {
            TomlFuzzer.Attempt attempt = fuzzer.Current;
            if (Stopwatch.GetElapsedTime(attempt.Start) > LongestPerInput) Assert.Fail($"seed {seed}: an input takes longer than {LongestPerInput}: {Convert.ToBase64String(attempt.Input)}");
        }

        string summary = $"{fuzzer.Inputs} inputs, {fuzzer.Documents} of them documents, {fuzzer.Problems} kinds of errors (seed {seed})";
        output.WriteLine(summary);
        Assert.True(failure is null, $"after {summary}: {Convert.ToBase64String(fuzzer.Current.Input)}\n{failure}");
        Assert.True(fuzzer.Inputs > 100, summary);
    }

    private static TimeSpan Duration()
    {
        if (Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") != "1") return TimeSpan.FromSeconds(2);
        string? seconds = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK_SECONDS");
        return TimeSpan.FromSeconds(string.IsNullOrEmpty(seconds) ? 600 : double.Parse(seconds, CultureInfo.InvariantCulture));
    }

    private static IEnumerable<byte[]> Seeds() =>
        TomlSuite.Names(valid: true).Concat(TomlSuite.Names(valid: false)).Select(TomlSuite.Read).Concat(OwnSeeds.Select(Encoding.UTF8.GetBytes));

    private static readonly string[] OwnSeeds =
    [
        "abi = 6\n\n# tools\n[[path_beneath]]\nallowed_access = [\"abi.read_execute\"]\nparent = [\"/usr\", '/bin']\n",
        "[[variable]]\nname = \"rw\"\nliteral = [\n  \"/tmp\", # scratch\n]\n[[net_port]]\nport = [443, 0x1F90]\n",
        "a.b.c = 1\n[d.e]\nf = {g.h = [1, 2.5e-7, inf], i = 1987-07-05 17:45:00.5+02:00}\n[[d.j]]\n[d.j.k]\n",
        "s = \"\"\"\n\\u00e9\\\n   x\"\"\"\"\"\nt = '''\r\n''''\r\n\"é 🦊\" = 07:32:00\r\n",
    ];
}
