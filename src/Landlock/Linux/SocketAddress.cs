using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Landlock.Linux;

/// <summary>A copy of an address of any family (struct sockaddr_storage), whose owner cannot change it any more.</summary>
internal struct SocketAddress
{
    /// <summary>AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6.</summary>
    public const int Unspecified = 0, Unix = 1, Internet = 2, Internet6 = 10;

    /// <summary>sizeof(struct sockaddr_storage), which every address fits in.</summary>
    public const int Largest = 128;

    private const int V4Size = 16, V6Size = 28, ShortestV6 = 24; // without the zone (sin6_scope_id)
    private const int PathAt = 2;

    private Room _room;

    /// <summary>How many of its bytes are meant.</summary>
    public int Length { get; set; }

    /// <summary>The family.</summary>
    public int Family => BitConverter.ToUInt16(Bytes);

    /// <summary>All of its bytes.</summary>
    [UnscopedRef]
    public Span<byte> Bytes => _room;

    /// <summary>The port, if it is one of the Internet.</summary>
    public ushort Port
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(Bytes[2..]);
        set => BinaryPrimitives.WriteUInt16BigEndian(Bytes[2..], value);
    }

    /// <summary>
    /// The bytes of the address, if it is long enough to be one of the Internet: 4 or 16; empty otherwise.
    /// </summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Host => Family switch
    {
        Internet when Length >= V4Size => Bytes.Slice(4, 4),
        Internet6 when Length >= ShortestV6 => Bytes.Slice(8, 16),
        _ => [],
    };

    /// <summary>The path of a UNIX socket; null if it has none.</summary>
    public string? Path => Family == Unix && Length > PathAt && Bytes[PathAt] != 0
        ? PosixText.Decode(Bytes[PathAt..Length].IndexOf((byte)0) is >= 0 and var end ? Bytes.Slice(PathAt, end) : Bytes[PathAt..Length])
        : null;

    /// <summary>The name of an abstract UNIX socket.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Name => Bytes[Math.Min(PathAt + 1, Length)..Length];

    /// <summary>An address of the Internet.</summary>
    /// <param name="host">4 or 16 bytes in network order.</param>
    /// <param name="port">The port.</param>
    public static SocketAddress Of(ReadOnlySpan<byte> host, ushort port)
    {
        SocketAddress address = new() { Length = host.Length == 4 ? V4Size : V6Size };
        BitConverter.TryWriteBytes(address.Bytes, (ushort)(host.Length == 4 ? Internet : Internet6));
        address.Port = port;
        host.CopyTo(address.Bytes[(host.Length == 4 ? 4 : 8)..]);
        return address;
    }

    /// <summary>No address of a family (0.0.0.0 or ::, port 0).</summary>
    public static SocketAddress Any(int family) => Of(stackalloc byte[family == Internet ? 4 : 16], 0);

    [InlineArray(Largest)]
    private struct Room
    {
        private byte _first;
    }
}
