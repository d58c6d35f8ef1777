using Landlock.Tests.Policies;

namespace Landlock.Tests.Documents.Toml;

/// <summary>Checks <see cref="TomlProperties"/> on any text.</summary>
internal sealed class TomlFuzzer(IEnumerable<byte[]> seeds) : Fuzzer(seeds, Pieces)
{
    private static readonly string[] Pieces =
    [
        "[", "]", "[[", "]]", "{", "}", ",", ".", "=", "\"", "'", "\"\"\"", "'''", "\\", "\\u", "\\U0010FFFF", "\\n", "#", "\n", "\r\n", "\r", "\t", " ",
        "\0", "\u007f", "\uFEFF", "é", "🦊", "\u2028", "true", "false", "inf", "nan", "+", "-", "_", "0", "1", "9", "e", "0x", "0o", "0b", "9223372036854775807",
        "1e308", "1987-07-05", "T", "Z", ":", "17:45:00", "+23:59", "a", "a.b", "[a]\n", "[a.b]\n", "[[a]]\n", "[[a.b]]\n", "a = 1\n", "a.b = {}\n", "a = {b.c = 1}",
        "[1, [2]]", "{x = '', y = \"\"}",
    ];

    protected override (bool IsDocument, IEnumerable<string> Problems) Try(byte[] input) =>
        TomlProperties.Check(input) is { } problem ? (false, [problem]) : (true, []);
}
