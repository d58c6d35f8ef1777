using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Landlock.Tests.Policies.Toml;

/// <summary>
/// Makes texts out of texts and checks <see cref="TomlProperties"/> on each. A text that finds a new kind of error, or is a
/// document, may become a seed itself, so errors deep in a grammar are found by way of those before them.
/// </summary>
internal sealed partial class TomlFuzzer
{
    private const int LongestInput = 1 << 16;
    private const int MostSeeds = 5000;

    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "[", "]", "[[", "]]", "{", "}", ",", ".", "=", "\"", "'", "\"\"\"", "'''", "\\", "\\u", "\\U0010FFFF", "\\n", "#", "\n", "\r\n", "\r", "\t", " ",
            "\0", "\u007f", "\uFEFF", "é", "🦊", "\u2028", "true", "false", "inf", "nan", "+", "-", "_", "0", "1", "9", "e", "0x", "0o", "0b", "9223372036854775807",
            "1e308", "1987-07-05", "T", "Z", ":", "17:45:00", "+23:59", "a", "a.b", "[a]\n", "[a.b]\n", "[[a]]\n", "[[a.b]]\n", "a = 1\n", "a.b = {}\n", "a = {b.c = 1}",
            "[1, [2]]", "{x = '', y = \"\"}",
        }.Select(Encoding.UTF8.GetBytes),
        [0xC3], [0xED, 0xA0, 0x80], [0xFF, 0xFE],
    ];

    private readonly Random _random;
    private readonly List<byte[]> _seeds;
    private readonly HashSet<string> _problems = [];

    public TomlFuzzer(int seed, IEnumerable<byte[]> texts)
    {
        _random = new Random(seed);
        _seeds = [.. texts, []];
    }

    public int Inputs { get; private set; }

    public int Documents { get; private set; }

    /// <summary>The kinds of errors that were seen: their messages without what they quote and count.</summary>
    public int Problems => _problems.Count;

    /// <summary>The input under test and the time when its test began, for whoever watches.</summary>
    public Attempt Current { get; private set; } = new([], Stopwatch.GetTimestamp());

    public void Run(TimeSpan duration)
    {
        long end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end) TryOne(Mutate());
    }

    private void TryOne(byte[] input)
    {
        Current = new Attempt(input, Stopwatch.GetTimestamp());
        string? problem = TomlProperties.Check(input);
        Inputs++;
        if (problem is null) Documents++;
        bool worthy = problem is null ? _random.Next(50) == 0 : _problems.Add(Variable().Replace(problem, ""));
        if (!worthy || input.Length > LongestInput / 8) return;
        if (_seeds.Count < MostSeeds) _seeds.Add(input);
        else _seeds[_random.Next(_seeds.Count)] = input;
    }

    private byte[] Mutate()
    {
        byte[] text = Any(_seeds);
        for (int count = 1 + _random.Next(4); count > 0; count--) text = Change(text);
        return text.Length <= LongestInput ? text : text[..LongestInput];
    }

    private byte[] Change(byte[] text)
    {
        (int start, int end) = Range(text);
        (int otherStart, int otherEnd) = Range(text);
        byte[] other = Any(_seeds);
        return _random.Next(10) switch
        {
            0 => [.. text[..start], Any(Pieces)[0], .. text[Math.Min(start + 1, text.Length)..]],
            1 => [.. text[..start], .. Any(Pieces), .. text[start..]],
            2 => [.. text[..start], .. Any(Pieces), .. text[end..]],
            3 => [.. text[..start], .. text[end..]],
            4 => [.. text[..start], .. text[otherStart..otherEnd], .. text[start..]],
            5 => [.. text[..start], .. text[otherStart..otherEnd], .. text[end..]],
            6 => [.. text[..start], .. Repeat(text[start..end]), .. text[end..]],
            7 => [.. text, (byte)'\n', .. other],
            8 => [.. text[..start], .. other[Math.Min(otherStart, other.Length)..]],
            _ => Flip(text, start),
        };
    }

    private byte[] Flip(byte[] text, int at)
    {
        if (at == text.Length) return text;
        byte[] flipped = [.. text];
        flipped[at] ^= (byte)(1 << _random.Next(8));
        return flipped;
    }

    private byte[] Repeat(byte[] part)
    {
        int times = _random.Next(8) == 0 ? 1000 : 3;
        return [.. Enumerable.Repeat(part, Math.Min(times, LongestInput / (part.Length + 1))).SelectMany(bytes => bytes)];
    }

    private (int Start, int End) Range(byte[] text)
    {
        int start = _random.Next(text.Length + 1);
        int length = _random.Next(4) == 0 ? text.Length : 12;
        return (start, start + _random.Next(Math.Min(length, text.Length - start) + 1));
    }

    private T Any<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    internal sealed record Attempt(byte[] Input, long Start);

    [GeneratedRegex("""'[^']*'|"[^"]*"|[0-9]+|U\+[0-9A-F]+""")]
    private static partial Regex Variable();
}
