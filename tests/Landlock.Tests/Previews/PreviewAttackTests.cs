using Landlock.Tests.Cli;

namespace Landlock.Tests.Previews;

/// <summary>Attempts to change something else than the preview. Each is made by root as well, who may do most.</summary>
public sealed class PreviewAttackTests
{
    [PreviewTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Nothing_outside_of_the_preview_changes(Who who)
    {
        using PreviewWorld world = new(who);
        world.Do("echo 1 > a; mkdir dir");
        string around = Path.GetDirectoryName(world.Tree)!;
        // Landlock has no right for modes, owners, times and attributes: the mounts around the overlays are read-only.
        string[] attempts =
        [
            $"echo x > {around}/x", $"chmod 711 {around}", $"touch -d 2001-01-01 {around}", $"chmod 700 {world.Previews}",
            $"touch {world.Previews}/x", $"rm -rf {world.Previews}/*", $"echo x > {world.Previews}/*/0/upper/y", $"mv a {around}/a",
            $"ln a {around}/a", $"chmod 700 {world.Previews}/*/0/upper", $"echo > {world.Previews}/*/about",
            "mount -t tmpfs x dir", "umount .", "umount -l /", "mount -o remount,bind,rw /", "unshare -Um true", "unshare -m umount .",
            "mknod w c 0 0", "python3 -c 'import os; os.setxattr(\".\", \"user.overlay.opaque\", b\"y\")'",
            "python3 -c 'import os; os.setxattr(\"a\", \"user.overlay.origin\", b\"y\"); assert os.getxattr(\"a\", "
                + "\"user.overlay.origin\") != b\"y\"'",
            "python3 -c 'import os; os.setxattr(\"a\", \"trusted.overlay.opaque\", b\"y\")'", "nsenter -t $PPID -m true",
            "nsenter -t 1 -m true", $"chroot / touch {around}/z", "ls /proc/1/root/",
        ];
        string script = $"cd {world.Tree}; " + string.Concat(attempts.Select((attempt, number) =>
            $"( {attempt} ) > /dev/null 2>&1 && echo 'done: {number}'; ")) + "echo 2 > a; cat a";
        string before = world.Do($"stat -c '%n %a %u %y' {around} {world.Tree} a");
        CliRun run = world.Run(script, "--read-only", around, "--read-only", "/proc");
        Assert.Equal("2\n", string.Concat(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !IsHarmless(line))
            .Select(line => line + "\n")));
        Assert.Equal(before, world.Do($"stat -c '%n %a %u %y' {around} {world.Tree} a"));
        Assert.False(File.Exists($"{around}/x") || File.Exists($"{around}/a") || File.Exists($"{around}/z"));
        world.Preview("apply", "--force", "last");
        Assert.Equal("2\n", world.Do("cat a; python3 -c 'import os; print(*[n for n in os.listxattr(\"a\") if \".overlay.\" in n], "
            + "end=\"\")'"));

        // A user's own attribute of that name is stored under another one by the overlay, where it means nothing; root's means nothing.
        bool IsHarmless(string line) => line.StartsWith("done: ", StringComparison.Ordinal)
            && attempts[int.Parse(line[6..], System.Globalization.CultureInfo.InvariantCulture)].Contains(".overlay.opaque",
                StringComparison.Ordinal);
    }

    [PreviewFact]
    public void Links_that_are_exchanged_between_run_and_apply_lead_nowhere()
    {
        using PreviewWorld world = new(Who.Ordinary);
        string around = Path.GetDirectoryName(world.Tree)!;
        world.Do("mkdir -p dir/sub other; echo 1 > dir/sub/f; echo 1 > dir/g; echo mine > other/f");
        world.Run($"cd {world.Tree}; echo 2 > dir/sub/f; echo 2 > dir/sub/new; rm dir/g; mkdir n; echo 2 > n/x");
        // Each directory on the way is a link to another one now.
        world.Do("mv dir/sub dir/kept; ln -s ../other dir/sub; ln -s other n");
        CliRun applied = world.Preview("apply", "--force", "last");
        Assert.Equal(1, applied.ExitCode);
        Assert.Equal("mine\nf\n1\n", world.Do("cat other/f; ls other; cat dir/kept/f"));
        Assert.True(Directory.Exists(around));
    }

    [PreviewFact]
    public void Edits_while_it_is_applied_are_never_lost()
    {
        using PreviewWorld world = new(Who.Ordinary);
        const int count = 150;
        world.Do($"for i in $(seq {count}); do echo old > f$i; done");
        world.Run($"cd {world.Tree}; for i in $(seq {count}); do echo new > f$i; done");
        // An editor that replaces files, and one that writes into them.
        world.Do($"(for i in $(seq {count} -1 1); do if test $((i % 2)) = 0; then echo mine$i > t; mv t f$i; else echo mine$i > "
            + $"f$i; fi; done) & "
            + $"{CliRun.Landlocked} preview apply last > log 2>&1 || :; wait");
        string[] lines = world.Do($"for i in $(seq {count}); do echo $i $(cat f$i); "
            + $"done").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string log = world.Do("cat log");
        foreach (string line in lines)
        {
            string[] words = line.Split(' ');
            // The edit came before, and is a conflict, or after the new content, and is what stays.
            Assert.Equal($"mine{words[0]}", words[1]);
        }

        Assert.DoesNotContain("internal error", log, StringComparison.Ordinal);
    }
}
