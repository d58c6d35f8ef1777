using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Landlock.Abi;

namespace Landlock.Linux;

/// <summary>
/// Finds out whether TCP Fast Open gets around connect_tcp (fixed by "landlock: Fix TCP Fast Open connection bypass", Linux 7.2).
/// </summary>
internal static unsafe class FastOpenProbe
{
    private const int NoNewPrivs = 38, Inet = 2, Stream = 1, CloseOnExec = 0x80000, FastOpen = 0x20000000;

    /// <summary>
    /// Restricts a throw-away thread and tries. Only for a process that ends soon: threads that the restricted thread might start
    /// would stay restricted.
    /// </summary>
    /// <returns>Whether the bypass works; null if that cannot be told here (no TCP rights, no sockets).</returns>
    public static bool? Run()
    {
        if (RunningKernel.Support.Abi < 4) return null;
        using TcpListener? listener = Listen();
        if (listener is null) return null;
        ushort port = (ushort)((IPEndPoint)listener.LocalEndpoint).Port;
        bool? bypass = null;
        Thread thread = new(() => bypass = Try(port));
        thread.Start();
        thread.Join();
        return bypass;
    }

    // In a sandbox there may be no socket, or no port to listen on.
    private static TcpListener? Listen()
    {
        try
        {
            TcpListener listener = new(IPAddress.Loopback, 0);
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static bool? Try(ushort port)
    {
        ulong* attribute = stackalloc ulong[2] { 0, (ulong)AccessNet.ConnectTcp };
        int ruleset = (int)Syscalls.CreateRuleset(attribute, 16, 0);
        if (ruleset < 0) return null;
        try
        {
            if (Syscalls.Prctl(NoNewPrivs, 1, 0, 0, 0) != 0 || Syscalls.RestrictSelf(ruleset, 0) != 0) return null;
            int socket = Syscalls.Socket(Inet, Stream | CloseOnExec, 0);
            if (socket < 0) return null;
            try
            {
                byte* address = stackalloc byte[16];
                new Span<byte>(address, 16).Clear();
                BinaryPrimitives.WriteUInt16LittleEndian(new Span<byte>(address, 2), Inet);
                BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(address + 2, 2), port);
                address[4] = 127;
                address[7] = 1;
                byte data = 0;
                if (Syscalls.SendTo(socket, &data, 1, FastOpen, address, 16) >= 0) return true;
                return Syscalls.LastError switch
                {
                    Errno.EACCES => false,
                    Errno.EINPROGRESS => true,
                    _ => null,
                };
            }
            finally
            {
                _ = Syscalls.Close(socket);
            }
        }
        finally
        {
            _ = Syscalls.Close(ruleset);
        }
    }
}
