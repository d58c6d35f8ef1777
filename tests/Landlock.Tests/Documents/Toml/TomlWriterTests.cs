using Landlock.Documents.Toml;

namespace Landlock.Tests.Documents.Toml;

public class TomlWriterTests
{
    [Fact]
    public void A_policy_looks_as_a_person_would_write_it()
    {
        TomlTable document = new(
            ("abi", new TomlInteger(6)),
            ("variable", new TomlArray([new TomlTable(("name", new TomlString("rw")), ("literal", TomlArray.OfStrings(["/tmp", "/var/tmp"])))])),
            ("path_beneath", new TomlArray([
                new TomlTable(("allowed_access", TomlArray.OfStrings(["abi.read_execute"])), ("parent", TomlArray.OfStrings(Enumerable.Range(1, 4).Select(i => $"/usr/lib/a/rather/long/path/{i}")))),
                new TomlTable(("allowed_access", TomlArray.OfStrings(["abi.read_write"])), ("parent", TomlArray.OfStrings(["${rw}"]))),
            ])));

        Assert.Equal(
            """
            abi = 6

            [[variable]]
            name = "rw"
            literal = ["/tmp", "/var/tmp"]

            [[path_beneath]]
            allowed_access = ["abi.read_execute"]
            parent = [
                "/usr/lib/a/rather/long/path/1",
                "/usr/lib/a/rather/long/path/2",
                "/usr/lib/a/rather/long/path/3",
                "/usr/lib/a/rather/long/path/4",
            ]

            [[path_beneath]]
            allowed_access = ["abi.read_write"]
            parent = ["${rw}"]

            """,
            TomlWriter.Write(document));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a = {}\nb = 1\n")] // a table before a value stays there, in braces
    [InlineData("a = [{}]\nb = []\n")]
    [InlineData("a = [1, {}]\n")]
    [InlineData("[a]\n")]
    [InlineData("[a.b.c]\n\n[a.d]\nx = 1\n\n[e]\n")]
    [InlineData("[a]\nx = 1\n\n[a.b]\n\n[[a.c]]\n\n[[a.c]]\ny = 1\n\n[[a.c.d]]\n\n[a.c.e]\n")]
    [InlineData("a-1_B = 1\n\"\" = 1\n\"a.b\" = 1\n\"é\" = 1\n\n[\"a b\".\"\\\"\"]\n")]
    [InlineData("a = \"\\\"\\\\\\b\\t\\n\\f\\r\\u0000\\u001b\\u007f\\u0085\\u00a0\\u202e\\u2028\\ufeff\\U000e0001 'é🦊\"\n")]
    [InlineData("a = -9223372036854775808\nb = 0.1\nc = -0.0\nd = 1e300\ne = 1.5e-7\nf = inf\ng = -inf\nh = nan\ni = 100.0\n")]
    [InlineData("a = true\nb = 1987-07-05T17:45:00.5-07:30\nc = 1987-07-05T17:45:00Z\nd = 0001-01-01\ne = 00:00:00.000000001\n")]
    public void Its_own_text_is_written_again_as_it_is(string text)
    {
        Assert.Equal(text, TomlWriter.Write(TomlReaderTests.Read(text)));
    }

    [Fact]
    public void Tables_below_a_very_long_header_are_written_in_braces()
    {
        string key = new('k', 201);

        Assert.Equal($"[{key}]\na = {{ b = 1 }}\n", TomlWriter.Write(new TomlTable((key, new TomlTable(("a", new TomlTable(("b", new TomlInteger(1)))))))));
    }

    [Fact]
    public void Nodes_that_no_text_could_hold_cannot_be_made()
    {
        Assert.Throws<ArgumentException>(() => new TomlString("a\ud800"));
        Assert.Throws<ArgumentException>(() => new TomlString("\udc80b"));
        Assert.Throws<ArgumentException>(() => new TomlEntry("\udfff\ud83e", new TomlInteger(1)));
        Assert.Throws<ArgumentException>(() => new TomlTable(("a", new TomlInteger(1)), ("a", new TomlInteger(1))));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TomlDate(2023, 2, 29));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TomlTime(24, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TomlDateTime(new TomlDate(2023, 2, 28), new TomlTime(0, 0, 0), 24 * 60));
    }

    [Fact]
    public void The_deepest_model_is_the_deepest_text()
    {
        TomlNode node = new TomlArray([]);
        for (int i = 1; i < TomlNode.MaxDepth; i++) node = i % 2 == 0 ? new TomlArray([node]) : new TomlTable(("a", node));

        TomlTable document = new(("a", node));

        Assert.True(document.ContentEquals(TomlReaderTests.Read(TomlWriter.Write(document))));
        Assert.Throws<ArgumentException>(() => new TomlTable(("a", document)));
    }
}
