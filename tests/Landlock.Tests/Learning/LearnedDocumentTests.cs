using System.Text;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Learning;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Tracing;

namespace Landlock.Tests.Learning;

/// <summary>A learned policy as a file, new or one that is there, and the filesystem that is learned from.</summary>
public sealed class LearnedDocumentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("learned-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("new.toml")]
    [InlineData("new.json")]
    public void A_new_file_allows_what_was_learned(string name)
    {
        string path = Path.Combine(_folder, name);
        (LearnedPolicy learned, byte[] text) = LearnedDocument.Compose(path, Learned("/srv/data"), replace: false, PolicyVariables.None);
        Assert.All(learned.Rules, rule => Assert.Equal(LearnedState.Granted, rule.State));
        Assert.Contains(Read(text, path).PathRules, rule => rule.Path == "/srv/data" && rule.Access == AccessFs.ReadFile);
    }

    [Fact]
    public void A_file_that_is_there_keeps_its_rules_and_comments()
    {
        string path = Path.Combine(_folder, "old.toml");
        (_, byte[] first) = LearnedDocument.Compose(path, Learned("/a"), replace: false, PolicyVariables.None);
        File.WriteAllText(path, "# written by hand\n" + Encoding.UTF8.GetString(first));
        (LearnedPolicy both, byte[] text) = LearnedDocument.Compose(path, Learned("/a", "/b"), replace: false, PolicyVariables.None);
        Assert.StartsWith("# written by hand\n", Encoding.UTF8.GetString(text), StringComparison.Ordinal);
        Assert.Equal(["/a", "/b"], Read(text, path).PathRules.Select(rule => rule.Path).Order());
        Assert.NotEqual(LearnedState.Granted, both.Rules.Single(rule => rule.Path == "/a").State);
        Assert.Equal(LearnedState.Granted, both.Rules.Single(rule => rule.Path == "/b").State);

        (_, byte[] replaced) = LearnedDocument.Compose(path, Learned("/c"), replace: true, PolicyVariables.None);
        Assert.Equal("/c", Assert.Single(Read(replaced, path).PathRules).Path);
    }

    [Fact]
    public void A_JSON_file_that_is_there_is_extended()
    {
        string path = Path.Combine(_folder, "old.json");
        File.WriteAllBytes(path, LearnedDocument.Compose(path, Learned("/a"), replace: false, PolicyVariables.None).Text);
        (_, byte[] text) = LearnedDocument.Compose(path, Learned("/b"), replace: false, PolicyVariables.None);
        Assert.Equal(["/a", "/b"], Read(text, path).PathRules.Select(rule => rule.Path).Order());
    }

    [Fact]
    public void A_file_that_is_no_policy_is_not_overwritten()
    {
        string path = Path.Combine(_folder, "other.toml");
        File.WriteAllText(path, "name = \"something else\"\n");
        Assert.Throws<PolicyException>(() => LearnedDocument.Compose(path, Learned("/a"), replace: false, PolicyVariables.None));
        Assert.Equal("name = \"something else\"\n", File.ReadAllText(path));
        File.WriteAllText(path, "");
        Assert.NotEmpty(LearnedDocument.Compose(path, Learned("/a"), replace: false, PolicyVariables.None).Text);
    }

    [Fact]
    public void Entries_beneath_a_directory_are_counted_and_links_not_followed()
    {
        PathView view = new();
        Directory.CreateDirectory($"{_folder}/d/e");
        File.WriteAllText($"{_folder}/d/e/f", "");
        File.WriteAllText($"{_folder}/d/.hidden", "");
        File.CreateSymbolicLink($"{_folder}/d/up", "/usr");
        Assert.Equal(4, view.CountBeneath($"{_folder}/d"));
        Assert.Equal(0, view.CountBeneath($"{_folder}/none"));
        Assert.True(view.IsDirectory($"{_folder}/d"));
        Assert.False(view.IsDirectory($"{_folder}/d/e/f"));
        Assert.False(view.IsDirectory($"{_folder}/none"));
    }

    private static LearnedPolicy Learned(params string[] paths) =>
        PolicyLearner.Learn(paths.Select(path => new AccessRecord { Operation = "open", Path = path, Access = AccessFs.ReadFile }),
            new LearnOptions { Abi = 7 }, new PathView());

    private static Ruleset Read(byte[] text, string path) =>
        Policy.From(path.EndsWith(".json", StringComparison.Ordinal) ? PolicyDocument.ReadJson(text, path)
            : PolicyDocument.ReadToml(text, path)).Resolve(PolicyVariables.None).Ruleset;
}
