using System.Collections.Immutable;
using System.Globalization;
using Landlock.Documents.Reading;
using Landlock.Rulesets;

namespace Landlock.Policies.Converting;

/// <summary>The domains of an agent's sandbox as hosts, and as ports where a domain is every host.</summary>
/// <param name="settings">What they are read from.</param>
/// <param name="tool">The tool's name.</param>
internal sealed class AgentDomains(SettingsText settings, string tool)
{
    private const string Everywhere = "*";

    // What a web address means without a port.
    private static readonly PortRange[] WebPorts = [new(80, 80), new(443, 443)];

    private static readonly PortRange[] AllPorts = [new(1, ushort.MaxValue)];

    private readonly List<HostRule> _allowed = [], _denied = [];
    private readonly List<PortRange> _open = [], _closed = [];

    /// <summary>Whether a domain is allowed.</summary>
    private bool IsUsed => _allowed.Count + _open.Count > 0;

    public void Allow(string domain, SourcePosition at) => Add(domain, at, WebPorts, _allowed, _open);

    public void Deny(string domain, SourcePosition at) => Add(domain, at, AllPorts, _denied, _closed);

    /// <summary>The hosts that can be reached, and the ports that every host can be reached on.</summary>
    /// <param name="proxies">Ports of proxies on this machine that stand for the domains.</param>
    /// <param name="notes">Takes what the tool does differently.</param>
    public (ImmutableArray<HostRule> Hosts, ImmutableArray<PortRange> Ports) Rules(IReadOnlyCollection<ushort> proxies, List<string> notes)
    {
        if (!IsUsed) return ([], []);
        if (proxies.Count > 0)
        {
            HostRule here = HostRule.Parse(HostRule.LocalName);
            ImmutableArray<HostRule> proxy = HostRule.Canonical(proxies.Select(port => here.At(new PortRange(port, port))));
            notes.Add($"network: the ruleset allows {string.Join(", ", proxy)} only, for the proxy that holds the domains; the command has "
                + $"to be told of it (HTTPS_PROXY), which {tool} does by itself");
            return (proxy, []);
        }

        PortRange[] open = [.. _open.Distinct().Where(port => !IsWithin(port, _closed))];
        ImmutableArray<HostRule> hosts = HostRule.Canonical(_allowed.Where(rule => !IsWithin(rule.Port, _closed)
            && !IsWithin(rule.Port, open) && !_denied.Any(denied => denied.Contains(rule))));
        HostRule[] inside = [.. _denied.Where(denied => Array.Exists(open, port => Meets(denied.Port, port))
            || hosts.Any(rule => Meets(denied.Port, rule.Port) && rule.At(denied.Port).Contains(denied)))];
        if (inside.Length > 0)
            notes.Add($"network.deniedDomains: {PosixText.Some([.. inside.Select(rule => rule.Host).Distinct()], 5)}: a ruleset cannot "
                + $"take a host out of those that are allowed, so it can be reached, which is looser than {tool}");
        if (hosts.IsEmpty && open.Length > 0)
            notes.Add($"network.allowedDomains: {tool} looks up names outside the sandbox; here the command has to, which needs the preset "
                + "WebClient or a rule for UDP port 53");
        return (hosts, [.. open]);
    }

    private void Add(string text, SourcePosition at, PortRange[] otherwise, List<HostRule> hosts, List<PortRange> everywhere)
    {
        (string host, ushort? port) = Split(text, at);
        PortRange[] ports = port is { } one ? [new PortRange(one, one)] : otherwise;
        if (host == Everywhere)
        {
            everywhere.AddRange(ports);
            return;
        }

        try
        {
            HostRule rule = HostRule.Parse(host);
            hosts.AddRange(ports.Select(rule.At));
        }
        catch (RulesetException e)
        {
            throw settings.Error(at, e.Message.TrimEnd('.'));
        }
    }

    private (string Host, ushort? Port) Split(string text, SourcePosition at)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']')) return (text, null);
        string digits = text[(colon + 1)..];
        return digits.All(char.IsAsciiDigit) && ushort.TryParse(digits, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? (text[..colon], port)
            : throw settings.Error(at, $"'{PosixText.Printable(text)}' is no domain, and no domain with a port");
    }

    private static bool IsWithin(PortRange port, IEnumerable<PortRange> ranges) =>
        ranges.Any(range => range.First <= port.First && range.Last >= port.Last);

    private static bool Meets(PortRange one, PortRange other) => one.First <= other.Last && other.First <= one.Last;
}
