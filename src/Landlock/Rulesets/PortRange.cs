using System.Globalization;

namespace Landlock.Rulesets;

/// <summary>
/// Ports from <see cref="First"/> to <see cref="Last"/>, both included, in host order. Port 0 means "a free port" to bind(2).
/// </summary>
public readonly record struct PortRange : IComparable<PortRange>
{
    /// <summary>Creates a range.</summary>
    /// <exception cref="RulesetException">The first port is above the last.</exception>
    public PortRange(ushort first, ushort last)
    {
        if (first > last)
            throw new RulesetException(RulesetProblem.InvalidPort, $"{first}-{last}",
                $"The port range {first}-{last} runs backwards; write {last}-{first}.");
        First = first;
        Last = last;
    }

    /// <summary>Lowest port.</summary>
    public ushort First { get; }

    /// <summary>Highest port.</summary>
    public ushort Last { get; }

    /// <summary>Number of ports.</summary>
    public int Count => Last - First + 1;

    /// <summary>Whether a port lies in the range.</summary>
    public bool Contains(int port) => port >= First && port <= Last;

    /// <summary>What is left of the range without the ports of another one.</summary>
    internal IEnumerable<PortRange> Without(PortRange other)
    {
        if (First < other.First) yield return new PortRange(First, Math.Min(Last, (ushort)(other.First - 1)));
        if (Last > other.Last) yield return new PortRange(Math.Max(First, (ushort)(other.Last + 1)), Last);
    }

    /// <summary>Parses "443" or "8000-8010".</summary>
    /// <exception cref="RulesetException">The text is no port or range.</exception>
    public static PortRange Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string trimmed = text.Trim();
        int dash = trimmed.IndexOf('-', StringComparison.Ordinal);
        if (dash <= 0)
        {
            ushort port = Port(trimmed, text);
            return new PortRange(port, port);
        }

        return new PortRange(Port(trimmed[..dash].TrimEnd(), text), Port(trimmed[(dash + 1)..].TrimStart(), text));
    }

    /// <summary>Parses ports and ranges separated by commas.</summary>
    /// <exception cref="RulesetException">An item is no port or range.</exception>
    public static IEnumerable<PortRange> ParseList(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(',').Select(Parse);
    }

    /// <inheritdoc/>
    public int CompareTo(PortRange other) => First != other.First ? First.CompareTo(other.First) : Last.CompareTo(other.Last);

    /// <inheritdoc/>
    public override string ToString() => First == Last ? First.ToString(CultureInfo.InvariantCulture) : $"{First}-{Last}";

    private static ushort Port(string digits, string whole)
    {
        if (digits.Length > 0 && digits.All(char.IsAsciiDigit)
            && ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return port;
        }
        throw new RulesetException(RulesetProblem.InvalidPort, whole,
            $"'{PosixText.Printable(whole)}' is no port: expected a number from 0 to 65535, or a range such as 8000-8010.");
    }

    /// <summary>Orders ranges by first port.</summary>
    public static bool operator <(PortRange left, PortRange right) => left.CompareTo(right) < 0;

    /// <summary>Orders ranges by first port.</summary>
    public static bool operator >(PortRange left, PortRange right) => left.CompareTo(right) > 0;

    /// <summary>Orders ranges by first port.</summary>
    public static bool operator <=(PortRange left, PortRange right) => left.CompareTo(right) <= 0;

    /// <summary>Orders ranges by first port.</summary>
    public static bool operator >=(PortRange left, PortRange right) => left.CompareTo(right) >= 0;
}
