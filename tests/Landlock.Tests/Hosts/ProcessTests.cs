namespace Landlock.Tests.Hosts;

/// <summary>Processes of every kind that connect.</summary>
[Collection(HostWorld.Name)]
public sealed class ProcessTests(HostWorld world)
{
    [HostFact("curl")]
    public void Sixty_processes_at_once() => world.Sandboxed(HostRules.Usual, "sh", "-c", "i=0; while [ $i -lt 60 ]; do "
        + "curl -sS -m 50 http://p$i.pkg.example/who >> all 2>&1 & i=$((i+1)); done; wait; sort all | uniq -c")
        .Says(" *60 this is 10.9.0.4\n");

    [HostFact("curl", "setsid")]
    public void A_daemon_that_forked_twice() => world.Sandboxed(HostRules.Usual, "sh", "-c",
        "(setsid sh -c 'sleep 0.2; curl -sS -m 20 http://api.example.com/who > daemon 2>&1; echo > done' &); "
            + "until [ -e done ]; do sleep 0.05; done; cat daemon").Says(@"this is (10\.9\.0\.2|fd00:9::2)\n");

    [HostFact("curl", "setsid")]
    public void Nothing_goes_on_when_the_command_has_ended()
    {
        HostRun run = world.Sandboxed(HostRules.Usual, "sh", "-c",
            "setsid sh -c 'echo $$ > daemon; sleep 60; curl -sS -m 9 http://10.9.0.3/who' >&- 2>&- & "
                + "until [ -s daemon ]; do :; done; cat daemon");
        string daemon = run.Says(@"\d+\n").Said.Trim();
        Assert.True(HostWorld.Becomes(() => !Directory.Exists($"/proc/{daemon}")), "it still runs");
    }

    [HostFact("python3")]
    public void A_thread_with_descriptors_of_its_own() => world.Sandboxed(HostRules.Usual, "/usr/bin/python3", "-c", """
        import ctypes, threading, socket
        keep = socket.socketpair()
        def connect():
            ctypes.CDLL(None).unshare(0x400)
            s = socket.socket()
            s.connect(("10.9.0.2", 82))
            print("connected to", s.getpeername()[0])
        t = threading.Thread(target=connect)
        t.start()
        t.join()
        """).Says("connected to 10.9.0.2\n");

    [HostFact]
    public void The_exit_code_is_the_commands() => Assert.Equal(7, world.Sandboxed(HostRules.Usual, "sh", "-c", "exit 7").Run.ExitCode);

    [HostFact]
    public void Nothing_of_the_supervisor_is_inherited() =>
        world.Sandboxed(HostRules.Usual, "ls", "/proc/self/fd").Says("0\n1\n2\n3\n");

    [HostFact("python3")]
    public void Services_of_the_command_itself_need_a_rule_as_well() => world.Sandboxed(
        HostRules.Usual with { More = ["--bind-tcp", "5000"] }, "/usr/bin/python3", "-c", """
        import socket
        s = socket.create_server(("127.0.0.1", 5000))
        try: socket.create_connection(("127.0.0.1", 5000), 5); print("connected")
        except OSError as e: print(e.strerror)
        """).Says("Permission denied\n");
}
