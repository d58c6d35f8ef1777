using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Landlock.Tests.Hosts;

/// <summary>
/// The world's name server, by UDP and TCP, on IPv4 and IPv6. It notes every question and the addresses that it answered.
/// </summary>
/// <param name="log">Where that is noted.</param>
/// <param name="drain">Who wants to know what has been read.</param>
internal sealed class NameServer(WorldLog log, Drain drain)
{
    private const int LongestByUdp = 1200;
    private readonly Zone _zone = new();
    private readonly ConcurrentDictionary<string, bool> _lost = [];

    /// <summary>Answers at an address from now on.</summary>
    public void Start(IPAddress address)
    {
        Socket datagrams = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Bind(new IPEndPoint(address, 53));
        drain.Add(datagrams);
        new Thread(() => Answer(datagrams)).Start();
        TcpListener connections = new(address, 53);
        connections.Start(1024);
        _ = Server.Accept(connections, Answer);
    }

    private void Answer(Socket socket)
    {
        byte[] buffer = new byte[65536];
        EndPoint sender = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            int size = socket.ReceiveFrom(buffer, ref sender);
            if (drain.IsMark(buffer.AsSpan(0, size))) continue;
            foreach (byte[] answer in Answers(buffer.AsSpan(0, size), tcp: false)) socket.SendTo(answer, sender);
        }
    }

    private async Task Answer(TcpClient client)
    {
        NetworkStream stream = client.GetStream();
        byte[] head = new byte[2], buffer = new byte[65536];
        while (await stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false) == 2)
        {
            int size = BinaryPrimitives.ReadUInt16BigEndian(head);
            await stream.ReadExactlyAsync(buffer.AsMemory(0, size));
            foreach (byte[] answer in Answers(buffer.AsSpan(0, size), tcp: true))
            {
                byte[] length = [(byte)(answer.Length >> 8), (byte)answer.Length];
                await stream.WriteAsync((byte[])[.. length, .. answer]);
            }
        }
    }

    private List<byte[]> Answers(ReadOnlySpan<byte> message, bool tcp)
    {
        if (Question.Read(message) is not { } question)
        {
            log.Write($"unreadable {Convert.ToHexString(message)}");
            return [];
        }

        string name = question.Name.ToLowerInvariant(), over = tcp ? "tcp" : "udp";
        log.Write($"question {Escape(name)} {question.Type} {over} {question.Oddity:D}");
        Entry? entry = _zone.Find(name);
        if (entry?.Fault == Fault.Lost && _lost.TryAdd($"{name} {question.Type}", true)) return [];
        if (entry?.Fault == Fault.Spy) return [Spied(message, question)];
        byte[][] records = entry is null ? [] : [.. Records(question.Type, name, entry)];
        int code = entry is null ? 3 : entry.Fault == Fault.Fails ? 2 : 0;
        byte[] answer = Reply(message, question, code, records);
        if (!tcp && answer.Length > LongestByUdp) return [Reply(message, question, 0x200, [])];
        if (entry?.Fault == Fault.Broken && records.Length > 0) return [answer[..^7]];
        if (entry?.Fault == Fault.Damaged) return [Damaged(answer)];
        if (entry?.Fault == Fault.Forged) return [.. Forged(message, question), answer];
        return [answer];
    }

    private IEnumerable<byte[]> Records(int type, string name, Entry entry)
    {
        byte[] owner = [0xC0, 12];
        if (entry.Alias is { } alias)
        {
            yield return Record(owner, 5, entry.Life, Name(alias));
            owner = Name(alias);
        }

        foreach (IPAddress address in entry.Addresses.Select(IPAddress.Parse))
        {
            if (type != (address.AddressFamily == AddressFamily.InterNetwork ? 1 : 28)) continue;
            log.Write($"answer {Escape(name)} {address}");
            yield return Record(owner, type, entry.Life, address.GetAddressBytes());
        }

        if (entry.Unasked is var (other, where) && type == 1)
            yield return Record(Name(other), 1, entry.Life, IPAddress.Parse(where).GetAddressBytes());
    }

    // Each but for one thing an answer, as somebody sends who cannot see the question.
    private static IEnumerable<byte[]> Forged(ReadOnlySpan<byte> message, Question question)
    {
        byte[][] evil = [Record([0xC0, 12], 1, 5, IPAddress.Parse(Zone.Evil).GetAddressBytes())];
        byte[] number = Reply(message, question, 0, evil), kind = Reply(message, question, 0, evil);
        number[0] ^= 0x55;
        // No answer at all, but a question.
        kind[2] &= 0x7F;
        byte[] name = Reply(message, question, 0, evil);
        name[13] ^= 1;
        return [number, kind, name];
    }

    // The number stays, without which nobody looks at an answer.
    private static byte[] Damaged(byte[] answer)
    {
        for (int i = Random.Shared.Next(1, 5); i > 0; i--) answer[Random.Shared.Next(2, answer.Length)] = (byte)Random.Shared.Next();
        return Random.Shared.Next(4) == 0 ? answer[..Random.Shared.Next(2, answer.Length)] : answer;
    }

    private static byte[] Spied(ReadOnlySpan<byte> message, Question question)
    {
        byte[] address = [10, 9, 3, (byte)question.Oddity];
        if (question.Type != 28) return Reply(message, question, 0, [Record([0xC0, 12], question.Type, 0, address)]);
        return Reply(message, question, 0, []);
    }

    private static byte[] Reply(ReadOnlySpan<byte> message, Question question, int flags, byte[][] records)
    {
        byte[] head = new byte[12];
        message[..2].CopyTo(head);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), (ushort)(0x8180 | flags));
        head[5] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(6), (ushort)records.Length);
        return [.. head, .. message.Slice(12, question.Length), .. records.SelectMany(record => record)];
    }

    private static byte[] Record(byte[] owner, int type, uint life, byte[] data) =>
    [
        .. owner, (byte)(type >> 8), (byte)type, 0, 1, (byte)(life >> 24), (byte)(life >> 16), (byte)(life >> 8), (byte)life,
        (byte)(data.Length >> 8), (byte)data.Length, .. data,
    ];

    private static byte[] Name(string name) =>
        [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    // A name on one line, without blanks.
    private static string Escape(string name) => name.Length == 0 ? "." : Uri.EscapeDataString(name);
}
