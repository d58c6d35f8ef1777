using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Sandboxes.Hosts;

/// <summary>The name servers that a C library would ask (resolv.conf(5)), and the names that it asks nobody for (hosts(5)).</summary>
internal sealed class NameServers
{
    private const string Configuration = "/etc/resolv.conf", Names = "/etc/hosts";
    private const int LargestFile = 1 << 20, Most = 3; // MAXNS of <resolv.h>
    private const ushort Port = 53;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    private FileIdentityAndTime _read;
    private long _looked;

    /// <summary>The servers, in their order; this machine's own if there is none.</summary>
    public IReadOnlyList<SocketAddress> Servers { get; private set; } = [];

    /// <summary>Reads them.</summary>
    public NameServers() => Read();

    /// <summary>Reads them again where the file is another, as it is after a change of networks.</summary>
    public void Refresh()
    {
        if (Environment.TickCount64 - _looked < LookAgain.TotalMilliseconds) return;
        if (FileIdentityAndTime.Of(Configuration) != _read) Read();
        _looked = Environment.TickCount64;
    }

    /// <summary>Whether an address is that of a server, at its port.</summary>
    public bool Contains(in SocketAddress address)
    {
        if (address.Port != Port || address.Host.IsEmpty) return false;
        HostAddress wanted = HostAddress.Of(address.Host).Destination;
        foreach (SocketAddress server in Servers)
            if (HostAddress.Of(server.Host).Destination == wanted) return true;
        return false;
    }

    /// <summary>The names of /etc/hosts with their addresses. "localhost" is this machine, whatever stands there (RFC 6761).</summary>
    public static IEnumerable<(string Name, HostAddress Address)> OfHostsFile()
    {
        foreach (string[] words in Lines(Names))
        {
            if (words.Length < 2 || HostAddress.TryParse(words[0]) is not { } address) continue;
            foreach (string word in words[1..])
                if (HostName.Normalize(word, out _) is { } name) yield return (name, address);
        }

        yield return ("localhost", HostAddress.TryParse("127.0.0.1")!.Value);
        yield return ("localhost", HostAddress.TryParse("::1")!.Value);
    }

    private void Read()
    {
        _read = FileIdentityAndTime.Of(Configuration);
        List<SocketAddress> servers = [];
        foreach (string[] words in Lines(Configuration))
        {
            // A zone behind an address is of use on one link only, and not asked.
            if (words is ["nameserver", var text, ..] && servers.Count < Most && HostAddress.TryParse(text) is { } address)
                servers.Add(Of(address));
        }

        Servers = servers.Count > 0 ? servers : [Of(HostAddress.TryParse("127.0.0.1")!.Value)];
        _looked = Environment.TickCount64;
    }

    /// <summary>An address, with the port of name servers.</summary>
    internal static SocketAddress Of(HostAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.Write(bytes);
        return SocketAddress.Of(address.IsV4 ? bytes[12..] : bytes, Port);
    }

    private static IEnumerable<string[]> Lines(string path)
    {
        if (SmallFile.Read(path, LargestFile) is not { } bytes) yield break;
        foreach (string line in PosixText.Decode(bytes).Split('\n'))
        {
            string text = line.IndexOfAny(['#', ';']) is >= 0 and var end ? line[..end] : line;
            yield return text.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        }
    }

    private readonly record struct FileIdentityAndTime(FileIdentity Identity, DateTime Written)
    {
        public static FileIdentityAndTime Of(string path) => new(PosixFile.Find(path).Identity, File.GetLastWriteTimeUtc(path));
    }
}
