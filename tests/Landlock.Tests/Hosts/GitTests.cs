using System.Diagnostics;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Hosts;

/// <summary>git over http, https and ssh.</summary>
[Collection(HostWorld.Name)]
public sealed class GitTests(HostWorld world)
{
    private const string Repository = "umask 022; [ -d root/r.git ] || { git init -q src && cd src && git -c user.name=n -c user.email=e "
        + "commit -q --allow-empty -m one && git update-server-info && cp -R .git ../root/r.git; }";

    [HostTheory("git")]
    [InlineData("http://api.example.com/r.git")]
    [InlineData("https://git.pkg.example/r.git")]
    public void Git_clones_and_fetches(string url)
    {
        world.Do(Repository);
        Clones(HostRules.Usual, $"clone() {{ git -c http.sslCAInfo={world["ca.pem"]} \"$@\"; }}; ", url);
    }

    [HostFact("git", "ssh", "ssh-keygen")]
    public void Git_clones_over_ssh()
    {
        if (!File.Exists("/usr/sbin/sshd")) return;
        world.Do(Repository);
        using Process server = Serve(world);
        string ssh = $"install -m 600 {world["key"]} $HOME/key; {Ssh("$HOME/key")} clone() {{ git \"$@\"; }}; ";
        Clones(new HostRules("ssh.pkg.example:2222"), ssh, $"{User}@ssh.pkg.example:{world["root/r.git"]}");
        world.Sandboxed(new HostRules("api.example.com:2222"), "sh", "-c", $"{ssh} clone clone {User}@ssh.pkg.example:r.git")
            .Fails("Could not resolve");
        server.Kill();
        server.WaitForExit();
    }

    /// <summary>Clone, restore, build, test and push, all with one profile and the hosts that are needed.</summary>
    [HostFact("git", "ssh", "ssh-keygen", "npm", "node")]
    public void An_agent_works_for_a_day()
    {
        if (!File.Exists("/usr/sbin/sshd")) return;
        world.Do("git init -q --bare work.git && git init -q seed && cd seed && printf '{\"private\":true}' > package.json "
            + "&& git add package.json && git -c user.name=n -c user.email=e commit -qm one "
            + "&& git push -q ../work.git HEAD:refs/heads/main && git -C ../work.git symbolic-ref HEAD refs/heads/main");
        PackageTests.Publish(world);
        using Process server = Serve(world);
        HostRules hosts = new("ssh.pkg.example:2222", "npm.pkg.example:443") { Sandbox = ["--profile", "agent"] };
        string install = $"mkdir work && cd work && install -m 600 {world["key"]} key && install -m 644 {world["ca.pem"]} ca.pem "
            + "&& exec \"$@\"";
        world.Around(["sh", "-euc", install, "sh"], hosts, "sh", "-euc", Ssh("$PWD/key")
            + $"git clone -q {User}@ssh.pkg.example:{world["work.git"]} p; cd p; "
            + "npm install --no-audit --no-fund --no-update-notifier --cafile=../ca.pem --registry=https://npm.pkg.example/ dep > ../log; "
            + "printf 'require(\"dep\")\\n' > test.js; node test.js; printf 'node_modules\\n' > .gitignore; "
            + "git add . && git -c user.name=a -c user.email=a commit -qm two && git push -q 2>&1").Says("ran\n");
        world.Do("[ \"$(git -C work.git log -1 --format=%s)\" = two ]");
        server.Kill();
        server.WaitForExit();
    }

    private static string User => Environment.UserName;

    private static string Ssh(string key) => $"export GIT_SSH_COMMAND=\"ssh -F none -i {key} -p 2222 -o StrictHostKeyChecking=no "
        + "-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectionAttempts=20\"; ";

    private static Process Serve(HostWorld world)
    {
        world.Do("[ -f key ] || { ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f key && chmod 644 key; }");
        world.File("sshd", $"Port 2222\nListenAddress 10.9.0.4\nHostKey {world["host"]}\nAuthorizedKeysFile {world["key.pub"]}\n"
            + "StrictModes no\nUsePAM no\nPermitRootLogin yes\nPidFile none\n");
        // Who is root only in a namespace cannot change to a user, so the server is the user.
        string[] self = Posix.geteuid() == 0 ? []
            : ["/usr/bin/unshare", "--user", $"--map-user={Posix.geteuid()}", $"--map-group={Posix.geteuid()}", "--"];
        string[] command = world.StartingOutside([.. self, "/usr/sbin/sshd", "-D", "-f", world["sshd"], "-E", world["sshd.log"]]);
        return Process.Start(command[0], command[1..]);
    }

    private void Clones(HostRules rules, string prelude, string url) => world.Sandboxed(rules, "sh", "-euc",
        $"{prelude} clone clone -q {url} c 2>&1; cd c; clone fetch -q 2>&1; git log --format=%s").Says("one\n");
}
