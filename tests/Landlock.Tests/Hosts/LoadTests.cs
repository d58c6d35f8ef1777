namespace Landlock.Tests.Hosts;

/// <summary>Whatever the command does to wear out its supervisor, that answers, and only what it may.</summary>
[Collection(HostWorld.Name)]
public sealed class LoadTests(HostWorld world)
{
    // As long as the limit of a command lets it.
    private static readonly int Longer = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") == "1" ? 20 : 1;

    private HostRun Load(string what, int number, params string[] wrapper) => world.Sandboxed(HostRules.Usual with { Floods = true },
        [.. wrapper, world.Compile("gcc", "load.c"), what, $"{number}"]);

    [HostFact("gcc")]
    public void Ten_thousand_connections_half_of_them_denied() => Load("flood", 10_000).Says("5000 connected, 5000 denied, 0 otherwise\n");

    [HostFact("gcc")]
    public void Sockets_of_udp_run_out_and_are_given_back() => Load("datagrams", 3000)
        .Says("1024 sockets, then Too many open files\nmeanwhile: success\nafterwards: success\n");

    [HostTheory("gcc", "prlimit")]
    [InlineData(256)]
    [InlineData(64)]
    public void A_supervisor_with_few_descriptors_goes_on(int files)
    {
        string[] command = [world.Compile("gcc", "load.c"), "datagrams", "3000"];
        HostRun run = world.Around(["prlimit", $"--nofile={files}:{files}"], HostRules.Usual, command);
        run.Says(@"\d+ sockets, then Too many open files\nmeanwhile: success\nafterwards: success\n");
    }

    [HostFact("gcc")]
    public void Who_waits_for_a_host_keeps_nobody_else_waiting() => Load("waiting", 300).Says("meanwhile: at once\nafterwards: success\n");

    [HostFact("gcc", "prlimit")]
    public void Nor_where_descriptors_are_few()
    {
        string[] command = [world.Compile("gcc", "load.c"), "waiting", "300"];
        world.Around(["prlimit", "--nofile=256:256"], HostRules.Usual, command)
            .Says("(meanwhile: No buffer space available\n)*meanwhile: at once\nafterwards: success\n");
    }

    [HostFact("gcc")]
    public void The_supervisor_does_not_wait_for_a_socket() => Load("hang", 100).Says("held up: 0 of 100\n");

    [HostTheory("gcc")]
    [InlineData(0, "Interrupted system call before the time\n")]
    [InlineData(1, "Operation now in progress after the time\n")]
    public void Signals_come_while_a_connection_is_made(int restarts, string end) => Load("signals", restarts).Says(end);

    [HostFact("gcc")]
    public void Signals_all_the_time() => Load("often", 500).Says("500 of 500\n");

    [HostFact("gcc")]
    public void A_datagram_without_bytes() => Load("empty", 0).Says("empty: success\na question: success\nan answer: success\n");

    [HostFact("gcc")]
    public void Noise_instead_of_questions() => Load("noise", 5000 * Longer).Says("a good question: answered\n");

    [HostFact("gcc")]
    public void Damaged_answers() => Load("damaged", 500 * Longer)
        .Says("some were answered; a good question: answered\nanother address: Permission denied\n");
}
