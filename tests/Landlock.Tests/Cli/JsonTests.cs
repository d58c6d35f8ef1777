using System.Text.Json;
using Landlock.Linux;

namespace Landlock.Tests.Cli;

/// <summary>What `landlocked` says in JSON (docs/json.md): the same as in words, and apart from what the command writes.</summary>
public sealed class JsonTests
{
    [CliFact]
    public void A_plan_has_what_its_description_has()
    {
        CliRun run = CliRun.Of("--dry-run", "--json", "--no-closure", "--no-baseline", "--read-only=/usr", "--bind-tcp=80,8000-8010",
            "--env", "A=secret", "--timeout", "3", "--max-open-files", "64", "--", "true", "a\e");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain("secret", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", run.Output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement plan = Head(document, "plan");
        Assert.Equal(["true", "a\e"], Texts(plan, "command"));
        Assert.Equal("/usr/bin/true", plan.GetProperty("program").GetProperty("path").GetString());
        Assert.Contains("A", Texts(plan.GetProperty("environment"), "names"));
        Assert.Equal(3, plan.GetProperty("supervision").GetProperty("timeoutSeconds").GetDouble());
        JsonElement layer = Assert.Single(plan.GetProperty("layers").EnumerateArray());
        JsonElement path = Assert.Single(layer.GetProperty("paths").EnumerateArray());
        Assert.Equal(("/usr", "as asked"), (path.GetProperty("path").GetString(), path.GetProperty("origin").GetString()));
        Assert.Equal(["execute", "read_file", "read_dir"], Texts(path, "access"));
        Assert.Equal([(80, 80), (8000, 8010)], layer.GetProperty("ports").EnumerateArray()
            .Select(rule => (rule.GetProperty("first").GetInt32(), rule.GetProperty("last").GetInt32())));
        Assert.False(plan.GetProperty("sockets").GetProperty("udp").GetBoolean());
        Assert.Contains(plan.GetProperty("limits").EnumerateArray(), limit => limit.GetProperty("value").GetInt64() == 64);
    }

    [CliFact]
    public void A_name_that_is_no_text_has_its_bytes()
    {
        CliRun run = CliRun.Of("--dry-run", "--json", "--", "true", "a\udcff");
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement plan = Head(document, "plan");
        Assert.Equal(["true", "a\\xff"], Texts(plan, "command"));
        Assert.Equal(["true"u8.ToArray(), [0x61, 0xFF]],
            plan.GetProperty("commandBytes").EnumerateArray().Select(item => item.GetBytesFromBase64()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--timeout=9")]
    public void Denials_come_apart_from_what_the_command_writes(string supervision)
    {
        using Scratch scratch = new();
        scratch.File("secret");
        string root = PosixFile.RealPath(scratch.Path)!;
        string[] more = supervision.Length == 0 ? [] : [supervision];
        string[] command = ["--read-only", "/usr", .. more, "--", "cat", $"{root}/secret"];
        CliRun run = CliRun.Of(["--explain", "--json-file", $"{root}/report", .. command]);
        Assert.Equal((1, $"cat: {root}/secret: Permission denied\n"), (run.ExitCode, run.Error));
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText($"{root}/report"));
        JsonElement denial = Assert.Single(Head(document, "explanation").GetProperty("denials").EnumerateArray());
        Assert.Equal(("sandbox", "open", $"{root}/secret", 13, $"--read-data {root}/secret"), (denial.GetProperty("cause").GetString(),
            denial.GetProperty("operation").GetString(), denial.GetProperty("path").GetString(), denial.GetProperty("errno").GetInt32(),
            denial.GetProperty("option").GetString()));

        int pipe = Exec.Posix.MemoryFile("report");
        run = CliRun.Of(new Setup { Descriptors = { [7] = pipe } }, ["--explain", "--json-fd", "7", .. command[..^3], "--", "sh", "-c",
            "test ! -e /dev/fd/7; echo said >&2"]);
        Assert.Equal((0, "said\n"), (run.ExitCode, run.Error));
        Head(JsonDocument.Parse(Exec.Posix.Read(pipe)), "explanation");
        Exec.Posix.Close(pipe);

        run = CliRun.Of(["--explain", "--json", .. command]);
        Head(JsonDocument.Parse(run.Error[(run.Error.IndexOf('\n', StringComparison.Ordinal) + 1)..]), "explanation");
    }

    [CliFact]
    public void Findings_have_their_places()
    {
        using Scratch scratch = new();
        scratch.File("p.toml", "abi = \"x\"\n");
        CliRun run = CliRun.Of("policy", "check", "--json", scratch["p.toml"]);
        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement finding = Head(document, "findings").GetProperty("findings").EnumerateArray().First();
        Assert.Equal(("error", scratch["p.toml"], 1, 1), (finding.GetProperty("severity").GetString(),
            finding.GetProperty("file").GetString(), finding.GetProperty("line").GetInt32(), finding.GetProperty("column").GetInt32()));
    }

    [CliFact]
    public void Two_policies_are_compared()
    {
        const string Text = "[[ruleset]]\nhandled_access_fs = [\"read_file\"]\n"
            + "[[path_beneath]]\nallowed_access = [\"read_file\"]\nparent = ";
        using Scratch scratch = new();
        scratch.File("a.toml", Text + "[\"/usr\"]\n");
        scratch.File("b.toml", Text + "[\"/usr/lib\", \"${where}\"]\n");
        string[] files = [scratch["a.toml"], scratch["b.toml"]];

        CliRun run = CliRun.Of(["policy", "diff", "--var", "where=/etc", .. files]);
        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            $"only {files[0]}: read_file /usr but not /usr/lib\nonly {files[1]}: read_file /etc\n", run.Output);

        run = CliRun.Of(["policy", "diff", "--json", "--var", "where=/etc", .. files]);
        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement[] found = [.. Head(document, "differences").GetProperty("differences").EnumerateArray()];
        Assert.Equal((files[0], files[1]),
            (document.RootElement.GetProperty("first").GetString(), document.RootElement.GetProperty("second").GetString()));
        Assert.Equal([("first", "path", "/usr"), ("second", "path", "/etc")], found.Select(difference => (
            difference.GetProperty("only").GetString(), difference.GetProperty("about").GetString(),
            difference.GetProperty("path").GetString())));
        Assert.Equal(["read_file"], Texts(found[0], "access"));
        Assert.Equal(["/usr/lib"], Texts(found[0], "without"));

        run = CliRun.Of(["policy", "diff", "--var", "wher=/etc", files[0], files[0]]);
        Assert.Equal((0, "landlocked: warning: no document uses the variable 'wher'\n"), (run.ExitCode, run.Error));

        run = CliRun.Of("policy", "diff", files[0], files[0]);
        Assert.Equal((0, "both allow the same\n", ""), (run.ExitCode, run.Output, run.Error));
    }

    [CliTheory]
    [InlineData("policy diff compares two policies: policy diff FILE FILE", "/a.toml")]
    [InlineData("policy diff compares two policies: policy diff FILE FILE", "/a.toml", "/b.toml", "/c.toml")]
    [InlineData("/none/a.toml: there is no such file", "/none/a.toml", "/none/b.toml")]
    public void What_cannot_be_compared_is_an_error(string message, params string[] files)
    {
        CliRun run = CliRun.Of(["policy", "diff", .. files]);
        Assert.Equal((125, ""), (run.ExitCode, run.Output));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [CliFact]
    public void Every_document_says_what_it_is()
    {
        Head(JsonDocument.Parse(CliRun.Of("support", "--json").Output), "support");
        Head(JsonDocument.Parse(CliRun.Of("trace", "--json", "true").Error.TrimEnd('\n').Split('\n')[^1]), "trace");
    }

    private static JsonElement Head(JsonDocument document, string kind)
    {
        JsonElement root = document.RootElement;
        Assert.Equal((1, kind), (root.GetProperty("schema").GetInt32(), root.GetProperty("kind").GetString()));
        return root;
    }

    private static IEnumerable<string?> Texts(JsonElement parent, string property) =>
        parent.GetProperty(property).EnumerateArray().Select(item => item.GetString());
}
