using Xunit.Sdk;

namespace Landlock.Tests.Hosts;

/// <summary>The world itself: without a sandbox everything is reached there, and nothing is overlooked.</summary>
[Collection(HostWorld.Name)]
public sealed class WorldTests(HostWorld world)
{
    [HostTheory("curl")]
    [InlineData("http://10.9.0.3/who", "wire tcp 10.9.0.3 80")]
    [InlineData("http://[fd00:9::3]/who", "wire tcp fd00:9::3 80")]
    [InlineData("http://evil.example.net/who", "question evil.example.net 1 udp 0")]
    [InlineData("http://www.example.com/who", "question www.example.com 28 udp 0")]
    [InlineData("http://api.example.com:81/who", "81")]
    public void What_no_rule_allows_is_seen(string url, string sign)
    {
        HostRun run = world.Bare("curl", "-sS", "-m", "20", url).Says(@"this is .*\n");
        Assert.Contains(run.Log, line => line.Contains(sign, StringComparison.Ordinal));
        _ = Assert.Throws<TrueException>(() => HostRules.Usual.Check(run));
    }

    [HostFact("python3")]
    public void Datagrams_options_and_odd_questions_are_seen()
    {
        HostRun run = world.Bare("/usr/bin/python3", "-c", """
            import socket
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            u.sendto(b"x", ("10.9.0.4", 7))
            u.sendto(b"x", ("10.9.0.3", 9999))
            u.recv(10)
            u.setsockopt(0, 4, bytes([7, 7, 4, 0, 0, 0, 0, 0]))
            u.sendto(b"x", ("10.9.0.3", 9999))
            u.recv(10)
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            name = b"\3aPi\7example\3com\0"
            u.sendto(bytes([1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]) + name + b"\0\x10\0\1more", ("10.9.0.53", 53))
            u.recv(500)
            """).Says("");
        Assert.Equal(["datagram 10.9.0.3:9999 78", "datagram 10.9.0.3:9999 78",
            $"question api.example.com 16 udp {(int)(Oddity.Capitals | Oddity.Type | Oddity.More)}", "wire udp 10.9.0.3 9999",
            "wire udp 10.9.0.4 7", "wire udp 10.9.0.53 53", "wire udp-with-options 10.9.0.3 9999"], run.Log.Order(StringComparer.Ordinal));
        _ = Assert.Throws<TrueException>(() => HostRules.Usual.Check(run));
    }

    [HostFact("curl")]
    public void What_rules_allow_is_none_of_it()
    {
        HostRun run = world.Bare("curl", "-sS", "-m", "20", "http://api.example.com/who").Says(@"this is .*\n");
        // The C library itself asks with nothing odd.
        HostRules.Usual.Check(run);
    }
}
