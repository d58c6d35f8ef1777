namespace Landlock.Tests.Hosts;

/// <summary>Programs that fetch over HTTP, and the ways in which a name has addresses.</summary>
[Collection(HostWorld.Name)]
public sealed class WebTests(HostWorld world)
{
    private const string Api = @"this is (10\.9\.0\.2|fd00:9::2)\n", Packages = @"this is 10\.9\.0\.4\n";

    private HostRun Curl(params string[] arguments) => world.Sandboxed(HostRules.Usual, ["curl", "-sS", "-m", "20", .. arguments]);

    [HostFact("curl")]
    public void Curl_fetches() => Curl("http://api.example.com/who").Says(Api);

    [HostFact("curl")]
    public void Curl_fetches_over_https() => Curl("--cacert", world["ca.pem"], "https://one.pkg.example/who").Says(Packages);
}
