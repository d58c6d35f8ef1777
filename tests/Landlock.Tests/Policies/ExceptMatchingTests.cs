using System.Text;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Tests.Cli;

namespace Landlock.Tests.Policies;

/// <summary>Patterns of what a policy leaves out: <c>except_matching</c> of the table <c>landlockps</c>.</summary>
public sealed class ExceptMatchingTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public ExceptMatchingTests() => _scratch.Do("mkdir -p tree/deep 'tree/[x]'; echo key > tree/.env; echo key > tree/deep/.env; "
        + "echo key > tree/a.pem; echo open > tree/deep/open; echo key > 'tree/[x]/key'; echo open > tree/key");

    public void Dispose() => _scratch.Dispose();

    private string Policy(string matching, string parent = "tree") => "abi = 3\n[[ruleset]]\nhandled_access_fs = [\"abi.all\"]\n"
        + "[[variable]]\nname = \"place\"\nliteral = [\"[x]\"]\n[[path_beneath]]\nallowed_access = [\"abi.read_execute\"]\n"
        + "parent = [\"/usr\", \"/bin\", \"/lib\", \"/lib64\"]\n[[landlockps.path_beneath]]\n"
        + "allowed_access = [\"read_file\", \"read_dir\"]\n"
        + $"parent = [\"{(parent.StartsWith("./", StringComparison.Ordinal) ? parent : _scratch[parent])}\"]\n"
        + $"except_matching = [{matching}]\n";

    private static PolicyDocument Document(string text) => PolicyDocument.ReadToml(Encoding.UTF8.GetBytes(text), "test");

    private PathRule[] Rules(string text) =>
        [.. Landlock.Policies.Policy.From(Document(text)).Resolve(PolicyVariables.None).Ruleset.PathRules.Where(rule =>
            rule.Path.StartsWith(_scratch.Path, StringComparison.Ordinal))];

    [Fact]
    public void They_mean_what_there_is_when_the_policy_is_used()
    {
        string text = Policy("\"**/.env\", \"*.pem\"");
        Assert.Equal([_scratch["tree/.env"], _scratch["tree/a.pem"], _scratch["tree/deep/.env"]],
            Assert.Single(Rules(text)).Except.ToArray());
        _scratch.Do("rm tree/.env");
        Assert.Equal([_scratch["tree/a.pem"], _scratch["tree/deep/.env"]], Assert.Single(Rules(text)).Except.ToArray());
        Assert.Contains("except **/.env: 1 entry now", string.Join('\n', Landlock.Policies.Policy.From(Document(text))
            .Resolve(PolicyVariables.None).Findings), StringComparison.Ordinal);
    }

    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void The_kernel_holds_them(Who who)
    {
        File.WriteAllText(_scratch["policy.toml"], Policy("\"**/.env\""));
        CliRun run = CliRun.Of(new Setup { Who = who, Directory = _scratch.Path }, "--policy", "policy.toml", "--", "cat", "tree/deep/open",
            "tree/.env", "tree/deep/.env");
        Assert.Equal(("open\n", 2), (run.Output, run.Error.Split("Permission denied").Length - 1));
    }

    [Fact]
    public void Values_of_variables_are_names_as_they_stand() =>
        Assert.Equal([_scratch["tree/[x]/key"]], Assert.Single(Rules(Policy("\"**/${place}/k*\""))).Except.ToArray());

    [Theory]
    [InlineData("\".env\"", "'.env' is no pattern; write it in 'except'")]
    [InlineData("\"Secrets\"", "'Secrets' is no pattern; write it in 'except'")]
    [InlineData("\"a**b\"", "** stands for directories")]
    [InlineData("\"**\"", "it leaves out everything")]
    [InlineData("1", "'except_matching' must hold strings, not an integer")]
    public void What_is_no_pattern_is_told_with_its_place(string matching, string problem)
    {
        PolicyReading reading = PolicyDocument.Check(Encoding.UTF8.GetBytes(Policy(matching)), PolicySyntax.Toml, "test");
        PolicyFinding error = Assert.Single(reading.Findings, finding => finding.Severity == FindingSeverity.Error);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(13, error.Location.Line);
    }

    [Fact]
    public void A_path_that_is_not_there_stays_without_a_rule_and_a_relative_one_is_refused()
    {
        PathRule rule = Assert.Single(Rules(Policy("\"**/.env\"", "none")));
        Assert.False(rule.Found!.Exists);
        Assert.Contains("is no absolute path", Assert.Throws<PolicyException>(() => Landlock.Policies.Policy
            .From(Document(Policy("\"**/.env\"", "./tree"))).Resolve(PolicyVariables.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void They_are_written_as_they_were_read_and_compose_as_exceptions_do()
    {
        PolicyDocument document = Document(Policy("\"**/.env\""));
        foreach (PolicySyntax syntax in Enum.GetValues<PolicySyntax>())
        {
            byte[] written = Encoding.UTF8.GetBytes(PolicyWriter.WriteText(document, syntax));
            Assert.Equal(Landlock.Policies.Policy.From(document),
                Landlock.Policies.Policy.From(PolicyDocument.Read(written, syntax, "test")));
        }

        Policy with = Landlock.Policies.Policy.From(document), without = Landlock.Policies.Policy.From(Document(
            Policy("\"**/.env\"").Replace("except_matching = [\"**/.env\"]\n", "", StringComparison.Ordinal)));
        Assert.NotEqual(with, without);
        Assert.Equal(with, Landlock.Policies.Policy.Compose([with, with]));
    }
}
