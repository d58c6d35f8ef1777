using System.Text;
using Landlock.Documents.Reading;
using Landlock.Documents.Writing;

namespace Landlock.Tests.Documents.Toml;

public class TomlAppendTests
{
    private const string Written = "[[rule]]\nparent = [\"/srv/a\\nb\"]\n";

    [Theory]
    [InlineData("", Written)]
    [InlineData("\uFEFF", "\uFEFF" + Written)]
    [InlineData("# mine", "# mine\n\n" + Written)]
    [InlineData("# mine\n", "# mine\n\n" + Written)]
    [InlineData("# mine\n\n", "# mine\n\n" + Written)]
    [InlineData("# mine\n \t", "# mine\n \t\n" + Written)]
    [InlineData("\n", "\n" + Written)]
    [InlineData("[[rule]] #1\n\tparent=[ '/a' ,]\n[rule.sub]\nx=1", "[[rule]] #1\n\tparent=[ '/a' ,]\n[rule.sub]\nx=1\n\n" + Written)]
    [InlineData("abi = 1\r\n# x", "abi = 1\r\n# x\r\n\r\n[[rule]]\r\nparent = [\"/srv/a\\nb\"]\r\n")]
    [InlineData("\uFEFFabi = 1\r\n", "\uFEFFabi = 1\r\n\r\n[[rule]]\r\nparent = [\"/srv/a\\nb\"]\r\n")]
    public void Tables_are_added_after_everything_that_was_there(string text, string expected)
    {
        Assert.Equal(expected, Append(text));
    }

    [Fact]
    public void The_result_reads_as_the_old_document_with_the_new_table()
    {
        SourceNode document = TomlReaderTests.Read(Append("abi = 6 # six\n[[rule]]\nparent = ['/a']\n\n[other]\n"));

        Assert.Equal(["abi", "rule", "other"], TaggedJson.Keys(document));
        Assert.Equal(2, document.Find("rule"u8)!.Value.Count);
    }

    [Fact]
    public void Nothing_added_changes_nothing()
    {
        Assert.Equal("a = 1"u8, TomlAppend.To("a = 1"u8, output => output.Tables("rule", Array.Empty<string>(), _ => { })));
    }

    [Theory]
    [InlineData("rule = []",
        "3:3: the key 'rule' is already defined at line 1, column 1; only an array of tables made with double brackets can grow")]
    [InlineData("\n[rule]", "4:3: 'rule' is a table (line 2, column 1), not an array of tables")]
    [InlineData("rule = ", "1:8: missing value after '='")]
    public void What_cannot_grow_is_refused(string text, string message)
    {
        Assert.Equal(message, Assert.Throws<SourceException>(() => Append(text)).Message);
    }

    private static string Append(string text) => Encoding.UTF8.GetString(
        TomlAppend.To(Encoding.UTF8.GetBytes(text),
            output => output.Tables("rule", ["/srv/a\nb"], path => output.Texts("parent", [path]))));
}
