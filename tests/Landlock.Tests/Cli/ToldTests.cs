using Landlock.Linux;
using Landlock.Sandboxes.Running;

namespace Landlock.Tests.Cli;

/// <summary>What a command is told of the sandbox that it is in.</summary>
public sealed class ToldTests : IDisposable
{
    private const string Show = "echo $LANDLOCKPS_SANDBOX; cat \"$LANDLOCKPS_SANDBOX_FILE\"";

    private static readonly string[] Tools =
        ["--read-only", "/usr", "--read-only", "/bin", "--read-only", "/lib", "--read-only", "/lib64", "--read-only", "/proc"];

    private static readonly string[] Programs = ["--read-only", Path.GetDirectoryName(CliRun.Landlocked)!];

    private readonly Scratch _scratch = new();

    public ToldTests() => _scratch.Do($"mkdir -m 700 run; {(CurrentUser.Id == 0 ? "chown 65534 run" : "")}");

    public void Dispose() => _scratch.Dispose();

    [CliFact]
    public void It_may_read_its_file_and_no_other()
    {
        CliRun run = CliRun.Of(Setup, [.. Tools, "/bin/sh", "-c", $"{Show}; cat \"$LANDLOCKPS_SANDBOX_FILE\" >/dev/null; echo $?"]);
        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        string[] lines = run.Output.Split('\n');
        Assert.Equal(("sandbox", "landlockps 2", "name sandbox", "0"), (lines[0], lines[1], lines[2], lines[^2]));
        Assert.StartsWith("command /bin/sh -c echo%20$LANDLOCKPS_SANDBOX", lines[3], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("path ") && line.EndsWith(" /usr"));
        string name = CliRun.Of(Setup, [.. Tools, "/bin/sh", "-c", "echo $LANDLOCKPS_SANDBOX_FILE"]).Output.TrimEnd('\n');
        Assert.StartsWith(_scratch["run/landlockps/"], name, StringComparison.Ordinal);
        Assert.NotNull(ToldFile.IdOf(name));
        // Another sandbox's.
        CliRun other = CliRun.Of(Setup,
            [.. Tools, "/bin/sh", "-c", "cat \"$1\"; echo >> \"$LANDLOCKPS_SANDBOX_FILE\"; ls \"${1%/*}\"", "sh", name]);
        Assert.Equal(3, other.Error.Split('\n').Count(line => line.EndsWith("Permission denied", StringComparison.Ordinal)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(name));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(name)!));
    }

    [CliFact]
    public void A_sandbox_in_a_sandbox_knows_of_both()
    {
        string[] inner = [CliRun.Landlocked, .. Tools, "--connect-tcp", "443", "/bin/sh", "-c", Show];
        CliRun run = CliRun.Of(Setup, [.. Tools, .. Programs, "--read-write", _scratch.Path, "--bind-tcp", "80", .. inner]);
        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        string[] lines = run.Output.Split('\n');
        Assert.Equal("sandbox>sandbox", lines[0]);
        Assert.Equal(2, lines.Count(line => line.StartsWith("layer ", StringComparison.Ordinal)));
        Assert.Contains("port 1 80 80", lines);
        Assert.Contains("port 2 443 443", lines);
        Assert.DoesNotContain("outer", lines);
    }

    [CliFact]
    public void What_cannot_be_told_keeps_nothing_from_running()
    {
        _scratch.Do("ln -s /nowhere run/landlockps");
        // Somebody else's place is not used; the next one is.
        CliRun.Of(Setup, "/bin/echo", "x").Ran("x\n");
        Setup nowhere = new() { Environment = ["PATH=/usr/bin", $"XDG_RUNTIME_DIR={_scratch["missing"]}"] };
        CliRun.Of(nowhere, "/bin/echo", "x").Ran("x\n");
        // From within a sandbox that may write nowhere.
        CliRun run = CliRun.Of(Setup, [.. Tools, .. Programs, CliRun.Landlocked, .. Tools, "/bin/sh", "-c", Show]);
        Assert.Equal("sandbox>sandbox\n", run.Output);
        Assert.EndsWith("No such file or directory\n", run.Error, StringComparison.Ordinal);
    }

    [CliFact]
    public void A_variable_outside_of_a_sandbox_is_not_believed()
    {
        Setup setup = Setup with { Environment = [.. Setup.Environment, "LANDLOCKPS_SANDBOX=a", "LANDLOCKPS_SANDBOX_FILE=/etc/passwd"] };
        string[] lines = CliRun.Of(setup, [.. Tools, "/bin/sh", "-c", Show]).Output.Split('\n');
        Assert.Equal("sandbox", lines[0]);
        Assert.DoesNotContain("outer", lines);
        // Who sets or removes it for the command is believed.
        CliRun.Of(Setup, "--env", "LANDLOCKPS_SANDBOX=b", "/bin/sh", "-c", "echo $LANDLOCKPS_SANDBOX").Ran("b\n");
    }

    [CliFact]
    public void The_dry_run_says_it()
    {
        string output = CliRun.Of(Setup, "--dry-run", "--verbose", "true").Output;
        const string File = "LANDLOCKPS_SANDBOX_FILE, the name of a file that it may read\n";
        Assert.Contains($"\nenvironment: unchanged\ntold: LANDLOCKPS_SANDBOX=sandbox and {File}", output, StringComparison.Ordinal);
        Assert.Contains($"\ntold: LANDLOCKPS_SANDBOX='a b' and {File}",
            CliRun.Of(Setup, "--dry-run", "--verbose", "--env", "LANDLOCKPS_SANDBOX=a b", "true").Output,
            StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_scratch["run"]));
    }

    private Setup Setup => new() { Environment = ["PATH=/usr/bin:/bin", $"XDG_RUNTIME_DIR={_scratch["run"]}"] };
}
