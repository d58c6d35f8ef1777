using System.Text.Json;
using Landlock.Documents.Reading;

namespace Landlock.Tests.Documents.Toml;

public class TomlSuiteTests
{
    public static TheoryData<string> Valid => [.. TomlSuite.Names(valid: true)];

    public static TheoryData<string> Valid10 => [.. TomlSuite.Names(valid: true, "1.0.0")];

    public static TheoryData<string> Invalid => [.. TomlSuite.Names(valid: false)];

    public static TheoryData<string> Invalid10 => [.. TomlSuite.Names(valid: false, "1.0.0")];

    [TomlSuiteTheory]
    [MemberData(nameof(Valid))]
    public void Valid_documents_mean_what_the_suite_says(string name)
    {
        SourceTree tree = TomlSource.Read(TomlSuite.Read(name));

        using JsonDocument expected = JsonDocument.Parse(TomlSuite.Read(Path.ChangeExtension(name, ".json")));
        TaggedJson.AssertEqual(expected.RootElement, new SourceNode(tree, SourceTree.Document), "");
    }

    [TomlSuiteTheory]
    [MemberData(nameof(Valid10))]
    public void Valid_documents_of_1_0_have_nothing_newer(string name)
    {
        Assert.Empty(TomlSource.Read(TomlSuite.Read(name)).Newer);
    }

    [TomlSuiteTheory]
    [MemberData(nameof(Invalid))]
    public void Invalid_documents_are_refused_at_a_place_of_the_text(string name)
    {
        byte[] text = TomlSuite.Read(name);

        SourceException error = Assert.Throws<SourceException>(() => TomlSource.Read(text));

        Assert.InRange(error.Position.Line, 1, 1 + text.Count(b => b == '\n'));
        Assert.InRange(error.Position.Column, 1, text.Length + 1);
    }

    [TomlSuiteTheory]
    [MemberData(nameof(Invalid10))]
    public void Invalid_documents_of_1_0_are_refused_or_known_to_be_newer(string name)
    {
        try
        {
            Assert.NotEmpty(TomlSource.Read(TomlSuite.Read(name)).Newer);
        }
        catch (SourceException)
        {
        }
    }

    [TomlSuiteTheory]
    [InlineData(220, 492, 210, 499)]
    public void The_suite_is_there_as_a_whole(int valid, int invalid, int valid10, int invalid10)
    {
        Assert.Equal((valid, invalid, valid10, invalid10), (Valid.Count, Invalid.Count, Valid10.Count, Invalid10.Count));
    }
}
