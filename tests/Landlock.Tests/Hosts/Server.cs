using System.Net.Sockets;
using System.Security.Authentication;

namespace Landlock.Tests.Hosts;

/// <summary>Taking connections.</summary>
internal static class Server
{
    /// <summary>Gives each connection to a handler, and closes it afterwards.</summary>
    public static async Task Accept(TcpListener listener, Func<TcpClient, Task> handler)
    {
        while (true) _ = Handle(await listener.AcceptTcpClientAsync(), handler);
    }

    private static async Task Handle(TcpClient client, Func<TcpClient, Task> handler)
    {
        try
        {
            await handler(client);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or InvalidOperationException)
        {
            // The client has gone.
        }
        finally
        {
            client.Dispose();
        }
    }
}
