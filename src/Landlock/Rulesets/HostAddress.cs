using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Landlock.Rulesets;

/// <summary>
/// An address of IPv4 or IPv6, in one form whatever its spelling: an IPv4 address is kept as IPv6 maps it (::ffff:a.b.c.d, RFC 4291).
/// </summary>
internal readonly record struct HostAddress(UInt128 Value) : IComparable<HostAddress>
{
    /// <summary>Bits of an address.</summary>
    public const int Bits = 128;

    /// <summary>Bits before the IPv4 address.</summary>
    public const int MappedBits = 96;

    private const ulong MappedPrefix = 0xFFFF_0000_0000; // the lower half of ::ffff:0:0/96

    /// <summary>Whether it is one of IPv4.</summary>
    public bool IsV4 => Value >> 32 == MappedPrefix >> 32;

    /// <summary>Whether it is this machine itself (127.0.0.0/8, ::1).</summary>
    public bool IsLoopback => IsV4 ? (uint)Value >> 24 == 127 : Value == UInt128.One;

    /// <summary>
    /// Whether a name that points to it may open it. An address of this machine, of the link (where clouds keep their metadata), of nobody
    /// or of many takes a rule with the address: whoever owns a name decides where it points (DNS rebinding).
    /// </summary>
    public bool IsFarAway => IsV4
        ? (uint)Value is var v4 && (v4 >> 24) is not (0 or 127 or >= 224) && v4 >> 16 != 0xA9FE
        : Value > UInt128.One && Value >> 118 != 0xFE80 >> 6 && Value >> 120 != 0xFF;

    /// <summary>The address of IPv4.</summary>
    public static HostAddress V4(uint address) => new(MappedPrefix | address);

    /// <summary>From its bytes in network order, 4 or 16.</summary>
    public static HostAddress Of(ReadOnlySpan<byte> bytes) => bytes.Length == 4
        ? V4(BinaryPrimitives.ReadUInt32BigEndian(bytes)) : new HostAddress(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>What the kernel connects to: "any" is this machine (ip(7), ipv6(7)).</summary>
    public HostAddress Destination => Value == MappedPrefix ? V4(0x7F00_0001) : Value == 0 ? new HostAddress(UInt128.One) : this;

    /// <summary>Reads an address in the usual spelling: four decimal numbers, or IPv6 without a zone; null for everything else.</summary>
    public static HostAddress? TryParse(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
            return !text.Contains('%', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal)
                && IPAddress.TryParse(text, out IPAddress? six) && six.AddressFamily == AddressFamily.InterNetworkV6
                ? Of(six.GetAddressBytes()) : null;
        string[] parts = text.Split('.');
        if (parts.Length != 4) return null;
        uint address = 0;
        foreach (string part in parts)
        {
            // "010" is 8 to some programs, and 10 to others.
            if (part.Length is 0 or > 3 || (part.Length > 1 && part[0] == '0')
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out byte number)) return null;
            address = (address << 8) | number;
        }

        return V4(address);
    }

    /// <summary>Its bytes in network order, always 16.</summary>
    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);

    /// <inheritdoc/>
    public int CompareTo(HostAddress other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        Write(bytes);
        return new IPAddress(IsV4 ? bytes[12..] : bytes).ToString();
    }
}
