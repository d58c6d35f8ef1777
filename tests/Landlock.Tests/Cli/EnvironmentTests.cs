namespace Landlock.Tests.Cli;

/// <summary>The environment of the command.</summary>
public sealed class EnvironmentTests
{
    private static readonly string[] Received =
    [
        "SECRET=token", "PATH=/usr/bin:/bin", "HOME=/home/me", "USER=me", "LOGNAME=me", "SHELL=/bin/sh", "TERM=dumb", "LANG=C", "LC_ALL=C", "LC_X=",
        "TZ=UTC", "TMPDIR=/tmp", "PATHOLOGY=1", "lang=de", "NO_EQUALS_SIGN", "EMPTY=", "=ODD",
    ];

    private static readonly Setup Given = new() { Environment = Received };

    [CliFact]
    public void It_is_passed_on_exactly() => CliRun.Of(Given, "env", "-0").Ran(string.Concat(Received.Select(entry => entry + "\0")));

    [CliFact]
    public void Clean_env_keeps_what_help_says()
    {
        CliRun.Of(Given, "--clean-env", "env").Ran(
            "PATH=/usr/bin:/bin\nHOME=/home/me\nUSER=me\nLOGNAME=me\nSHELL=/bin/sh\nTERM=dumb\nLANG=C\nLC_ALL=C\nLC_X=\nTZ=UTC\nTMPDIR=/tmp\n");
        Assert.Contains("pass on PATH HOME USER LOGNAME SHELL TERM COLORTERM LANG TZ TMPDIR LC_* only", CliRun.Of("--help").Output, StringComparison.Ordinal);
    }

    [CliFact]
    public void Clean_env_gives_a_path_where_there_is_none() =>
        CliRun.Of(new Setup { Environment = ["SECRET=token"] }, "--clean-env", "env").Ran("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");

    [CliFact]
    public void Variables_are_set_replaced_and_passed_on()
    {
        Setup setup = new() { Environment = ["PATH=/usr/bin:/bin", "A=1", "B=2"] };
        CliRun.Of(setup, "--env", "C=3", "env").Ran("PATH=/usr/bin:/bin\nA=1\nB=2\nC=3\n");
        CliRun.Of(setup, "--env=A=x=y", "--env", "B=", "env").Ran("PATH=/usr/bin:/bin\nA=x=y\nB=\n");
        CliRun.Of(setup, "--env", "A", "env").Ran("PATH=/usr/bin:/bin\nA=1\nB=2\n");
        CliRun.Of(setup, "--clean-env", "--env", "B", "--env", "MISSING", "env").Ran("PATH=/usr/bin:/bin\nB=2\n");
        CliRun.Of(setup, "--env", "B", "--clean-env", "env").Ran("PATH=/usr/bin:/bin\nB=2\n");
        CliRun.Of(setup, "--env", "A=2", "--env", "A=3", "env").Ran("PATH=/usr/bin:/bin\nA=3\nB=2\n");
        CliRun.Of(setup, "--env", "A=2", "--env", "A", "env").Ran("PATH=/usr/bin:/bin\nA=1\nB=2\n");
    }

    [CliFact]
    public void The_command_is_looked_for_in_the_path_that_it_gets()
    {
        using Scratch scratch = new();
        scratch.Script("tool", "#!/bin/sh\necho mine\n");
        CliRun.Of("--env", $"PATH={scratch.Path}", "tool").Ran("mine\n");
        CliRun.Of(new Setup { Environment = [$"PATH={scratch.Path}"] }, "--env", "PATH=/usr/bin", "tool").Refused(
            "landlocked: the command 'tool' was not found in PATH; nothing was run", 127);
    }

    [CliFact]
    public void Preloaded_libraries_of_the_command_are_part_of_its_closure()
    {
        // The dry run shows what the loader will be allowed to read for the environment that the command gets, not for the present one.
        using Scratch scratch = new();
        string library = Array.Find(["/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6", "/lib64/libm.so.6", "/usr/lib/libm.so.6"], File.Exists)!;
        string copy = scratch.Program("mine.so", library);
        Assert.Contains($"{copy} ", CliRun.Of("--dry-run", "--env", $"LD_PRELOAD={copy}", "true").Output, StringComparison.Ordinal);
        Assert.Contains($"{copy} ", CliRun.Of(new Setup { Environment = ["PATH=/usr/bin", $"LD_PRELOAD={copy}"] }, "--dry-run", "true").Output, StringComparison.Ordinal);
        Assert.DoesNotContain(copy, CliRun.Of(new Setup { Environment = ["PATH=/usr/bin", $"LD_PRELOAD={copy}"] }, "--clean-env", "--dry-run", "true").Output, StringComparison.Ordinal);
    }
}
