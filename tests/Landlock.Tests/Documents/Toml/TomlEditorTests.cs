using System.Text;
using Landlock.Documents.Toml;

namespace Landlock.Tests.Documents.Toml;

public class TomlEditorTests
{
    private static readonly TomlTable Rule = new(("parent", TomlArray.OfStrings(["/srv/a\nb"])));

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
    public void Elements_are_added_after_everything_that_was_there(string text, string expected)
    {
        Assert.Equal(expected, Append(text, Rule));
    }

    [Fact]
    public void The_result_reads_as_the_old_document_with_the_new_elements()
    {
        const string Text = "abi = 6 # six\n[[rule]]\nparent = ['/a']\n\n[other]\n";
        TomlTable second = new(("sub", new TomlTable(("x", new TomlInteger(1)))), ("subs", new TomlArray([new TomlTable(), new TomlTable()])));

        TomlTable document = TomlReaderTests.Read(Append(Text, Rule, second));

        TomlTable old = TomlReaderTests.Read(Text);
        Assert.Equal(old.Select(entry => entry.Key), document.Select(entry => entry.Key));
        Assert.True(new TomlArray([.. (TomlArray)old.Find("rule")!.Value, Rule, second]).ContentEquals(document.Find("rule")!.Value));
    }

    [Fact]
    public void No_elements_change_nothing()
    {
        Assert.Equal("a = 1", Append("a = 1"));
    }

    [Theory]
    [InlineData("rule = []", "1:1: tables can be added to 'rule' only when it is written with headers in double brackets")]
    [InlineData("\n[rule]", "2:2: tables can be added to 'rule' only when it is written with headers in double brackets")]
    [InlineData("rule = [{}]", "1:1: tables can be added to 'rule' only when it is written with headers in double brackets")]
    [InlineData("rule = ", "1:8: expected a value, found the end of the text")]
    public void What_cannot_grow_is_refused(string text, string message)
    {
        Assert.Equal(message, Assert.Throws<TomlException>(() => Append(text, Rule)).Message);
    }

    private static string Append(string text, params TomlTable[] elements) => Encoding.UTF8.GetString(TomlEditor.AppendTables(Encoding.UTF8.GetBytes(text), "rule", elements));
}
