using System.Collections.Immutable;
using System.Globalization;

namespace Landlock.Rulesets;

/// <summary>
/// A host that a command may connect to by TCP, and the ports there: <c>api.example.com:443</c>, <c>*.pkg.example</c>,
/// <c>10.0.0.0/8:5432</c>, <c>[2001:db8::]/32:443</c>. Landlock knows ports alone; a supervisor keeps hosts (docs/hosts.md).
/// </summary>
public sealed record HostRule : IComparable<HostRule>
{
    /// <summary>The name of this machine.</summary>
    internal const string LocalName = "localhost";

    private const ushort DefaultPort = 443;

    private HostRule(PortRange port) => Port = port;

    /// <summary>The name, in ASCII and lower case; of a pattern what follows the star, ".pkg.example"; null for addresses.</summary>
    public string? Name { get; private init; }

    /// <summary>Whether it is for the names beneath <see cref="Name"/>, of one more label or several.</summary>
    public bool IsWildcard { get; private init; }

    /// <summary>The ports.</summary>
    public PortRange Port { get; }

    /// <summary>The addresses; null for names.</summary>
    internal HostNetwork? Network { get; private init; }

    /// <summary>The host without its ports.</summary>
    public string Host => Network is { } network ? network.ToString() : IsWildcard ? $"*{Name}" : Name!;

    /// <summary>Reads a rule. Without ports it is for port 443.</summary>
    /// <exception cref="RulesetException">It is none; the message says what to write.</exception>
    public static HostRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        (string host, string? ports) = Split(text.Trim(), text);
        PortRange port = new(DefaultPort, DefaultPort);
        if (ports is not null)
        {
            try
            {
                port = PortRange.Parse(ports);
            }
            catch (RulesetException exception)
            {
                throw Wrong(text, $"what follows the last ':' is no port: {exception.Message.TrimEnd('.')}");
            }

            if (port.First == 0) throw Wrong(text, "port 0 is none that can be connected to");
        }

        if (IsAddress(host)) return new HostRule(port) { Network = ReadNetwork(host, text) };
        bool isWildcard = host.StartsWith("*.", StringComparison.Ordinal);
        if (host == "*") throw Wrong(text, "'*' alone is every host; leave it out and allow the port with connect_tcp (-ConnectTcp)");
        string name = HostName.Normalize(isWildcard ? host[2..] : host, out string reason)
            ?? throw Wrong(text, host.Contains('*', StringComparison.Ordinal) && !isWildcard
                ? "'*' stands for whole parts at the beginning of a name only: *.example.org" : reason);
        return new HostRule(port) { Name = isWildcard ? $".{name}" : name, IsWildcard = isWildcard };
    }

    /// <summary>Reads a rule; null if it is none.</summary>
    internal static HostRule? Find(string text)
    {
        try
        {
            return Parse(text);
        }
        catch (RulesetException)
        {
            return null;
        }
    }

    /// <summary>Reads rules separated by commas.</summary>
    /// <exception cref="RulesetException">One is none.</exception>
    public static IEnumerable<HostRule> ParseList(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(',').Select(Parse);
    }

    /// <summary>The same for other ports.</summary>
    internal HostRule At(PortRange port) => new(port) { Name = Name, IsWildcard = IsWildcard, Network = Network };

    /// <summary>Whether it is for this machine.</summary>
    internal bool IsHere => Network is { First.IsLoopback: true } || Name == LocalName;

    /// <summary>Whether it allows a name, at some port.</summary>
    internal bool AllowsName(string name) => Name is not null && (IsWildcard ? HostName.IsBeneath(name, Name) : Name == name);

    /// <summary>Whether all that the other one allows is allowed by this one.</summary>
    internal bool Contains(HostRule other)
    {
        if (Port.First > other.Port.First || Port.Last < other.Port.Last) return false;
        if (Network is { } mine) return other.Network is { } others && mine.Contains(others);
        if (other.Name is null) return false;
        return other.IsWildcard ? IsWildcard && (other.Name == Name || HostName.IsBeneath(other.Name, Name!)) : AllowsName(other.Name);
    }

    /// <summary>Rules in order, each once, without those that another one contains.</summary>
    internal static ImmutableArray<HostRule> Canonical(IEnumerable<HostRule> rules)
    {
        HostRule[] all = [.. rules.Distinct().Order()];
        return [.. all.Where(rule => !all.Any(other => other != rule && other.Contains(rule)))];
    }

    /// <inheritdoc/>
    public int CompareTo(HostRule? other)
    {
        if (other is null) return 1;
        int order = string.CompareOrdinal(Name, other.Name);
        if (order == 0) order = Nullable.Compare(Network?.First, other.Network?.First);
        if (order == 0) order = Nullable.Compare(Network?.Prefix, other.Network?.Prefix);
        if (order == 0) order = IsWildcard.CompareTo(other.IsWildcard);
        return order != 0 ? order : Port.First != other.Port.First ? Port.CompareTo(other.Port) : Port.Last.CompareTo(other.Port.Last);
    }

    /// <summary>The rule in its one form, with its ports.</summary>
    public override string ToString() => $"{Host}:{Port}";

    /// <summary>Orders rules by host, then by port.</summary>
    public static bool operator <(HostRule left, HostRule right) => Comparer<HostRule>.Default.Compare(left, right) < 0;

    /// <summary>Orders rules by host, then by port.</summary>
    public static bool operator >(HostRule left, HostRule right) => right < left;

    /// <summary>Orders rules by host, then by port.</summary>
    public static bool operator <=(HostRule left, HostRule right) => !(right < left);

    /// <summary>Orders rules by host, then by port.</summary>
    public static bool operator >=(HostRule left, HostRule right) => !(left < right);

    // The host, and what follows the colon behind it.
    private static (string Host, string? Ports) Split(string text, string whole)
    {
        if (text.Length == 0) throw Wrong(whole, "it is empty");
        if (text[0] == '[')
        {
            int end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0) throw Wrong(whole, "']' is missing");
            string inside = text[1..end], behind = text[(end + 1)..];
            int ports = behind.IndexOf(':', StringComparison.Ordinal);
            string length = ports < 0 ? behind : behind[..ports];
            if (length.Length > 0 && length[0] != '/') throw Wrong(whole, "only '/' and ':' follow ']'");
            if (!inside.Contains(':', StringComparison.Ordinal)) throw Wrong(whole, "only addresses of IPv6 stand in brackets");
            return (inside + length, ports < 0 ? null : behind[(ports + 1)..]);
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return (text, null);
        if (text.IndexOf("://", StringComparison.Ordinal) == colon) throw Wrong(whole, "it is an address of a page; write its host");
        if (text.LastIndexOf(':') != colon) throw Wrong(whole, "an address of IPv6 stands in brackets: [2001:db8::1]:443");
        return (text[..colon], text[(colon + 1)..]);
    }

    private static bool IsAddress(string host) =>
        host.IndexOfAny([':', '/']) >= 0 || HostAddress.TryParse(host) is not null;

    private static HostNetwork ReadNetwork(string host, string whole)
    {
        int slash = host.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? host : host[..slash];
        HostAddress address = HostAddress.TryParse(first) ?? throw Wrong(whole, slash < 0
            ? "it is no address" : $"'{PosixText.Printable(first)}' is no address; names have no '/'");
        bool isV4 = !first.Contains(':', StringComparison.Ordinal);
        int most = isV4 ? HostAddress.Bits - HostAddress.MappedBits : HostAddress.Bits, bits = most;
        string length = slash < 0 ? "" : host[(slash + 1)..];
        if (slash >= 0 && (!int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out bits) || bits > most))
            throw Wrong(whole, $"what follows '/' is a number from 0 to {most}");
        HostNetwork network = new(address, isV4 ? bits + HostAddress.MappedBits : bits);
        if (!network.IsExact) throw Wrong(whole, $"its address has bits beyond the first {bits}; write {network.Rounded}");
        if (slash < 0 && address != address.Destination) throw Wrong(whole, $"it is this machine; write {address.Destination}");
        return network;
    }

    private static RulesetException Wrong(string text, string reason) => new(RulesetProblem.InvalidHost, text,
        $"'{PosixText.Printable(text)}' is no host: {reason}. Write NAME:PORT, *.NAME:PORT, ADDRESS:PORT or ADDRESS/BITS:PORT; "
            + "without PORT it is 443.");
}
