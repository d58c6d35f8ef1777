using System.Text;
using Landlock.Documents.Toml;

namespace Landlock.Tests.Documents.Toml;

/// <summary>What an error says, and where. The whole line is asserted: people have nothing else to go by.</summary>
public class TomlErrorTests
{
    [Theory]
    [InlineData("abi 6", "1:5: expected '=' (or '.' and more of the key), found '6'")]
    [InlineData("abi =\n6", "1:6: expected a value, found the end of the line")]
    [InlineData("abi = 6 # six\nabi", "2:4: expected '=' (or '.' and more of the key), found the end of the text")]
    [InlineData("abi = 6 path = 7", "1:9: expected a comment or the end of the line, found 'path'")]
    [InlineData("é = 1", "1:1: expected a key (letters, digits, '_' and '-', or a string in quotes), found 'é'")]
    [InlineData("a\uFEFF = 1", "1:2: expected '=' (or '.' and more of the key), found '\\ufeff'")]
    [InlineData("a.\u3000b = 1", "1:3: expected a key (letters, digits, '_' and '-', or a string in quotes), found '\\u3000'")]
    [InlineData("\"\"\"a\"\"\" = 1", "1:1: a key cannot be a multi-line string")]
    [InlineData("\"a\u202e\" = 1\n'a\u202e' = 2", "2:1: the key 'a\\u202e' is already defined at line 1, column 1")]
    [InlineData("[path_beneath", "1:14: expected ']' (or '.' and more of the key), found the end of the text")]
    [InlineData("[[path_beneath]", "1:16: expected ']]' (or '.' and more of the key), found the end of the text")]
    [InlineData("[ [a]]", "1:3: expected a key (letters, digits, '_' and '-', or a string in quotes), found '['")]
    [InlineData("[]", "1:2: expected a key (letters, digits, '_' and '-', or a string in quotes), found ']'")]
    public void Structure(string text, string message) => AssertError(text, message);

    [Theory]
    [InlineData("read_file", "1:5: 'read_file' is not a value: expected text in quotes, a number, a date, true, false, an array or a table")]
    [InlineData("TRUE", "1:5: 'TRUE' is not a value: expected true, in lower case")]
    [InlineData("/usr", "1:5: expected a value, found '/'")]
    [InlineData("$HOME", "1:5: expected a value, found '$'")]
    [InlineData("08", "1:5: '08' is not a number: leading zeros are not allowed")]
    [InlineData("1__0", "1:5: '1__0' is not a number: an underscore must stand between two digits")]
    [InlineData("0o789", "1:5: '0o789' is not a number: '8' is not an octal digit")]
    [InlineData("-0xff", "1:5: '-0xff' is not a number: hexadecimal, octal and binary integers have no sign")]
    [InlineData("5.", "1:5: '5.' is not a number: digits are missing")]
    [InlineData("-", "1:5: '-' is not a number: expected a digit first")]
    [InlineData("9223372036854775808", "1:5: '9223372036854775808' does not fit into 64 bits: expected an integer from -9223372036854775808 to 9223372036854775807")]
    [InlineData("-9223372036854775809", "1:5: '-9223372036854775809' does not fit into 64 bits: expected an integer from -9223372036854775808 to 9223372036854775807")]
    [InlineData("1e999", "1:5: '1e999' is too large for a 64-bit float")]
    [InlineData("2024-02-30", "1:5: '2024-02-30' is not a date or time: there is no day 30 in 2024-02")]
    [InlineData("17:60:00", "1:5: '17:60:00' is not a date or time: there is no minute 60")]
    [InlineData("2024-2-3", "1:5: '2024-2-3' is not a date or time: expected a form such as 1987-07-05, 17:45:00, 1987-07-05T17:45:00 or 1987-07-05T17:45:00+02:00")]
    public void Values(string value, string message) => AssertError($"a = {value}", message);

    [Theory]
    [InlineData("\"C:\\dir\"", "1:8: expected an escape after the backslash (one of b t n f r \" \\ uXXXX UXXXXXXXX), found 'd'; a backslash itself is written \\\\, or stands in a string in single quotes")]
    [InlineData("\"\\u12\"", "1:6: the escape '\\u12' needs 4 hexadecimal digits")]
    [InlineData("\"\\ud800\"", "1:6: the escape '\\ud800' names no Unicode scalar value: expected 0 to d7ff or e000 to 10ffff")]
    [InlineData("\"/usr\nb = 1", "1:5: the string that begins here is not closed: expected \" before the end of the line")]
    [InlineData("'''/usr\nb = 1", "1:5: the string that begins here is not closed: expected ''' before the end of the text")]
    [InlineData("'a\u0007b'", "1:7: a string cannot hold the control character U+0007; a string in double quotes can hold its escape")]
    [InlineData("\"\"\"\né\u007f\"\"\"", "2:2: a string cannot hold the control character U+007F; write it as an escape")]
    [InlineData("\"\"\"a\rb\"\"\"", "1:9: a string cannot hold a carriage return without a line feed; write it as an escape")]
    [InlineData("1 # \u0000", "1:9: a comment cannot hold the control character U+0000")]
    [InlineData("1\r", "1:6: expected a comment or the end of the line, found a carriage return without a line feed")]
    public void Text(string value, string message) => AssertError($"a = {value}", message);

    [Theory]
    [InlineData("[1 2]", "1:8: expected ',' or ']' after a value of an array, found '2'")]
    [InlineData("[1,,2]", "1:8: expected a value, found ','")]
    [InlineData("[\n1,\n", "1:5: the array that begins here is not closed: expected ']' before the end of the text")]
    [InlineData("{b = 1, c = 2", "1:5: the inline table that begins here is not closed: expected '}' before the end of the text")]
    [InlineData("{b = 1,\nc = 2}", "1:12: expected the rest of the inline table on the same line, found the end of the line")]
    [InlineData("{b = 1 # one\n}", "1:12: expected the rest of the inline table on the same line, found '#'")]
    [InlineData("{b = 1,}", "1:12: expected a key (an inline table has no comma at its end), found '}'")]
    [InlineData("{b = 1 c = 2}", "1:12: expected ',' or '}' after a value of an inline table, found 'c'")]
    public void Containers(string value, string message) => AssertError($"a = {value}", message);

    [Theory]
    [InlineData("abi = 6\n\n \"abi\" = 7", "3:2: the key 'abi' is already defined at line 1, column 1")]
    [InlineData("[a]\n[b]\n[ a ]", "3:3: the table 'a' is already defined at line 1, column 1")]
    [InlineData("[a]\nb.c = 1\n[a.b]", "3:4: the table 'a.b' is already defined by dotted keys at line 2, column 1")]
    [InlineData("[a.b]\n[a]\nb.c = 1", "3:1: the table 'b' has its own header at line 1, column 1; dotted keys cannot add to it")]
    [InlineData("a = 1\na.b = 2", "2:1: 'a' is an integer (line 1, column 5): expected a table")]
    [InlineData("a = {}\n[a.b]", "2:2: 'a' is an inline table (line 1, column 5), to which nothing can be added")]
    [InlineData("a = {b = {}, b.c = 1}", "1:14: 'b' is an inline table (line 1, column 10), to which nothing can be added")]
    [InlineData("[[a]]\n[a]", "2:2: 'a' is an array of tables (line 1, column 1), not a table")]
    [InlineData("[a]\n[[a]]", "2:3: 'a' is a table (line 1, column 1), not an array of tables")]
    [InlineData("a = [{}]\n[[a]]", "2:3: the key 'a' is already defined at line 1, column 1; only an array of tables made with double brackets can grow")]
    [InlineData("[[a.b]]\n[a]\nb.c = 1", "3:1: 'b' is an array of tables (line 1, column 1); dotted keys cannot add to it")]
    [InlineData("[a.b]\n[a]\nb = 1", "3:1: the key 'b' is already defined at line 1, column 4")]
    [InlineData("[a.b.c]\n[a]\nb.x = 1\n[a.b]", "4:4: the table 'a.b' is already defined by dotted keys at line 3, column 1")]
    public void Twice(string text, string message) => AssertError(text, message);

    [Fact]
    public void Long_text_is_cut_in_messages()
    {
        AssertError($"a = {new string('x', 1000)}", $"1:5: '{new string('x', 60)}…' is not a value: expected text in quotes, a number, a date, true, false, an array or a table");
    }

    [Theory]
    [InlineData("61203d2022c328220a", "1:6: the byte 0xc3 is not part of valid UTF-8")]
    [InlineData("efbbbf230ac3a9ff", "2:2: the byte 0xff is not part of valid UTF-8")]
    [InlineData("23eda080", "1:2: the byte 0xed is not part of valid UTF-8")]
    [InlineData("23c0af", "1:2: the byte 0xc0 is not part of valid UTF-8")]
    [InlineData("23f09fa6", "1:2: the byte 0xf0 is not part of valid UTF-8")]
    [InlineData("fffe61003d003100", "1:1: the text is UTF-16; TOML is always UTF-8")]
    [InlineData("efbbbfefbbbf", "1:1: expected a key (letters, digits, '_' and '-', or a string in quotes), found '\\ufeff'")]
    public void Encoding_of_the_text(string hex, string message) => AssertError(Convert.FromHexString(hex), message);

    private static void AssertError(string text, string message) => AssertError(Encoding.UTF8.GetBytes(text), message);

    private static void AssertError(byte[] text, string message)
    {
        TomlException error = Assert.Throws<TomlException>(() => TomlReader.Read(text));

        Assert.Equal(message, error.Message);
        Assert.Equal(message, $"{error.Line}:{error.Column}: {error.Problem}");
    }
}
