using System.Text;
using Landlock.Documents.Toml;

namespace Landlock.Tests.Documents.Toml;

public class TomlReaderTests
{
    [Fact]
    public void A_policy_is_read_with_the_place_of_every_key_and_value()
    {
        TomlTable document = Read("""
            # What the build may do.
            abi = 6

            [[path_beneath]]
            allowed_access = ["abi.read_execute", "write_file"]
            parent         = ["/usr"]

            [[path_beneath]] # scratch
              parent = [
                "/tmp", # first
                "/var/tmp",
              ]
            """);

        Assert.Equal(["abi", "path_beneath"], document.Select(entry => entry.Key));
        AssertPlace(2, 1, document.Find("abi")!.Position);
        AssertPlace(2, 7, document.Find("abi")!.Value.Position);
        TomlArray rules = Assert.IsType<TomlArray>(document.Find("path_beneath")!.Value);
        Assert.True(rules.HasHeaders);
        AssertPlace(4, 3, document.Find("path_beneath")!.Position);
        AssertPlace(4, 1, rules.Position);
        AssertPlace(8, 1, rules[1].Position);
        TomlArray access = Assert.IsType<TomlArray>(((TomlTable)rules[0]).Find("allowed_access")!.Value);
        Assert.False(access.HasHeaders);
        AssertPlace(5, 18, access.Position);
        AssertPlace(5, 39, access[1].Position);
        TomlArray parents = Assert.IsType<TomlArray>(((TomlTable)rules[1]).Find("parent")!.Value);
        AssertPlace(11, 5, parents[1].Position);
        Assert.Equal("/var/tmp", Assert.IsType<TomlString>(parents[1]).Value);
    }

    [Fact]
    public void Columns_count_Unicode_scalars_and_not_bytes_or_UTF16_units()
    {
        TomlTable document = Read("\ta = ['é🦊', 1]");

        TomlArray array = (TomlArray)document.Find("a")!.Value;
        AssertPlace(1, 2, document.Find("a")!.Position);
        AssertPlace(1, 7, array[0].Position);
        AssertPlace(1, 13, array[1].Position);
    }

    [Fact]
    public void Lines_count_newlines_within_strings_and_arrays_too()
    {
        TomlTable document = Read("a = \"\"\"\r\n\\\n\n x\n\"\"\"\r\nb = [\n\n1]\nc = 1");

        AssertPlace(6, 1, document.Find("b")!.Position);
        AssertPlace(8, 1, ((TomlArray)document.Find("b")!.Value)[0].Position);
        AssertPlace(9, 1, document.Find("c")!.Position);
        Assert.Equal("x\n", ((TomlString)document.Find("a")!.Value).Value);
    }

    [Fact]
    public void Tables_stand_where_their_headers_braces_or_first_dots_stand()
    {
        TomlTable document = Read("d.e = 1\ni = {j.k = 1}\n[a.b.c]\n  [a]\n");

        AssertPlace(1, 1, document.Find("d")!.Value.Position);
        AssertPlace(2, 5, document.Find("i")!.Value.Position);
        AssertPlace(2, 6, ((TomlTable)document.Find("i")!.Value).Find("j")!.Value.Position);
        TomlTable a = (TomlTable)document.Find("a")!.Value;
        AssertPlace(3, 2, document.Find("a")!.Position);
        AssertPlace(4, 3, a.Position);
        AssertPlace(3, 4, a.Find("b")!.Value.Position);
        AssertPlace(3, 1, ((TomlTable)a.Find("b")!.Value).Find("c")!.Value.Position);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    [InlineData("\uFEFF# only a comment")]
    [InlineData(" \t\r\n\n#\t\u00a0é\r\n")]
    public void Documents_may_be_empty(string text)
    {
        Assert.Empty(Read(text));
    }

    [Fact]
    public void A_byte_order_mark_is_not_a_column()
    {
        AssertPlace(1, 1, Read("\uFEFFa=1")[0].Position);
    }

    [Theory]
    [InlineData("\"\"", "")]
    [InlineData("''", "")]
    [InlineData("'C:\\x\"'", "C:\\x\"")]
    [InlineData("\"\\b\\t\\n\\f\\r\\\"\\\\\\u00e9\\U0001F98A\"", "\b\t\n\f\r\"\\é🦊")]
    [InlineData("\"a\tb\"", "a\tb")]
    [InlineData("\"\"\"\na\\\n   \n\t b\"\"\"", "ab")]
    [InlineData("\"\"\"\"\"quoted\"\"\"\"\"", "\"\"quoted\"\"")]
    [InlineData("'''''quoted'''''", "''quoted''")]
    [InlineData("'''\r\na\r\nb'''", "a\r\nb")]
    [InlineData("\"\"\"\\\\\n\"\"\"", "\\\n")]
    public void Strings(string text, string value)
    {
        Assert.Equal(value, Assert.IsType<TomlString>(ReadValue(text)).Value);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("+1_000", 1000)]
    [InlineData("0xDead_bEEf", 0xDEADBEEF)]
    [InlineData("0o0755", 493)]
    [InlineData("0b1_0", 2)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("0x7fffffffffffffff", long.MaxValue)]
    public void Integers(string text, long value)
    {
        Assert.Equal(value, Assert.IsType<TomlInteger>(ReadValue(text)).Value);
    }

    [Theory]
    [InlineData("-0.0", -0.0)]
    [InlineData("+1_0.0_1", 10.01)]
    [InlineData("1e06", 1e6)]
    [InlineData("1.5E-2", 0.015)]
    [InlineData("-inf", double.NegativeInfinity)]
    [InlineData("+nan", double.NaN)]
    [InlineData("1e-999", 0.0)]
    [InlineData("1.7976931348623157e308", double.MaxValue)]
    public void Floats(string text, double value)
    {
        Assert.True(new TomlFloat(value).ContentEquals(ReadValue(text)));
    }

    [Theory]
    [InlineData("0000-02-29", TomlKind.LocalDate, "0000-02-29")]
    [InlineData("1987-07-05 17:45:00z", TomlKind.OffsetDateTime, "1987-07-05T17:45:00Z")]
    [InlineData("1987-07-05t17:45:00.1234567899-23:59", TomlKind.OffsetDateTime, "1987-07-05T17:45:00.123456789-23:59")]
    [InlineData("1987-07-05T23:59:60-00:00", TomlKind.OffsetDateTime, "1987-07-05T23:59:60Z")]
    [InlineData("1987-07-05 # comment", TomlKind.LocalDate, "1987-07-05")]
    [InlineData("1987-07-05T00:00:00", TomlKind.LocalDateTime, "1987-07-05T00:00:00")]
    [InlineData("07:32:00.500", TomlKind.LocalTime, "07:32:00.5")]
    public void Dates_and_times(string text, TomlKind kind, string shown)
    {
        TomlDateTime value = Assert.IsType<TomlDateTime>(ReadValue(text));

        Assert.Equal((kind, shown), (value.Kind, value.ToString()));
    }

    [Fact]
    public void Keys_may_be_bare_quoted_empty_and_dotted()
    {
        TomlTable document = Read("1.2-_ . \"a.b\" . '' = true\n[ 'x' . y ]\ntrue = false");

        Assert.Equal("{ 1 = { 2-_ = { \"a.b\" = { \"\" = true } } }, x = { y = { true = false } } }", Inline(document));
    }

    [Theory]
    [InlineData("[a.b.c]\nx=1\n[a]\nb.y=2", "{ a = { b = { c = { x = 1 }, y = 2 } } }")] // b was only on the way to c, so dots may define it
    [InlineData("a.x=1\n[a.b]\ny=1", "{ a = { x = 1, b = { y = 1 } } }")]
    [InlineData("[[a]]\n[a.b]\n[[a]]\n[a.b]", "{ a = [{ b = {} }, { b = {} }] }")]
    [InlineData("[[a.b]]\n[a]\nx=1", "{ a = { b = [{}], x = 1 } }")]
    [InlineData("a={b.c=1, b.d=2}", "{ a = { b = { c = 1, d = 2 } } }")]
    public void Tables_may_be_completed(string text, string content)
    {
        Assert.Equal(content, Inline(Read(text)));
    }

    [Fact]
    public void Long_tables_keep_their_order_and_find_their_keys()
    {
        string[] keys = [.. Enumerable.Range(0, 100).Select(i => $"k{i * 37 % 100}")];

        TomlTable document = Read(string.Join('\n', keys.Select((key, i) => $"{key} = {i}")));

        Assert.Equal(keys, document.Select(entry => entry.Key));
        Assert.True(document.TryGetValue("k37", out TomlNode? value));
        Assert.Equal(1, Assert.IsType<TomlInteger>(value).Value);
        Assert.False(document.TryGetValue("K37", out _));
    }

    [Theory]
    [InlineData("a = ", "[", "", "]", "")]
    [InlineData("", "a = {", "x = 1", "}", "")]
    [InlineData("", "a.", "x = 1", "", "")]
    [InlineData("[", "a.", "x]", "", "", -1)]
    [InlineData("[[", "a.", "x]]", "", "", -2)]
    [InlineData("[a.b]\nc = [{d = ", "[", "", "]", "}]", -4)]
    public void Nesting_is_bounded(string start, string open, string middle, string close, string end, int less = 0)
    {
        string Nest(int depth) => $"{start}{Repeat(open, depth)}{middle}{Repeat(close, depth)}{end}";

        int deepest = TomlNode.MaxDepth + less;
        Read(Nest(deepest));
        TomlException error = Assert.Throws<TomlException>(() => Read(Nest(deepest + 1)));
        Assert.Equal("tables and arrays are nested more than 128 levels deep", error.Problem);
    }

    [Theory]
    [InlineData("a = ", "[")]
    [InlineData("", "a = {")]
    [InlineData("", "a.")]
    [InlineData("[", "a.")]
    public void Endless_nesting_is_an_error_like_any_other(string start, string open)
    {
        TomlException error = Assert.Throws<TomlException>(() => Read(start + Repeat(open, 1_000_000)));

        Assert.Equal((1, "tables and arrays are nested more than 128 levels deep"), (error.Line, error.Problem));
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    internal static TomlTable Read(string text) => TomlReader.Read(Encoding.UTF8.GetBytes(text));

    internal static TomlNode ReadValue(string text) => Read($"a = {text}").Find("a")!.Value;

    // The document as the text of one inline table.
    private static string Inline(TomlTable document) => TomlWriter.Write(new TomlTable(("_", document), ("end", new TomlInteger(0)))).Split('\n')[0]["_ = ".Length..];

    private static void AssertPlace(int line, int column, TomlPosition actual) => Assert.Equal(new TomlPosition(line, column), actual);
}
