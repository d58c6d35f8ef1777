using System.Net;

namespace Landlock.Tests.Hosts;

/// <summary>
/// Rules for hosts, and an understanding of them that owes nothing to what is tested: what may have left the machine under them.
/// </summary>
/// <param name="Lists">NAME:PORT, *.NAME:PORT or NETWORK:PORT, each, or several with commas.</param>
internal sealed record HostRules(params string[] Lists)
{
    /// <summary>What most tests use.</summary>
    public static HostRules Usual { get; } = new("api.example.com:80", "api.example.com:443", "*.pkg.example:80", "*.pkg.example:443",
        "inhosts.example.org:80", "10.9.0.2:82", "10.9.200.0/24:80");

    /// <summary>Whether the floods to 10.9.0.2, port 82, may have kept the wire's watch from seeing all.</summary>
    public bool Floods { get; init; }

    /// <summary>What the sandbox is besides.</summary>
    public string[] Sandbox { get; init; } = ["--unrestricted", "fs"];

    /// <summary>More options of the sandbox.</summary>
    public string[] More { get; init; } = [];

    /// <summary>The name servers that the machine has.</summary>
    public string[] NameServers { get; init; } = ["10.9.0.53", "fd00:9::53"];

    /// <summary>The options of the sandbox.</summary>
    public string[] Options => [.. Sandbox, .. Lists.SelectMany(rule => (string[])["--connect-host", rule]), .. More];

    /// <summary>Nothing left the machine but what these rules allow.</summary>
    public void Check(HostRun run)
    {
        string[] wrong = [.. run.Log.Where(line => !Allows(line.Split(' '), run.Log))];
        Assert.True(wrong.Length == 0, $"this got out:\n{string.Join('\n', wrong.Take(20))}\n{run}");
    }

    private bool Allows(string[] line, string[] log) => line switch
    {
        ["question", var name, var type, _, var oddity] => type is "1" or "28" && oddity == "0" && Rules.Any(rule => IsFor(rule, name)),
        ["answer", ..] => true,
        ["wire", "udp" or "tcp", var server, "53"] when NameServers.Contains(server) => true,
        ["wire", "tcp", var address, var port] => Rules.Any(rule => Reaches(rule, address, log) && IsAt(rule, int.Parse(port))),
        ["wire", "lost", _] => Floods,
        _ => false,
    };

    private static bool Reaches(string rule, string address, string[] log)
    {
        string host = Host(rule);
        if (IPNetwork.TryParse(host, out IPNetwork network)) return network.Contains(IPAddress.Parse(address));
        if (IPAddress.TryParse(host, out IPAddress? one)) return one.Equals(IPAddress.Parse(address));
        if (host == "inhosts.example.org") return address == Zone.Packages;
        return log.Any(line => line.Split(' ') is ["answer", var name, var answer] && answer == address && IsFor(rule, name));
    }

    private static bool IsFor(string rule, string name) => Host(rule) is var host && host.StartsWith("*.", StringComparison.Ordinal)
        ? name.EndsWith(host[1..], StringComparison.Ordinal) : name == host;

    private IEnumerable<string> Rules => Lists.SelectMany(list => list.Split(','));

    private static string Host(string rule) => rule[..Colon(rule)].Replace("[", "", StringComparison.Ordinal)
        .Replace("]", "", StringComparison.Ordinal);

    private static bool IsAt(string rule, int port)
    {
        int[] ends = Colon(rule) == rule.Length ? [443] : [.. rule[(Colon(rule) + 1)..].Split('-').Select(int.Parse)];
        return port >= ends[0] && port <= ends[^1];
    }

    // Where the ports begin: behind brackets or a name.
    private static int Colon(string rule) =>
        rule.IndexOf(':', Math.Max(0, rule.IndexOf(']', StringComparison.Ordinal))) is >= 0 and var colon ? colon : rule.Length;
}
