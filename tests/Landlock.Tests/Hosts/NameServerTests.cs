namespace Landlock.Tests.Hosts;

/// <summary>Name servers of every kind, and what they do wrong.</summary>
[Collection(HostWorld.Name)]
public sealed class NameServerTests(HostWorld world)
{
    private const string Api = @"this is (10\.9\.0\.2|fd00:9::2)\n", Packages = @"this is 10\.9\.0\.4\n";

    private HostRun Curl(string name) => world.Sandboxed(HostRules.Usual, "curl", "-sS", "-m", "30", $"http://{name}/who");

    [HostFact("curl")]
    public void They_may_be_reached_over_ipv6()
    {
        using IDisposable servers = world.WithNameServers("fd00:9::53");
        HostRun run = Curl("api.example.com").Says(Api);
        Assert.Contains("wire udp fd00:9::53 53", run.Log);
        run = Curl("big.pkg.example").Says(@"this is 10\.9\.2\.\d+\n");
        Assert.Contains("wire tcp fd00:9::53 53", run.Log);
    }

    [HostFact("curl")]
    public void Another_one_is_asked_where_the_first_does_not_answer()
    {
        using IDisposable servers = world.WithNameServers("10.9.200.53", "10.9.0.53");
        HostRules rules = HostRules.Usual with { NameServers = ["10.9.200.53", "10.9.0.53"] };
        world.Sandboxed(rules, "curl", "-sS", "-m", "30", "http://x.pkg.example/who").Says(Packages);
    }

    [HostFact("curl")]
    public void A_question_that_was_lost_is_asked_again() => Curl("lost.pkg.example").Says(Packages);

    [HostTheory("curl")]
    [InlineData("fails.pkg.example")]
    [InlineData("broken.pkg.example")]
    [InlineData("circle.pkg.example")]
    public void What_is_wrong_is_an_error_and_no_more(string name)
    {
        Curl(name).Fails("Could not resolve|Couldn't connect|Failed to connect");
        Curl("api.example.com").Says(Api);
    }

    [HostFact("curl")]
    public void An_answer_too_long_for_a_datagram_comes_over_tcp()
    {
        HostRun run = Curl("big.pkg.example").Says(@"this is 10\.9\.2\.\d+\n");
        Assert.Contains(run.Log, line => line.StartsWith("question big.pkg.example 1 tcp", StringComparison.Ordinal));
    }

    [HostFact("gcc")]
    public void Resolvers_that_compare_the_sender_work() => Resolves("gcc");

    [HostFact("musl-gcc")]
    public void Musl_resolves_in_a_static_program() => Resolves("musl-gcc", "-static");

    private void Resolves(string compiler, params string[] options) =>
        world.Sandboxed(HostRules.Usual, world.Compile(compiler, "resolve.c", options), "api.example.com", "10.9.0.53")
            .Says($@"{Api}(\w+, \w+: from the server\n){{4}}");
}
