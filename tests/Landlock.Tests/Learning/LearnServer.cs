using System.Net;
using System.Net.Sockets;
using System.Text;
using Landlock.Linux;
using Landlock.Tests.Cli;

namespace Landlock.Tests.Learning;

/// <summary>What curl and ssh ask, on a free port of this machine.</summary>
internal sealed class LearnServer : IDisposable
{
    private readonly TcpListener? _listener;
    private readonly string? _stop;

    private LearnServer(TcpListener listener)
    {
        _listener = listener;
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = Serve(listener);
    }

    private LearnServer(int port, string stop) => (Port, _stop) = (port, stop);

    public int Port { get; }

    /// <summary>The server of a program; null where it needs none, or there can be none here.</summary>
    public static LearnServer? For(string program, string directory)
    {
        if (program == "curl")
        {
            TcpListener listener = new(IPAddress.Loopback, 0);
            listener.Start();
            return new LearnServer(listener);
        }

        return program == "ssh" && PosixFile.Stat("/usr/sbin/sshd") is not null ? Ssh(directory) : null;
    }

    public void Dispose()
    {
        _listener?.Stop();
        if (_stop is not null) _ = CliRun.Program(new Setup { Who = Who.Root }, "/bin/sh", "-c", _stop);
    }

    private static LearnServer? Ssh(string directory)
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        string start = $$"""
            umask 077
            ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f id && cp id.pub keys || exit
            printf '%s\n' 'Port {{port}}' 'ListenAddress 127.0.0.1' "HostKey $PWD/host" "AuthorizedKeysFile $PWD/keys" 'StrictModes no' \
                "PidFile $PWD/pid" 'UsePAM no' 'PermitRootLogin yes' > sshd_config
            /usr/sbin/sshd -f "$PWD/sshd_config" -E "$PWD/log" || exit
            for i in 1 2 3 4 5 6 7 8 9; do
                ssh -F none -i id -o StrictHostKeyChecking=no -o UserKnownHostsFile=known -o IdentityAgent=none -o BatchMode=yes \
                    -p {{port}} "$(id -un)@localhost" true && exit
                sleep 0.3
            done
            kill "$(cat pid)"
            exit 1
            """;
        Setup here = new() { Who = Who.Root, Directory = directory, Environment = ["PATH=/usr/bin:/bin", $"HOME={directory}"] };
        return CliRun.Program(here, "/bin/sh", "-c", start).ExitCode == 0
            ? new LearnServer(port, $"kill \"$(cat '{directory}/pid')\"") : null;
    }

    private static async Task Serve(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync();
                using StreamReader reader = new(client.GetStream(), leaveOpen: true);
                while (await reader.ReadLineAsync() is { Length: > 0 })
                {
                }

                await client.GetStream().WriteAsync(
                    Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nasked\n"));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }
}
