using Landlock.Linux;
using Landlock.Sandboxes.Running;

namespace Landlock.Tests.Cli;

/// <summary>--dry-run and --verbose: everything that is allowed is shown.</summary>
public sealed class DryRunTests
{
    private const string Refused =
        "typing into the terminal (TIOCSTI, TIOCLINUX), the kernel's keyrings, limits and scheduling of other processes";

    private const string Denied =
        "execute write_file read_file read_dir remove_dir remove_file make_char make_dir make_reg make_sock make_fifo make_block make_sym "
            + "refer truncate ioctl_dev bind_tcp connect_tcp";

    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void What_stands_beside_the_exceptions_of_a_preset_is_the_presets(Who who) =>
        Assert.DoesNotContain("as asked", CliRun.Of(who, "--preset", "Base",
            "--dry-run", "--verbose", "true").Output, StringComparison.Ordinal);

    [CliFact]
    public void A_plan_in_full()
    {
        if (RunningKernel.Support.Abi != 7) return;
        CliRun.Of("--dry-run", "--verbose",
            "--no-closure", "--no-baseline", "--read-only=/usr", "--edit", "/tmp", "--access=read_file:/etc",
            "--bind-tcp=80,8000-8010", "--log-denials", "--chdir=/", "--keep-fd=1,2", "--", "true", "a b", "x'y").WithoutSockets().Ran(
            $"""
            command: true 'a b' 'x'\''y'
            program: /usr/bin/true
            directory: /
            environment: unchanged
            told: LANDLOCKPS_SANDBOX=sandbox and LANDLOCKPS_SANDBOX_FILE, the name of a file that it may read
            descriptors: 0 1 2
            layer 1 of 1: Landlock ABI 7, fully enforced
              denied unless allowed below: {Denied}
              denied outside the sandbox: abstract_unix_socket signal
              logging: log_new_exec_on
              allowed: read_file  /etc            as asked
              allowed: Edit       /tmp            as asked
              allowed: ReadOnly   /usr            as asked
              allowed: bind_tcp   port 80         as asked
              allowed: bind_tcp   port 8000-8010  as asked
            sockets: UNIX and TCP; a seccomp filter refuses any other, and TCP Fast Open and io_uring
            refused by the seccomp filter, too: {Refused}
            protection: refer                       active       Landlock
            protection: truncate                    active       Landlock
            protection: ioctl_dev                   active       Landlock
            protection: net_tcp                     active       Landlock and seccomp
            protection: net_udp                     active       seccomp: there are no UDP sockets
            protection: resolve_unix                unavailable  it needs Landlock ABI 9 (Linux 7.1), and this kernel has ABI 7
            protection: scope_signal                active       Landlock
            protection: scope_abstract_unix_socket  active       Landlock
            protection: logging                     active       Landlock
            protection: seccomp                     active       seccomp

            """);
    }

    [CliFact]
    public void A_descriptor_that_the_command_is_given_as_a_path_is_told()
    {
        int memory = Exec.Posix.MemoryFile("given");
        Setup setup = new() { Descriptors = { [7] = memory } };
        const string said = "warning: the command is given '/dev/fd/7', and does not get that descriptor. Keep it: --keep-fd 7\n";
        Assert.Contains(said, CliRun.Of(setup, "--read-only", "/usr", "--", "cat", "/dev/fd/7").Error, StringComparison.Ordinal);
        CliRun.Of(setup, "--read-only", "/usr", "--keep-fd", "7", "--", "echo", "/dev/fd/7").Ran("/dev/fd/7\n");
        CliRun.Of("--read-only", "/usr", "--", "echo", "/dev/fd/7").Ran("/dev/fd/7\n");
        Exec.Posix.Close(memory);
    }

    [CliFact]
    public void Socket_activation_that_a_supervisor_breaks_is_told()
    {
        Setup setup = new() { Wrapper = ["/bin/sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"] };
        const string said = "landlocked: warning: LISTEN_PID names this process, and the command is another one, which takes no sockets of "
            + "socket activation then. Leave out what stays beside the command, such as --timeout and --explain; RuntimeMaxSec= of the "
            + "unit also is a limit\n";
        Assert.Equal(said, CliRun.Of(setup, "--timeout", "9", "--", "true").Error);
        CliRun.Of(setup, "--", "true").Ran();
    }

    [CliFact]
    public void What_is_not_restricted_is_said()
    {
        if (RunningKernel.Support.Abi != 7) return;
        string plan = CliRun.Of("--dry-run", "--verbose", "--no-closure", "--no-baseline", "--unrestricted", "net,scope", "true").Output;
        Assert.Contains("\n  not restricted: bind_tcp connect_tcp abstract_unix_socket signal\n  allowed: nothing\n", plan,
            StringComparison.Ordinal);
    }

    [CliFact]
    public void Nothing_is_run()
    {
        using Scratch scratch = new();
        CliRun run = CliRun.Of("--dry-run", "--verbose", "--read-write", scratch.Path, "--", "touch", scratch["file"]);
        Assert.Equal(0, run.ExitCode);
        Assert.False(Scratch.Exists(scratch["file"]));
    }

    [CliFact]
    public void Verbose_shows_the_same_on_standard_error_and_runs()
    {
        CliRun dry = CliRun.Of("--dry-run", "--verbose", "--read-only", "/usr", "echo", "ran");
        CliRun run = CliRun.Of("--verbose", "--read-only", "/usr", "echo", "ran");
        Assert.Equal("", dry.Error);
        Assert.Equal(dry.Output, run.Error);
        Assert.Equal("ran\n", run.Output);
        Assert.Equal(0, run.ExitCode);
    }

    [CliFact]
    public void Origins_tell_why_a_path_is_allowed()
    {
        string plan = CliRun.Of("--dry-run", "--verbose", "--read-only", "/usr", "--read-data", "/dev/null", "sh").Output;
        Assert.Matches(@"(?m)^  allowed: ReadOnly +/usr +as asked$", plan);
        Assert.Matches(@"(?m)^  allowed: execute,read_file +\S+/dash|bash|busybox +closure: Program$", plan);
        Assert.Matches(@"(?m)^  allowed: execute,read_file +\S+/ld-\S+ +closure: Loader of \S+$", plan);
        Assert.Matches(@"(?m)^  allowed: read_file +\S+/libc\.so\.6 +closure: Library of \S+$", plan);
        Assert.Matches(@"(?m)^  allowed: ReadData +/dev/null +as asked$", plan);
        Assert.Matches(@"(?m)^  allowed: write_file,read_file,ioctl_dev +/dev/null +baseline$", plan);
    }

    [CliFact]
    public void Skipped_paths_and_what_the_closure_does_not_know_are_shown()
    {
        using Scratch scratch = new();
        string script = scratch.Script("script", "#!/usr/bin/env no-such-interpreter\n");
        CliRun dry = CliRun.Of("--dry-run", "--verbose", "--ignore-missing", "--read-only", "/no/such/path", script);
        Assert.Contains("\n  skipped: ReadOnly /no/such/path (optional): the path does not exist\n", dry.Output, StringComparison.Ordinal);
        Assert.Contains("\nnote: 'no-such-interpreter' (Interpreter) that '/usr/bin/env' needs was not found.\n", dry.Output,
            StringComparison.Ordinal);
        Assert.Equal("", dry.Error);
        Assert.DoesNotContain("warning", CliRun.Of("--ignore-missing", "--read-only", "/no/such/path", script).Error,
            StringComparison.Ordinal);
    }

    [CliFact]
    public void The_environment_is_shown_by_name_only()
    {
        Setup setup = new() { Environment = ["PATH=/usr/bin", "SECRET=token"] };
        string plan = CliRun.Of(setup, "--dry-run", "--verbose", "--env", "A=secret too", "true").Output;
        Assert.Contains("\nenvironment: only PATH SECRET A\n", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("token", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("secret too", plan, StringComparison.Ordinal);
    }

    [CliFact]
    public void Everything_that_landlock_exec_opens_is_shown()
    {
        // The paths in the plan itself are the ones that the kernel is given.
        if (!File.Exists("/usr/bin/strace")) return;
        using Scratch scratch = new();
        string[] options = ["--read-only", "/usr", "--edit", "/tmp", "--bind-tcp", "80"];
        string plan = CliRun.Of([.. options, "--dry-run", "--verbose", "true"]).Output;
        CliRun traced = CliRun.Program(
            new Setup { Wrapper = ["/usr/bin/strace", "-qq", "-e", "trace=execve,openat2,landlock_add_rule", "-o", scratch["trace"]] },
            [CliRun.Landlocked, .. options, "true"]);
        if (traced.ExitCode != 0) return;
        string[] lines = [.. File.ReadAllLines(scratch["trace"])
            .SkipWhile(line => !line.Contains("/landlock-exec\"", StringComparison.Ordinal))];
        string[] opened =
            [.. lines.Where(line => line.Contains("O_PATH", StringComparison.Ordinal) && !line.Contains("= -1", StringComparison.Ordinal))
                .Select(line => line.Split('"')[1])];
        Assert.Equal(opened.Length + 1, lines.Count(line => line.Contains("landlock_add_rule", StringComparison.Ordinal)));
        // It has its name when it is made, and a line of its own.
        string told = Assert.Single(opened, path => ToldFile.IdOf(path) is not null);
        opened = [.. opened.Where(path => path != told)];
        Assert.NotEmpty(opened);
        Assert.All(opened, path => Assert.Contains($" {path} ", plan, StringComparison.Ordinal));
        // What a rule for a directory around allows already needs none.
        string[] shown = [.. plan.Split('\n').Where(line => line.Contains("  allowed: ", StringComparison.Ordinal)
            && !line.Contains(" -> /usr/", StringComparison.Ordinal))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2])];
        Assert.Equal(opened.Length + 1, shown.Count(path => !path.StartsWith("/usr/", StringComparison.Ordinal)));
    }

    [CliFact]
    public void Where_a_link_leads_is_shown_and_said_where_the_sandbox_could_exchange_it()
    {
        using Scratch scratch = new();
        scratch.Do("mkdir secret work; ln -s ../secret work/out; ln -s /usr/bin/true work/run; ln -s inner work/in; mkdir work/inner");
        string work = scratch["work"], secret = scratch["secret"];
        CliRun shown = CliRun.Of("--read-only", "/usr", "--read-write", $"{work}/out", "--chdir", $"{work}/in",
            "--dry-run", "--verbose", $"{work}/run");
        Assert.Contains($" {work}/out -> {secret} ", shown.Output, StringComparison.Ordinal);
        Assert.Contains($"directory: {work}/in -> {work}/inner\n", shown.Output, StringComparison.Ordinal);
        Assert.Contains($"program: {work}/run -> /usr/bin/true\n", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("leads to", shown.Output, StringComparison.Ordinal);
        string warning = $"warning: '{work}/out' leads to '{secret}' by the link '{work}/out', and the sandbox may write to '{work}', so "
            + $"that it can have the link lead elsewhere by the next run. Allow '{secret}' itself.\n";
        string[] exchangeable = ["--read-only", "/usr", "--read-write", work, "--read-only", $"{work}/out", "--read-only", $"{work}/in"];
        Assert.Contains(warning, CliRun.Of([.. exchangeable, "--dry-run", "--verbose", "true"]).Output, StringComparison.Ordinal);
        Assert.Equal($"landlocked: {warning[..^2]}\n", CliRun.Of([.. exchangeable, "true"]).Error);
    }

    [CliFact]
    public void A_pipe_needs_no_rule_and_a_deleted_file_can_have_none()
    {
        Assert.Equal("ran\n", CliRun.Program(new Setup(), "/bin/sh", "-c",
            $"echo ran | {CliRun.Landlocked} --read-only /usr --read-write /dev/stdin --read-write /dev/stdout -- cat | cat").Output);
        using Scratch scratch = new();
        CliRun run = CliRun.Program(new Setup(), "/bin/sh", "-c",
            $"exec 7> {scratch["gone"]}; rm {scratch["gone"]}; {CliRun.Landlocked} --read-only /usr --read-write /dev/fd/7 -- true");
        Assert.Equal(125, run.ExitCode);
        Assert.Contains("'/dev/fd/7' leads to a file that has no path", run.Error, StringComparison.Ordinal);
    }
}
