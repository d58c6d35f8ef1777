using System.Text;
using System.Text.Json;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Profiles;
using Landlock.Tests.Cli;

namespace Landlock.Tests.Policies;

/// <summary>The schemas that `policy schema` and `profile schema` write allow what the readers take.</summary>
public sealed class PolicySchemaTests
{
    private static readonly JsonSchema Json = Schema(PolicySchema.Write(PolicySyntax.Json));

    private static JsonSchema Schema(string text) => new(JsonDocument.Parse(text).RootElement);

    [SharedFact]
    public void Every_example_of_upstream_is_allowed()
    {
        string[] files = [.. Directory.EnumerateFiles(SharedData.At("landlockconfig/examples"), "*.json")];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Null(Json.Problem(File.ReadAllText(file))));
    }

    [Fact]
    public void Every_preset_is_allowed_in_both_spellings()
    {
        Assert.All(Preset.All, preset => Assert.Null(Json.Problem(PolicyWriter.WriteText(preset.Document, PolicySyntax.Json))));
        // TOML's spelling of the same values.
        JsonSchema toml = Schema(PolicySchema.Write(PolicySyntax.Toml));
        Assert.Null(toml.Problem(
            """{"abi":6,"path_beneath":[{"allowed_access":["read_file"],"parent":["/"]}],"landlockps":{"missing_paths":"skip"}}"""));
        Assert.NotNull(toml.Problem("""{"pathBeneath":[]}"""));
    }

    [Theory]
    [InlineData("""{"pathBeneath":[{"allowedAccess":["read_file"]}]}""", "$.pathBeneath[0] lacks parent")]
    [InlineData("""{"pathBeneth":[]}""", "$ has pathBeneth")]
    [InlineData("""{"ruleset":[{"handledAccessFs":["read"]}]}""", "$.ruleset[0].handledAccessFs[0] cannot be read")]
    [InlineData("""{"landlockps":{"log":["everything"]}}""", "$.landlockps.log[0] cannot be everything")]
    public void What_the_reader_refuses_it_refuses(string document, string problem)
    {
        Assert.Equal(problem, Json.Problem(document));
        Assert.Null(PolicyDocument.Check(Encoding.UTF8.GetBytes(document), PolicySyntax.Json, "test").Document);
    }

    [Theory]
    [InlineData("""{"workspace":false,"landlockps":{"network":"none","max_memory":"2G","connect_tcp":[443,"8000-8010"]}}""", null)]
    [InlineData("""{"landlockps":{"environment":{"A":"b"}}}""", null)]
    [InlineData("""{"landlockps":{"path_beneath":[{"allowed_access":["read_file"],"parent":["/"],"optional":true}]}}""", null)]
    [InlineData("""{"landlockps":{"connect_host":["${x}"],"variable":[{"name":"x","literal":["a"],"optional":true}]}}""", null)]
    [InlineData("""{"context":[{}]}""", "$.context[0] lacks when_beneath")]
    [InlineData("""{"landlockps":{"network":"nome"}}""", "$.landlockps.network cannot be nome")]
    public void That_of_profiles_as_well(string document, string? problem) =>
        Assert.Equal(problem, Schema(ProfileSchema.Write()).Problem(document));

    [CliFact]
    public void The_command_writes_them()
    {
        Assert.Contains("\"path_beneath\"", CliRun.Of("policy", "schema").Output, StringComparison.Ordinal);
        Assert.Contains("\"pathBeneath\"", CliRun.Of("policy", "schema", "--json").Output, StringComparison.Ordinal);
        CliRun.Of("policy", "schema", "x").Refused("landlocked: policy schema takes no files");
    }
}
