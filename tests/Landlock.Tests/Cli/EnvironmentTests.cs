using System.Text.RegularExpressions;
using Landlock.Sandboxes.Running;

namespace Landlock.Tests.Cli;

/// <summary>The environment of the command.</summary>
public sealed class EnvironmentTests
{
    private static readonly string[] Received =
    [
        "SECRET=token", "PATH=/usr/bin:/bin", "HOME=/home/me", "USER=me", "LOGNAME=me", "SHELL=/bin/sh", "TERM=dumb", "LANG=C",
        "LC_ALL=C", "LC_X=",
        "TZ=UTC", "TMPDIR=/tmp", "PATHOLOGY=1", "lang=de", "NO_EQUALS_SIGN", "EMPTY=", "=ODD",
    ];

    private static readonly Setup Given = new() { Environment = Received };

    // Without what every sandbox is told of itself.
    private static CliRun Run(Setup setup, params string[] arguments)
    {
        int env = Array.IndexOf(arguments, "env") + 1;
        return CliRun.Of(setup, [.. arguments[..env], "-u", SandboxNames.Variable, "-u", ToldFile.Variable, .. arguments[env..]]);
    }

    [CliFact]
    public void It_is_passed_on_exactly() => Run(Given, "env", "-0").Ran(string.Concat(Received.Select(entry => entry + "\0")));

    [CliFact]
    public void Clean_env_keeps_what_help_says()
    {
        Run(Given, "--clean-env", "env").Ran(
            "PATH=/usr/bin:/bin\nHOME=/home/me\nUSER=me\nLOGNAME=me\nSHELL=/bin/sh\nTERM=dumb\nLANG=C\nLC_ALL=C\nLC_X=\n"
                + "TZ=UTC\nTMPDIR=/tmp\n");
        Assert.Contains("pass on only PATH HOME USER LOGNAME SHELL TERM COLORTERM LANG TZ TMPDIR LC_*",
            Regex.Replace(CliRun.Of("--help").Output, @"\s+", " "), StringComparison.Ordinal);
    }

    [CliFact]
    public void Clean_env_leaves_out_what_makes_programs_run_something_else_first()
    {
        string[] names =
        [
            "LD_PRELOAD", "LD_AUDIT", "LD_LIBRARY_PATH", "GCONV_PATH", "BASH_ENV", "ENV", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME",
            "PERL5LIB", "PERL5OPT", "PERL5DB", "RUBYOPT",
            "RUBYLIB", "NODE_OPTIONS", "NODE_PATH", "JAVA_TOOL_OPTIONS", "CLASSPATH", "LUA_INIT", "DOTNET_STARTUP_HOOKS",
            "DOTNET_ADDITIONAL_DEPS", "CORECLR_PROFILER_PATH",
            "PSModulePath", "GIT_SSH_COMMAND", "PAGER", "EDITOR", "SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "DOCKER_HOST",
        ];
        // A program that takes these to heart would not come as far.
        string[] values = [.. names.Select(name => $"{name}=")];
        Setup setup = new() { Environment = ["PATH=/usr/bin:/bin", .. values] };
        Run(setup, "env").Ran("PATH=/usr/bin:/bin\n" + string.Concat(values.Select(value => value + "\n")));
        Run(setup, "--clean-env", "env").Ran("PATH=/usr/bin:/bin\n");
        Run(setup, "--clean-env", "--pass-env", "PYTHON*", "env").Ran("PATH=/usr/bin:/bin\n"
            + string.Concat(values.Where(value => value.StartsWith("PYTHON", StringComparison.Ordinal)).Select(value => value + "\n")));
    }

    [CliFact]
    public void Clean_env_gives_a_path_where_there_is_none() =>
        Run(new Setup { Environment = ["SECRET=token"] }, "--clean-env", "env")
            .Ran("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");

    [CliFact]
    public void Variables_are_set_replaced_and_passed_on()
    {
        Setup setup = new() { Environment = ["PATH=/usr/bin:/bin", "A=1", "B=2"] };
        Run(setup, "--env", "C=3", "env").Ran("PATH=/usr/bin:/bin\nA=1\nB=2\nC=3\n");
        Run(setup, "--env=A=x=y", "--env", "B=", "env").Ran("PATH=/usr/bin:/bin\nA=x=y\nB=\n");
        Run(setup, "--env", "A", "env").Ran("PATH=/usr/bin:/bin\nA=1\nB=2\n");
        Run(setup, "--clean-env", "--env", "B", "--env", "MISSING", "env").Ran("PATH=/usr/bin:/bin\nB=2\n");
        Run(setup, "--env", "B", "--clean-env", "env").Ran("PATH=/usr/bin:/bin\nB=2\n");
        Run(setup, "--env", "A=2", "--env", "A=3", "env").Ran("PATH=/usr/bin:/bin\nA=3\nB=2\n");
        Run(setup, "--env", "A=2", "--env", "A", "env").Ran("PATH=/usr/bin:/bin\nA=1\nB=2\n");
    }

    [CliFact]
    public void Secrets_can_be_left_behind()
    {
        string[] secrets = ["GITHUB_TOKEN=1", "npm_token=1", "PGPASSWORD=1", "AWS_SECRET_ACCESS_KEY=1", "AWS_ACCESS_KEY_ID=1",
            "OPENAI_API_KEY=1", "STRIPE_KEY=1", "MYSQL_PWD=1", "DATABASE_URL=1", "Sentry_Dsn=1", "GOOGLE_APPLICATION_CREDENTIALS=1"];
        string[] others = ["PATH=/usr/bin:/bin", "PWD=/", "OLDPWD=/", "KEYBOARD=de", "SSH_AUTH_SOCK=/run/agent", "DONKEY=1", "LANG=C"];
        Setup setup = new() { Environment = [.. secrets, .. others] };
        Run(setup, "--remove-secret", "env").Ran(string.Concat(others.Select(entry => entry + "\n")));
        Run(setup, "--remove-secret", "--pass-env", "GITHUB_*,npm_?oken", "env")
            .Ran(string.Concat((string[])["GITHUB_TOKEN=1\n", "npm_token=1\n", .. others.Select(entry => entry + "\n")]));
        Run(setup, "--remove-secret", "--env", "STRIPE_KEY", "--env=NEW_TOKEN=2", "env")
            .Ran(string.Concat(others.Select(entry => entry + "\n")) + "STRIPE_KEY=1\nNEW_TOKEN=2\n");
    }

    [CliFact]
    public void Variables_are_chosen_by_pattern()
    {
        Setup setup = new() { Environment = ["PATH=/usr/bin:/bin", "APP_A=1", "APP_B=2", "app_c=3", "A\\B=4", "OTHER=5"] };
        Run(setup, "--remove-env", "APP_*", "env").Ran("PATH=/usr/bin:/bin\napp_c=3\nA\\B=4\nOTHER=5\n");
        Run(setup, "--remove-env", "*_*,OTHE?", "--remove-env", "A\\B", "env").Ran("PATH=/usr/bin:/bin\n");
        Run(setup, "--clean-env", "--pass-env", "APP_*", "env").Ran("PATH=/usr/bin:/bin\nAPP_A=1\nAPP_B=2\n");
        Run(setup, "--clean-env", "--pass-env", "APP_*", "--remove-env", "APP_B", "env").Ran("PATH=/usr/bin:/bin\nAPP_A=1\n");
        Run(setup, "--pass-env", "APP_A", "env").Refused(
            "landlocked: the whole environment is passed on anyway, with 'APP_A'. Ask for a clean environment, or for one without secrets, "
                + "and variables to keep; nothing was run");
        Run(setup, "--remove-env", "A=1", "env")
            .Refused("landlocked: 'A=1' matches no name of an environment variable; nothing was run");
        Run(setup, "--remove-env", "", "env").Refused("landlocked: '' matches no name of an environment variable; nothing was run");
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
        string library = Array.Find(["/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6", "/lib64/libm.so.6",
            "/usr/lib/libm.so.6"], File.Exists)!;
        string copy = scratch.Program("mine.so", library);
        Assert.Contains($"{copy} ", CliRun.Of("--dry-run", "--verbose",
            "--env", $"LD_PRELOAD={copy}", "true").Output, StringComparison.Ordinal);
        Assert.Contains($"{copy} ",
            CliRun.Of(new Setup { Environment = ["PATH=/usr/bin", $"LD_PRELOAD={copy}"] }, "--dry-run", "--verbose", "true").Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain(copy,
            CliRun.Of(new Setup { Environment = ["PATH=/usr/bin", $"LD_PRELOAD={copy}"] }, "--clean-env",
                "--dry-run", "--verbose", "true").Output,
            StringComparison.Ordinal);
    }
}
