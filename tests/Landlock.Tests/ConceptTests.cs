using System.Text.RegularExpressions;

namespace Landlock.Tests;

/// <summary>docs/concepts.md names types, files and methods that exist.</summary>
public sealed partial class ConceptTests
{
    private static string Page { get; } = File.ReadAllText(Path.Combine(Repository.Root, "docs/concepts.md"));

    [Fact]
    public void Every_type_exists()
    {
        string[] rows = [.. Page.Split("\n## ")[0].Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)];
        Assert.Equal(23, rows.Length);
        HashSet<string> types = [.. typeof(Landlock.Rulesets.Ruleset).Assembly.GetTypes().Select(type => type.Name)];
        foreach (string row in rows)
            Assert.All(Code().Matches(row.Split('|')[3]).Cast<Match>(), match => Assert.Contains(match.Groups[1].Value, types));
    }

    [Fact]
    public void Every_hop_is_a_method_of_its_file()
    {
        Match[] hops = [.. Hop().Matches(Page).Cast<Match>()];
        Assert.Equal(8, hops.Length);
        Assert.All(hops,
            hop => Assert.Matches($@"\b(private protected|public|private|internal) (static )?[\w<>\[\]?.]+ {hop.Groups[2].Value}\b",
                File.ReadAllText(Path.Combine(Repository.Root, hop.Groups[1].Value))));
    }

    [GeneratedRegex("`([A-Z][A-Za-z]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^\| \d \| `(src/[^`]+)` \| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Hop();
}
