using Landlock.Linux;

namespace Landlock.Tests.Cli;

/// <summary>`landlocked --explain` on the real kernel: the command does not notice, and the reasons are right.</summary>
public sealed class ExplainTests
{
    public static TheoryData<Who> Everyone => CliRun.Everyone;

    [Theory]
    [MemberData(nameof(Everyone))]
    public void What_was_denied_comes_after_the_command_with_the_option_that_allows_it(Who who)
    {
        using Scratch scratch = new();
        string root = PosixFile.RealPath(scratch.Path)!;
        scratch.File("secret");
        CliRun run = CliRun.Of(who, "--explain", "--read-only", "/usr", "--", "sh", "-c", $"echo out; cat {root}/secret; exit 3");
        Assert.Equal((3, "out\n"), (run.ExitCode, run.Output));
        Assert.StartsWith($"cat: {root}/secret: Permission denied\nlandlocked: denied by the sandbox: ", run.Error,
            StringComparison.Ordinal);
        Assert.Contains($"\n  open {root}/secret: read_file denied, by cat\n      --read-data {root}/secret\n", run.Error,
            StringComparison.Ordinal);
        CliRun allowed = CliRun.Of(who, "--read-data", $"{root}/secret", "--read-only", "/usr", "--", "sh", "-c", $"cat {root}/secret");
        Assert.Equal((0, "content\n", ""), (allowed.ExitCode, allowed.Output, allowed.Error));
    }

    [Fact]
    public void A_files_own_mode_is_not_the_sandbox()
    {
        using Scratch scratch = new();
        string root = PosixFile.RealPath(scratch.Path)!;
        scratch.Do("echo x > mode; chmod 600 mode");
        CliRun run = CliRun.Of("--explain", "--read-only", "/usr", "--read-only", root, "--", "cat", $"{root}/mode");
        if (Exec.Posix.geteuid() != 0) return;
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"  open {root}/mode: EACCES, but not by the sandbox, by cat\n"
            + "      Every layer allows it: the file's own permissions (its mode is 0600)", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_is_what_it_was_when_it_was_denied()
    {
        using Scratch scratch = new();
        string root = PosixFile.RealPath(scratch.Path)!;
        scratch.Do("mkdir -m 777 work work/d; echo x > work/d/bin; chmod 644 work/d/bin");
        // Where the name leads afterwards, everything is allowed.
        CliRun run = CliRun.Of("--explain", "--read-only", "/usr", "--access", $"make_sym,make_dir,remove_dir:{root}/work", "--", "sh",
            "-c", $"cat {root}/work/d/bin; mv {root}/work/d {root}/work/e && ln -s /usr {root}/work/d");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"  open {root}/work/d/bin: read_file denied, by cat\n", run.Error, StringComparison.Ordinal);
        Assert.Contains(
            $"      When it was denied '{root}/work/d' was no link; it leads to '/usr' now, and this is about what it was then.", run.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_would_not_be_enough_says_so()
    {
        if (Exec.Posix.geteuid() != 0) return;
        using Scratch scratch = new();
        string root = PosixFile.RealPath(scratch.Path)!;
        scratch.Do("echo x > mode; chmod 600 mode");
        string[] command = ["--explain", "--read-only", "/usr", "--", "cat", $"{root}/mode"];
        const string note = "The file's own permissions would deny it all the same.";
        Assert.Contains($"      --read-data {root}/mode\n      {note}\n", CliRun.Of(command).Error, StringComparison.Ordinal);
        Assert.DoesNotContain(note, CliRun.Of(Who.Root, command).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_looks_at_itself_is_not_named()
    {
        CliRun run = CliRun.Of("--explain", "--read-only", "/usr", "--", "cat", "/proc/self/status");
        Assert.Contains("  open /proc/self/status: read_file denied, by cat\n      --read-data /proc/self/status\n"
            + "      That is for the command itself; a process that it starts has another one.\n", run.Error, StringComparison.Ordinal);
        Assert.StartsWith("Name:", CliRun.Of("--read-data", "/proc/self/status", "--", "cat", "/proc/self/status").Output,
            StringComparison.Ordinal);
        // No rule can name what is yet to come.
        run = CliRun.Of("--explain", "--read-only", "/usr", "--", "sh", "-c", "cat /proc/self/status; true");
        Assert.Contains("  open /proc/self/status: read_file denied, by cat\n      --access read_file:/proc\n"
            + "      That opens everything beneath /proc.\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_was_started_ends_with_a_hang_up()
    {
        using Scratch scratch = new();
        // The shell that hangs up is the parent; what is left behind would go on for minutes.
        string script = "\"$1\" --explain --read-only / -- sh -c '(sleep 287 & echo $! > /dev/stderr); sleep 288' 2> \"$2\" & tracer=$!; "
            + "until [ -s \"$2\" ]; do sleep 0.1; done; kill -HUP $tracer; wait $tracer; echo $?; "
            + "for i in $(seq 100); do kill -0 $(head -n 1 \"$2\") 2> /dev/null || { echo gone; break; }; sleep 0.1; done";
        CliRun run = CliRun.Program(new Setup(), "/bin/sh", "-c", script, "sh", CliRun.Landlocked, scratch.File("started", ""));
        Assert.Equal("129\ngone\n", run.Output);
    }

    // One is denied after the other; what is said about the first allows them all.
    [CliTheory(abi: 5)]
    [InlineData(false)]
    [InlineData(true)]
    public void A_terminal_is_made_after_one_hint(bool hasFirst)
    {
        if (PosixFile.Stat("/usr/bin/python3") is null) return;
        string[] command = ["--", "/usr/bin/python3", "-c", "import os; print(os.isatty(os.openpty()[1]))"];
        string[] first = hasFirst ? ["--access", "read_file,write_file,ioctl_dev:/dev/ptmx"] : [];
        CliRun run = CliRun.Of(["--explain", "--read-only", "/", .. first, .. command]);
        Assert.Contains($"\n  open {(hasFirst ? "/dev/pts/" : "/dev/ptmx: write_file denied")}", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("not by the sandbox", run.Error, StringComparison.Ordinal);
        string hint = run.Error.Split('\n').First(line => line.Contains(":/dev/pts", StringComparison.Ordinal)).Trim();
        Assert.Contains("\n      A program that makes a terminal needs both places; the second also opens the user's other terminals.\n",
            run.Error, StringComparison.Ordinal);
        CliRun.Of(["--read-only", "/", .. first, .. hint.Split(' '), .. command]).Ran("True\n");
    }

    [Theory]
    [InlineData("SOCK_STREAM", "tcp", "--connect-tcp PORT")]
    [InlineData("SOCK_DGRAM", "udp", "--connect-send-udp PORT")]
    public void Sockets_that_the_filter_refuses_are_seen_and_fail_as_without_a_tracer(string type, string name, string option)
    {
        string code = $"import socket,os,errno\ntry: socket.socket(socket.AF_INET, socket.{type})\n"
            + "except OSError as e: print(errno.errorcode[e.errno])";
        string[] command = ["--read-only", "/usr", "--", "/usr/bin/python3", "-c", code];
        if (PosixFile.Stat("/usr/bin/python3") is null) return;
        Assert.Equal("EACCES\n", CliRun.Of(command).Output);
        CliRun run = CliRun.Of(["--explain", .. command]);
        Assert.Equal("EACCES\n", run.Output);
        Assert.Contains($"  socket {name}: denied by the sandbox, by python3", run.Error, StringComparison.Ordinal);
        Assert.Contains($"\n      {option}\n", run.Error, StringComparison.Ordinal);
    }

    [CliTheory(abi: 6)]
    [InlineData("os.kill(os.getppid(), 0)", "signal process ", "EPERM", "--unrestricted scope")]
    [InlineData("socket.socket(16, socket.SOCK_RAW)", "socket netlink_route: denied by the sandbox", "EAFNOSUPPORT", "--list-interfaces")]
    [InlineData("socket.socket(16, 3, 9)", "socket netlink: denied by the sandbox", "EAFNOSUPPORT", "--network unrestricted")]
    [InlineData("socket.socket(17, socket.SOCK_RAW)", "socket packet: denied by the sandbox", "EAFNOSUPPORT", "--network unrestricted")]
    [InlineData("socket.socketpair(17)", "socket packet: denied by the sandbox", "EAFNOSUPPORT", "--network unrestricted")]
    [InlineData("keyctl()", "keyring keyrings: denied by the sandbox", "ENOSYS",
        "A sandboxed command has no access to the kernel's keyrings")]
    [InlineData("fcntl.ioctl(0, 0x5412, b'x')", "terminal TIOCSTI: denied by the sandbox", "EPERM",
        "A sandboxed command cannot type into its terminal")]
    public void What_no_path_is_about_is_seen_and_fails_as_without_a_tracer(string action, string said, string error, string fix)
    {
        if (PosixFile.Stat("/usr/bin/python3") is null) return;
        string code = $$"""
            import ctypes, errno, fcntl, os, platform, socket
            def keyctl():
                libc = ctypes.CDLL(None, use_errno=True)
                if libc.syscall(250 if platform.machine() == "x86_64" else 219, 0, -3, 0) < 0: raise OSError(ctypes.get_errno(), "")
            try: {{action}}
            except OSError as e: print(errno.errorcode[e.errno], flush=True); os._exit(3)
            """;
        string[] command = ["--read-only", "/usr", "--", "/usr/bin/python3", "-c", code];
        Assert.Equal(error + "\n", CliRun.Of(command).Output);
        CliRun run = CliRun.Of(["--explain", .. command]);
        Assert.Equal((3, error + "\n"), (run.ExitCode, run.Output));
        Assert.Contains($"  {said}", run.Error, StringComparison.Ordinal);
        Assert.Contains($"\n      {fix}", run.Error, StringComparison.Ordinal);
    }

    [CliTheory(abi: 1)]
    [InlineData("socket.socket(1)", "EAFNOSUPPORT", "default")]
    [InlineData("socket.socketpair(1, socket.SOCK_DGRAM)", "ESOCKTNOSUPPORT", "default")]
    [InlineData("socket.socket(1)", "EAFNOSUPPORT", "unrestricted")]
    [InlineData("socket.socketpair(1, socket.SOCK_DGRAM)", "ESOCKTNOSUPPORT", "unrestricted")]
    public void Unix_sockets_that_are_refused_are_seen_and_fail_as_without_a_tracer(string action, string error, string network)
    {
        if (PosixFile.Stat("/usr/bin/python3") is null) return;
        string code =
            $"import errno, os, socket\ntry: {action}\nexcept OSError as e: print(errno.errorcode[e.errno], flush=True); os._exit(3)";
        string[] command = ["--no-unix-socket", "--network", network, "--read-only", "/usr", "--", "/usr/bin/python3", "-c", code];
        Assert.Equal(error + "\n", CliRun.Of(command).Output);
        CliRun run = CliRun.Of(["--explain", .. command]);
        Assert.Equal((3, error + "\n"), (run.ExitCode, run.Output));
        Assert.Contains("  socket unix: denied by the sandbox", run.Error, StringComparison.Ordinal);
        Assert.Contains("\n      No UNIX socket can be made, since -NoUnixSocket (--no-unix-socket) was asked for. Leave it out if the "
            + "command needs one.\n", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--network unrestricted", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_gets_away_from_the_tracer_makes_no_socket()
    {
        if (PosixFile.Stat("/usr/bin/python3") is null) return;
        // clone3(2) with CLONE_UNTRACED: the filter finds nobody to ask, and the kernel fails the call.
        Assert.Equal($"errno {(int)Errno.ENOSYS}", Untraced("435, struct.pack('11Q', 0x800000, *[0] * 3, 17, *[0] * 6), 88").Output);
        // clone(2) loses the flag: LeakSanitizer's helper is such a process, and would end at its first call.
        CliRun run = Untraced("56 if platform.machine() == 'x86_64' else 220, 0x800000 | 17, 0, 0, 0, 0");
        Assert.Equal($"errno {(int)Errno.EACCES}", run.Output);
        Assert.Contains("  socket tcp: denied by the sandbox", run.Error, StringComparison.Ordinal);
    }

    private static CliRun Untraced(string call)
    {
        string code = $$"""
            import ctypes, os, platform, socket, struct
            child = ctypes.CDLL(None).syscall({{call}})
            if child == 0:
                try:
                    socket.socket()
                    os.write(1, b"made")
                except OSError as e:
                    os.write(1, b"errno %d" % e.errno)
                os._exit(0)
            os.waitpid(child, 0)
            """;
        return CliRun.Of("--explain", "--read-only", "/usr", "--", "/usr/bin/python3", "-c", code);
    }

    // What Landlock keeps from every sandbox, whatever its rules say.
    [Theory]
    [InlineData("os.read(os.open(f'/proc/{pid}/environ', 0), 9)", "open /proc/{0}/environ", "EACCES")]
    [InlineData("os.open(f'/proc/{pid}/fd/0', 0)", "open /proc/{0}/fd/0", "EACCES")]
    [InlineData("os.chdir(f'/proc/{pid}'); os.open('maps', 0)", "open /proc/{0}/maps", "EACCES")]
    [InlineData("b = (ctypes.c_ulong * 2)(id(0), 8); call(310, 270, pid, b, 1, b, 1, 0)", "inspect process {0} (sleep)", "EPERM")]
    [InlineData("call(438, 438, os.pidfd_open(pid), 0, 0, 0, 0, 0)", "inspect process {0} (sleep)", "EPERM")]
    [InlineData("call(312, 272, pid, os.getpid(), 0, 0, 0, 0)", "inspect process {0} (sleep)", "EPERM")]
    [InlineData("call(101, 117, 16, pid, 0, 0, 0, 0)", "ptrace process {0} (sleep)", "EPERM")]
    public void A_process_outside_is_kept_from_the_sandbox(string action, string said, string error)
    {
        if (PosixFile.Stat("/usr/bin/python3") is null) return;
        string code = $$"""
            import ctypes, errno, os, platform, sys
            pid = int(sys.argv[1])
            def call(x64, arm64, *words):
                libc = ctypes.CDLL(None, use_errno=True)
                words = [ctypes.c_long(word) if isinstance(word, int) else word for word in words]
                if libc.syscall(x64 if platform.machine() == "x86_64" else arm64, *words) < 0: raise OSError(ctypes.get_errno(), "")
            try: {{action}}
            except OSError as e: print(errno.errorcode[e.errno], flush=True); os._exit(3)
            """;
        int outside = Exec.Posix.Spawn("/usr/bin/setpriv", [.. Ordinary, "/usr/bin/sleep", "60"], [], new Dictionary<int, int>(), 0);
        try
        {
            while (!File.ReadAllText($"/proc/{outside}/comm").StartsWith("sleep", StringComparison.Ordinal)) Thread.Sleep(10);
            string[] command = ["--read-only", "/", "--", "/usr/bin/python3", "-c", code, $"{outside}"];
            CliRun plain = CliRun.Of(command), run = CliRun.Of(["--explain", .. command]);
            Assert.Equal((3, error + "\n"), (run.ExitCode, run.Output));
            Assert.Equal((plain.ExitCode, plain.Output), (run.ExitCode, run.Output));
            Assert.Contains($"  {string.Format(null, said, outside)}: ptrace denied, by python3", run.Error, StringComparison.Ordinal);
            Assert.Contains("\n      A sandboxed command cannot look into a process outside, at its environment, memory or descriptors, "
                + "nor trace it, and nothing allows it.\n", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("not by the sandbox", run.Error, StringComparison.Ordinal);
        }
        finally
        {
            _ = Syscalls.Kill(outside, 9);
            _ = Exec.Posix.Wait(outside, TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public void A_program_that_would_have_more_rights_outside_is_told()
    {
        if (PosixFile.Stat("/usr/bin/su") is null || Exec.Posix.geteuid() != 0) return;
        const string note = "  note: '/usr/bin/su' belongs to another user, whose rights it has outside. Every sandbox is without such "
            + "rights (no_new_privs), so that it ran with the caller's.\n";
        string[] command = ["--explain", "--read-only", "/", "--", "/usr/bin/su", "--version"];
        Assert.Contains(note, CliRun.Of(command).Error, StringComparison.Ordinal);
        Assert.DoesNotContain(note, CliRun.Of(Who.Root, command).Error, StringComparison.Ordinal);
    }

    // A filter of a container, which refuses calls by their number.
    [Theory]
    [InlineData(101, 117, "landlocked: the command cannot be traced, and nothing was run: a seccomp filter of the container or sandbox "
        + "around this process forbids ptrace(2) (docker run --cap-add SYS_PTRACE, for one, allows it). Run it without -Explain")]
    [InlineData(310, 270, "  open /etc/group: read_file denied, by cat\n")]
    [InlineData(438, 438, "  connect 127.0.0.1:9: connect_tcp denied, by bash\n")]
    [InlineData(438, 438, "  note: pidfd_getfd(2) is refused here, by the kernel (before Linux 5.6) or a container's filter, so that it is "
        + "not known which sockets are TCP's and which UDP's: what connects and binds is taken for TCP, what sends for UDP\n")]
    public void What_a_container_forbids_is_said_or_done_otherwise(int x64, int arm64, string said)
    {
        if (PosixFile.Stat("/usr/bin/python3") is null || RunningKernel.Support.Abi < 4) return;
        string code = $$"""
            import ctypes, os, platform, struct, sys
            number = {{x64}} if platform.machine() == "x86_64" else {{arm64}}
            code = b"".join(struct.pack("HBBI", *one) for one in
                [(0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, 0x50001), (6, 0, 0, 0x7fff0000)])
            memory = ctypes.create_string_buffer(code)
            program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(memory)))
            libc = ctypes.CDLL(None)
            assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0
            os.execv(sys.argv[1], sys.argv[1:])
            """;
        CliRun run = CliRun.Of(new Setup { Wrapper = ["/usr/bin/python3", "-c", code] }, "--explain", "--read-only", "/usr",
            "--connect-tcp", "80", "--", "bash", "-c", "exec 2>/dev/null; cat /etc/group; (exec 3<>/dev/tcp/127.0.0.1/9); :");
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        Assert.Equal(x64 == 101 ? 125 : 0, run.ExitCode);
    }

    [Fact]
    public void A_sandbox_that_is_explained_explains_no_other()
    {
        CliRun run = CliRun.Of("--explain", "--read-only", "/", "--", CliRun.Landlocked, "--explain", "--read-only", "/", "--", "true");
        Assert.Equal(125, run.ExitCode);
        Assert.Matches(@"\Alandlocked: the command cannot be traced, and nothing was run: process \d+ \(landlocked\) traces it already, "
            + @"and a process has one tracer\. Run it without -Explain", run.Error);
    }

    [Fact]
    public void Denials_are_told_as_they_happen()
    {
        using Scratch scratch = new();
        string root = PosixFile.RealPath(scratch.Path)!;
        scratch.File("secret");
        string[] command = ["--read-only", "/usr", "--", "sh", "-c", $"cat {root}/secret; echo next >&2; cat {root}/secret; exit 3"];
        string denied = $"cat: {root}/secret: Permission denied\n";
        CliRun run = CliRun.Of(["--explain=live", .. command]);
        // Once, and before the command can say anything about it.
        string told = $"landlocked: open {root}/secret: read_file denied, by cat\n      --read-data {root}/secret\n";
        Assert.Equal((3, $"{told}{denied}next\n{denied}"), (run.ExitCode, run.Error));

        int lines = Exec.Posix.MemoryFile("lines");
        run = CliRun.Of(new Setup { Descriptors = { [7] = lines } }, ["--explain=live", "--json-fd", "7", .. command]);
        Assert.Equal($"{denied}next\n{denied}", run.Error);
        using System.Text.Json.JsonDocument line = System.Text.Json.JsonDocument.Parse(Exec.Posix.Read(lines));
        Assert.Equal(("denial", $"{root}/secret"),
            (line.RootElement.GetProperty("kind").GetString(), line.RootElement.GetProperty("path").GetString()));
        Exec.Posix.Close(lines);

        // What is recorded from both sides is one denial, and what the filter refuses comes, too.
        run = CliRun.Of("--explain=live", "--read-only", "/usr", "--", "perl", "-e",
            $"rename '{root}/secret', '{root}/other'; socket(my $s, 2, 1, 0)");
        Assert.Equal(1, run.Error.Split("rename ").Length - 1);
        Assert.Contains("landlocked: socket tcp: denied by the sandbox, by perl\n      --connect-tcp PORT\n", run.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_is_too_long_is_told()
    {
        if (PosixFile.Stat("/usr/bin/python3") is null) return;
        const string code = """
            import os, sys, tempfile
            top = tempfile.mkdtemp()
            os.chmod(top, 0o755)
            os.chdir(top)
            for _ in range(25): os.mkdir("d" * 200); os.chdir("d" * 200)
            open("file", "w").close()
            os.execv(sys.argv[1], sys.argv[1:])
            """;
        CliRun run = CliRun.Of(new Setup { Wrapper = ["/usr/bin/python3", "-c", code] }, "--explain", "--read-only", "/usr", "--", "sh",
            "-c", ": < file || exit 3");
        Assert.Equal(2, run.ExitCode);
        Assert.Matches(@"\n  note: /usr/bin/\w+ was denied a file whose path is not known: it has more than 4095 bytes, or is none\n",
            run.Error);
    }

    private static string[] Ordinary => Exec.Posix.geteuid() == 0
        ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : ["/usr/bin/setpriv", "--no-new-privs"];

    [Fact]
    public void What_the_tracer_takes_from_the_command_is_not_the_sandbox()
    {
        if (PosixFile.Stat("/usr/bin/strace") is null) return;
        CliRun run = CliRun.Of("--explain", "--read-only", "/", "--", "/usr/bin/strace", "-f", "true");
        Assert.Contains("EPERM, but not by the sandbox", run.Error, StringComparison.Ordinal);
        Assert.Contains("\n      The tracer that explains the command takes its place: a process has one tracer, and one listener. "
            + "What traces itself (gdb, strace, LeakSanitizer, a container) is run without -Explain (--explain).\n", run.Error,
            StringComparison.Ordinal);
        Assert.DoesNotContain("denied by the sandbox", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 41", 41, 0)]
    [InlineData("kill -KILL $$", -1, 9)]
    public void The_command_ends_as_it_would(string script, int exitCode, int signal)
    {
        CliRun run = CliRun.Of("--explain", "--", "/bin/sh", "-c", script);
        Assert.Equal((exitCode, signal), (run.ExitCode, run.Signal));
        Assert.Equal("landlocked: the sandbox denied nothing that was seen\n", run.Error);
    }

    [Fact]
    public void Where_nothing_is_run_nothing_is_explained() =>
        CliRun.Of("--explain", "--", "no-such-command")
            .Refused("landlocked: the command 'no-such-command' was not found in PATH; nothing was run", 127);
}
