using System.Net;
using System.Net.Sockets;
using System.Text;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Policies;

/// <summary>Presets on real programs and the real kernel, as root and as an ordinary user.</summary>
public class PresetProgramTests
{
    [ProgramTheory("sh", "cat", "ls")]
    [InlineData(false)]
    [InlineData(true)]
    public void Base_runs_ordinary_programs_without_any_help(bool ordinary)
    {
        using PresetSandbox sandbox = new(ordinary);
        ExecRun run = sandbox.Run("Base", closure: false, [], "sh", "-c",
            "ls /usr > list; cat /etc/passwd > /dev/null; head -c 1 /dev/urandom > byte; date > date; ls $HOME").Ran(2);

        Assert.Contains("Permission denied", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [ProgramTheory("sh", "cat", "ls", Root = true)]
    [InlineData("Base")]
    [InlineData("Base,WebClient")]
    public void Base_keeps_passwords_and_keys_from_roots_commands(string presets)
    {
        using PresetSandbox sandbox = new(ordinary: false);
        string[] secrets = ["/etc/shadow", "/etc/gshadow", "/etc/shadow-", "/etc/security/opasswd", "/etc/sudoers",
            .. Files("/etc/ssl/private"), .. Files("/etc/ssh", "ssh_host_*_key")];
        string[] there = [.. secrets.Where(File.Exists)];
        Assert.NotEmpty(there);
        ExecRun run = sandbox.Run(presets, closure: false, [],
            ["sh", "-c", "ls /etc > list; cat /etc/passwd /etc/hosts > /dev/null; cat \"$@\"", "sh", .. there]).Ran(1);

        Assert.Equal("", run.Output);
        Assert.Equal(there.Select(path => $"cat: {path}: Permission denied"), run.Error.TrimEnd().Split('\n'));

        static string[] Files(string folder, string pattern = "*") => Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : [];
    }

    [ProgramTheory("bash")]
    [InlineData(false)]
    [InlineData(true)]
    public void Baseline_is_enough_beside_a_commands_closure(bool ordinary)
    {
        using PresetSandbox sandbox = new(ordinary);
        ExecRun run = sandbox.Run("Baseline", "bash", "-c",
            "printf 'é %(%Z)T\\n' 0 > /dev/null; read -r line < /dev/null; [ -t 0 ]; echo fine").Ran();

        Assert.Equal(("fine\n", ""), (run.Output, run.Error));
    }

    [ProgramTheory("git")]
    [InlineData(false)]
    [InlineData(true)]
    public void Git_commits(bool ordinary)
    {
        using PresetSandbox sandbox = new(ordinary);
        sandbox.Write("file", "content\n");
        File.WriteAllText(Path.Combine(sandbox.Home, ".gitconfig"),
            "[user]\nname = Somebody\nemail = somebody@example.com\n[init]\ndefaultBranch = trunk\n");
        sandbox.Run("Base,Git", "git", "init", "--quiet").Ran();
        sandbox.Run("Base,Git", "git", "add", "file").Ran();
        sandbox.Run("Base,Git", "git", "commit", "--quiet", "-m", "First").Ran();
        ExecRun run = sandbox.Run("Base,Git", "git", "log", "--format=%s by %an on %D").Ran();

        Assert.Equal(("First by Somebody on HEAD -> trunk\n", ""), (run.Output, run.Error));
    }

    [ProgramTheory("python3")]
    [InlineData(false)]
    [InlineData(true)]
    public void Python_imports_its_library(bool ordinary)
    {
        using PresetSandbox sandbox = new(ordinary);
        sandbox.Write("program.py", "import json, ssl, sqlite3, subprocess, hashlib, ctypes\nprint(json.dumps({'a': "
            + "hashlib.sha256(b'').hexdigest()[:8]}), subprocess.check_output(['echo', 'child']).decode().strip())\n");
        ExecRun run = sandbox.Run("Base,Python", "/usr/bin/python3", "program.py").Ran();

        Assert.Equal(("{\"a\": \"e3b0c442\"} child\n", ""), (run.Output, run.Error));
    }

    [ProgramTheory("python3")]
    [InlineData(false)]
    [InlineData(true)]
    public void Python_uses_a_virtual_environment(bool ordinary)
    {
        using PresetSandbox sandbox = new(ordinary);
        sandbox.Run("Base,Python", "/usr/bin/python3", "-m", "venv", "--without-pip", ".venv").Ran();
        ExecRun run = sandbox.Run("Base,Python", ".venv/bin/python", "-c", "import sys; print(sys.prefix != sys.base_prefix)").Ran();

        Assert.Equal(("True\n", ""), (run.Output, run.Error));
    }

    [ProgramTheory("node")]
    [InlineData(false)]
    [InlineData(true)]
    public void Node_runs_with_workers_and_children(bool ordinary)
    {
        using PresetSandbox sandbox = new(ordinary);
        sandbox.Write("program.js", """
            const { Worker } = require('worker_threads'), crypto = require('crypto'), os = require('os');
            new Worker("require('worker_threads').parentPort.postMessage('worker')", { eval: true })
                .on('message', text => console.log(text, require('child_process').execSync('echo child').toString().trim(),
                    os.cpus().length > 0, crypto.randomBytes(4).length));
            """);
        ExecRun run = sandbox.Run("Base,Node", "node", "program.js").Ran();

        Assert.Equal(("worker child true 4\n", ""), (run.Output, run.Error));
    }

    [ProgramTheory("gcc", "make")]
    [InlineData(false)]
    [InlineData(true)]
    public void Build_compiles_and_links(bool ordinary)
    {
        using PresetSandbox sandbox = new(ordinary);
        sandbox.Write("hello.c", "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n");
        sandbox.Write("Makefile", "all: hello\n\t./hello\nhello: hello.c\n\tgcc -O2 -g -flto -o $@ $<\n");
        ExecRun run = sandbox.Run("Base,Build", "make", "--silent", "-j2").Ran();

        Assert.Equal(("hello\n", ""), (run.Output, run.Error));
    }

    [ProgramTheory("dotnet")]
    [InlineData(false)]
    [InlineData(true)]
    public void Dotnet_starts_the_sdk(bool ordinary)
    {
        using PresetSandbox sandbox = new(ordinary);
        ExecRun run = sandbox.Run("Base,Dotnet", closure: true, [("PATH", $"{Built.DotnetRoot}:/usr/bin:/bin"), ("DOTNET_CLI_HOME",
            sandbox.Project), ("TMPDIR", "/tmp"), ("DOTNET_SKIP_WORKLOAD_INTEGRITY_CHECK", "true")], "dotnet", "--list-sdks").Ran();
        Assert.NotEqual("", run.Output);
        Assert.Equal("", run.Error);
        run = sandbox.Run("Base,Dotnet", closure: true, [("PATH", $"{Built.DotnetRoot}:/usr/bin:/bin"),
            ("DOTNET_CLI_HOME", sandbox.Project), ("TMPDIR", "/tmp"), ("DOTNET_SKIP_WORKLOAD_INTEGRITY_CHECK", "true")], "dotnet",
            "msbuild", "-version", "-nologo").Ran();
        Assert.Equal("", run.Error);
    }

    [ProgramTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void PowerShell_alone_is_enough_for_pwsh(bool ordinary)
    {
        using PresetSandbox sandbox = new(ordinary);
        (string, string)[] environment =
            [("PATH", $"{Path.GetDirectoryName(Built.PowerShell)}:{Built.DotnetRoot}:/usr/bin:/bin"), ("DOTNET_ROOT", Built.DotnetRoot)];
        ExecRun run = sandbox.Run("PowerShell", closure: true, environment, "pwsh", "-NoProfile", "-NonInteractive", "-Command",
            "'{0:N2} {1}' -f 1.5, ((Get-Date).Year -gt 2000); Get-ChildItem $HOME").Ran(1);

        Assert.Equal("1.50 True\n", run.Output);
        Assert.Contains("denied", run.Error, StringComparison.Ordinal);
    }

    [ProgramTheory("curl")]
    [InlineData(false)]
    [InlineData(true)]
    public void WebClient_reaches_port_80_and_no_other(bool ordinary)
    {
        using PresetSandbox sandbox = new(ordinary);
        using Server? server = Server.TryStart(80);
        using Server other = Server.TryStart(0)!;
        if (server is null) return; // Not root, or port 80 is in use.

        ExecRun run = sandbox.Run("Base,WebClient", "curl", "--silent", "--show-error", "--noproxy", "*", "http://localhost/").Ran();
        Assert.Equal(("hello", ""), (run.Output, run.Error));
        run = sandbox.Run("Base,WebClient", "curl", "--silent", "--show-error", "--noproxy", "*", $"http://127.0.0.1:{other.Port}/").Ran(7);
        Assert.Equal("", run.Output);
        sandbox.Run("Base", "curl", "--silent", "--show-error", "--noproxy", "*", "http://localhost/").Ran(7);
    }

    /// <summary>Answers every connection to a port of this machine with one page.</summary>
    private sealed class Server : IDisposable
    {
        private readonly TcpListener _listener;

        private Server(TcpListener listener)
        {
            _listener = listener;
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
            new Thread(Serve) { IsBackground = true }.Start();
        }

        public int Port { get; }

        public static Server? TryStart(int port)
        {
            TcpListener listener = new(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return new Server(listener);
            }
            catch (SocketException)
            {
                listener.Dispose();
                return null;
            }
        }

        public void Dispose() => _listener.Dispose();

        private void Serve()
        {
            try
            {
                while (true)
                {
                    using TcpClient client = _listener.AcceptTcpClient();
                    NetworkStream stream = client.GetStream();
                    byte[] request = new byte[4096];
                    _ = stream.Read(request);
                    stream.Write(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"));
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The test is over.
            }
        }
    }
}
