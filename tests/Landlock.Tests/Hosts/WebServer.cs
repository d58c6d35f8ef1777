using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Landlock.Tests.Hosts;

/// <summary>
/// Gives the files of a directory over HTTP/1.1 on every address, and at /who says at which address it was asked: `this is ADDRESS`.
/// </summary>
/// <param name="directory">The files.</param>
internal sealed class WebServer(string directory)
{
    /// <summary>Answers at a port from now on.</summary>
    public void Start(int port, X509Certificate2? certificate = null, IPAddress? address = null)
    {
        TcpListener listener = new(address ?? IPAddress.IPv6Any, port);
        if (address is null) listener.Server.DualMode = true;
        listener.Start(4096);
        _ = Server.Accept(listener, client => Serve(client, certificate));
    }

    private async Task Serve(TcpClient client, X509Certificate2? certificate)
    {
        client.NoDelay = true;
        Stream stream = client.GetStream();
        if (certificate is not null)
        {
            SslStream secure = new(stream);
            await secure.AuthenticateAsServerAsync(certificate);
            stream = secure;
        }

        IPAddress here = ((IPEndPoint)client.Client.LocalEndPoint!).Address;
        if (here.IsIPv4MappedToIPv6) here = here.MapToIPv4();
        using StreamReader reader = new(stream, Encoding.Latin1);
        while (await reader.ReadLineAsync() is { Length: > 0 } request)
        {
            bool closes = request.EndsWith("HTTP/1.0", StringComparison.Ordinal);
            while (await reader.ReadLineAsync() is { Length: > 0 } header)
                closes |= header.Equals("connection: close", StringComparison.OrdinalIgnoreCase);
            string[] words = request.Split(' ');
            byte[]? body = Find(words.ElementAtOrDefault(1)?.Split('?')[0] ?? "/", here);
            byte[] head = Encoding.ASCII.GetBytes($"HTTP/1.1 {(body is null ? "404 Not Found" : "200 OK")}\r\n"
                + $"Content-Length: {body?.Length ?? 0}\r\n{(closes ? "Connection: close\r\n" : "")}\r\n");
            await stream.WriteAsync(words[0] == "HEAD" ? head : [.. head, .. body ?? []]);
            if (closes) break;
        }
    }

    private byte[]? Find(string path, IPAddress here)
    {
        if (path == "/who") return Encoding.ASCII.GetBytes($"this is {here}\n");
        string file = Path.GetFullPath(directory + Uri.UnescapeDataString(path));
        return file.StartsWith(directory + "/", StringComparison.Ordinal) && File.Exists(file) ? File.ReadAllBytes(file) : null;
    }
}
