namespace Landlock.Tests.Cli;

/// <summary>Exit codes: the command's own, or 125, 126, 127 with the reason.</summary>
public sealed class ExitCodeTests
{
    [CliFact]
    public void A_command_that_cannot_be_reached_is_not_said_to_be_missing()
    {
        using Scratch scratch = new();
        scratch.Do("ln -s loop loop");
        CliRun.Of("--read-only", "/usr", "--", scratch["loop"]).Refused(
            $"landlocked: the command '{scratch["loop"]}' cannot be reached: Too many levels of symbolic links; nothing was run", 127);
    }

    [CliTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(42)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(255)]
    public void The_exit_code_is_the_command_s(int code) => CliRun.Of("sh", "-c", $"exit {code}").Ran(exitCode: code);

    [CliTheory]
    [InlineData("TERM", 15)]
    [InlineData("KILL", 9)]
    [InlineData("PIPE", 13)]
    [InlineData("SEGV", 11)]
    public void A_signal_that_kills_the_command_kills_what_was_started(string name, int number)
    {
        CliRun run = CliRun.Of("sh", "-c", $"ulimit -c 0; kill -{name} $$");
        Assert.Equal(number, run.Signal);
        Assert.Equal("", run.Error);
    }

    [CliFact]
    public void No_process_stays_between()
    {
        CliRun run = CliRun.Program(new Setup(), "/bin/sh", "-c", "echo $$; exec \"$0\" sh -c 'echo $$'", CliRun.Landlocked);
        string[] ids = run.Output.Split('\n');
        Assert.Equal(ids[0], ids[1]);
    }

    [CliFact]
    public void Not_found()
    {
        CliRun.Of("no-such-command").Refused("landlocked: the command 'no-such-command' was not found in PATH; nothing was run", 127);
        CliRun.Of("/no/such/command").Refused("landlocked: the command '/no/such/command' does not exist; nothing was run", 127);
        // From a directory that everybody may enter, wherever the checkout is.
        CliRun.Of(new Setup { Directory = "/" }, "./no\nsuch")
            .Refused("landlocked: the command './no\\nsuch' does not exist; nothing was run", 127);
        CliRun.Of("").Refused("landlocked: the command '' was not found in PATH; nothing was run", 127);
        CliRun.Of(new Setup { Environment = ["PATH=/nowhere"] }, "ls")
            .Refused("landlocked: the command 'ls' was not found in PATH; nothing was run", 127);
        CliRun.Of(new Setup { Environment = [] }, "--read-only", "/usr", "echo", "default path").Ran("default path\n");
    }

    [CliFact]
    public void Not_executable()
    {
        using Scratch scratch = new();
        string file = scratch.File("file");
        scratch.Do("chmod 644 file");
        CliRun.Of("/usr").Refused("landlocked: '/usr' is a directory, not a command; nothing was run", 126);
        CliRun.Of(file).Refused(
            $"landlocked: '{file}' is not executable: the file's own mode forbids it, not the sandbox. Allow it with: chmod +x {file}",
            126);
    }

    [CliFact]
    public void Neither_program_nor_script()
    {
        using Scratch scratch = new();
        string text = scratch.Script("text", "echo no interpreter line\n");
        CliRun.Of(text).Refused(
            $"landlocked: '{text}' is neither a program nor a script with a #! line; run it with its interpreter, such as: sh '{text}'",
            126);
        string lost = scratch.Script("lost", "#!/no/such/interpreter\n");
        CliRun.Of(lost).Refused($"landlocked: '{lost}' or its interpreter does not exist", 127);
    }

    [CliFact]
    public void Scripts_run_with_their_interpreter()
    {
        using Scratch scratch = new();
        CliRun.Of(scratch.Script("script", "#!/bin/sh\necho \"$1\"\n"), "argument").Ran("argument\n");
        CliRun.Of(scratch.Script("enved", "#!/usr/bin/env sh\necho \"$1\"\n"), "argument").Ran("argument\n");
    }

    [CliTheory]
    [InlineData]
    [InlineData("--timeout", "60")]
    [InlineData("--private-temp")]
    [InlineData("--explain")]
    [InlineData("--explain=live")]
    [InlineData("--explain", "--timeout", "60")]
    [InlineData("trace")]
    public void Without_landlock_exec_nothing_is_run_and_one_sentence_says_so(params string[] options)
    {
        using Scratch scratch = new();
        string lonely = scratch.Program("landlocked", CliRun.Landlocked);
        CliRun.Program(new Setup(), [lonely, .. options, "--", "echo", "hello"]).Refused(
            $"landlocked: cannot execute '{scratch["landlock-exec"]}': No such file or directory; it belongs next to landlocked "
                + "(copy both, or make a link to one), and nothing was run");
    }

    [CliTheory]
    [InlineData]
    [InlineData("--timeout", "60")]
    public void A_link_and_copies_of_both_programs_work(params string[] options)
    {
        using Scratch scratch = new();
        scratch.Do("mkdir bin lib links");
        scratch.Program("lib/landlock-exec", Path.Combine(Path.GetDirectoryName(CliRun.Landlocked)!, "landlock-exec"));
        scratch.Program("lib/landlocked", CliRun.Landlocked);
        scratch.Do("ln -s ../lib/landlocked bin/landlocked; ln -s ../bin/landlocked links/sandboxed");
        foreach (string program in (string[])["lib/landlocked", "bin/landlocked", "links/sandboxed"])
            CliRun.Program(new Setup(), [scratch[program], .. options, "--", "echo", "hello"]).Ran("hello\n");
        // By its name, as shells, cron and systemd look for it.
        CliRun.Program(new Setup { Environment = [$"PATH={scratch["bin"]}:/usr/bin:/bin"] },
            ["/bin/sh", "-c", "landlocked \"$@\"", "sh", .. options, "--", "echo", "hello"]).Ran("hello\n");
        // In a sandbox, both parts come along.
        CliRun.Program(new Setup(), [scratch["bin/landlocked"], .. options, "--read-only", "/usr", "--",
            scratch["bin/landlocked"], "--", "echo", "hello"])
            .Ran("hello\n");
    }

    [CliFact]
    public void Bytes_pass_through_untouched()
    {
        byte[] bytes = new byte[300_000];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i * 7 % 256);
        Assert.Equal(bytes, CliRun.Of(new Setup { Input = bytes }, "cat").OutputBytes);
        Assert.Equal(bytes,
            CliRun.Program(new Setup { Input = bytes }, "/bin/sh", "-c", "cat | \"$0\" cat | cat", CliRun.Landlocked).OutputBytes);

        // Nothing of standard input is read ahead.
        CliRun run = CliRun.Program(new Setup { Input = "one\ntwo\n"u8.ToArray() }, "/bin/sh", "-c", "\"$0\" head -c 4 | cat; cat",
            CliRun.Landlocked);
        Assert.StartsWith("one\n", run.Output, StringComparison.Ordinal);
        Assert.Equal("two\n", CliRun.Program(new Setup { Input = "one\ntwo\n"u8.ToArray() }, "/bin/sh", "-c",
            "read -r line; \"$0\" true; cat", CliRun.Landlocked).Output);
    }
}
