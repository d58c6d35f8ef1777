using System.Text;
using Landlock.Documents.Reading;

namespace Landlock.Tests.Documents.Toml;

public class TomlReaderTests
{
    [Fact]
    public void A_policy_is_read_with_the_place_of_every_key_and_value()
    {
        SourceNode document = Read("""
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

        Assert.Equal(["abi", "path_beneath"], TaggedJson.Keys(document));
        AssertPlaces("2:1 2:7", document, "abi");
        AssertPlaces("4:3 4:1", document, "path_beneath");
        SourceNode[] rules = Items(document, "path_beneath");
        Assert.Equal("4:1 8:1", string.Join(' ', rules.Select(rule => rule.Position)));
        AssertPlaces("5:1 5:18", rules[0], "allowed_access");
        Assert.Equal("5:19 5:39", string.Join(' ', Items(rules[0], "allowed_access").Select(word => word.Position)));
        Assert.Equal("[\"abi.read_execute\", \"write_file\"]", Encoding.UTF8.GetString(rules[0].Find("allowed_access"u8)!.Value.Written));
        AssertPlaces("9:3 9:12", rules[1], "parent");
        Assert.Equal("10:5 11:5", string.Join(' ', Items(rules[1], "parent").Select(path => path.Position)));
        Assert.Equal("/var/tmp", Items(rules[1], "parent")[1].Text);
    }

    [Fact]
    public void Columns_count_Unicode_scalars_and_not_bytes_or_UTF16_units()
    {
        SourceNode document = Read("\ta = ['é🦊', 1]");

        AssertPlaces("1:2 1:6", document, "a");
        Assert.Equal("1:7 1:13", string.Join(' ', Items(document, "a").Select(item => item.Position)));
    }

    [Fact]
    public void Lines_count_newlines_within_strings_and_arrays_too()
    {
        SourceNode document = Read("a = \"\"\"\r\n\\\n\n x\n\"\"\"\r\nb = [\n\n1]\nc = 1");

        AssertPlaces("6:1 6:5", document, "b");
        Assert.Equal("8:1", Items(document, "b")[0].Position.ToString());
        AssertPlaces("9:1 9:5", document, "c");
        Assert.Equal("x\n", document.Find("a"u8)!.Value.Text);
    }

    [Fact]
    public void Tables_stand_where_their_headers_braces_or_first_dots_stand()
    {
        SourceNode document = Read("d.e = 1\ni = {j.k = 1}\n[a.b.c]\n  [a]\n");

        AssertPlaces("1:1 1:1", document, "d");
        AssertPlaces("2:1 2:5", document, "i");
        AssertPlaces("2:6 2:6", document.Find("i"u8)!.Value, "j");
        AssertPlaces("3:2 4:3", document, "a");
        AssertPlaces("3:4 3:4", document.Find("a"u8)!.Value, "b");
        AssertPlaces("3:6 3:1", document.Find("a"u8)!.Value.Find("b"u8)!.Value, "c");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    [InlineData("\uFEFF# only a comment")]
    [InlineData(" \t\r\n\n#\t\u00a0é\r\n")]
    public void Documents_may_be_empty(string text)
    {
        Assert.Equal(0, Read(text).Count);
    }

    [Fact]
    public void A_byte_order_mark_is_not_a_column()
    {
        AssertPlaces("1:1 1:3", Read("\uFEFFa=1"), "a");
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
    [InlineData("''''''", "")]
    [InlineData("\"\\e\\x41\\xe9\"", "\u001bAé")]
    [InlineData("'\uFFFD'", "\uFFFD")]
    [InlineData("\"\uFFFD\\n\uFFFC\\ufffc\"", "\uFFFD\n\uFFFC\uFFFC")]
    public void Strings(string text, string value)
    {
        SourceNode node = ReadValue(text);
        Assert.Equal((SourceKind.String, value), (node.Kind, node.Text));
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
        SourceNode node = ReadValue(text);
        Assert.Equal((SourceKind.Integer, (Int128)value), (node.Kind, node.Integer));
    }

    [Theory]
    [InlineData("1.5E-2", SourceKind.Float)]
    [InlineData("-inf", SourceKind.Float)]
    [InlineData("nan", SourceKind.Float)]
    [InlineData("true", SourceKind.Boolean)]
    [InlineData("1987-07-05 17:45:00z", SourceKind.Date)]
    [InlineData("07:32:00.500", SourceKind.Date)]
    public void Other_plain_values_are_known_by_their_kind_and_word(string text, object kind)
    {
        SourceNode node = ReadValue(text);
        Assert.Equal((kind, text), (node.Kind, node.Text));
    }

    [Theory]
    [InlineData("a = [\n1,\n2,\n]\nb = { c = [1,\n2,], d = \"\\\\e\" } # \\e\nt = 07:32:00", "")]
    [InlineData("a = { b = 1,\n c = 2 }\nd = {\n e = 1\n}", "1:5 an inline table of several lines; 3:5 an inline table of several lines")]
    [InlineData("a = [{ b = 1, }]", "1:13 a comma at the end of an inline table")]
    [InlineData("a = \"x\\\\\\e\"\nb = \"\\x41\"", "1:9 the escape '\\e'; 2:6 the escape '\\x'")]
    [InlineData("\"\\x41\" = 1", "1:2 the escape '\\x'")]
    [InlineData("a = 07:32\nb = 1987-07-05T17:45Z", "1:5 a time without seconds; 2:5 a time without seconds")]
    public void What_only_TOML_1_1_has_is_known(string text, string newer)
    {
        SourceTree tree = TomlSource.Read(Encoding.UTF8.GetBytes(text));
        Assert.Equal(newer, string.Join("; ", tree.Newer.Select(one => $"{tree.Places[one.At]} {one.What}")));
    }

    [Fact]
    public void Keys_may_be_bare_quoted_empty_and_dotted()
    {
        Assert.Equal(
            "1{2-_{a.b{{true,}}}}x{y{true,true,}}",
            Shape(Read("1.2-_ . \"a.b\" . '' = {true = 1}\n[ 'x' . y ]\ntrue = false\n\"tr\\u0075e\\u0000\" = 1"))
                .Replace("\0", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[a.b.c]\nx=1\n[a]\nb.y=2", "a{b{c{x},y}}")] // b was only on the way to c, so dots may define it
    [InlineData("a.x=1\n[a.b]\ny=1", "a{x,b{y}}")]
    [InlineData("[[a]]\n[a.b]\n[[a]]\n[a.b]", "a[{b{}}{b{}}]")]
    [InlineData("[[a.b]]\n[a]\nx=1", "a{b[{}]x}")]
    [InlineData("a={b.c=1, b.d=2}", "a{b{c,d}}")]
    [InlineData("a.b.c=1\na.b.d=2\na.e=3\n[f]\n[g]", "a{b{c,d},e}f{}g{}")]
    public void Tables_may_be_completed(string text, string content)
    {
        Assert.Equal(content.Replace(",", "", StringComparison.Ordinal), Shape(Read(text)).Replace(",", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Long_tables_keep_their_order_and_find_their_keys()
    {
        string[] keys = [.. Enumerable.Range(0, 100).Select(i => $"k{i * 37 % 100}")];

        SourceNode document = Read(string.Join('\n', keys.Select((key, i) => $"{key} = {i}")));

        Assert.Equal(keys, TaggedJson.Keys(document));
        Assert.Equal(1, document.Find("k37"u8)!.Value.Integer);
        Assert.Null(document.Find("K37"u8));
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

        int deepest = SourceBytes.MaxDepth + less;
        Read(Nest(deepest));
        SourceException error = Assert.Throws<SourceException>(() => Read(Nest(deepest + 1)));
        Assert.Equal("tables and arrays are nested more than 128 levels deep", error.Problem);
    }

    [Theory]
    [InlineData("a = ", "[", "")]
    [InlineData("", "a = {", "")]
    [InlineData("", "a.", "a = 1")]
    [InlineData("[", "a.", "a]")]
    public void Endless_nesting_is_an_error_like_any_other(string start, string open, string end)
    {
        SourceException error = Assert.Throws<SourceException>(() => Read(start + Repeat(open, 1_000_000) + end));

        Assert.Equal((1, "tables and arrays are nested more than 128 levels deep"), (error.Position.Line, error.Problem));
    }

    internal static SourceNode Read(string text) => new(TomlSource.Read(Encoding.UTF8.GetBytes(text)), SourceTree.Document);

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static SourceNode ReadValue(string text) => Read($"a = {text}").Find("a"u8)!.Value;

    private static SourceNode[] Items(SourceNode table, string key)
    {
        List<SourceNode> items = [];
        foreach (SourceNode item in table.Find(Encoding.UTF8.GetBytes(key))!.Value.Items) items.Add(item);
        return [.. items];
    }

    // Keys, with braces around tables and brackets around arrays of tables.
    private static string Shape(SourceNode node)
    {
        StringBuilder shape = new();
        foreach (SourceNode item in node.Items)
        {
            if (node.Kind == SourceKind.Table) shape.Append(item.Key);
            shape.Append(item.Kind switch
            {
                SourceKind.Table => $"{{{Shape(item)}}}",
                SourceKind.Array => $"[{Shape(item)}]",
                _ => ",",
            });
        }

        return shape.ToString();
    }

    private static void AssertPlaces(string keyAndValue, SourceNode table, string key)
    {
        SourceNode entry = table.Find(Encoding.UTF8.GetBytes(key))!.Value;
        Assert.Equal(keyAndValue, $"{entry.KeyPosition} {entry.Position}");
    }
}
