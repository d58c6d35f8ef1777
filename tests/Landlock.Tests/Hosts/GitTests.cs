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
        world.Do("[ -f key ] || { ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f key && chmod 644 key; }");
        world.File("sshd", $"Port 2222\nListenAddress 10.9.0.4\nHostKey {world["host"]}\nAuthorizedKeysFile {world["key.pub"]}\n"
            + "StrictModes no\nUsePAM no\nPermitRootLogin yes\nPidFile none\n");
        string user = Environment.UserName;
        // Who is root only in a namespace cannot change to a user, so the server is the user.
        string[] self = Posix.geteuid() == 0 ? []
            : ["/usr/bin/unshare", "--user", $"--map-user={Posix.geteuid()}", $"--map-group={Posix.geteuid()}", "--"];
        string[] command = world.StartingOutside([.. self, "/usr/sbin/sshd", "-D", "-f", world["sshd"], "-E", world["sshd.log"]]);
        using Process server = Process.Start(command[0], command[1..]);
        try
        {
            string ssh = $"install -m 600 {world["key"]} $HOME/key; export GIT_SSH_COMMAND=\"ssh -F none -i $HOME/key -p 2222 "
                + "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectionAttempts=20\"; "
                + "clone() { git \"$@\"; }; ";
            Clones(new HostRules("ssh.pkg.example:2222"), ssh, $"{user}@ssh.pkg.example:{world["root/r.git"]}");
            world.Sandboxed(new HostRules("api.example.com:2222"), "sh", "-c", $"{ssh} clone clone {user}@ssh.pkg.example:r.git")
                .Fails("Could not resolve");
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }
    }

    private void Clones(HostRules rules, string prelude, string url) => world.Sandboxed(rules, "sh", "-euc",
        $"{prelude} clone clone -q {url} c 2>&1; cd c; clone fetch -q 2>&1; git log --format=%s").Says("one\n");
}
