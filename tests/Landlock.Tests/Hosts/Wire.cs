using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Landlock.Tests.Hosts;

/// <summary>
/// Sees every packet that arrives from the tested machine, whatever it was made with, and notes each destination once between two marks:
/// `wire PROTOCOL ADDRESS PORT`. Of TCP it looks at the first packet of a connection, and at those with options of IP.
/// </summary>
internal sealed class Wire : IDisposable
{
    /// <summary>The port of the mark's packet.</summary>
    public const int MarkPort = 9;

    private const int Ethernet = 14;
    private static readonly IPAddress[] Machine = [IPAddress.Parse("10.9.0.1"), IPAddress.Parse("fd00:9::1")];

    private readonly WorldLog _log;
    private readonly Socket _socket = new(AddressFamily.Packet, SocketType.Raw, (ProtocolType)0x0300);
    private readonly HashSet<string> _seen = [];
    private readonly SemaphoreSlim _marks = new(0);

    public Wire(WorldLog log)
    {
        _log = log;
        Filter(_socket);
        _socket.ReceiveBufferSize = 8 << 20;
        new Thread(Watch).Start();
    }

    /// <summary>Waits until a mark has come along, and all before it with it.</summary>
    public bool Await() => _marks.Wait(TimeSpan.FromSeconds(20));

    public void Dispose()
    {
        _socket.Dispose();
        _marks.Dispose();
    }

    private void Watch()
    {
        byte[] buffer = new byte[65536];
        while (true)
        {
            int size = _socket.Receive(buffer);
            if (Describe(buffer.AsSpan(0, size)) is not { } packet) continue;
            if (packet.EndsWith($" {MarkPort}", StringComparison.Ordinal))
            {
                if (Dropped() is > 0 and int lost) _log.Write($"wire lost {lost}");
                _seen.Clear();
                _marks.Release();
            }
            else if (_seen.Add(packet))
            {
                _log.Write($"wire {packet}");
            }
        }
    }

    private static string? Describe(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < Ethernet + 20) return null;
        ReadOnlySpan<byte> packet = frame[Ethernet..];
        bool six = packet[0] >> 4 == 6;
        if (six && packet.Length < 40) return null;
        IPAddress from = new(six ? packet[8..24] : packet[12..16]), to = new(six ? packet[24..40] : packet[16..20]);
        if (!Machine.Contains(from)) return null;
        int protocol = six ? packet[6] : packet[9], head = six ? 40 : (packet[0] & 15) * 4;
        // Neighbours, routers and groups are the kernel's own business; so is to say that a port is closed.
        if (six && protocol is 0 or 58) return null;
        if (!six && (protocol == 2 || (protocol == 1 && packet[head] == 3))) return null;
        string name = protocol switch { 6 => "tcp", 17 => "udp", _ => $"protocol-{protocol}" };
        if (!six && head > 20) name += "-with-options";
        int port = protocol is 6 or 17 && packet.Length >= head + 4 ? BinaryPrimitives.ReadUInt16BigEndian(packet[(head + 2)..]) : 0;
        return $"{name} {to} {port}";
    }

    private int Dropped()
    {
        Span<byte> statistics = stackalloc byte[8];
        _socket.GetRawSocketOption(263, 6, statistics);
        return BinaryPrimitives.ReadInt32LittleEndian(statistics[4..]);
    }

    // The kernel drops what would only fill the queue: what is not IP, TCP without options of IP that is no SYN, and SYN to 10.9.0.2, port
    // 82, where everybody may flood.
    private static unsafe void Filter(Socket socket)
    {
        const ushort Word = 0x20, Half = 0x28, Byte = 0x30, And = 0x54, Equal = 0x15, Return = 0x06;
        (ushort Code, byte Yes, byte No, uint Value)[] code =
        [
            (Half, 0, 0, 12),
            (Equal, 0, 11, 0x0800),
            (Byte, 0, 0, Ethernet + 9),
            (Equal, 0, 16, 6),
            (Byte, 0, 0, Ethernet),
            (Equal, 0, 14, 0x45),
            (Byte, 0, 0, Ethernet + 20 + 13),
            (And, 0, 0, 0x12),
            (Equal, 0, 10, 0x02),
            (Half, 0, 0, Ethernet + 20 + 2),
            (Equal, 0, 9, 82),
            (Word, 0, 0, Ethernet + 16),
            (Equal, 6, 7, 0x0A090002),
            (Equal, 0, 5, 0x86DD),
            (Byte, 0, 0, Ethernet + 6),
            (Equal, 0, 4, 6),
            (Byte, 0, 0, Ethernet + 40 + 13),
            (And, 0, 0, 0x12),
            (Equal, 1, 0, 0x02),
            (Return, 0, 0, 0),
            (Return, 0, 0, 0xFFFF),
        ];
        byte[] instructions = new byte[8 * code.Length];
        for (int i = 0; i < code.Length; i++)
        {
            Span<byte> one = instructions.AsSpan(8 * i, 8);
            BinaryPrimitives.WriteUInt16LittleEndian(one, code[i].Code);
            one[2] = code[i].Yes;
            one[3] = code[i].No;
            BinaryPrimitives.WriteUInt32LittleEndian(one[4..], code[i].Value);
        }

        fixed (byte* first = instructions)
        {
            Span<byte> program = stackalloc byte[16];
            program.Clear();
            BinaryPrimitives.WriteUInt16LittleEndian(program, (ushort)code.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(program[8..], (ulong)first);
            socket.SetRawSocketOption(1, 26, program);
        }
    }
}
