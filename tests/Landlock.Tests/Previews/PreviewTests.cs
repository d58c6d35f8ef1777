using Landlock.Tests.Cli;

namespace Landlock.Tests.Previews;

/// <summary>What is applied, what is left, and what is refused.</summary>
public sealed class PreviewTests
{
    [PreviewTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void What_others_changed_meanwhile_is_a_conflict_and_left(Who who)
    {
        using PreviewWorld world = new(who);
        world.Do("mkdir dir gone; echo 1 > same; echo 1 > mine; echo 1 > dir/removed; echo 1 > gone/file; echo 1 > mode; echo 1 > away");
        Assert.Equal(0, world.Run("cd " + world.Tree + "; echo 2 > same; echo 2 > mine; rm dir/removed; rm -r gone; chmod 600 mode; "
            + "echo 2 > new; echo 2 > away; echo 2 > fine").ExitCode);
        world.Do("echo theirs > mine; echo theirs > dir/removed; echo theirs > gone/more; touch mode; echo theirs > new; mv away kept; "
            + "cp kept away");
        CliRun applied = world.Preview("apply", "last");
        Assert.Equal(1, applied.ExitCode);
        string name = Path.GetFileName(Directory.GetDirectories(world.Previews)[0]);
        const string changed = "it was changed since the command started";
        Assert.Equal(
        [
            $"landlocked: not applied: {world["dir/removed"]}: {changed}",
            $"landlocked: not applied: {world["gone"]}/: something is in it that the preview does not remove",
            $"landlocked: not applied: {world["away"]}: {changed}",
            $"landlocked: not applied: {world["mine"]}: {changed}",
            $"landlocked: not applied: {world["mode"]}: {changed}",
            $"landlocked: not applied: {world["new"]}: {changed}",
            $"landlocked: 6 of 9 changes stay in the preview {name}", "",
        ], applied.Error.Split('\n'));
        Assert.Equal("1\n2\n2\ntheirs\ntheirs\ntheirs\ntheirs\n",
            world.Do("cat away same fine mine new dir/removed gone/more"));
        Assert.Equal(["changed away", "removed dir/removed", "removed gone", "changed mine", "mode mode", "changed new"], world.Names());
    }

    [PreviewTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void What_should_be_seen_first_needs_force(Who who)
    {
        using PreviewWorld world = new(who);
        world.Do("echo 1 > plain; mkdir sub");
        string node = who == Who.Root ? "mknod null c 1 3; " : "";
        Assert.Equal(0, world.Run($"cd {world.Tree}; cp /usr/bin/true su; chmod 4755 su; ln -s /etc/passwd out; ln -s ../plain sub/in; "
            + $"ln -s ../../up sub/up; {node}echo 2 > plain").ExitCode);
        CliRun applied = world.Preview("apply", "last");
        Assert.Equal(1, applied.ExitCode);
        const string force = "; -Force (--force) applies it";
        Assert.Contains($"not applied: {world["out"]}: it leads out of what was covered{force}\n", applied.Error,
            StringComparison.Ordinal);
        Assert.Contains($"not applied: {world["sub/up"]}: it leads out of what was covered{force}\n", applied.Error,
            StringComparison.Ordinal);
        Assert.Contains($"not applied: {world["su"]}: it runs as its owner "
            + $"(set-user-ID){force}\n", applied.Error, StringComparison.Ordinal);
        if (who == Who.Root) Assert.Contains($"{world["null"]}: it is a device node{force}\n", applied.Error, StringComparison.Ordinal);
        Assert.Equal("plain\nsub\n", world.Do("ls"));
        Assert.Equal("2\n../plain\n", world.Do("cat plain; readlink sub/in"));
        world.ApplyAll();
        Assert.Equal("4755\n/etc/passwd\n", world.Do("stat -c %a su; readlink out"));
    }

    [PreviewFact]
    public void Some_paths_are_applied_with_what_they_need_and_the_rest_stays()
    {
        using PreviewWorld world = new(Who.Ordinary);
        world.Do("echo 1 > a; echo 1 > b; mkdir old; touch old/x old/y");
        Assert.Equal(0, world.Run($"cd {world.Tree}; mkdir -p n/m/o; echo 2 > n/m/f; echo 2 > n/g; echo 2 > a; echo 2 > b; ln n/g hard; "
            + "rm -r old; mkdir old; touch old/z").ExitCode);
        world.Preview("apply", "last", world["n/m/f"], "n/g", "old/z").Ran();
        Assert.Equal(["changed a", "changed b", "added n/m/o", "removed old/x", "removed old/y"], world.Names());
        Assert.Equal("2\n2\n2\n1\n", world.Do("cat n/m/f hard n/g a; test n/g -ef hard; test -e old/x; test -e old/z"));
        world.Preview("apply", "last", "./old").Ran();
        world.Preview("apply", "last", "../tree/b").Ran();
        Assert.Equal("2\nz\n", world.Do("cat b; ls old"));
        CliRun nothing = world.Preview("apply", "last", "b");
        nothing.Refused($"landlocked: the preview changes nothing at '{world["b"]}'. See its changes: landlocked preview show, or "
            + "Get-LandlockChange");
        world.ApplyAll();
    }

    [PreviewFact]
    public void Applying_that_is_killed_goes_on_where_it_stopped()
    {
        using PreviewWorld world = new(Who.Ordinary);
        world.Do("for i in $(seq 200); do echo $i > $i; done");
        CliRun run = world.Run($"cd {world.Tree}; for i in $(seq 200); do echo new >> $i; done; mkdir d; touch d/$(seq -s ' d/' 100); "
            + $"rm 1 2 3; {world.Tar}");
        // The time of a kill is another one each time.
        for (int delay = 1; delay < 80; delay += 8)
        {
            string part = world.Do($"timeout -s KILL 0.{delay:000} {CliRun.Landlocked} preview apply last 2>&1 || :");
            Assert.DoesNotContain("not applied", part, StringComparison.Ordinal);
        }

        if (Directory.GetDirectories(world.Previews).Length > 0) world.ApplyAll();
        Assert.Equal(PreviewWorld.Entries(run.OutputBytes).Select(entry => (entry.Key, entry.Value.Content, entry.Value.Mode)),
            PreviewWorld.Entries(world.Snapshot()).Select(entry => (entry.Key, entry.Value.Content, entry.Value.Mode)));
    }

    [PreviewFact]
    public void What_is_kept_on_another_filesystem_is_copied_beside_its_place()
    {
        if (!Directory.Exists("/dev/shm")) return;
        using PreviewWorld world = new(Who.Ordinary);
        world.MovePreviews("/dev/shm");
        world.Do("echo 1 > a; truncate -s 5M sparse; echo 1 > b; chmod 600 b");
        CliRun run = world.Run($"cd {world.Tree}; {{ echo 2 >> a; chmod 640 a; truncate -s 6M sparse; mkdir d; echo 1 > d/n; ln d/n d/o; "
            + $"mkfifo p; ln -s a l; mv b c; touch -d 2002-02-02 d/n; }} >&2; {world.Tar}");
        // Kernels below 6.6 have no extended attributes of users there.
        if (run.Error.Contains("cannot be covered", StringComparison.Ordinal)) return;
        Assert.True(run.ExitCode == 0, run.Error);
        world.ApplyAll();
        Assert.Equal(PreviewWorld.Entries(run.OutputBytes), PreviewWorld.Entries(world.Snapshot()));
        Assert.Equal("1\n", world.Do("test $(stat -c %b sparse) -eq 0; ls -A | grep -c '^\\.' || test $? = 1; echo "
            + "1").Split("\n")[^2] + "\n");
    }

    [PreviewTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void What_the_command_leaves_running_is_ended_and_the_preview_can_be_dropped(Who who)
    {
        using PreviewWorld world = new(who);
        CliRun run = world.Run($"cd {world.Tree}; echo 1 > a; (setsid sh -c 'while :; do date > b; sleep 0.01; done' &) ; exit 7");
        Assert.Equal(7, run.ExitCode);
        world.Preview("drop", "last").Ran();
        Assert.Empty(Directory.GetFileSystemEntries(world.Tree));
    }

    [PreviewTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void A_single_file_is_covered_by_a_copy(Who who)
    {
        using PreviewWorld world = new(who);
        world.Do("echo 1 > a; chmod 640 a; echo 1 > b");
        CliRun run = world.Landlocked("--preview", "--read-only", "/usr", "--read-write", "a", "--", "sh", "-c",
            "echo 2 >> a; cat a; echo 2 > b || :");
        Assert.Equal("1\n2\n", run.Output);
        Assert.Equal("1\n", world.Do("cat a"));
        Assert.Equal(["changed a"], world.Names());
        world.ApplyAll();
        Assert.Equal("1\n2\n640\n", world.Do("cat a; stat -c %a a"));
    }

    [PreviewTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void It_goes_with_whatever_else_a_sandbox_has(Who who)
    {
        using PreviewWorld world = new(who);
        world.Do("mkdir secret; echo 1 > secret/s; echo 1 > a");
        string script = $"cd {world.Tree}; echo 2 > a; echo t > $TMPDIR/t; cat $TMPDIR/t; cat secret/s || echo denied; touch "
            + $"$TMPDIR/../x || echo out";
        CliRun run = world.Run(script, "--private-temp", "--timeout", "60", "--except", world["secret"], "--max-open-files", "100");
        Assert.Equal((0, "t\ndenied\nout\n"), (run.ExitCode, run.Output));
        Assert.Equal(["changed a"], world.Names());
        world.Preview("drop", "last").Ran();

        run = world.Run($"cd {world.Tree}; echo 2 > a; cat secret/s", "--explain", "--except", world["secret"]);
        Assert.Contains("read_file denied", run.Error, StringComparison.Ordinal);
        Assert.Contains($"changed {world["a"]}  (by bash)", run.Error, StringComparison.Ordinal);
        Assert.Equal("/usr/bin/bash", world.Changes()[0].GetProperty("program").GetString());
        world.Preview("drop", "--all").Ran();

        run = world.Run($"cd {world.Tree}; sleep 60", "--timeout", "0.2");
        Assert.Equal(124, run.ExitCode);
        Assert.Contains("the command would change nothing", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(world.Previews));
    }

    [PreviewFact]
    public void Where_it_cannot_be_had_nothing_is_run()
    {
        using PreviewWorld world = new(Who.Ordinary);
        const string no = "landlocked: a preview (-Preview, --preview) is not possible: ";
        string[] touch = ["--", "touch", world["ran"]];
        world.Landlocked(["--preview", "--read-write", "/", .. touch]).Refused(no
            + "all of the filesystem would have to be covered. Allow the directories that the command may change, instead of '/'. Nothing "
            + "was run");
        string around = Path.GetDirectoryName(world.Tree)!;
        world.Landlocked(["--preview", "--read-only", "/usr", "--read-write", around, .. touch]).Refused(no
            + $"the changes themselves would be kept beneath '{around}', in '{world.Previews}'. Set XDG_STATE_HOME to a directory "
            + $"elsewhere, "
            + "such as /var/tmp/NAME. Nothing was run");
        world.Landlocked(["--preview", "--read-write", world.Previews[..^"/previews".Length], .. touch]);
        world.Landlocked(["--preview", "--unrestricted", "fs", .. touch]).Refused(no
            + "the sandbox leaves files alone, so that all of them would have to be covered. Leave out --unrestricted fs "
            + "(-Unrestricted Fs), "
            + "and allow the directories that the command may change. Nothing was run");
        world.Do("printf \"[[ruleset]]\\nhandled_access_fs = ['write_file', 'make_reg']\\n\" > policy.toml");
        world.Landlocked(["--preview", "--policy", world["policy.toml"], .. touch]).Refused(no
            + "the rules leave truncating files alone. Let them handle truncate as well. Nothing was run");
        CliRun nested = world.Landlocked("--read-only", "/", "--read-write", around, "--", CliRun.Landlocked, "--preview", "--read-only",
            "/usr", "--read-write", world.Tree, "touch", world["ran"]);
        Assert.Contains("this is inside a sandbox already, where nothing can be mounted. Ask for the preview outside", nested.Error,
            StringComparison.Ordinal);
        Assert.Equal(125, nested.ExitCode);
        Assert.False(File.Exists(world["ran"]));
    }

    [PreviewFact]
    public void Names_of_previews_are_found_by_parts_and_mistakes_are_named()
    {
        using PreviewWorld world = new(Who.Ordinary);
        world.Preview("show").Refused("landlocked: there is no preview. Start a command with --preview (-Preview)");
        world.Run("touch a");
        world.Run("touch b");
        string[] names = [.. world.Preview("list").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')[0]).Reverse()];
        Assert.Equal(names.Order(), Directory.GetDirectories(world.Previews).Select(path => Path.GetFileName(path)).Order());
        Assert.Contains("/a", world.Preview("show", names[0][^4..]).Output, StringComparison.Ordinal);
        Assert.Contains("/b", world.Preview("show", "last").Output, StringComparison.Ordinal);
        world.Preview("show", "nope").Refused(
            "landlocked: there is no preview 'nope'. See: landlocked preview list, or Get-LandlockPreview");
        Assert.Contains("is in the names of 2 previews", world.Preview("show", names[0][..8]).Error, StringComparison.Ordinal);
        world.Preview("apply").Refused("landlocked: preview apply needs the name of a preview, as landlocked preview list shows them, or "
            + "'last' for the one that was begun last");
        world.Preview("drop", "--all", "x").Refused("landlocked: --all drops every preview; leave out 'x'");
        Assert.Equal(["added a"], world.Names(names[0]));
        world.Preview("drop", "--all").Ran();
        world.Preview("list").Ran();
    }

    [PreviewFact]
    public void A_patch_says_the_difference_in_text()
    {
        using PreviewWorld world = new(Who.Ordinary);
        world.Do("printf '1\\n2\\n3\\n' > a; printf '\\0' > bin; printf 'x' > end; echo gone > gone");
        world.Run($"cd {world.Tree}; printf '1\\ntwo\\n3\\n' > a; printf 'b\\0' > bin; printf 'y' > end; rm gone; printf 'n\\n' > "
            + $"new; chmod 755 new");
        string tree = world.Tree;
        Assert.Equal($"""
            diff --git a{tree}/a b{tree}/a
            --- a{tree}/a
            +++ b{tree}/a
            @@ -1,3 +1,3 @@
             1
            -2
            +two
             3
            diff --git a{tree}/bin b{tree}/bin
            Binary files a{tree}/bin and b{tree}/bin differ
            diff --git a{tree}/end b{tree}/end
            --- a{tree}/end
            +++ b{tree}/end
            @@ -1 +1 @@
            -x
            \ No newline at end of file
            +y
            \ No newline at end of file
            diff --git a{tree}/gone b{tree}/gone
            deleted file mode 100644
            --- a{tree}/gone
            +++ /dev/null
            @@ -1 +0,0 @@
            -gone
            diff --git a{tree}/new b{tree}/new
            new file mode 100755
            --- /dev/null
            +++ b{tree}/new
            @@ -0,0 +1 @@
            +n

            """, world.Preview("diff").Output);
    }
}
