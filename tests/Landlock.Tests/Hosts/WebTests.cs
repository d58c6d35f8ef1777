namespace Landlock.Tests.Hosts;

/// <summary>Programs that fetch over HTTP, by names and addresses of every kind.</summary>
[Collection(HostWorld.Name)]
public sealed class WebTests(HostWorld world)
{
    private const string Api = @"this is (10\.9\.0\.2|fd00:9::2)\n", Packages = @"this is 10\.9\.0\.4\n";
    private const int Unresolved = 6, Unconnected = 7;

    private HostRun Curl(params string[] arguments) => Curl(HostRules.Usual, arguments);

    private HostRun Curl(HostRules rules, params string[] arguments) =>
        world.Sandboxed(rules, ["curl", "-sS", "-m", "20", .. arguments]);

    [HostFact("curl")]
    public void Curl_fetches() => Curl("http://api.example.com/who").Says(Api);

    [HostFact("curl")]
    public void Curl_fetches_over_https() => Curl("--cacert", world["ca.pem"], "https://one.pkg.example/who").Says(Packages);

    [HostFact("wget")]
    public void Wget_fetches()
    {
        world.Sandboxed(HostRules.Usual, "wget", "-qO-", "-T", "20", "http://x.pkg.example/who").Says(Packages);
        world.Sandboxed(HostRules.Usual, "wget", "-qO-", "-T", "20", $"--ca-certificate={world["ca.pem"]}", "https://x.pkg.example/who")
            .Says(Packages);
        world.Sandboxed(HostRules.Usual, "wget", "-qO-", "-T", "20", "http://evil.example.net/who").Fails("");
    }

    [HostTheory("curl")]
    [InlineData("two.labels.pkg.example", Packages)]
    [InlineData("alias.pkg.example", Packages)]
    [InlineData("turning.pkg.example", @"this is 10\.9\.1\.\d+\n")]
    [InlineData("big.pkg.example", @"this is 10\.9\.2\.\d+\n")]
    [InlineData("six.pkg.example", "this is fd00:9::4\n")]
    [InlineData("brief.pkg.example", Packages)]
    [InlineData("unasked.pkg.example", Packages)]
    [InlineData("forged.pkg.example", Packages)]
    [InlineData("inhosts.example.org", Packages)]
    [InlineData("API.Example.COM", Api)]
    [InlineData("api.example.com.", Api)]
    public void Names_lead_to_their_hosts(string name, string answer) => Curl($"http://{name}/who").Says(answer);

    [HostTheory("curl")]
    [InlineData("evil.example.net")]
    [InlineData("www.example.com")]
    [InlineData("example.com")]
    [InlineData("pkg.example")]
    [InlineData("xpkg.example")]
    [InlineData("c2VjcmV0.api.example.com")]
    [InlineData("nobody.example.org")]
    public void Other_names_do_not_exist(string name) => Curl($"http://{name}/who").Says(".*Could not resolve host.*", Unresolved);

    [HostTheory("curl")]
    [InlineData("10.9.0.3")]
    [InlineData("10.9.0.2")]
    [InlineData("[fd00:9::2]")]
    [InlineData("[::ffff:10.9.0.3]")]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("0.0.0.0")]
    [InlineData("evilhosts.example.org")]
    [InlineData("api.example.com:81")]
    [InlineData("local.pkg.example")]
    [InlineData("metadata.pkg.example")]
    [InlineData("one.pkg.example:82")]
    public void Other_addresses_and_ports_are_denied(string host) =>
        Curl($"http://{host}/who").Says(".*(Couldn't connect|Failed to connect|Could not connect).*", Unconnected);

    [HostTheory("curl")]
    [InlineData("10.9.0.3:80", "http://10.9.0.3/who", "this is 10.9.0.3\n")]
    [InlineData("10.9.0.0/30:80", "http://10.9.0.3/who", "this is 10.9.0.3\n")]
    [InlineData("10.9.0.0/31:80", "http://10.9.0.3/who", null)]
    [InlineData("[fd00:9::3]:80", "http://[fd00:9::3]/who", "this is fd00:9::3\n")]
    [InlineData("[fd00:9::]/64:80", "http://[fd00:9::53]/who", "this is fd00:9::53\n")]
    [InlineData("[fd00:8::]/32:80", "http://[fd00:9::53]/who", null)]
    [InlineData("10.9.0.3:79-81", "http://10.9.0.3:81/who", "this is 10.9.0.3\n")]
    [InlineData("10.9.0.3:79-80", "http://10.9.0.3:81/who", null)]
    [InlineData("api.example.com:80,10.9.0.3:81", "http://10.9.0.3:81/who", "this is 10.9.0.3\n")]
    [InlineData("127.0.0.1:80", "http://127.0.0.1/who", "this is 127.0.0.1\n")]
    [InlineData("[::1]:80", "http://[::1]/who", "this is ::1\n")]
    [InlineData("localhost:80", "http://localhost/who", "this is (127.0.0.1|::1)\n")]
    public void Rules_are_for_names_addresses_networks_and_ports(string rule, string url, string? answer)
    {
        HostRun run = Curl(new HostRules(rule), url);
        if (answer is null) run.Says(".*", Unconnected);
        else run.Says(answer);
    }

    [HostFact("curl")]
    public void A_rule_without_a_port_is_for_443()
    {
        HostRules rules = new("*.pkg.example");
        Curl(rules, "--cacert", world["ca.pem"], "https://one.pkg.example/who").Says(Packages);
        Curl(rules, "http://one.pkg.example/who").Says(".*", Unconnected);
    }
}
