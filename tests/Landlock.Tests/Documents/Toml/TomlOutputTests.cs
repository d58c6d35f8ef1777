using Landlock.Documents.Writing;

namespace Landlock.Tests.Documents.Toml;

public class TomlOutputTests
{
    [Fact]
    public void A_policy_looks_as_a_person_would_write_it()
    {
        TomlOutput output = new();
        output.Number("abi", 6);
        output.Tables("variable", ["rw"], name =>
        {
            output.Text("name", name);
            output.Texts("literal", ["/tmp", "/var/tmp"]);
        });
        output.Tables("path_beneath", [1, 4], count =>
        {
            output.Texts("parent", [.. Enumerable.Range(1, count).Select(i => $"/usr/lib/a/rather/long/path/{i}")]);
            output.Flag("quiet", true);
        });
        output.Comment("Ours.");
        output.Table("own", () =>
        {
            output.Text("name", "a \"b\"\\\n\u202e\U000e0001é🦊");
            output.Tables("sub", [0], _ => output.Texts("empty", []));
        });
        output.Table("tables", () => output.Tables("x", ["y"], key => output.Text("key", key)));

        Assert.Equal(
            """
            abi = 6

            [[variable]]
            name = "rw"
            literal = ["/tmp", "/var/tmp"]

            [[path_beneath]]
            parent = ["/usr/lib/a/rather/long/path/1"]
            quiet = true

            [[path_beneath]]
            parent = [
                "/usr/lib/a/rather/long/path/1",
                "/usr/lib/a/rather/long/path/2",
                "/usr/lib/a/rather/long/path/3",
                "/usr/lib/a/rather/long/path/4",
            ]
            quiet = true

            # Ours.
            [own]
            name = "a \"b\"\\\n\u202e\U000e0001é🦊"

            [[own.sub]]

            [[tables.x]]
            key = "y"

            """,
            output.ToString());
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_text()
    {
        foreach (string text in (string[])["a\ud800", "\udc80b"])
        {
            Assert.Throws<ArgumentException>(() => new TomlOutput().Text("key", text));
            Assert.Throws<ArgumentException>(() => new TomlOutput().Texts("key", [text]));
        }
    }
}
