using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Landlock.Policies;
using Landlock.Rulesets;

namespace Landlock.Tests.Policies;

/// <summary>
/// Makes documents out of documents and checks what must hold of each. One that finds a new kind of finding, or is valid, may become a seed
/// itself, so what lies deep in the format is found by way of what is before it.
/// </summary>
internal sealed partial class PolicyFuzzer
{
    private const int LongestInput = 1 << 15;
    private const int MostSeeds = 3000;

    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "[", "]", "{", "}", ",", ":", "=", "\"", "'", "\\", "\\u0000", "\\ud800", "\\udc00", "\\n", "#", "\n", "\r", "\t", " ", "\0", "é", "🦊", "true", "null", "-", "0", "1", ".5", "e9",
            "18446744073709551615", "99999999999999999999999999999999999999999", "2147483647", "65536", "$", "${", "${x}", "${x}${x}", "$$", "%", "%00", "%ff", "../", "/./",
            "abi", "abi.all", "abi.read_execute", "abi.read_write", "execute", "refer", "truncate", "resolve_unix", "bind_udp", "signal", "variable", "ruleset", "path_beneath", "pathBeneath", "net_port",
            "netPort", "landlockps", "quiet", "optional", "allowed_access", "allowedAccess", "parent", "parent_escaped", "port", "\"1-9\"", "[[landlockps.path_beneath]]\n", "[[variable]]\nname = 'x'\nliteral = ['a', 'b']\n",
        }.Select(Encoding.UTF8.GetBytes),
        [0xC3], [0xED, 0xA0, 0x80], [0xEF, 0xBB, 0xBF],
    ];

    private readonly Random _random;
    private readonly List<byte[]> _seeds;
    private readonly HashSet<string> _problems = [];

    public PolicyFuzzer(int seed, IEnumerable<byte[]> texts)
    {
        _random = new Random(seed);
        _seeds = [.. texts, []];
    }

    public int Inputs { get; private set; }

    public int Documents { get; private set; }

    public int Problems => _problems.Count;

    /// <summary>The input under test and the time when its test began.</summary>
    public (byte[] Input, long Start) Current { get; private set; } = ([], Stopwatch.GetTimestamp());

    public void Run(TimeSpan duration)
    {
        long end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end) TryOne(Mutate());
    }

    private void TryOne(byte[] input)
    {
        Current = (input, Stopwatch.GetTimestamp());
        Inputs++;
        bool worthy = false;
        foreach (PolicySyntax syntax in (PolicySyntax[])[PolicySyntax.Toml, PolicySyntax.Json])
        {
            foreach (bool strict in (bool[])[false, true])
            {
                PolicyReading reading = PolicyDocument.Check(input, syntax, "fuzz", new PolicyReadOptions { StrictCompatibility = strict });
                worthy |= Check(reading);
                if (syntax == PolicySyntax.Json && strict) PolicyFuzzTests.CheckSchema(input, reading);
            }
        }

        PolicyFuzzTests.CheckJson(input);

        if (!worthy || input.Length > LongestInput / 8) return;
        if (_seeds.Count < MostSeeds) _seeds.Add(input);
        else _seeds[_random.Next(_seeds.Count)] = input;
    }

    private bool Check(PolicyReading reading)
    {
        bool worthy = false;
        foreach (PolicyFinding finding in reading.Findings)
        {
            Assert.True(finding.Location is { Source: "fuzz", Line: > 0, Column: > 0 }, finding.ToString());
            Assert.False(finding.Message.Any(char.IsControl), finding.ToString());
            worthy |= _problems.Add(Variable().Replace(finding.Message, ""));
        }

        Assert.Equal(reading.Document is null, reading.Findings.Any(finding => finding.Severity == FindingSeverity.Error));
        if (reading.Document is not { } document) return worthy;
        Documents++;
        Policy policy = Policy.From(document);
        Assert.Equal(policy, policy.Compose(policy));
        ResolvedPolicy resolved;
        try
        {
            resolved = policy.Resolve();
        }
        catch (PolicyException e)
        {
            Assert.NotEmpty(e.Findings);
            return worthy || _random.Next(50) == 0;
        }

        _ = resolved.ToJson();
        Ruleset ruleset = resolved.Ruleset;
        Assert.Equal((policy.HandledFs, policy.HandledNet, policy.Scopes), (ruleset.HandledFs, ruleset.HandledNet, ruleset.Scopes));
        foreach (PathRule rule in ruleset.PathRules) Assert.True((rule.Access & ~ruleset.HandledFs) == 0 && (rule.Access != 0 || rule.Quiet) && !rule.Path.Contains('\0'));
        if (!ruleset.IsEmpty)
        {
            foreach (PolicySyntax syntax in (PolicySyntax[])[PolicySyntax.Toml, PolicySyntax.Json])
            {
                // Text is text, whatever it says; only the document itself is read as written, whose groups are the reader's.
                PolicyDocument written = PolicyWriter.Export(policy).Document;
                Assert.Equal(ruleset, Policy.From(PolicyDocument.Read(PolicyWriter.Write(written, syntax), syntax, "written")).Resolve().Ruleset);
            }
        }

        return worthy || _random.Next(50) == 0;
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
        return _random.Next(9) switch
        {
            0 or 1 => [.. text[..start], .. Any(Pieces), .. text[start..]],
            2 => [.. text[..start], .. Any(Pieces), .. text[end..]],
            3 => [.. text[..start], .. text[end..]],
            4 => [.. text[..start], .. text[otherStart..otherEnd], .. text[start..]],
            5 => [.. text[..start], .. text[otherStart..otherEnd], .. text[end..]],
            6 => [.. text[..start], .. Repeat(text[start..end]), .. text[end..]],
            7 => [.. text, (byte)'\n', .. other],
            _ => [.. text[..start], .. other[Math.Min(otherStart, other.Length)..]],
        };
    }

    private byte[] Repeat(byte[] part)
    {
        int times = _random.Next(8) == 0 ? 300 : 3;
        return [.. Enumerable.Repeat(part, Math.Min(times, LongestInput / (part.Length + 1))).SelectMany(bytes => bytes)];
    }

    private (int Start, int End) Range(byte[] text)
    {
        int start = _random.Next(text.Length + 1);
        int length = _random.Next(4) == 0 ? text.Length : 12;
        return (start, start + _random.Next(Math.Min(length, text.Length - start) + 1));
    }

    private T Any<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    [GeneratedRegex("""'[^']*'|"[^"]*"|[0-9]+|U\+[0-9A-F]+|\\u[0-9a-f]{4}""")]
    private static partial Regex Variable();
}
