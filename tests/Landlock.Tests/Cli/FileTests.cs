using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Tests.Cli;

/// <summary>What each option for files allows, and nothing more, as the kernel sees it.</summary>
public sealed class FileTests : IDisposable
{
    private const uint Character = 0x21B6;
    private const uint Block = 0x61B6;
    private const uint Fifo = 0x11B6;
    private const uint NullDevice = 0x103;

    private readonly Scratch scratch = new();

    public static TheoryData<Who, string> Rights()
    {
        TheoryData<Who, string> data = [];
        foreach (Who who in CliRun.Everyone)
            foreach (string right in (string[])["execute", "write_file", "read_file", "read_dir", "remove_dir", "remove_file", "make_dir",
                "make_reg", "make_sock", "make_fifo", "make_sym", "refer", "truncate"])
                data.Add(who, right);
        return data;
    }

    [CliTheory(abi: 3, perl: true)]
    [MemberData(nameof(Rights))]
    public void Each_right_allows_its_operation_and_no_other_right_does(Who who, string right)
    {
        scratch.Folder("d");
        scratch.Do("mkdir d/empty d/other; cp /bin/true d/program; chmod 755 d/program");
        string[] operation = right switch
        {
            "execute" => ["exec", scratch["d/program"]],
            "write_file" => ["write", scratch["d/file"]],
            "read_file" => ["read", scratch["d/file"]],
            "read_dir" => ["list", scratch["d"]],
            "remove_dir" => ["rmdir", scratch["d/empty"]],
            "remove_file" => ["unlink", scratch["d/file"]],
            "make_dir" => ["mkdir", scratch["d/new"]],
            "make_reg" => ["create", scratch["d/new"]],
            "make_sock" => ["socket", scratch["d/new"]],
            "make_fifo" => Probe.Mknod(scratch["d/new"], Fifo),
            "make_sym" => ["symlink", scratch["d/new"]],
            "refer" => ["rename", scratch["d/file"], scratch["d/other/file"]],
            _ => ["truncate", scratch["d/file"]],
        };
        Assert.Equal(right == "refer" ? "EXDEV" : "EACCES", Probe.Try(who, ["--access", $"{AllBut(right)}:{scratch["d"]}"], operation));
        Assert.Equal("ok", Probe.Try(who, ["--access", $"{AllBut("")}:{scratch["d"]}"], operation));
    }

    [CliTheory(perl: true, root: true)]
    [InlineData("make_char", Character)]
    [InlineData("make_block", Block)]
    public void Device_nodes_need_their_right(string right, uint mode)
    {
        scratch.Folder("d");
        Assert.Equal("EACCES",
            Probe.Try(Who.Root, ["--access", $"{AllBut(right)}:{scratch["d"]}"], Probe.Mknod(scratch["d/new"], mode, NullDevice)));
        Assert.Equal("ok",
            Probe.Try(Who.Root, ["--access", $"{AllBut("")}:{scratch["d"]}"], Probe.Mknod(scratch["d/new"], mode, NullDevice)));
    }

    [CliTheory(abi: 5, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Ioctl_on_a_device_needs_its_right(Who who)
    {
        Assert.Equal("EACCES", Probe.Try(who, ["--no-baseline", "--access", "read_file:/dev/null"], "ioctl", "/dev/null"));
        Assert.Equal("errno 25", Probe.Try(who, ["--no-baseline", "--access", "read_file,ioctl_dev:/dev/null"], "ioctl", "/dev/null"));
    }

    public static TheoryData<Who, string, string> Classes()
    {
        // Operation letters: Read, List, eXecute, Write, Truncate, Create, Delete, Move.
        TheoryData<Who, string, string> data = [];
        foreach (Who who in CliRun.Everyone)
        {
            data.Add(who, "--read-data", "RL");
            data.Add(who, "--read-only", "RLX");
            data.Add(who, "--edit", "RLWT");
            data.Add(who, "--read-write", "RLWTCDM");
            data.Add(who, "--read-write-execute", "RLXWTCDM");
        }

        return data;
    }

    [CliTheory(abi: 3, perl: true)]
    [MemberData(nameof(Classes))]
    public void Each_class_allows_what_it_says(Who who, string option, string allowed)
    {
        scratch.Folder("d");
        scratch.Do("mkdir d/sub; cp /bin/true d/program; chmod 755 d/program");
        string[] options = [option, scratch["d"]];
        Check('R', "read", scratch["d/file"]);
        Check('L', "list", scratch["d"]);
        Check('X', "exec", scratch["d/program"]);
        Check('W', "write", scratch["d/file"]);
        Check('T', "truncate", scratch["d/file"]);
        Check('C', "create", scratch["d/new"]);
        Check('M', "rename", scratch["d/file"], scratch["d/sub/file"]);
        Check('D', "rmdir", scratch["d/sub"]);

        // Nothing outside, even with everything inside.
        Assert.Equal("EACCES", Probe.Try(who, options, "read", scratch.File("outside")));

        void Check(char letter, params string[] operation)
        {
            string found = Probe.Try(who, options, operation);
            if (allowed.Contains(letter, StringComparison.Ordinal))
                Assert.True(found is "ok" or "EEXIST" or "errno 39", $"{operation[0]}: {found}");
            else Assert.True(found is "EACCES" or "EXDEV", $"{operation[0]}: {found}");
        }
    }

    [CliTheory(perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Rules_unite(Who who)
    {
        string folder = scratch.Folder("d");
        string[] options = ["--access", $"read_file:{folder}", "--access=read_dir:" + folder, "--edit", scratch["d/file"]];
        Assert.Equal("ok", Probe.Try(who, options, "read", scratch["d/file"]));
        Assert.Equal("ok", Probe.Try(who, options, "list", folder));
        Assert.Equal("ok", Probe.Try(who, options, "write", scratch["d/file"]));
        Assert.Equal("EACCES", Probe.Try(who, options, "create", scratch["d/new"]));
    }

    [CliTheory(perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Rules_for_single_files_of_every_kind(Who who)
    {
        string file = scratch.File("file");
        scratch.Do("mkfifo fifo; ln -s file link; ln -s fifo fifolink; perl -e 'socket(F,1,1,0); "
            + "bind(F,pack(\"Sa*\",1,\"socket\\0\"))'; chmod 777 socket");
        Assert.Equal("ok", Probe.Try(who, ["--read-data", file], "read", file));
        Assert.Equal("EACCES", Probe.Try(who, ["--read-data", file], "write", file));
        Assert.Equal("ok", Probe.Try(who, ["--read-write", file], "write", file));
        Assert.Equal("EACCES", Probe.Try(who, ["--read-write", file], "list", scratch.Path));

        // Opening a FIFO to make the rule must not wait for a writer.
        Assert.Equal("ok", Probe.Try(who, ["--read-write", scratch["fifo"]], "readwrite", scratch["fifo"]));
        Assert.Equal("EACCES", Probe.Try(who, ["--read-data", scratch["fifo"]], "readwrite", scratch["fifo"]));
        Assert.Equal("ok", Probe.Try(who, ["--read-write", scratch["fifolink"]], "readwrite", scratch["fifo"]));
        Assert.Equal("ok", Probe.Try(who, ["--read-write", scratch["socket"], "--read-data", file], "read", file));

        // A rule for a link is a rule for what it leads to, and an access through a link is one to its target.
        Assert.Equal("ok", Probe.Try(who, ["--read-data", scratch["link"]], "read", file));
        Assert.Equal("ok", Probe.Try(who, ["--read-data", file], "read", scratch["link"]));
        Assert.Equal("ok", Probe.Try(who, ["--no-baseline", "--read-write", "/dev/null"], "readwrite", "/dev/null"));
        Assert.Equal("EACCES", Probe.Try(who, ["--no-baseline", "--read-data", "/dev/null"], "readwrite", "/dev/null"));
    }

    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void A_dangling_link_and_a_loop_are_missing_paths(Who who)
    {
        scratch.Do("ln -s nowhere dangling; ln -s loop loop; mkdir d");
        CliRun.Of(who, "--read-only", scratch["dangling"], "true").Refused(
            $"landlocked: the path '{scratch["dangling"]}' does not exist; correct it, create it, or skip it with --ignore-missing");
        CliRun.Of(who, "--read-only", scratch["d/file/below"], "true").Refused(
            $"landlocked: the path '{scratch["d/file/below"]}' does not exist; correct it, create it, or skip it with --ignore-missing");
        CliRun.Of(who, "--ignore-missing", "--read-only", scratch["dangling"], "true").Ran();
    }

    [CliTheory(perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Ignore_missing_skips_those_paths_only(Who who)
    {
        string file = scratch.File("file");
        string[] options = ["--ignore-missing", "--read-data", scratch["missing"], "--read-data", file];
        Assert.Equal("ok", Probe.Try(who, options, "read", file));
        Assert.Equal("ENOENT", Probe.Try(who, options, "read", scratch["missing"]));
        scratch.File("missing");
        Assert.Equal("ok", Probe.Try(who, options, "read", scratch["missing"]));
    }

    [CliFact]
    public void A_path_that_cannot_be_reached_is_an_error_of_its_own()
    {
        if (Exec.Posix.geteuid() != 0) return;
        scratch.Do("mkdir -m 700 closed; touch closed/file");
        CliRun.Of("--read-only", scratch["closed/file"], "true").Refused(
            $"landlocked: the path '{scratch["closed/file"]}' cannot be reached: a directory on the way may not be searched "
                + "(Permission denied)");
        CliRun.Of("--ignore-missing", "--read-only", scratch["closed/file"], "true").Ran();
        CliRun.Of("--chdir", scratch["closed/file"], "true").Refused(
            $"landlocked: the working directory '{scratch["closed/file"]}' cannot be reached: a directory on the way may not be searched "
                + "(Permission denied); nothing was run");
        CliRun.Of(Who.Root, "--read-only", scratch["closed/file"], "true").Ran();
    }

    [CliFact]
    public void A_ring_of_links_is_an_error_of_its_own()
    {
        scratch.Do("ln -s one two; ln -s two one");
        CliRun.Of("--read-only", scratch["one"], "true").Refused(
            $"landlocked: the path '{scratch["one"]}' cannot be reached: Too many levels of symbolic links");
        CliRun.Of("--chdir", scratch["one"], "true").Refused(
            $"landlocked: the working directory '{scratch["one"]}' cannot be reached: Too many levels of symbolic links; nothing was run");
    }

    [CliTheory(perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Relative_paths_start_from_the_current_directory(Who who)
    {
        string folder = scratch.Folder("d");
        scratch.File("file");
        Setup here = new() { Who = who, Directory = scratch.Path };
        Assert.Equal("ok", Probe.Try(here, ["--read-data", "d"], "read", "d/file"));
        Assert.Equal("ok", Probe.Try(here, ["--read-data", "./d/../file"], "read", "file"));
        Assert.Equal("ok", Probe.Try(here, ["--read-data", "."], "list", scratch.Path));
        Assert.Equal("ok", Probe.Try(here, ["--chdir", "d", "--read-data", "file"], "read", "../file"));
        Assert.Equal("EACCES", Probe.Try(here, ["--chdir", "d", "--read-data", "file"], "read", "file"));
        Assert.Equal("ok", Probe.Try(here, ["--chdir=d", $"--read-data={folder}"], "read", "file"));
    }

    [CliTheory(perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Unrestricted_fs_leaves_files_alone_and_only_files(Who who)
    {
        string file = scratch.File("file");
        Assert.Equal("EACCES", Probe.Try(who, [], "read", file));
        Assert.Equal("ok", Probe.Try(who, ["--unrestricted", "fs"], "write", file));
        Assert.Equal("EACCES", Probe.Try(who, ["--unrestricted=fs"], "connect", "1"));
    }

    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Without_closure_the_command_itself_needs_rules(Who who)
    {
        CliRun.Of(who, "--no-closure", "/bin/true").Refused(
            "landlocked: the sandbox does not allow executing '/bin/true' (or its loader or interpreter): Permission denied. It needs "
                + "execute and read_file, as ReadOnly gives", 126);
        CliRun.Of(who, "--no-closure", "--read-only", "/usr", "/bin/true").Ran();
        CliRun.Of(who, "/bin/true").Ran();
    }

    [CliTheory(perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void The_baseline_gives_empty_devices_and_nothing_personal(Who who)
    {
        Assert.Equal("ok", Probe.Try(who, [], "readwrite", "/dev/null"));
        Assert.Equal("ok", Probe.Try(who, [], "readwrite", "/dev/zero"));
        Assert.Equal("ok", Probe.Try(who, [], "read", "/dev/urandom"));
        Assert.Equal("EACCES", Probe.Try(who, ["--no-baseline", "--read-data", "/dev/null"], "read", "/dev/urandom"));
        foreach (string path in (string[])["/etc/passwd", "/etc/hosts", "/proc/self/status", "/dev/tty", "/etc/hostname"])
            Assert.Contains(Probe.Try(who, [], "read", path), (string[])["EACCES", "ENOENT"]);
        Assert.Equal("EACCES", Probe.Try(who, [], "list", "/"));
        Assert.Equal("EACCES", Probe.Try(who, [], "list", "/tmp"));
        Assert.Equal("EACCES", Probe.Try(who, [], "list", "/home"));
    }

    [CliFact(perl: true)]
    public void The_terminal_is_allowed_to_a_command_that_is_on_it()
    {
        if (!System.IO.File.Exists("/usr/bin/script")) return;
        Assert.Equal("ok", Tried("", ""));
        Assert.Equal("13", Tried("--no-baseline --read-data /dev/null", ""));
        Assert.Equal("ok", Tried("", "2>/dev/null </dev/null"));
        Assert.Equal("13", Tried("", ">&7 2>&1 </dev/null"));

        string Tried(string options, string redirection)
        {
            string inner = $"exec {CliRun.Landlocked} --keep-fd 7 {options} perl -e 'open(my $r, \">&=7\"); print $r (open(my $f, \"+<\", "
                + $"\"/dev/tty\") ? \"ok\" : $! + 0)' {redirection}";
            scratch.File("tried", "");
            scratch.Script("inner", $"#!/bin/sh\nexec 7>{scratch["tried"]}\n{inner}\n");
            CliRun.Program(new Setup { Who = Who.Root }, "/usr/bin/script", "-qec", scratch["inner"], "/dev/null");
            return System.IO.File.ReadAllText(scratch["tried"]);
        }
    }

    [CliFact]
    public void A_shell_needs_nothing_but_the_baseline()
    {
        CliRun.Of("sh", "-c", "echo hello > /dev/null; echo $((6 * 7))").Ran("42\n");
        CliRun.Of("bash", "-c", "read -r line < /dev/null; printf '%s\\n' \"${line:-none}\"").Ran("none\n");
    }

    public void Dispose() => scratch.Dispose();

    private static string AllBut(string right) =>
        string.Join(',', AbiTable.Names(AbiTable.AllFs(RunningKernel.Support.Abi)).Where(name => name != right));
}
