using FsCheck.Fluent;
using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Tests.Rulesets;

public sealed class PathRuleTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("//", "/")]
    [InlineData("/.", "/")]
    [InlineData("/./", "/")]
    [InlineData("///.//./", "/")]
    [InlineData("/usr", "/usr")]
    [InlineData("/usr/", "/usr")]
    [InlineData("//usr///bin//", "/usr/bin")]
    [InlineData("/usr/./bin/.", "/usr/bin")]
    [InlineData("/usr/../bin", "/usr/../bin")]
    [InlineData("/..", "/..")]
    [InlineData(".", ".")]
    [InlineData("./", ".")]
    [InlineData("./.", ".")]
    [InlineData("././", ".")]
    [InlineData("./out", "./out")]
    [InlineData(".//out/", "./out")]
    [InlineData("././out", "./out")]
    [InlineData("out", "out")]
    [InlineData("out/.", "out")]
    [InlineData("..", "..")]
    [InlineData("../", "..")]
    [InlineData("../.", "..")]
    [InlineData("./..", "./..")]
    [InlineData("...", "...")]
    [InlineData("/.hidden", "/.hidden")]
    [InlineData("/a./b.", "/a./b.")]
    [InlineData("/ ", "/ ")]
    [InlineData("a\\b", "a\\b")]
    public void A_path_is_normalized_as_text(string path, string normal)
    {
        Assert.Equal(normal, PathRule.Normalize(path));
        Assert.Equal(normal, new PathRule(path, AccessFs.ReadFile).Path);
    }

    [Fact]
    public void Normalizing_again_changes_nothing() =>
        Law.HoldsForLists(Gen.Elements("/", "/", ".", "..", "a", "b.c", " "), parts =>
        {
            string path = string.Concat(parts);
            if (path.Length == 0) return;
            string normal = PathRule.Normalize(path);
            Assert.Equal(normal, PathRule.Normalize(normal));
            Assert.NotEqual("", normal);
            Assert.Equal(path[0] == '/', normal[0] == '/');
            Assert.DoesNotContain("//", normal, StringComparison.Ordinal);
            Assert.DoesNotContain("/./", normal, StringComparison.Ordinal);
            // The components that lead somewhere are the same ones.
            Assert.Equal(Components(path), Components(normal));
        }, tests: 1000);

    [Fact]
    public void An_empty_path_is_refused()
    {
        RulesetException exception = Assert.Throws<RulesetException>(() => new PathRule("", AccessFs.ReadFile));
        Assert.Equal("A rule's path is empty; write '.' for the current directory.", exception.Message);
        Assert.Equal(RulesetProblem.InvalidPath, exception.Problem);
    }

    [Fact]
    public void A_nul_is_refused()
    {
        RulesetException exception = Assert.Throws<RulesetException>(() => new PathRule("/a\0b", AccessFs.ReadFile));
        Assert.Equal("The path '/a\\x00b' holds a NUL character, which no file name can.", exception.Message);
        Assert.Equal(RulesetProblem.InvalidPath, exception.Problem);
    }

    [Fact]
    public void Rules_are_equal_by_value()
    {
        Assert.Equal(new PathRule("/usr/", AccessFs.ReadFile), new PathRule("/usr", AccessFs.ReadFile));
        Assert.NotEqual(new PathRule("/usr", AccessFs.ReadFile), new PathRule("/usr", AccessFs.ReadFile) { Optional = true });
        Assert.NotEqual(new PathRule("/usr", AccessFs.ReadFile),
            new PathRule("/usr", AccessFs.ReadFile) { Compatibility = Compatibility.BestEffort });
    }

    [Fact]
    public void A_rule_is_shown_on_one_line()
    {
        Assert.Equal("ReadOnly /usr", new PathRule("/usr", AccessClass.ReadOnly.Rights).ToString());
        Assert.Equal("execute,refer /a\\nb (optional) (quiet)",
            new PathRule("/a\nb", AccessFs.Execute | AccessFs.Refer) { Optional = true, Quiet = true }.ToString());
        Assert.Equal("none /usr (quiet)", new PathRule("/usr", AccessFs.None) { Quiet = true }.ToString());
    }

    private static IEnumerable<string> Components(string path) => path.Split('/').Where(part => part is not ("" or "."));
}
