using System.Text;
using System.Text.Json;
using Landlock.Documents.Toml;

namespace Landlock.Tests.Documents.Toml;

public class TomlSuiteTests
{
    public static TheoryData<string> Valid => [.. TomlSuite.Names(valid: true)];

    public static TheoryData<string> Invalid => [.. TomlSuite.Names(valid: false)];

    [TomlSuiteTheory]
    [MemberData(nameof(Valid))]
    public void Valid_documents_mean_what_the_suite_says(string name)
    {
        TomlTable document = TomlReader.Read(TomlSuite.Read(name));

        using JsonDocument expected = JsonDocument.Parse(TomlSuite.Read(Path.ChangeExtension(name, ".json")));
        TaggedJson.AssertEqual(expected.RootElement, document, "");
    }

    [TomlSuiteTheory]
    [MemberData(nameof(Valid))]
    public void Valid_documents_survive_the_writer(string name)
    {
        TomlTable document = TomlReader.Read(TomlSuite.Read(name));

        Assert.True(document.ContentEquals(TomlReader.Read(Encoding.UTF8.GetBytes(TomlWriter.Write(document)))));
    }

    [TomlSuiteTheory]
    [MemberData(nameof(Invalid))]
    public void Invalid_documents_are_refused_at_a_place_of_the_text(string name)
    {
        byte[] text = TomlSuite.Read(name);

        TomlException error = Assert.Throws<TomlException>(() => TomlReader.Read(text));

        Assert.InRange(error.Line, 1, 1 + text.Count(b => b == '\n'));
        Assert.InRange(error.Column, 1, text.Length + 1);
    }

    [TomlSuiteTheory]
    [InlineData(210, 499)]
    public void The_suite_is_there_as_a_whole(int valid, int invalid)
    {
        Assert.Equal((valid, invalid), (Valid.Count, Invalid.Count));
    }
}
