using System.Text;
using Landlock.Documents.Reading;
using Landlock.Documents.Writing;
using Landlock.Tests.Policies;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Landlock.Tests.Documents.Toml;

/// <summary>Checks what must hold of any text: it is read or properly refused, as Tomlyn's syntax tree does, and can be added to.</summary>
internal sealed class TomlFuzzer(IEnumerable<byte[]> seeds) : Fuzzer(seeds, Pieces)
{
    private static readonly string[] Pieces =
    [
        "[", "]", "[[", "]]", "{", "}", ",", ".", "=", "\"", "'", "\"\"\"", "'''", "\\", "\\u", "\\U0010FFFF", "\\n", "\\e", "\\x41", "#",
        "\n", "\r\n",
        "\r", "\t", " ", "\0", "\u007f", "\uFEFF", "\uFFFD", "é", "🦊", "\u2028", "true", "false", "inf", "nan", "+", "-", "_", "0", "1",
        "9", "e", "0x",
        "0o", "0b", "9223372036854775807", "9223372036854775808", "1e308", "1987-07-05", "T", "Z", ":", "17:45:00", "17:45",
        "+23:59", "a", "a.b",
        "[a]\n", "[a.b]\n", "[[a]]\n", "[[a.b]]\n", "a = 1\n", "a.b = {}\n", "a = {b.c = 1}", "[1, [2]]", "{x = '', y = \"\"}",
        "{\n a = 1,\n}",
    ];

    protected override (bool IsDocument, IEnumerable<string> Problems) Try(byte[] input) =>
        Check(input) is { } problem ? (false, [problem]) : (true, []);

    /// <summary>Reads a text, and fails unless it is a document or a proper error.</summary>
    /// <returns>The problem of a text that is no document.</returns>
    public static string? Check(byte[] text)
    {
        try
        {
            TomlSource.Read(text);
        }
        catch (SourceException error)
        {
            Assert.InRange(error.Position.Line, 1, 1 + text.Count(b => b == '\n'));
            Assert.InRange(error.Position.Column, 1, text.Length + 1);
            Assert.InRange(error.Problem.Length, 1, 2000);
            Assert.DoesNotContain(error.Problem, char.IsControl);
            return error.Problem;
        }

        // The tree knows the rules of tables by itself. The replacement character is refused by Tomlyn alone.
        string document = Encoding.UTF8.GetString(SourceBytes.WithoutMark(text));
        if (!document.Contains('\uFFFD'))
        {
            DocumentSyntax syntax = SyntaxParser.Parse(document, "fuzz");
            Assert.False(syntax.HasErrors, string.Join('\n', syntax.Diagnostics));
        }

        CheckAppend(text);
        return null;
    }

    private static void CheckAppend(byte[] text)
    {
        byte[] longer =
            TomlAppend.To(text, output => output.Tables("no-such-key", ["/tmp", "a\n[b]"], path => output.Texts("parent", [path])));

        Assert.True(longer.AsSpan().StartsWith(text), "The old text was changed.");
    }
}
