using System.Net;
using System.Net.Sockets;

namespace Landlock.Tests.Hosts;

/// <summary>Notices every datagram to a port, whatever the address, and sends it back, so that the sender knows that it got out.</summary>
/// <param name="log">Where it is noted.</param>
/// <param name="drain">Who wants to know what has been read.</param>
internal sealed class DatagramHost(WorldLog log, Drain drain)
{
    public void Start(int port, params IPAddress[] addresses)
    {
        foreach (IPAddress address in addresses)
        {
            Socket socket = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, port));
            drain.Add(socket);
            new Thread(() => Answer(socket)).Start();
        }
    }

    private void Answer(Socket socket)
    {
        byte[] buffer = new byte[65536];
        EndPoint sender = socket.LocalEndPoint!;
        while (true)
        {
            int size = socket.ReceiveFrom(buffer, ref sender);
            if (drain.IsMark(buffer.AsSpan(0, size))) continue;
            log.Write($"datagram {socket.LocalEndPoint} {Convert.ToHexString(buffer.AsSpan(0, Math.Min(size, 64)))}");
            socket.SendTo(buffer.AsSpan(0, size), sender);
        }
    }
}
