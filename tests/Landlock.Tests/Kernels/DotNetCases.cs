namespace Landlock.Tests.Kernels;

/// <summary>
/// What the library itself does on a kernel: the evaluator against it, restricting a running process, reading its audit log.
/// </summary>
internal static class DotNetCases
{
    // All in all 100,000 cases in a long run.
    private static readonly int Goal = BootedKernel.Soak ? 3000 : 8;

    private static readonly string Seed =
        $"{(Environment.GetEnvironmentVariable("LANDLOCKPS_SEED") is { Length: > 0 } given ? given : Environment.TickCount)}";

    private const string Serving = "mkdir /tmp/s; sockets serve /tmp/s > /tmp/ready & while ! test -s /tmp/ready; do sleep 0.1; done; ";

    private const string Denied =
        "trap 'kill %1' EXIT; " + Serving
            + "landlocked --log-denials --read-only /usr --bind-udp 0 --connect-send-udp 5001 -- sh -c 'cat /outside/secret; sockets "
            + "stream /tmp/s/stream datagram-sendto /tmp/s/datagram bind4 5002 bind6 5003 sendto4 5004 connect6 5005'";

    private const string Logged = """
        fs.read_file /outside/secret: -ReadData /outside/secret
        fs.resolve_unix /tmp/s/stream: -UnixSocket /tmp/s/stream
        fs.resolve_unix /tmp/s/datagram: -UnixSocket /tmp/s/datagram
        net.bind_udp port 5002 of 127.0.0.1: -BindUdp 5002
        net.bind_udp port 5003 of ::1: -BindUdp 5003
        net.connect_send_udp port 5004 of 127.0.0.1: -ConnectSendUdp 5004
        net.connect_send_udp port 5005 of ::1: -ConnectSendUdp 5005

        """;

    public static KernelCase[] All { get; } =
    [
        Compared("oracle-root", "Root"),
        Compared("oracle-user", "Ordinary"),
        InPlace("in-place-root", 0),
        InPlace("in-place-user", KernelCase.Ordinary),
        // The flag sets no_new_privs only where the restriction holds; before it, setting it comes first.
        Case("in-place-refused", 0, 300, ["/usr/bin/tests", "in-place-refused"],
            (kernel, answer) => KernelCase.Is(answer, 0, $"E2BIG, no_new_privs {kernel.Abi < 11}\n", "")),
        Case("denials", 0, 300, ["/usr/bin/tests", "denials", Denied],
            (_, answer) => Assert.EndsWith(Logged, answer.Output, StringComparison.Ordinal)),
    ];

    private static KernelCase Compared(string name, string who) =>
        Case(name, 0, BootedKernel.Soak ? 3600 : 300, ["/usr/bin/tests", "oracle", who, $"{Goal}", Seed],
            (_, answer) => Assert.True(answer.ExitCode == 0, $"seed {Seed}: {answer}"));

    private static KernelCase InPlace(string name, int user) =>
        Case(name, user, 300, ["/bin/sh", "-c", $"{Serving}exec tests in-place"], (_, answer) => KernelCase.Is(
            answer,
            0,
            """
            before: secret, NoNewPrivs 0, Seccomp 0
            new thread: denied
            threads: denied, denied, denied
            main: denied, own, NoNewPrivs 1, Seccomp 2
            own
            child: 1
            bind4 5001: Permission denied
            stream /tmp/s/stream: Permission denied

            """,
            "/usr/bin/cat: /outside/secret: Permission denied\n"));

    private static KernelCase Case(string name, int user, int seconds, string[] command, Action<BootedKernel, Answer> check) =>
        new(name, user, command, check) { Since = 10, Seconds = seconds };
}
