using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;

namespace Landlock.Tests.Policies;

/// <summary>Checks what must hold of any text that is read as a policy.</summary>
internal sealed class PolicyFuzzer(PolicySyntax syntax, IEnumerable<byte[]> seeds) : Fuzzer(seeds, Pieces)
{
    private static readonly string[] Pieces =
    [
        "[", "]", "{", "}", ",", ":", "=", "\"", "'", "\\", "\\u0000", "\\ud800", "\\udc00", "\\n", "#", "\n", "\r", "\t", " ", "\0", "é",
        "🦊", "true", "null", "-", "0", "1", ".5", "e9",
        "18446744073709551615", "99999999999999999999999999999999999999999", "2147483647", "65536", "$", "${", "${x}", "${x}${x}", "$$",
        "%", "%00", "%ff", "../", "/./",
        "abi", "abi.all", "abi.read_execute", "abi.read_write", "execute", "refer", "truncate", "resolve_unix", "bind_udp", "signal",
        "variable", "ruleset", "path_beneath", "pathBeneath", "net_port",
        "netPort", "landlockps", "quiet", "optional", "allowed_access", "allowedAccess", "parent", "parent_escaped", "port", "\"1-9\"",
        "connect_host", "connectHost", "a.example:80", "[[landlockps.path_beneath]]\n", "[[variable]]\nname = 'x'\nliteral = ['a', 'b']\n",
    ];

    protected override (bool IsDocument, IEnumerable<string> Problems) Try(byte[] input)
    {
        PolicyReading reading = Read(input, strict: false);
        PolicyReading strict = Read(input, strict: true);
        if (syntax == PolicySyntax.Json)
        {
            PolicyOracles.CheckJson(input);
            PolicyOracles.CheckSchema(input, strict);
        }

        return (reading.Document is not null, [.. reading.Findings.Concat(strict.Findings).Select(finding => finding.Message)]);
    }

    private PolicyReading Read(byte[] input, bool strict)
    {
        PolicyReading reading = PolicyDocument.Check(input, syntax, "fuzz", new PolicyReadOptions { StrictCompatibility = strict });
        foreach (PolicyFinding finding in reading.Findings)
        {
            Assert.True(finding.Location is { Source: "fuzz", Line: > 0, Column: > 0 }, finding.ToString());
            Assert.False(finding.Message.Any(char.IsControl), finding.ToString());
        }

        Assert.Equal(reading.Document is null, reading.Findings.Any(finding => finding.Severity == FindingSeverity.Error));
        if (reading.Document is { } document) Check(document);
        return reading;
    }

    private static void Check(PolicyDocument document)
    {
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
            return;
        }

        _ = resolved.ToJson();
        Ruleset ruleset = resolved.Ruleset;
        Assert.Equal((policy.HandledFs, policy.HandledNet, policy.Scopes), (ruleset.HandledFs, ruleset.HandledNet, ruleset.Scopes));
        foreach (PathRule rule in ruleset.PathRules)
            Assert.True((rule.Access & ~ruleset.HandledFs) == 0 && (rule.Access != 0 || rule.Quiet) && !rule.Path.Contains('\0'));
        if (ruleset.IsEmpty) return;
        foreach (PolicySyntax syntax in (PolicySyntax[])[PolicySyntax.Toml, PolicySyntax.Json])
        {
            // Text is text, whatever it says; only the document itself is read as written, whose groups are the reader's.
            PolicyDocument written = PolicyWriter.Export(policy).Document;
            Assert.Equal(ruleset,
                Policy.From(PolicyDocument.Read(PolicyWriter.Write(written, syntax), syntax, "written")).Resolve().Ruleset);
        }
    }
}
