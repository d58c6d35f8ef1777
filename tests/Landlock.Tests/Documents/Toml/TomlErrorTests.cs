using System.Text;
using Landlock.Documents.Reading;

namespace Landlock.Tests.Documents.Toml;

/// <summary>What an error says, and where. The whole line is asserted: people have nothing else to go by.</summary>
public class TomlErrorTests
{
    [Theory]
    [InlineData("abi 6", "1:5: expected '=' after key but was '6'")]
    [InlineData("abi =\n6", "1:6: missing value after '='")]
    [InlineData("abi = 6 # six\nabi", "2:4: expected '=' after key but was the end of the text")]
    [InlineData("abi = 6 path = 7", "1:9: expected end-of-line after value but was 'path'")]
    [InlineData("é = 1", "1:1: unexpected token 'é' while parsing TOML document")]
    [InlineData("a\u202e = 1", "1:2: expected '=' after key but was '\\u202e'")]
    [InlineData("\"a\u202e\" = 1\n'a\u202e' = 2", "2:1: the key 'a\\u202e' is already defined at line 1, column 1")]
    [InlineData("[path_beneath", "1:14: expected ']' but was the end of the text")]
    [InlineData("[path_beneath\nabi = 6", "1:14: expected ']' but was the end of the line")]
    [InlineData("[[path_beneath]", "1:15: expected ']]' but was ']'")]
    [InlineData("a = read_file", "1:5: unexpected token 'read' while parsing a value")]
    [InlineData("a = 08", "1:5: unexpected leading zero ('0') for integer '08'")]
    [InlineData("a = 9223372036854775808", "1:5: unable to parse integer '9223372036854775808'")]
    [InlineData("a = 0xffffffffffffffff",
        "1:5: '0xffffffffffffffff' does not fit into 64 bits: expected an integer from -9223372036854775808 to 9223372036854775807")]
    [InlineData("a = \"\\ud800\"", "1:7: invalid Unicode scalar value [D800]")]
    [InlineData("a = [1,,2]", "1:8: missing value in array")]
    [InlineData("a = {b =\n1}", "1:9: expected a value, found the end of the line")]
    [InlineData("a = \"\"\"x\\\ry\"\"\"", "1:5: a string cannot hold a carriage return without a line feed; write it as an escape")]
    [InlineData("a = [\n1 2]", "2:3: expected ',' or ']' while parsing array but was '2' (the array begins at line 1, column 5)")]
    [InlineData("a = ['/a'\n[b]", "2:1: expected ',' or ']' while parsing array but was '[' (the array begins at line 1, column 5)")]
    public void Syntax(string text, string message) => AssertError(text, message);

    [Theory]
    [InlineData("\"/usr\nb = 1", "1:5: the string that begins here is not closed: expected \" before the end of the line")]
    [InlineData("\"/usr\\", "1:5: the string that begins here is not closed: expected \" before the end of the line")]
    [InlineData("\"/usr\\u", "1:5: the string that begins here is not closed: expected \" before the end of the line")]
    [InlineData("\"/usr\\\nb\"", "1:5: the string that begins here is not closed: expected \" before the end of the line")]
    [InlineData("'''/usr\nb = 1", "1:5: the string that begins here is not closed: expected ''' before the end of the text")]
    [InlineData("[\n1,\n", "1:5: the array that begins here is not closed: expected ']' before the end of the text")]
    [InlineData("[\n1, # '", "1:5: the array that begins here is not closed: expected ']' before the end of the text")]
    [InlineData("[\n'é', 'x\n]", "2:6: the string that begins here is not closed: expected ' before the end of the line")]
    [InlineData("[[1], [2", "1:11: the array that begins here is not closed: expected ']' before the end of the text")]
    [InlineData("{b = 1, c = 2", "1:5: the inline table that begins here is not closed: expected '}' before the end of the text")]
    [InlineData("{b = ", "1:5: the inline table that begins here is not closed: expected '}' before the end of the text")]
    public void What_is_never_closed_is_told_where_it_begins(string value, string message) => AssertError($"a = {value}", message);

    [Theory]
    [InlineData("abi = 6\n\n \"abi\" = 7", "3:2: the key 'abi' is already defined at line 1, column 1")]
    [InlineData("[a]\n[a]", "2:2: the table 'a' is already defined at line 1, column 1")]
    [InlineData("[a]\n[b]\n[ a ]", "3:3: the table 'a' is already defined at line 1, column 1")]
    [InlineData("[a]\nb.c = 1\n[a.b]", "3:4: the table 'a.b' is already defined by dotted keys at line 2, column 1")]
    [InlineData("[a.b]\n[a]\nb.c = 1", "3:1: the table 'b' has its own header at line 1, column 1; dotted keys cannot add to it")]
    [InlineData("a = 1\na.b = 2", "2:1: 'a' is an integer (line 1, column 5): expected a table")]
    [InlineData("a = {}\n[a.b]", "2:2: 'a' is an inline table (line 1, column 5), to which nothing can be added")]
    [InlineData("a = {b = {}, b.c = 1}", "1:14: 'b' is an inline table (line 1, column 10), to which nothing can be added")]
    [InlineData("[[a]]\n[a]", "2:2: 'a' is an array of tables (line 1, column 1), not a table")]
    [InlineData("[a]\n[[a]]", "2:3: 'a' is a table (line 1, column 1), not an array of tables")]
    [InlineData("a = [{}]\n[[a]]",
        "2:3: the key 'a' is already defined at line 1, column 1; only an array of tables made with double brackets can grow")]
    [InlineData("[[a.b]]\n[a]\nb.c = 1", "3:1: 'b' is an array of tables (line 1, column 1); dotted keys cannot add to it")]
    [InlineData("[a.b]\n[a]\nb = 1", "3:1: the key 'b' is already defined at line 1, column 4")]
    [InlineData("[a.b.c]\n[a]\nb.x = 1\n[a.b]", "4:4: the table 'a.b' is already defined by dotted keys at line 3, column 1")]
    public void Twice(string text, string message) => AssertError(text, message);

    [Fact]
    public void Long_text_is_cut_in_messages()
    {
        SourceException error = Assert.Throws<SourceException>(() => TomlReaderTests.Read($"a = {new string('x', 1000)}"));

        Assert.Equal($"unexpected token '{new string('x', 182)}…", error.Problem);
    }

    [Theory]
    [InlineData("61203d2022c328220a", "1:6: the byte 0xc3 is not part of valid UTF-8")]
    [InlineData("efbbbf230ac3a9ff", "2:2: the byte 0xff is not part of valid UTF-8")]
    [InlineData("23eda080", "1:2: the byte 0xed is not part of valid UTF-8")]
    [InlineData("23c0af", "1:2: the byte 0xc0 is not part of valid UTF-8")]
    [InlineData("23f09fa6", "1:2: the byte 0xf0 is not part of valid UTF-8")]
    [InlineData("fffe61003d003100", "1:1: the text is UTF-16; TOML is always UTF-8")]
    [InlineData("efbbbfefbbbf", "1:1: expected a key, a header or a comment, found '\\ufeff'")]
    public void Encoding_of_the_text(string hex, string message) => AssertError(Convert.FromHexString(hex), message);

    private static void AssertError(string text, string message) => AssertError(Encoding.UTF8.GetBytes(text), message);

    private static void AssertError(byte[] text, string message) =>
        Assert.Equal(message, Assert.Throws<SourceException>(() => TomlSource.Read(text)).Message);
}
