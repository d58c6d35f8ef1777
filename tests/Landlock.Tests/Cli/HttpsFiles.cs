using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Landlock.Tests.Cli;

/// <summary>Gives the files of a directory over https, on port 443 of this machine: git's dumb protocol, a registry of npm.</summary>
internal sealed class HttpsFiles : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 443);
    private readonly X509Certificate2 _certificate;
    private readonly string _directory;

    public HttpsFiles(string directory)
    {
        _directory = directory;
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        _certificate = request.CreateSelfSigned(DateTimeOffset.Now.AddDays(-1), DateTimeOffset.Now.AddDays(1));
        _listener.Start();
        _ = Serve();
    }

    /// <summary>Why there can be none; null if there can.</summary>
    public static string? Missing()
    {
        try
        {
            using TcpListener port = new(IPAddress.Loopback, 443);
            port.Start();
            return null;
        }
        catch (SocketException e)
        {
            return $"needs port 443: {e.Message}";
        }
    }

    public void Dispose()
    {
        _listener.Stop();
        _certificate.Dispose();
    }

    private async Task Serve()
    {
        try
        {
            while (true) _ = Answer(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Answer(TcpClient client)
    {
        try
        {
            using SslStream stream = new(client.GetStream());
            await stream.AuthenticateAsServerAsync(_certificate);
            using StreamReader reader = new(stream, leaveOpen: true);
            string path = (await reader.ReadLineAsync() ?? "").Split(' ').ElementAtOrDefault(1)?.Split('?')[0] ?? "/";
            while (await reader.ReadLineAsync() is { Length: > 0 })
            {
            }

            string file = Path.Combine(_directory, path.TrimStart('/'));
            bool isThere = File.Exists(file);
            byte[] body = isThere ? await File.ReadAllBytesAsync(file) : [];
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(isThere ? "200 OK" : "404 Not Found")}\r\n"
                + $"Content-Length: {body.Length}\r\nConnection: close\r\n\r\n"));
            await stream.WriteAsync(body);
        }
        catch (Exception e) when (e is IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            // The client has gone.
        }
        finally
        {
            client.Dispose();
        }
    }
}
