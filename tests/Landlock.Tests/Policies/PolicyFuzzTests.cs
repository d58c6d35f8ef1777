using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Landlock.Policies;
using Landlock.Policies.Reading;
using Landlock.Policies.Toml;
using Xunit.Abstractions;

namespace Landlock.Tests.Policies;

/// <summary>
/// Hostile documents: each is read or refused, and nothing else happens. Everyday this runs for two seconds; LANDLOCKPS_SOAK=1 makes it run
/// for LANDLOCKPS_SOAK_SECONDS (600 without it).
/// </summary>
public class PolicyFuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan LongestPerInput = TimeSpan.FromSeconds(20);

    [Fact]
    public void Mutated_documents_are_read_or_refused_and_nothing_else()
    {
        int seed = Random.Shared.Next();
        PolicyFuzzer fuzzer = new(seed, Seeds());
        Exception? failure = null;
        Thread worker = new(() => failure = Record.Exception(() => fuzzer.Run(Duration()))) { IsBackground = true };
        worker.Start();
        while (!worker.Join(TimeSpan.FromMilliseconds(100)))
        {
            (byte[] input, long start) = fuzzer.Current;
            if (Stopwatch.GetElapsedTime(start) > LongestPerInput) Assert.Fail($"seed {seed}: an input takes longer than {LongestPerInput}: {Convert.ToBase64String(input)}");
        }

        string summary = $"{fuzzer.Inputs} inputs, {fuzzer.Documents} of them documents, {fuzzer.Problems} kinds of findings (seed {seed})";
        output.WriteLine(summary);
        Assert.True(failure is null, $"after {summary}: {Convert.ToBase64String(fuzzer.Current.Input)}\n{failure}");
        Assert.True(fuzzer.Inputs > 100, summary);
    }

    /// <summary>The oracle is the JSON reader of .NET, which knows nothing of duplicate keys.</summary>
    internal static void CheckJson(byte[] text)
    {
        byte[] body = text.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? text[3..] : text;
        bool isJson = true;
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 128 });
            Strings(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            isJson = false;
        }

        string? problem = null;
        try
        {
            JsonSource.Read(text);
        }
        catch (TomlException e)
        {
            problem = e.Problem;
        }

        if (problem is null) Assert.True(isJson, "It is read, but is no JSON.");
        else if (!problem.Contains("is already defined", StringComparison.Ordinal) && !problem.Contains("levels deep", StringComparison.Ordinal)) Assert.False(isJson, $"It is JSON, but refused: {problem}");
    }

    /// <summary>Upstream says that its schema and its parser agree but for names, templates, groups without abi, and nulls.</summary>
    internal static void CheckSchema(byte[] text, PolicyReading strict)
    {
        if (SharedData.MissingReason is not null || text.AsSpan().IndexOf("null"u8) >= 0 || text is [0xEF, ..]) return;
        string? problem;
        try
        {
            problem = JsonSchema.OfUpstream.Problem(Encoding.UTF8.GetString(text));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            problem = e.Message;
        }

        if (strict.Document is not null) Assert.Null(problem);
        else if (problem is null) Assert.Contains(strict.Findings, finding => Array.Exists(SchemaDoesNotSay, part => finding.Message.Contains(part, StringComparison.Ordinal)));
    }

    private static readonly string[] SchemaDoesNotSay =
        ["variable name", "unclosed variable reference", "needs 'abi'", "NUL", "is already defined", "levels deep", "surrogate", "not part of valid UTF-8", "a number with a fraction"];

    // The oracle looks at text only when it is asked for.
    private static void Strings(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray()) Strings(item);
                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    _ = property.Name;
                    Strings(property.Value);
                }

                break;
        }
    }

    private static TimeSpan Duration()
    {
        if (Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") != "1") return TimeSpan.FromSeconds(2);
        string? seconds = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK_SECONDS");
        return TimeSpan.FromSeconds(string.IsNullOrEmpty(seconds) ? 600 : double.Parse(seconds, CultureInfo.InvariantCulture));
    }

    private static IEnumerable<byte[]> Seeds()
    {
        foreach (Preset preset in Preset.All.Take(3)) yield return Encoding.UTF8.GetBytes(preset.Text);
        foreach (string seed in OwnSeeds)
        {
            yield return Encoding.UTF8.GetBytes(seed);
            PolicyDocument document = PolicyDocument.ReadToml(Encoding.UTF8.GetBytes(seed), "seed");
            yield return PolicyWriter.Write(document, PolicySyntax.Json);
        }

        if (SharedData.MissingReason is not null) yield break;
        foreach (string file in Directory.EnumerateFiles(SharedData.At("landlockconfig"), "*.*", SearchOption.AllDirectories))
            if (PolicySyntaxes.OfFile(file) is not null) yield return File.ReadAllBytes(file);
    }

    private static readonly string[] OwnSeeds =
    [
        "abi = 6\n[[ruleset]]\nhandled_access_fs = ['abi.all', 'abi.read_write']\nscoped = ['signal']\n[[path_beneath]]\nallowed_access = ['abi.read_execute']\nparent = ['${x}/$${x}', '/usr']\n[[variable]]\nname = 'x'\nliteral = ['/a', 'b']\n",
        "[[net_port]]\nallowed_access = ['bind_tcp']\nport = [0, 443]\n[landlockps]\nname = 'n'\nmissing_paths = 'refuse'\nlog = ['log_new_exec_on']\nquiet_access_net = ['bind_tcp']\n[[landlockps.net_port]]\nport = ['1-2']\nquiet = true\n",
        "[[landlockps.path_beneath]]\nallowed_access = ['resolve_unix']\nparent_escaped = ['/%ff${x}']\noptional = true\ncompatibility = 'best_effort'\n[[variable]]\nname = 'x'\n",
    ];
}
