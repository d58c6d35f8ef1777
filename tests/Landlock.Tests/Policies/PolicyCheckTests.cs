using System.Collections.Immutable;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Policies.Converting;

namespace Landlock.Tests.Policies;

/// <summary>What is said of policies without using them, and command lines as a shell would split them.</summary>
public sealed class PolicyCheckTests : IDisposable
{
    private const string Good =
        "[[ruleset]]\nhandled_access_fs = [\"read_file\"]\n\n[[path_beneath]]\nallowed_access = [\"read_file\"]\nparent = [\"/usr\"]\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("check-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_warning_that_is_an_error_in_use_is_told_once() => Assert.Equal(
        ["a.toml:3:9: there is no port 65536: ports go up to 65535"],
        PolicyCheck.Text("[[net_port]]\nallowed_access = [\"bind_tcp\"]\nport = [65536]\n"u8, "a.toml")
            .Select(finding => finding.ToString()));

    [Fact]
    public void A_policy_that_can_be_used_has_no_errors() =>
    Assert.DoesNotContain(Text(Good), finding => finding.Severity == FindingSeverity.Error);

    [Fact]
    public void What_is_wrong_is_told_with_its_place()
    {
        PolicyFinding finding =
            Assert.Single(Text(Good.Replace("[\"read_file\"]\nparent", "[\"read_fil\"]\nparent", StringComparison.Ordinal)));
        Assert.Equal(FindingSeverity.Error, finding.Severity);
        Assert.Equal("p.toml:5:", finding.ToString()[..9]);
        Assert.Contains("did you mean 'read_file'", finding.Message, StringComparison.Ordinal);
        Assert.StartsWith("p.toml:1:", Assert.Single(Text("= 1")).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("read_file", false)]
    [InlineData("make_reg", true)]
    [InlineData("make_reg\", \"refer", false)]
    public void What_denies_moving_files_unsaid_is_told(string right, bool isTold)
    {
        PolicyFinding[] told = [.. Text(Good.Replace("read_file", right, StringComparison.Ordinal))];
        Assert.Equal(isTold ? ["p.toml:1:1: warning: 'refer' is not handled, so that no rule can allow moving and linking files between "
            + "directories, which the kernel denies then; handle it, and allow it where files are made"] : [],
            told.Select(finding => finding.ToString()));
    }

    [Fact]
    public void Names_that_look_like_a_shells_are_told()
    {
        string text = Good.Replace("\"/usr\"", "\"~/x\", \"/etc/*.conf\", \"$HOME/y\", \"/usr\", \"$$x\"", StringComparison.Ordinal);
        Assert.Equal(
            [
                "p.toml:6:11: warning: '~/x' is a name that begins with '~', and not the home directory; write ${home}/x",
                "p.toml:6:18: warning: '/etc/*.conf' is a name as it stands, and no pattern; name each path, or the "
                    + "directory that holds them",
                "p.toml:6:33: warning: '$HOME/y' holds a dollar sign that stands for itself, and no variable of the environment; write "
                    + "${name}, and give the variable a value",
            ],
            Text(text).Where(finding => finding.Severity == FindingSeverity.Warning).Select(finding => finding.ToString()));
        Directory.CreateDirectory(Path.Combine(_folder, "a[1]"));
        Assert.Empty(Text(Good.Replace("/usr", Path.Combine(_folder, "a[1]"), StringComparison.Ordinal)));
    }

    [Fact]
    public void A_variable_without_a_value_is_found_before_use()
    {
        string text = Good.Replace("/usr", "${no_such_variable}", StringComparison.Ordinal);
        Assert.Contains(Text(text),
            finding => finding.Severity == FindingSeverity.Error && finding.Message.Contains("no_such_variable", StringComparison.Ordinal));
    }

    [Fact]
    public void All_documents_of_a_directory_are_checked_as_one()
    {
        File.WriteAllText($"{_folder}/a.toml", Good);
        File.WriteAllText($"{_folder}/b.toml", Good);
        Assert.DoesNotContain(PolicyCheck.Path(_folder), finding => finding.Severity == FindingSeverity.Error);
        File.WriteAllText($"{_folder}/c.toml", "[[ruleset]]\nhandled_access_fs = [\"nonsense\"]\n");
        Assert.Contains(PolicyCheck.Path(_folder),
            finding => finding.Severity == FindingSeverity.Error && finding.Location.Source.EndsWith("c.toml", StringComparison.Ordinal));
        Assert.Contains(PolicyCheck.Path($"{_folder}/none.toml"), finding => finding.Severity == FindingSeverity.Error);
    }

    [Theory]
    [InlineData("landrun --ro /usr  ls\t-l", "landrun|--ro|/usr|ls|-l")]
    [InlineData("a 'b c' \"d  e\" f\\ g", "a|b c|d  e|f g")]
    [InlineData("''  \"\" x''y", "||xy")]
    [InlineData("'$HOME' \"a;b|c\" \\$x \\;", "$HOME|a;b|c|$x|;")]
    [InlineData("\"a\\\"b\\\\c\\d\" 'a\\b'", "a\"b\\c\\d|a\\b")]
    [InlineData("one \\\n two", "one|two")]
    [InlineData("it\"'\"s", "it's")]
    [InlineData("  ", "")]
    public void Words_are_those_of_a_shell(string line, string words) => Assert.Equal(words, string.Join('|', ShellWords.Split(line)));

    [Theory]
    [InlineData("ls $HOME", '$')]
    [InlineData("ls \"$HOME\"", '$')]
    [InlineData("ls \"`id`\"", '`')]
    [InlineData("a; b", ';')]
    [InlineData("a > b", '>')]
    [InlineData("(a)", '(')]
    public void What_a_shell_would_expand_is_refused(string line, char special) => Assert.Equal(
        $"command line: '{special}' means something to a shell, which is not asked here; write what it stands for, or "
            + $"quote it ('{special}')",
        Assert.Throws<PolicyException>(() => ShellWords.Split(line)).Message);

    [Theory]
    [InlineData("a 'b", "command line: the quote ' is not closed: a 'b")]
    [InlineData("a \"b", "command line: the quote \" is not closed: a \"b")]
    public void A_quote_that_is_not_closed_is_refused(string line, string message) =>
    Assert.Equal(message, Assert.Throws<PolicyException>(() => ShellWords.Split(line)).Message);

    private static ImmutableArray<PolicyFinding> Text(string text) => PolicyCheck.Text(System.Text.Encoding.UTF8.GetBytes(text), "p.toml");
}
