using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;

namespace Landlock.Tests.Hosts;

/// <summary>
/// The hosts of the world, in a network namespace of theirs (world.sh). Descriptor 9 is that of the tested machine, which has a few
/// services of its own. Each line of standard input is answered as soon as everything that happened before it is in the log.
/// </summary>
internal static partial class WorldProgram
{
    private const int TestedMachine = 9, NetworkNamespace = 0x40000000;

    /// <summary>Runs until standard input ends.</summary>
    /// <param name="folder">Where the log is, the files that are given, and the certificate that clients have to trust.</param>
    public static void Run(string folder)
    {
        using WorldLog log = new(Path.Combine(folder, "log"));
        using X509Certificate2 certificate = Authority.Certify(Path.Combine(folder, "ca.pem"));
        WebServer web = new(Path.Combine(folder, "root"));
        using Wire wire = new(log);
        foreach (int port in (int[])[80, 81]) web.Start(port);
        web.Start(443, certificate);
        IPAddress[] servers = [IPAddress.Parse("10.9.0.53"), IPAddress.Parse("fd00:9::53")], others =
            [.. ((string[])["10.9.0.2", "10.9.0.3", "10.9.0.4", "fd00:9::2", "fd00:9::3", "fd00:9::4"]).Select(IPAddress.Parse)];
        using Drain drain = new();
        NameServer names = new(log, drain);
        foreach (IPAddress server in servers) names.Start(server);
        DatagramHost datagrams = new(log, drain);
        datagrams.Start(9999, [.. servers, .. others]);
        // Those are no name servers, and whoever asks them has got out.
        datagrams.Start(53, others);
        Hall(others[1], 53);
        foreach (int port in (int[])[82, 83]) Hall(IPAddress.IPv6Any, port);
        foreach (string path in (string[])["/run/nscd/socket", "/run/systemd/resolve/io.systemd.Resolve"]) Hall(path);

        UdpClient? mark = null;
        Thread machine = new(() => mark = Machine(web, datagrams, [.. servers, .. others]));
        machine.Start();
        machine.Join();
        Console.WriteLine("ready");
        while (Console.ReadLine() is not null)
        {
            mark!.Send([0], new IPEndPoint(IPAddress.Parse("10.9.0.2"), Wire.MarkPort));
            Console.WriteLine(wire.Await() && drain.Await() ? "marked" : "the mark is lost");
        }

        Environment.Exit(0);
    }

    // A socket stays in the namespace that it was made in, so the services need this thread only for a moment.
    private static UdpClient Machine(WebServer web, DatagramHost datagrams, IPAddress[] hosts)
    {
        if (setns(TestedMachine, NetworkNamespace) != 0) throw new InvalidOperationException($"setns: {Marshal.GetLastPInvokeError()}");
        web.Start(80);
        web.Start(8080, address: IPAddress.Loopback);
        datagrams.Start(9999, IPAddress.Loopback);
        // Neighbours are known from then on; a connection that waits for one could be made when nobody wants it any more.
        foreach (IPAddress host in hosts)
        {
            using Socket first = new(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            first.Connect(host, 82);
        }

        return new UdpClient(new IPEndPoint(IPAddress.Parse("10.9.0.1"), 0));
    }

    // Takes connections, and ends them.
    private static void Hall(IPAddress address, int port)
    {
        TcpListener listener = new(address, port);
        if (address.Equals(IPAddress.IPv6Any)) listener.Server.DualMode = true;
        listener.Start(4096);
        new Thread(() => Empty(listener.Server)).Start();
    }

    private static void Hall(string path)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, (UnixFileMode)0x1FF);
        listener.Listen();
        new Thread(() => Empty(listener)).Start();
    }

    private static void Empty(Socket listener)
    {
        while (true)
        {
            try
            {
                listener.Accept().Dispose();
            }
            catch (SocketException)
            {
                // It ended by itself.
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(int descriptor, int kind);
}
