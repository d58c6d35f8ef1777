using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Landlock.Tests.Policies;

/// <summary>
/// Makes texts out of texts, for whoever derives from it to check. A text that finds a new kind of problem, or is a document, may become a
/// seed itself, so what lies deep in a format is found by way of what is before it.
/// </summary>
/// <remarks>Everyday a run takes two seconds; LANDLOCKPS_SOAK=1 makes it LANDLOCKPS_SOAK_SECONDS (600 without it).</remarks>
internal abstract partial class Fuzzer
{
    private const int LongestInput = 1 << 15;
    private const int MostSeeds = 4000;

    // There are some hundreds; with more, texts of one kind that quote differently would crowd out the documents.
    private const int MostProblems = 2000;
    private static readonly TimeSpan LongestPerInput = TimeSpan.FromMinutes(2);

    private readonly int _seed = Random.Shared.Next();
    private readonly Random _random;
    private readonly List<byte[]> _seeds;
    private readonly byte[][] _pieces;
    private readonly HashSet<string> _problems = [];

    private int _inputs;
    private int _documents;
    private Attempt _current = new([], Stopwatch.GetTimestamp());

    /// <param name="seeds">Texts to begin with.</param>
    /// <param name="pieces">What the format is made of.</param>
    protected Fuzzer(IEnumerable<byte[]> seeds, IEnumerable<string> pieces)
    {
        _random = new Random(_seed);
        _seeds = [.. seeds, []];
        _pieces = [.. pieces.Select(Encoding.UTF8.GetBytes), [0xC3], [0xED, 0xA0, 0x80], [0xFF, 0xFE], [0xEF, 0xBB, 0xBF]];
    }

    /// <summary>Checks what must hold of any input.</summary>
    /// <returns>Whether it is a document, and the problems that were found in it.</returns>
    protected abstract (bool IsDocument, IEnumerable<string> Problems) Try(byte[] input);

    /// <summary>Runs, and fails with the input that failed.</summary>
    public void Run(ITestOutputHelper output)
    {
        Exception? failure = null;
        Thread worker = new(() => failure = Record.Exception(TryAll)) { IsBackground = true };
        worker.Start();
        while (!worker.Join(TimeSpan.FromMilliseconds(100)))
        {
            Attempt attempt = _current;
            if (Stopwatch.GetElapsedTime(attempt.Start) > LongestPerInput)
                Assert.Fail($"seed {_seed}: an input takes longer than {LongestPerInput}: {Convert.ToBase64String(attempt.Input)}");
        }

        string summary = $"{_inputs} inputs, {_documents} of them documents, {_problems.Count} kinds of problems (seed {_seed})";
        output.WriteLine(summary);
        Assert.True(failure is null, $"after {summary}: {Convert.ToBase64String(_current.Input)}\n{failure}");
        Assert.True(_inputs > 100, summary);
    }

    private void TryAll()
    {
        long end = Stopwatch.GetTimestamp() + (long)(Duration().TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end) TryOne(Mutate());
    }

    private static TimeSpan Duration()
    {
        if (Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") != "1") return TimeSpan.FromSeconds(2);
        string? seconds = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK_SECONDS");
        return TimeSpan.FromSeconds(string.IsNullOrEmpty(seconds) ? 600 : double.Parse(seconds, CultureInfo.InvariantCulture));
    }

    private void TryOne(byte[] input)
    {
        _current = new Attempt(input, Stopwatch.GetTimestamp());
        (bool isDocument, IEnumerable<string> problems) = Try(input);
        _inputs++;
        if (isDocument) _documents++;
        bool worthy = isDocument && _random.Next(50) == 0;
        // What a message quotes and counts does not make it another kind.
        foreach (string problem in problems) worthy |= _problems.Count < MostProblems && _problems.Add(Variable().Replace(problem, ""));
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
            0 => [.. text[..start], Any(_pieces)[0], .. text[Math.Min(start + 1, text.Length)..]],
            1 => [.. text[..start], .. Any(_pieces), .. text[start..]],
            2 => [.. text[..start], .. Any(_pieces), .. text[end..]],
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

    private sealed record Attempt(byte[] Input, long Start);

    [GeneratedRegex("""'.*'|".*"|\[.*\]|[0-9]+|U\+[0-9A-F]+|\\u[0-9a-f]{4}|['"].*""")]
    private static partial Regex Variable();
}
