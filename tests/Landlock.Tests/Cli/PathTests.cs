namespace Landlock.Tests.Cli;

/// <summary>PATH of the command: without directories in which it may execute nothing.</summary>
public sealed class PathTests : IDisposable
{
    private static readonly string[] System =
        ["--read-only", "/usr", "--read-only", "/bin", "--read-only", "/lib", "--read-only", "/lib64"];
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [CliFact]
    public void A_directory_that_cannot_be_entered_hides_no_program()
    {
        Setup setup = Shims("dirname");
        string shims = _scratch["shims"], kept = $"/usr/bin:relative::/bin:{_scratch["missing"]}", path = $"{shims}:{kept}";
        setup = setup with { Environment = [$"PATH={path}", "A=1"] };
        // bash stops at the first file of the name, and so would env(1) for a script.
        CliRun.Of(setup, [.. System, "/bin/bash", "-c", "dirname a/b && echo \"$PATH\""]).Ran($"a\n{kept}\n");
        CliRun verbose = CliRun.Of(setup, [.. System, "--verbose", "/bin/sh", "-c", "true"]);
        Assert.Contains($"Left out of the command's PATH, since it may execute nothing there: '{shims}'.", verbose.Error,
            StringComparison.Ordinal);
        // Allowed, it is as anywhere else; and so is a PATH that somebody has written for this command.
        CliRun.Of(setup, [.. System, "--read-only", shims, "/bin/sh", "-c", "dirname; echo \"$PATH\""]).Ran($"shim dirname\n{path}\n");
        CliRun.Of(setup, [.. System, "--env", $"PATH={path}", "/bin/sh", "-c", "echo \"$PATH\""]).Ran(path + "\n");
    }

    [CliFact]
    public void The_command_is_looked_for_where_the_sandbox_finds_it()
    {
        Setup setup = Shims("true", "special");
        string shim = _scratch["shims/true"];
        CliRun other = CliRun.Of(setup, [.. System, "true"]);
        Assert.Equal((0, ""), (other.ExitCode, other.Output));
        Assert.Equal($"landlocked: warning: 'true' is '/usr/bin/true' in this sandbox. '{shim}', which comes first in PATH, is in a "
            + $"directory in which it may execute nothing. Write the path to run that one: {shim}\n", other.Error);
        // What is nowhere else is found where it is, and allowed.
        CliRun.Of(setup, [.. System, "special"]).Ran("shim special\n");
        CliRun.Of(setup, [.. System, shim]).Ran("shim true\n");
        // Where nothing is allowed but the command itself, the order is as always.
        CliRun.Of(setup, "true").Ran("shim true\n");
    }

    [CliFact]
    public void Where_no_directory_of_it_is_allowed_it_stays()
    {
        // The command itself is allowed, and hides nothing.
        string path = "/usr/bin:/bin:/usr/sbin:" + _scratch.Path;
        Setup setup = new() { Environment = [$"PATH={path}"] };
        CliRun.Of(setup, "/bin/sh", "-c", "echo \"$PATH\"").Ran(path + "\n");
        CliRun.Of(setup, "--read-data", "/usr", "/bin/sh", "-c", "echo \"$PATH\"").Ran(path + "\n");
        Assert.Contains("Permission denied", CliRun.Of(setup, "/bin/bash", "-c", "dirname x").Error, StringComparison.Ordinal);
        CliRun.Of(setup, "--preset", "Base", "/bin/sh", "-c", "echo \"$PATH\"").Ran("/usr/bin:/bin:/usr/sbin\n");
    }

    [CliFact]
    public void A_script_finds_its_interpreter_where_the_sandbox_does()
    {
        Setup setup = Shims("sh");
        _scratch.File("script", "#!/usr/bin/env sh\necho interpreted\n");
        _scratch.Do("chmod 755 script");
        CliRun.Of(setup, [.. System, _scratch["script"]]).Ran("interpreted\n");
    }

    private Setup Shims(params string[] names)
    {
        _scratch.Do("mkdir shims");
        foreach (string name in names)
        {
            _scratch.File($"shims/{name}", $"#!/bin/sh\necho shim {name}\n");
            _scratch.Do("chmod 755 \"$1\"", _scratch[$"shims/{name}"]);
        }

        return new Setup { Environment = [$"PATH={_scratch["shims"]}:/usr/bin:/bin"] };
    }
}
