using System.Text;
using Landlock.Documents;
using static Landlock.Tests.Policies.Documents;

namespace Landlock.Tests.Policies;

public class PolicyErrorTests
{
    [Theory]
    [InlineData("", "a.toml:1:1: the document is empty: it needs one of 'variable', 'ruleset', 'path_beneath', 'net_port'")]
    [InlineData("abi = 6", "a.toml:1:1: the document is empty: it needs one of 'variable', 'ruleset', 'path_beneath', 'net_port'")]
    [InlineData("variable = []", "a.toml:1:12: 'variable' is empty; name at least one, or leave the key out")]
    [InlineData("ruleset = []", "a.toml:1:11: 'ruleset' is empty; name at least one, or leave the key out")]
    [InlineData("ruleset = [{}]", "a.toml:1:12: a ruleset is empty: it needs one of 'handled_access_fs', 'handled_access_net', 'scoped'")]
    [InlineData("[[ruleset]]\nscoped = []", "a.toml:2:10: 'scoped' is empty; name at least one, or leave the key out")]
    [InlineData("[[ruleset]]\nscoped = [1]", "a.toml:2:11: 'scoped' must hold strings, not an integer")]
    [InlineData("[[ruleset]]\nscoped = 'signal'", "a.toml:2:10: 'scoped' must be an array, not a string")]
    [InlineData("[ruleset]\nscoped = ['signal']", "a.toml:1:1: 'ruleset' must be an array, not a table")]
    [InlineData("ruleset = ['signal']", "a.toml:1:12: a ruleset must be a table, not a string")]
    [InlineData("[[variable]]\nliteral = ['x']", "a.toml:1:1: a variable needs 'name'")]
    [InlineData("[[variable]]\nname = 1", "a.toml:2:8: 'name' must be a string, not an integer")]
    [InlineData("[[variable]]\nname = 'a-b'", "a.toml:2:8: the variable name 'a-b' may hold ASCII letters, digits and '_' only")]
    [InlineData("[[variable]]\nname = '_a'", "a.toml:2:8: the variable name '_a' does not begin with an ASCII letter")]
    [InlineData("[[variable]]\nname = 'é'", "a.toml:2:8: the variable name 'é' does not begin with an ASCII letter")]
    [InlineData("[[variable]]\nname = ''", "a.toml:2:8: a variable name is empty")]
    [InlineData("[[variable]]\nname = 'a'\nliteral = []", "a.toml:3:11: 'literal' is empty; name at least one, or leave the key out")]
    [InlineData("[[variable]]\nname = 'a'\nliteral = [\"\\u0000\"]", "a.toml:3:12: a path cannot hold a NUL character")]
    [InlineData("[[path_beneath]]\nparent = ['/']", "a.toml:1:1: a path_beneath rule needs 'allowed_access'")]
    [InlineData("[[path_beneath]]\nallowed_access = ['execute']", "a.toml:1:1: a path_beneath rule needs 'parent'")]
    [InlineData("[[net_port]]\nallowed_access = ['bind_tcp']\nport = ['1']", "a.toml:3:9: 'port' must hold integers, not a string")]
    [InlineData("[[net_port]]\nallowed_access = ['bind_tcp']\nport = [-1]", "a.toml:3:9: a port must be 0 or more, not -1")]
    [InlineData("[[net_port]]\nallowed_access = ['bind_tcp']\nport = [1.0]", "a.toml:3:9: 'port' must hold integers, not a float")]
    [InlineData("path_beneth = []", "a.toml:1:1: a document has no key 'path_beneth'; did you mean 'path_beneath'?\n"
        + "a.toml:1:1: the document is empty: it needs one of 'variable', 'ruleset', 'path_beneath', 'net_port'")]
    [InlineData("[[variable]]\nname = 'a'\nvalue = 'b'", "a.toml:3:1: a variable has no key 'value'; it has name, literal")]
    [InlineData("[[ruleset]]\nhandledAccessFs = ['execute']\nscoped = ['signal']",
        "a.toml:2:1: a ruleset has no key 'handledAccessFs': that is how JSON spells it; write 'handled_access_fs'")]
    [InlineData("abi = 1.5\nruleset = [{ scoped = ['signal'] }]", "a.toml:1:7: 'abi' must be an integer from 1 to 2147483647, not a float")]
    [InlineData("abi = 0\nruleset = [{ scoped = ['abi.all'] }]", "a.toml:1:7: 'abi' must be an integer from 1 to 2147483647, not 0")]
    [InlineData("abi = -4\nruleset = [{ scoped = ['abi.all'] }]", "a.toml:1:7: 'abi' must be an integer from 1 to 2147483647, not -4")]
    [InlineData("abi = 2147483648\nruleset = [{ scoped = ['signal'] }]",
        "a.toml:1:7: 'abi' must be an integer from 1 to 2147483647, not a larger number")]
    [InlineData("abi = 'x'\nruleset = [{ scoped = ['signal'] }]",
        "a.toml:1:7: 'abi' must be an integer from 1 to 2147483647, not a string")]
    [InlineData("abi = 1987-07-05\nruleset = [{ scoped = ['signal'] }]",
        "a.toml:1:7: 'abi' must be an integer from 1 to 2147483647, not a date or time")]
    [InlineData("a = 1\na = 2", "a.toml:2:1: the key 'a' is already defined at line 1, column 1")]
    public void Toml_documents(string text, string findings) => Assert.Equal(findings, Findings(text));

    [Theory]
    [InlineData("'abi.all'", "the group 'abi.all' needs 'abi' in the same document, which says what it stands for")]
    [InlineData("'bind_tcp'", "'bind_tcp' is no filesystem right but a network right")]
    [InlineData("'signal'", "'signal' is no filesystem right but a scope")]
    [InlineData("'readfile'", "'readfile' is no filesystem right; did you mean 'read_file'?")]
    [InlineData("'Execute'", "'Execute' is no filesystem right; did you mean 'execute'?")]
    [InlineData("'v5.all'",
        "'v5.all' is no filesystem right: groups of the form 'v5.all' were removed from the format; write abi = 5 and 'abi.all'")]
    [InlineData("'abi.read'", "'abi.read' is no filesystem right; did you mean 'abi.read_execute'?")]
    [InlineData("'log_new_exec_on'", "'log_new_exec_on' is no filesystem right; there are execute, write_file, read_file, read_dir, "
        + "remove_dir, remove_file, make_char, make_dir, make_reg, make_sock, make_fifo, make_block, make_sym, refer, truncate, ioctl_dev, "
        + "resolve_unix, abi.all, abi.read_execute, abi.read_write")]
    public void Rights(string name, string message) =>
    Assert.Equal($"a.toml:2:22: {message}", Findings($"[[ruleset]]\nhandled_access_fs = [{name}]"));

    [Fact]
    public void Groups_of_the_wrong_kind() =>
        Assert.Equal("a.toml:3:11: 'abi.read_write' is no scope: the only group of scopes is 'abi.all'",
            Findings("abi = 6\n[[ruleset]]\nscoped = ['abi.read_write']"));

    [Theory]
    [InlineData("${a", "unclosed variable reference starting at position 0")]
    [InlineData("é${a", "unclosed variable reference starting at position 2")]
    [InlineData("$$/${a}/$${x/${", "unclosed variable reference starting at position 13")]
    [InlineData("${}", "a variable name is empty (variable reference starting at position 0)")]
    [InlineData("/${1a}", "the variable name '1a' does not begin with an ASCII letter (variable reference starting at position 1)")]
    [InlineData("${a b}",
        "the variable name 'a b' may hold ASCII letters, digits and '_' only (variable reference starting at position 0)")]
    [InlineData("${a${b}",
        "the variable name 'a${b' may hold ASCII letters, digits and '_' only (variable reference starting at position 0)")]
    public void Templates(string template, string message) =>
        Assert.Equal($"a.toml:3:11: {message}", Findings($"[[path_beneath]]\nallowed_access = ['execute']\nparent = ['{template}']"));

    [Theory]
    [InlineData("", "1:1: expected a value, found the end of the text")]
    [InlineData("[]", "1:1: a document must be an object, not an array")]
    [InlineData("null", "1:1: a document must be an object, not null")]
    [InlineData("{}", "1:1: the document is empty: it needs one of 'variable', 'ruleset', 'pathBeneath', 'netPort'")]
    [InlineData("{\"abi\": null, \"variable\": null}",
        "1:1: the document is empty: it needs one of 'variable', 'ruleset', 'pathBeneath', 'netPort'")]
    [InlineData("{\"abi\": 1, }", "1:12: expected a key in double quotes, found '}'")]
    [InlineData("{\"abi\": 1,\n \"abi\": 2}", "2:2: the key 'abi' is already defined at line 1, column 2")]
    [InlineData("{\"abi\" 1}", "1:8: expected ':' after a key, found '1'")]
    [InlineData("{\"abi\": 1 \"x\"}", "1:11: expected ',' or '}' after a value of an object, found '\"'")]
    [InlineData("{\"abi\": 1", "1:1: the object that begins here is not closed: expected '}' before the end of the text")]
    [InlineData("{\"a\": [1", "1:7: the array that begins here is not closed: expected ']' before the end of the text")]
    [InlineData("{\"a\": [1 2]}", "1:10: expected ',' or ']' after a value of an array, found '2'")]
    [InlineData("{\"a\": [1,]}", "1:10: expected a value, found ']'")]
    [InlineData("{\"a\": 01}", "1:7: a number cannot begin with a zero")]
    [InlineData("{\"a\": 1.}", "1:9: expected a digit, found '}'")]
    [InlineData("{\"a\": -}", "1:8: expected a digit, found '}'")]
    [InlineData("{\"a\": truex}", "1:11: expected ',' or '}' after a value of an object, found 'x'")]
    [InlineData("{\"a\": \"x\ny\"}", "1:7: the string that begins here is not closed on its line: expected '\"'")]
    [InlineData("{\"a\": \"x\ty\"}", "1:9: a string cannot hold a tab; write it as an escape")]
    [InlineData("{\"a\": \"\\x\"}", "1:8: this is no escape; JSON has \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX")]
    [InlineData("{\"a\": \"\\u12g4\"}", "1:8: \\u needs four hexadecimal digits")]
    [InlineData("{\"a\": \"\\udc80\"}", "1:8: \\udc80 is half of a surrogate pair without the other half, which is no text")]
    [InlineData("{\"a\": \"\\ud800\\ud800\"}", "1:8: \\ud800 is half of a surrogate pair without the other half, which is no text")]
    [InlineData("{\"abi\": 6}x", "1:11: expected the end of the text, found 'x'")]
    [InlineData("{'abi': 6}", "1:2: expected a key in double quotes, found \"'\"")]
    [InlineData("{\"abi\": 6.0, \"ruleset\": [{\"scoped\": [\"signal\"]}]}",
        "1:9: 'abi' must be an integer from 1 to 2147483647, not a number with a fraction or an exponent")]
    [InlineData("{\"path_beneath\": []}", "1:1: the document is empty: it needs one of 'variable', 'ruleset', 'pathBeneath', 'netPort'\n"
        + "a.json:1:2: a document has no key 'path_beneath': that is how TOML spells it; write 'pathBeneath'")]
    [InlineData("{\"pathBeneath\": [{\"allowedAccess\": [\"execute\"], \"parent\": null}]}", "1:59: 'parent' must be an array, not null")]
    [InlineData("{\"ruleset\": [{\"scoped\": null}]}",
        "1:14: a ruleset is empty: it needs one of 'handledAccessFs', 'handledAccessNet', 'scoped'")]
    [InlineData("{\"netPort\": [{\"allowedAccess\": [\"bind_tcp\"], \"port\": [18446744073709551616]}]}",
        "1:55: a port must be 0 or more, and less than 2^64")]
    [InlineData("{\"netPort\": [{\"allowedAccess\": [\"bind_tcp\"], \"port\": [-0]}]}",
        "1:55: 'port' must hold integers, not a number with a fraction or an exponent")]
    [InlineData("{\"netPort\": [{\"allowedAccess\": [\"bind_tcp\"], \"port\": [1e2]}]}",
        "1:55: 'port' must hold integers, not a number with a fraction or an exponent")]
    public void Json_documents(string text, string findings) => Assert.Equal($"a.json:{findings}", Findings(text, PolicySyntax.Json));

    [Fact]
    public void All_problems_are_told_in_the_order_of_the_text() =>
        Assert.Equal(
            """
            a.toml:1:7: 'abi' must be an integer from 1 to 2147483647, not a boolean
            a.toml:4:18: 'exec' is no filesystem right; did you mean 'execute'?
            a.toml:5:16: unclosed variable reference starting at position 1
            a.toml:6:1: a path_beneath rule has no key 'optional'; it has allowed_access, parent
            a.toml:9:9: 'port' must hold integers, not a boolean
            a.toml:9:15: warning: there is no port 65536: ports go up to 65535, and no ruleset can be built with this one
            """,
            Findings("""
                abi = true
                [[path_beneath]]
                # comment
                allowed_access=[ 'exec', 'abi.all', 'read_file' ]
                parent = ['/', '/${x']
                optional = true
                [[net_port]]
                allowed_access = ['bind_tcp']
                port = [true, 65536]
                """));

    [Theory]
    [InlineData("{\"a\":", "}", 200, "1:646: objects and arrays are nested more than 128 levels deep")]
    [InlineData("[", "]", 200_000, "1:130: objects and arrays are nested more than 128 levels deep")]
    public void Depth_is_bounded(string open, string close, int depth, string message) =>
        Assert.Equal($"a.json:{message}",
            Findings(string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth)),
                PolicySyntax.Json));

    [Fact]
    public void Bytes_that_are_no_text()
    {
        PolicyReading reading = PolicyDocument.Check([.. "{\"a\": \""u8, 0xff, .. "\"}"u8], PolicySyntax.Json, "x\n.json");
        Assert.Equal("x\\n.json:1:8: the byte 0xff is not part of valid UTF-8", Assert.Single(reading.Findings).ToString());
        Assert.Equal("a:1:1: the text is UTF-16; JSON is always UTF-8",
            Assert.Single(PolicyDocument.Check([0xff, 0xfe, 0x7b, 0], PolicySyntax.Json, "a").Findings).ToString());
    }

    [Fact]
    public void Strict_compatibility_refuses_what_upstream_does_not_know()
    {
        string text = "[[ruleset]]\nhandled_access_fs = ['resolve_unix']\nhandled_access_net = ['bind_udp', 'connect_send_udp']\n"
            + "[landlockps]\nname = 'x'";
        Assert.Equal(
            """
            a.toml:2:22: note: landlockconfig has no name for 'resolve_unix' (ABI 9) and refuses the document
            a.toml:3:23: note: landlockconfig has no name for 'bind_udp' (ABI 10) and refuses the document
            a.toml:3:35: note: landlockconfig has no name for 'connect_send_udp' (ABI 10) and refuses the document
            """,
            Findings(text));
        Assert.Equal(
            """
            a.toml:2:22: landlockconfig has no name for 'resolve_unix' (ABI 9)
            a.toml:3:23: landlockconfig has no name for 'bind_udp' (ABI 10)
            a.toml:3:35: landlockconfig has no name for 'connect_send_udp' (ABI 10)
            a.toml:4:1: the table 'landlockps' is LandlockPS's own; landlockconfig refuses documents that have it
            """,
            Findings(text, options: new PolicyReadOptions { StrictCompatibility = true }));
    }

    [Theory]
    [InlineData("[[ruleset]]\nscoped = ['signal',]\n", "")]
    [InlineData("ruleset = [{ scoped = [\n'signal'\n] }]\n", "")]
    [InlineData("ruleset = [{ scoped = ['signal'],\n}]\n",
        "a.toml:1:12: {0} an inline table of several lines{1}\na.toml:1:33: {0} a comma at the end of an inline table{1}")]
    [InlineData("ruleset = [{ scoped = [\"s\\x69gnal\"] }]\n", "a.toml:1:26: {0} the escape '\\x'{1}")]
    public void Strict_compatibility_refuses_what_TOML_1_0_has_not(string text, string findings)
    {
        string Said(string start, string end) =>
            findings.Replace("{0}", start, StringComparison.Ordinal).Replace("{1}", end, StringComparison.Ordinal);

        Assert.Equal(Said("note: TOML 1.0, which landlockconfig reads, has not", "; it refuses the document"), Findings(text));
        Assert.Equal(Said("landlockconfig reads TOML 1.0, which has not", ""),
            Findings(text, options: new PolicyReadOptions { StrictCompatibility = true }));
    }

    [Fact]
    public void The_exception_tells_every_error_and_keeps_the_notes()
    {
        PolicyException error =
            Assert.Throws<PolicyException>(() => PolicyDocument.ReadToml(Encoding.UTF8.GetBytes("abi = 12\nx = 1\ny = 2"), "p.toml"));

        Assert.Equal(
            """
            p.toml:1:1: the document is empty: it needs one of 'variable', 'ruleset', 'path_beneath', 'net_port'
            p.toml:2:1: a document has no key 'x'; did you mean 'abi'?
            p.toml:3:1: a document has no key 'y'; it has abi, variable, ruleset, path_beneath, net_port, landlockps
            """.Replace("; did you mean 'abi'?", "; it has abi, variable, ruleset, path_beneath, net_port, landlockps",
                StringComparison.Ordinal),
            error.Message);
        Assert.Equal(4, error.Findings.Length);
    }

    [Fact]
    public void A_thousand_findings_are_enough()
    {
        string text = $"variable = [{string.Join(",", Enumerable.Repeat("0", 5000))}]";

        PolicyReading reading = PolicyDocument.Check(Encoding.UTF8.GetBytes(text), PolicySyntax.Toml, "a.toml");

        Assert.Equal(1001, reading.Findings.Length);
        Assert.Equal("a.toml:1:2013: there are more than 1000 findings; what else is wrong is not told", reading.Findings[^1].ToString());
    }

    [Fact]
    public void A_table_of_many_keys_knows_each_of_them()
    {
        string keys = string.Concat(Enumerable.Range(0, 50).Select(i => $"k{i} = 1\n"));

        PolicyReading reading = PolicyDocument.Check(Encoding.UTF8.GetBytes($"{keys}k7 = 2\n"), PolicySyntax.Toml, "a.toml");

        Assert.Equal("a.toml:51:1: the key 'k7' is already defined at line 8, column 1", Assert.Single(reading.Findings).ToString());
    }
}
