using System.Globalization;

namespace Landlock.Rulesets;

/// <summary>Addresses that begin with the same bits: one address, or a network (10.0.0.0/8).</summary>
/// <param name="First">The first address.</param>
/// <param name="Prefix">How many bits are the same, of 128.</param>
internal readonly record struct HostNetwork(HostAddress First, int Prefix)
{
    /// <summary>The mask of the bits that are the same.</summary>
    private UInt128 Mask => Prefix == 0 ? 0 : UInt128.MaxValue << (HostAddress.Bits - Prefix);

    /// <summary>Whether it begins at its own first address.</summary>
    public bool IsExact => (First.Value & ~Mask) == 0;

    /// <summary>The network that the address is in.</summary>
    public HostNetwork Rounded => this with { First = new HostAddress(First.Value & Mask) };

    /// <summary>The two networks that it consists of; a single address has none.</summary>
    public HostNetwork[] Halves => Prefix == HostAddress.Bits ? []
        : [new(First, Prefix + 1), new(new HostAddress(First.Value | (UInt128.One << (HostAddress.Bits - 1 - Prefix))), Prefix + 1)];

    /// <summary>
    /// Whether an address is in it. One of the other family never is, and this machine's own only where the network holds nothing else.
    /// </summary>
    public bool Contains(HostAddress address) =>
        (address.Value & Mask) == First.Value && address.IsV4 == IsV4 && (!address.IsLoopback || IsLoopback);

    /// <summary>Whether the other one has no address that this one lacks.</summary>
    public bool Contains(HostNetwork other) => other.Prefix >= Prefix && Contains(other.First);

    private bool IsV4 => Prefix >= HostAddress.MappedBits && First.IsV4;

    private bool IsLoopback => First.IsLoopback && (IsV4 ? Prefix >= HostAddress.MappedBits + 8 : Prefix == HostAddress.Bits);

    /// <inheritdoc/>
    public override string ToString()
    {
        int bits = IsV4 ? Prefix - HostAddress.MappedBits : Prefix;
        string length = Prefix == HostAddress.Bits ? "" : string.Create(CultureInfo.InvariantCulture, $"/{bits}");
        return IsV4 ? $"{First}{length}" : $"[{First}]{length}";
    }
}
