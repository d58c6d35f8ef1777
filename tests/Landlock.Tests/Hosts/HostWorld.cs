using System.Diagnostics;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Hosts;

/// <summary>
/// A machine of the test's own, on a network of the test's own: a network namespace for what is tested, another one with a name server and
/// hosts at several addresses, and a mount namespace with the first one's /etc/resolv.conf, /etc/hosts and /run. Root makes them; an
/// ordinary user makes them in a user namespace. What is tested runs as an ordinary user in any case.
/// </summary>
public sealed class HostWorld : IDisposable
{
    /// <summary>The collection of the tests that share it. They run one after another, so that what it saw is one test's.</summary>
    public const string Name = "hosts";

    private const string ByIpv4 = "nameserver 10.9.0.53\n";
    private static readonly bool IsRoot = Posix.geteuid() == 0;
    private readonly Scratch _scratch = new();
    private readonly Process? _hosts;
    private int _homes;

    public HostWorld()
    {
        if (Missing is not null) return;
        _scratch.Do("mkdir home root bin");
        _scratch.File("resolv.conf", ByIpv4);
        _scratch.File("hosts",
            "127.0.0.1 localhost\n::1 localhost\n10.9.0.4 inhosts.example.org\n10.9.0.3 evilhosts.example.org\n");
        _scratch.File("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
        string[] program = [Path.Combine(Built.DotnetRoot, "dotnet"), typeof(HostWorld).Assembly.Location, "world", _scratch.Path];
        string[] command = [.. Namespaces, "/bin/sh", Source("world.sh"), _scratch.Path, .. program];
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        _hosts = Process.Start(start)!;
        Assert.Equal("ready", _hosts.StandardOutput.ReadLine());
    }

    /// <summary>Why there is none; null if there is.</summary>
    internal static string? Missing { get; } = Find();

    // The namespaces of what is tested.
    private static string[] Namespaces =>
        ["/usr/bin/unshare", .. (string[])(IsRoot ? [] : ["--user", "--map-root-user"]), "--mount", "--net", "--"];

    private static string[] AsSomebody =>
        IsRoot ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            : ["/usr/bin/unshare", "--user", "--map-user=65534", "--map-group=65534", "--"];

    /// <summary>A path in its folder: root/ is what the hosts give, ca.pem what their clients trust.</summary>
    public string this[string name] => _scratch[name];

    /// <summary>A directory for one command.</summary>
    public string NewHome()
    {
        string home = $"home/{++_homes}";
        _scratch.Do("mkdir -p -- \"$1\"", home);
        return _scratch[home];
    }

    /// <summary>Compiles a program of this folder; its path.</summary>
    public string Compile(string compiler, string source, params string[] options)
    {
        string program = _scratch[$"bin/{Path.GetFileNameWithoutExtension(source)}-{compiler}"];
        if (!System.IO.File.Exists(program))
            _scratch.Do("out=$1 && shift && \"$@\" -O1 -w -o \"$out\" -lpthread", [program, compiler, Source(source), .. options]);
        return program;
    }

    /// <summary>Does something outside of the world.</summary>
    public void Do(string script, params string[] arguments) => _scratch.Do(script, arguments);

    /// <summary>Writes a file that everybody may read.</summary>
    public string File(string name, string content) => _scratch.File(name, content);

    /// <summary>Asks these name servers from now on, and until the result is disposed.</summary>
    public IDisposable WithNameServers(params string[] addresses)
    {
        _scratch.File("resolv.conf", string.Concat(addresses.Select(address => $"nameserver {address}\n")));
        return new Undo(() => _scratch.File("resolv.conf", ByIpv4));
    }

    /// <summary>Runs a command on the tested machine, without a sandbox.</summary>
    internal HostRun Bare(params string[] command) => Run(NewHome(), command);

    /// <summary>Runs a command in a sandbox with these rules for hosts, and holds what left the tested machine to them.</summary>
    internal HostRun Sandboxed(HostRules rules, params string[] command) => SandboxedIn(NewHome(), rules, command);

    /// <summary>Likewise, with a program that starts the sandbox.</summary>
    internal HostRun Around(string[] wrapper, HostRules rules, params string[] command)
    {
        HostRun run = Run(NewHome(), [.. wrapper, CliRun.Landlocked, .. rules.Options, "--", .. command]);
        rules.Check(run);
        return run;
    }

    /// <summary>Likewise, in a directory.</summary>
    internal HostRun SandboxedIn(string home, HostRules rules, params string[] command)
    {
        HostRun run = Run(home, [CliRun.Landlocked, .. rules.Options, "--", .. command]);
        rules.Check(run);
        return run;
    }

    /// <summary>How a program is started on the tested machine by an ordinary user.</summary>
    internal string[] Starting(string home, params string[] command) =>
    [
        .. Entering(outside: false), .. AsSomebody, "/usr/bin/env", "-C", home, $"HOME={home}", $"TMPDIR={home}",
        "/usr/bin/timeout", "--foreground", "60", .. command,
    ];

    /// <summary>How a program is started where the hosts are: by root, or by who counts as such.</summary>
    internal string[] StartingOutside(params string[] command) => [.. Entering(outside: true), .. command];

    /// <summary>Waits until the log holds what has happened so far; the number of its lines.</summary>
    internal int Mark()
    {
        _hosts!.StandardInput.WriteLine();
        _hosts.StandardInput.Flush();
        Assert.Equal("marked", _hosts.StandardOutput.ReadLine());
        return Log().Length;
    }

    /// <summary>What the hosts saw since a mark.</summary>
    internal string[] Since(int mark) => Log()[mark..];

    public void Dispose()
    {
        _hosts?.StandardInput.Close();
        _hosts?.WaitForExit();
        _hosts?.Dispose();
        _scratch.Dispose();
    }

    /// <summary>Whether something becomes true in a while.</summary>
    internal static bool Becomes(Func<bool> condition) => SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20));

    /// <summary>A file beside this one.</summary>
    internal static string Source(string name) => Path.Combine(Repository.Root, "tests/Landlock.Tests/Hosts", name);

    private HostRun Run(string home, string[] command)
    {
        int mark = Mark();
        Setup setup = new() { Who = Who.Root, Environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"] };
        CliRun run = CliRun.Program(setup, Starting(home, command));
        Mark();
        return new HostRun(run, Since(mark));
    }

    private string[] Log()
    {
        using FileStream file = new(_scratch["log"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(file);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private string[] Entering(bool outside) =>
    [
        "/usr/bin/nsenter", $"--target={_hosts!.Id}", .. (string[])(IsRoot ? [] : ["--user", "--preserve-credentials"]), "--mount",
        outside ? "--net" : $"--net=/proc/{_hosts.Id}/fd/9", "--",
    ];

    private static string? Find()
    {
        string[] programs = ["/usr/bin/unshare", "/usr/bin/nsenter", "/usr/bin/setpriv", "/usr/bin/env"];
        if (programs.FirstOrDefault(program => !System.IO.File.Exists(program)) is { } missing) return $"needs {missing}";
        if (CliNeeds.Missing(abi: 4, perl: false, root: false) is { } old) return old;
        const string Try = "ip link add c0 type veth peer name s0 && ip address add fd00:9::1/64 dev c0 && mount -t tmpfs tmpfs /run";
        CliRun run = CliRun.Program(new Setup { Who = Who.Root, Environment = ["PATH=/usr/sbin:/sbin:/usr/bin:/bin"] },
            [.. Namespaces, "/bin/sh", "-c", Try]);
        return run.ExitCode == 0 ? null : $"needs namespaces, and ip (iproute2): {run.Error.Trim()}";
    }

    private sealed class Undo(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}

/// <summary>The tests that share it.</summary>
[CollectionDefinition(HostWorld.Name)]
public sealed class HostTests : ICollectionFixture<HostWorld>;

/// <summary>A test in the world that needs programs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HostFactAttribute : FactAttribute
{
    public HostFactAttribute(params string[] programs) => Skip = HostNeeds.Missing(programs);
}

/// <summary>Likewise, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HostTheoryAttribute : TheoryAttribute
{
    public HostTheoryAttribute(params string[] programs) => Skip = HostNeeds.Missing(programs);
}

/// <summary>What tests in the world need.</summary>
internal static class HostNeeds
{
    /// <summary>Why a test is skipped; null if it is not.</summary>
    public static string? Missing(string[] programs) => HostWorld.Missing
        ?? programs.Where(program => !Sandboxes.Needs.Tools.Has(program)).Select(program => $"{program} is not installed").FirstOrDefault();
}
