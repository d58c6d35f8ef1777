using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Previews;

/// <summary>Previews with hosts, with PowerShell, on a full disk, and with supervisors that were killed.</summary>
public sealed class PreviewPartnerTests
{
    [PreviewTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Hosts_are_kept_in_a_preview(Who who)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        using PreviewWorld world = new(who);
        CliRun run = world.Run($"cd {world.Tree}; for p in {port} 1; do (exec 3<>/dev/tcp/127.0.0.1/$p) 2>/dev/null && echo "
            + $"connected || echo no; "
            + "done; echo 1 > a", "--connect-host", $"127.0.0.1:{port}");
        if (run.Error.Contains("supervisor", StringComparison.Ordinal) && run.ExitCode == 125) return;
        Assert.Equal((0, "connected\nno\n"), (run.ExitCode, run.Output));
        Assert.Contains("the preview does not", run.Error, StringComparison.Ordinal);
        Assert.Equal(["added a"], world.Names());
    }

    [PreviewFact]
    public void A_script_of_PowerShell_edits_fifty_files()
    {
        using PreviewWorld world = new(Who.Ordinary);
        world.Do("for i in $(seq 50); do echo \"value $i\" > $i.txt; done");
        byte[] before = world.Snapshot();
        string pwsh = Built.PowerShell;
        CliRun run = world.Run($"cd '{world.Tree}'; HOME=$TMPDIR '{pwsh}' -NoProfile -NonInteractive -Command 'Get-ChildItem *.txt "
            + $"| ForEach-Object "
            + $"{{ (Get-Content $_) -replace \"value\", \"number\" | Set-Content $_ }}' >&2 || exit; {world.Tar}",
            "--preset", "PowerShell", "--private-temp", "--read-only", Path.GetDirectoryName(pwsh)!);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(PreviewWorld.Entries(before), PreviewWorld.Entries(world.Snapshot()));
        Assert.Equal(50, world.Names().Count(name => name.StartsWith("changed ", StringComparison.Ordinal)));
        world.ApplyAll();
        Assert.Equal(PreviewWorld.Entries(run.OutputBytes), PreviewWorld.Entries(world.Snapshot()));
    }

    [PreviewFact]
    public void What_apt_downloads_is_previewed()
    {
        if (!File.Exists("/usr/bin/apt-get") || !File.Exists("/usr/bin/dpkg-deb")) return;
        using PreviewWorld world = new(Who.Ordinary);
        world.Do("mkdir -p ../state/repo/p/DEBIAN down ../state/apt/lists/partial ../state/apt/cache; cd ../state/repo; "
            + "printf 'Package: tiny\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@b.example>\\nDescription: x\\n' > "
            + "p/DEBIAN/control; "
            + "chmod 755 p/DEBIAN; dpkg-deb -b p tiny_1_all.deb > /dev/null; (cat p/DEBIAN/control; echo Filename: ./tiny_1_all.deb; "
            + "echo Size: $(stat -c %s tiny_1_all.deb); echo SHA256: $(sha256sum tiny_1_all.deb | cut -d' ' -f1)) > Packages");
        string state = Path.GetDirectoryName(Path.GetDirectoryName(world.Previews))!;
        string apt = $"apt-get -qq -o Dir::State={state}/apt -o Dir::State::lists={state}/apt/lists -o Dir::Cache={state}/apt/cache "
            + $"-o Dir::Etc::sourcelist={state}/list -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User= -o "
            + $"Dir::State::status=/dev/null";
        world.Do($"echo 'deb [trusted=yes] file:{state}/repo ./' > {state}/list; {apt} update");
        CliRun run = world.Run($"cd {world.Tree}/down; {apt} download tiny >&2 || exit; {world.Tar}",
            "--read-only", "/var/lib/dpkg", "--read-data", state, "--private-temp");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(["added down/tiny_1_all.deb"], world.Names());
        world.ApplyAll();
        Assert.Equal(PreviewWorld.Entries(run.OutputBytes), PreviewWorld.Entries(world.Snapshot()));
    }

    [PreviewFact]
    public void On_a_full_disk_the_rest_stays_in_the_preview()
    {
        if (Posix.geteuid() != 0) return;
        using PreviewWorld world = new(Who.Root);
        world.MovePreviews("/var/tmp");
        // A small filesystem, which only this shell and what it starts sees.
        string script = $"mount -t tmpfs -o size=1M x {world.Tree}; cd {world.Tree}; echo 1 > a; export XDG_STATE_HOME=$XDG_STATE_HOME; "
            + $"{CliRun.Landlocked} --preview --read-only /usr --read-write {world.Tree} -- sh -c 'head -c 600000 /dev/zero > big1; "
            + "head -c 600000 /dev/zero > big2; echo 2 > a; echo 2 > b' 2>/dev/null; "
            + $"{CliRun.Landlocked} preview apply last; echo code $?; ls -A; cat a; rm big1; {CliRun.Landlocked} preview apply "
            + $"last; echo code $?; "
            + "stat -c %s big2; ls -A";
        string output = world.Do($"unshare -m bash -c \"$(cat <<'X'\n{script}\nX\n)\" 2>&1");
        Assert.Equal(
        [
            $"landlocked: not applied: {world["big2"]}: No space left on device",
            "landlocked: 1 of 4 changes stay in the preview", "code 1", "a", "b", "big1", "2", "code 0", "600000", "a", "b", "big2", "",
        ], output.Split('\n').Select(line => line.StartsWith("landlocked: 1 of", StringComparison.Ordinal)
            ? line[..line.LastIndexOf(' ')] : line));
    }

    [PreviewFact]
    public void A_command_whose_supervisors_were_killed_leaves_what_it_had_changed()
    {
        using PreviewWorld world = new(Who.Ordinary);
        world.Do("echo 1 > a");
        string output = world.Do($"{CliRun.Landlocked} --preview --read-only /usr --read-write . -- sh -c 'echo 2 > a; sleep 60' "
            + $"2>/dev/null & "
            + $"until {CliRun.Landlocked} preview show 2>/dev/null | grep -q changed; do sleep 0.02; done; "
            + $"{CliRun.Landlocked} preview show | head -1 | grep -o '(still runs)'; {CliRun.Landlocked} preview apply last 2>&1 | "
            + $"cut -d\\' -f3; "
            + "pkill -KILL -f -- \"--preview.*$PWD|supervise.*$XDG_STATE_HOME\" || :; kill -KILL $! || :; "
            + $"until {CliRun.Landlocked} preview show | head -1 | grep -o '(was cut off)'; do sleep 0.05; pkill -KILL -f "
            + "\"supervise.*$XDG_STATE_HOME\" || :; done; cat a");
        Assert.Equal("(still runs)\n cannot be applied yet: its command still runs, or somebody else is applying it. Look for it "
            + "with landlocked ps, "
            + "or Get-LandlockProcess\n(was cut off)\n1\n", output);
        world.ApplyAll();
        Assert.Equal("2\n", world.Do("cat a"));
    }

    [PreviewTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Access_lists_and_attributes_are_applied(Who who)
    {
        using PreviewWorld world = new(who);
        world.Do($"echo 1 > a; echo 1 > b; mkdir d; {List("b", 4)}");
        // In the namespace of an ordinary user there is no other one to give rights to; what files have stays.
        string lists = who == Who.Root ? $"{List("a", 6)}; {List("d", 5)}; " : "";
        CliRun run = world.Run($"cd {world.Tree}; {{ {lists}echo 2 >> b; }}");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(who == Who.Root ? ["mode a", "changed b", "mode d"] : ["changed b"], world.Names());
        string before = Lists();
        world.ApplyAll();
        Assert.Equal(2, before.Split("none").Length - 1);
        if (who == Who.Ordinary) Assert.Equal(before, Lists());
        else Assert.DoesNotContain("none", Lists(), StringComparison.Ordinal);

        string Lists() => world.Do("python3 -c 'import os\nfor n in \"abd\":\n try: print(n, os.getxattr(n, \"system.posix_acl_access\"))\n"
            + " except OSError: print(n, \"none\")'");
    }

    // struct posix_acl_xattr_header and entries: owner, user 1000, group, mask, others.
    private static string List(string name, int rights) =>
        $"python3 -c 'import os, struct; os.setxattr(\"{name}\", \"system.posix_acl_access\", struct.pack(\"<I\", 2) + b\"\".join("
            + $"struct.pack(\"<HHI\", *e) for e in "
            + $"[(1,6,0xffffffff),(2,{rights},1000),(4,4,0xffffffff),(16,7,0xffffffff),(32,4,0xffffffff)]))'";
}
