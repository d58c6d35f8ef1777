using Landlock.Linux;

namespace Landlock.Tests.Cli;

/// <summary>What the command line says when it is not understood: one line, exactly this one, and nothing is run.</summary>
public sealed class UsageTests
{
    private const string Rights =
        "ReadData, ReadOnly, Edit, ReadWrite, ReadWriteExecute, UnixSocket, execute, write_file, read_file, read_dir, "
            + "remove_dir, remove_file, "
        + "make_char, make_dir, make_reg, make_sock, make_fifo, make_block, make_sym, refer, truncate, ioctl_dev, resolve_unix";

    public static TheoryData<string[], string> Mistakes => new()
    {
        { [], "no command was given; see landlocked --help" },
        { ["--"], "no command was given; see landlocked --help" },
        { ["--read-only", "/usr"], "no command was given; see landlocked --help" },
        { ["--read-only", "/usr", "--"], "no command was given; see landlocked --help" },

        { ["--timeout-grace", "5", "true"], "--timeout-grace does nothing without a time limit; add --timeout SECONDS" },
        { ["trace", "--collapse", "5", "true"], "--collapse shapes the policy that is learned; add --learn POLICY" },
        { ["trace", "--collapse-into", "/usr", "true"], "--collapse-into shapes the policy that is learned; add --learn POLICY" },
        { ["trace", "--allow-guarded", "/etc", "true"], "--allow-guarded shapes the policy that is learned; add --learn POLICY" },

        { ["--read-onyl", "/usr", "true"], "unknown option '--read-onyl'; did you mean '--read-only'? (see landlocked --help)" },
        { ["--read-onyl=/usr", "true"], "unknown option '--read-onyl'; did you mean '--read-only'? (see landlocked --help)" },
        { ["--READ-ONLY", "/usr", "true"], "unknown option '--READ-ONLY'; did you mean '--read-only'? (see landlocked --help)" },
        { ["--ro", "/usr", "true"], "'--ro' is an option of landrun; here it is '--read-data'" },
        { ["--rwx=/tmp", "true"], "'--rwx' is an option of landrun; here it is '--read-write-execute'" },
        { ["--unshare-net", "true"], "'--unshare-net' is an option of bubblewrap; here it is '--network none'" },
        { ["--private-tmp", "true"], "'--private-tmp' is an option of firejail; here it is '--private-temp'" },
        { ["-x", "true"], "unknown option '-x' (see landlocked --help)" },
        { ["--new\nline", "true"], "unknown option '--new\\nline' (see landlocked --help)" },
        { ["--\udcff", "true"], "unknown option '--\\xff' (see landlocked --help)" },

        { ["--read-only"], "option '--read-only' needs a value: --read-only PATH" },
        { ["--bind-tcp"], "option '--bind-tcp' needs a value: --bind-tcp PORTS" },
        { ["--access"], "option '--access' needs a value: --access RIGHT[,RIGHT...]:PATH" },
        { ["--read-only", "--", "true"],
            "option '--read-only' needs a value: --read-only PATH, but '--' follows; if that is the value, write --read-only=--" },
        { ["--read-only", "--strict", "true"], "option '--read-only' needs a value: --read-only PATH, but '--strict' follows; if that is "
            + "the value, write --read-only=--strict" },
        { ["--chdir", "--env=A", "true"],
            "option '--chdir' needs a value: --chdir DIR, but '--env=A' follows; if that is the value, write --chdir=--env=A" },
        { ["--strict=yes", "true"], "option '--strict' takes no value" },
        { ["--dry-run=", "true"], "option '--dry-run' takes no value" },

        { ["--read-only=", "true"], "--read-only: a rule's path is empty; write '.' for the current directory" },
        { ["--read-only", "", "true"], "--read-only: a rule's path is empty; write '.' for the current directory" },
        { ["--access", "/usr", "true"], "--access: expected RIGHT[,RIGHT...]:PATH, such as read_file,read_dir:/srv, not '/usr'" },
        { ["--access", "read_file", "true"], "--access: expected RIGHT[,RIGHT...]:PATH, such as read_file,read_dir:/srv, not 'read_file'" },
        { ["--access", "read_file:", "true"], "--access: a rule's path is empty; write '.' for the current directory" },
        { ["--access", "read_fiel:/usr", "true"], $"--access: 'read_fiel' is no access. Did you mean 'read_file'? Known: {Rights}" },
        { ["--access", "read_file,:/usr", "true"], $"--access: '' is no access. Known: {Rights}" },
        { ["--access", "bind_tcp:/usr", "true"], $"--access: 'bind_tcp' is no access. Known: {Rights}" },
        { ["--access", "a\nb:/usr", "true"], $"--access: 'a\\nb' is no access. Known: {Rights}" },

        { ["--bind-tcp", "http", "true"],
            "--bind-tcp: 'http' is no port: expected a number from 0 to 65535, or a range such as 8000-8010" },
        { ["--connect-tcp=65536", "true"],
            "--connect-tcp: '65536' is no port: expected a number from 0 to 65535, or a range such as 8000-8010" },
        { ["--bind-udp", "-1", "true"], "--bind-udp: '-1' is no port: expected a number from 0 to 65535, or a range such as 8000-8010" },
        { ["--connect-send-udp", "53,", "true"],
            "--connect-send-udp: '' is no port: expected a number from 0 to 65535, or a range such as 8000-8010" },
        { ["--bind-tcp", "90-80", "true"], "--bind-tcp: the port range 90-80 runs backwards; write 80-90" },

        { ["--except=", "true"], "--except: a rule's path is empty; write '.' for the current directory" },
        { ["--except", "/usr/lib", "true"], "'/usr/lib' is excepted, but no path is allowed that it could be excepted from. Allow the "
            + "directory around it as well, with -ReadOnly (--read-only) or another access, or leave the exception out" },
        { ["--chdir=", "true"], "--chdir: expected a directory, not ''" },
        { ["--policy=", "true"], "the name of a policy is empty; write a file, a directory, or - for standard input" },
        { ["policy", "check", ""], "the name of a policy is empty; write a file, a directory, or - for standard input" },
        { ["trace", "--learn=", "true"], "--learn: expected a file, not ''" },
        { ["trace", "--json-file=", "true"], "--json-file: expected a file, not ''" },
        { ["trace", "--learn", "-", "true"], "--learn: '-' is no file here; for a file of that name write --learn ./-" },
        { ["trace", "--json-file", "-", "true"], "--json-file: '-' is no file here; for a file of that name write --json-file ./-" },
        { ["trace", "--json-file", "/no/such/file", "true"], "--json-file: cannot write to '/no/such/file': No such file or directory" },
        { ["--explain=lively", "true"], "--explain: expected --explain alone, or --explain=live, not 'lively'" },
        { ["--explain=", "true"], "--explain: expected --explain alone, or --explain=live, not ''" },
        { ["--explain=live", "--timeout", "3", "true"], "--explain=live does not go with what needs a supervisor (--timeout, "
            + "--private-temp, --preview, --max-total-memory, --max-total-processes, --kill-on-parent-exit, --preserve, "
            + "--connect-host); use --explain" },
        { ["--json", "true"], "--json does nothing alone; add --dry-run for the plan, or --explain for what is denied" },
        { ["--dry-run", "--json-fd", "x", "true"], "--json-fd: expected a descriptor number, such as 3, not 'x'" },
        { ["--dry-run", "--json-fd", "77", "true"], "--json-fd: descriptor 77 is not open" },
        { ["--dry-run", "--json-fd", "1", "--json-file", "x", "true"],
            "--json-file and --json-fd name two places; leave out one of them" },
        { ["trace", "--learn", "/usr", "true"], "--learn: '/usr' is a directory; name a file in it" },
        { ["trace", "--learn", "/nonexistent/p.toml", "true"],
            "--learn: cannot write to '/nonexistent/p.toml': No such file or directory; nothing was run" },
        { ["trace", "--learn", "/etc/p.toml", "true"], "--learn: cannot write to '/etc/p.toml': Permission denied; nothing was run" },

        { ["--unrestricted", "nett", "true"], "--unrestricted: 'nett' is none of fs, net, scope; did you mean 'net'?" },
        { ["--unrestricted", "everything", "true"], "--unrestricted: 'everything' is none of fs, net, scope" },
        { ["--unrestricted", "fs,", "true"], "--unrestricted: '' is none of fs, net, scope" },
        { ["--env", "", "true"], "--env: expected NAME or NAME=VALUE, not ''" },
        { ["--env", "=x", "true"], "--env: expected NAME or NAME=VALUE, not '=x'" },
        { ["--keep-fd", "three", "true"], "--keep-fd: expected descriptor numbers, such as 3 or 3,4, not 'three'" },
        { ["--keep-fd", "-1", "true"], "--keep-fd: expected descriptor numbers, such as 3 or 3,4, not '-1'" },
        { ["--keep-fd", "1,,2", "true"], "--keep-fd: expected descriptor numbers, such as 3 or 3,4, not '1,,2'" },
        { ["--keep-fd", "99999999999", "true"], "--keep-fd: expected descriptor numbers, such as 3 or 3,4, not '99999999999'" },
        { ["--keep-fd", "77", "true"], "--keep-fd: descriptor 77 is not open" },
        { ["--keep-fd", "997", "true"], "--keep-fd: descriptor 997 is not open" },

        { ["--preset", "Bse", "true"], "--preset: Bse: there is no such preset; did you mean 'Base'?" },
        { ["--preset", "Base,", "true"],
            "--preset: there is no such preset; there are Baseline, Base, PowerShell, Dotnet, Python, Node, Git, Build, Convert, "
                + "WebClient, Gpu, HostsNpm, HostsPyPI, HostsNuGet, HostsCrates, HostsGitHub" },
        { ["--var", "x", "true"], "--var: expected NAME=VALUE, not 'x'" },
        { ["--var", "=x", "true"], "--var: expected NAME=VALUE, not '=x'" },
        { ["--var", "a b=x", "true"], "--var: 'a b' cannot be the name of a variable: a letter, then letters, digits and '_' (ASCII)" },
        { ["--policy"], "option '--policy' needs a value: --policy FILE" },
        { ["--policy", "-", "--policy", "-", "true"], "standard input can be read once only, but '-' was given twice" },
        { ["--policy", "/no/such.toml", "true"], "/no/such.toml: there is no such file or directory" },
        { ["policy"], "policy takes check, resolve, merge, diff or schema (a command of that name: landlocked -- policy)" },
        {
            ["policy", "chek", "x"],
            "policy takes check, resolve, merge, diff or schema, not 'chek' (a command of that name: landlocked -- policy)"
        },
        { ["policy", "check"], "policy check needs a FILE (a directory, or - for standard input)" },
        { ["policy", "merge", "--json", "x"], "unknown option '--json' (see landlocked --help)" },
        { ["policy", "resolve", "x", "--jsno"], "unknown option '--jsno'; did you mean '--json'? (see landlocked --help)" },
        { ["policy", "check", "-", "-"], "standard input can be read once only, but '-' was given twice" },

        { ["--policy", "/x", "--preset", "base", "--var", "x=1", "--keep-fd", "3", "true"], "--keep-fd: descriptor 3 is not open" },

        { ["support", "--jsno"], "unknown option '--jsno'; did you mean '--json'? (see landlocked --help)" },
        { ["help", "polcy"], "there is no subcommand 'polcy'; did you mean 'policy'?" },
        { ["help", "suport"], "there is no subcommand 'suport'; did you mean 'support'?" },
        { ["support", "json"], "support takes no argument but --json, not 'json'" },
    };

    [Fact]
    public void A_command_that_is_missing_was_perhaps_a_subcommand()
    {
        CliRun.Of("polcy", "check").Refused(
            "landlocked: the command 'polcy' was not found in PATH; nothing was run. Did you mean 'policy'?", 127);
        CliRun.Of("--", "polcy").Refused("landlocked: the command 'polcy' was not found in PATH; nothing was run", 127);
    }

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void A_mistake_is_one_line(string[] arguments, string line) => CliRun.Of(arguments).Refused($"landlocked: {line}");

    public static TheoryData<string[], string> Contradictions => new()
    {
        {
            ["--unrestricted", "fs", "--read-only", "/usr", "true"],
            "the rule for '/usr' would change nothing: execute,read_file,read_dir is not handled by this ruleset, so it is "
                + "allowed everywhere already"
        },
        { ["--unrestricted=fs,net,scope", "true"],
            "the ruleset restricts nothing: it handles no right and no scope. Handle at least one, or run the command without a sandbox" },
        { ["--unrestricted=fs", "--unrestricted=net", "--unrestricted=scope", "true"],
            "the ruleset restricts nothing: it handles no right and no scope. Handle at least one, or run the command without a sandbox" },
        { ["--read-only", "/no/such/path", "true"],
            "the path '/no/such/path' does not exist; correct it, create it, or skip it with --ignore-missing" },
        { ["--read-only", "/no/such\npath", "true"],
            "the path '/no/such\\npath' does not exist; correct it, create it, or skip it with --ignore-missing" },
        { ["--access", "read_dir:/etc/hostname", "true"],
            "the rule for '/etc/hostname' allows nothing: it is no directory, and read_dir applies to directories only" },
        { ["--chdir", "/no/such/path", "true"], "the working directory '/no/such/path' does not exist; nothing was run" },
        { ["--chdir", "/etc/passwd", "true"], "the working directory '/etc/passwd' is not a directory; nothing was run" },
    };

    [CliTheory]
    [MemberData(nameof(Contradictions))]
    public void What_cannot_be_enforced_is_one_line(string[] arguments, string line) => CliRun.Of(arguments).Refused($"landlocked: {line}");

    [Theory]
    [InlineData("--help")]
    [InlineData("--read-only=/usr", "--help", "no-such-command")]
    [InlineData("help")]
    [InlineData("help", "--help")]
    public void Help_names_every_option_and_subcommand(params string[] arguments)
    {
        string help = CliRun.Of(arguments).Ran(CliRun.Of("--help").Output).Output;
        foreach (string word in (string[])
        [
            "--read-data PATH", "--read-only PATH", "--edit PATH", "--read-write PATH", "--read-write-execute PATH", "--unix-socket PATH",
            "--access RIGHT[,RIGHT...]:PATH", "--ignore-missing", "--no-closure", "--no-baseline", "--bind-tcp PORTS",
            "--connect-tcp PORTS",
            "--bind-udp PORTS", "--connect-send-udp PORTS", "--unrestricted fs|net|scope", "--strict", "--log-denials",
            "--working-directory, --chdir DIR", "--compatibility LEVEL",
            "--policy FILE", "--preset NAME[,NAME...]", "--variable, --var NAME=VALUE", "--clean-environment, --clean-env",
            "--environment, --env NAME[=VALUE]", "--keep-fd N[,N...]", "--dry-run", "--verbose", "--verbose", "--help, -h", "--version, -V",
            "support [--json]",
            "policy check [--json] [--var NAME=VALUE] FILE...", "policy resolve [--json] [--var NAME=VALUE] FILE...",
            "policy merge FILE...", "policy diff [--json] [--var NAME=VALUE] FILE FILE",
        ])
            Assert.Contains($"  {word} ", help.Replace("\n", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.StartsWith("Usage: landlocked [OPTION...] [--] COMMAND [ARGUMENT...]\n", help, StringComparison.Ordinal);
        Assert.All(help.Split('\n'), line => Assert.True(line.Length <= 80, line));
        // What most people need first stands first.
        Assert.Contains("  landlocked --read-only /usr -- ls -l /usr\n", string.Join('\n', help.Split('\n').Take(10)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("support", "Usage: landlocked support [--json]\n\nSay what this kernel can enforce, and what it cannot.\n\n  --json ")]
    [InlineData("trace", "Usage: landlocked trace [--json] [--json-file FILE] [--learn POLICY]")]
    [InlineData("why", "Usage: landlocked why [--json] [OPTION...]")]
    [InlineData("ps", "Usage: landlocked ps [--json]\n")]
    [InlineData("kill", "Usage: landlocked kill ID|PID|NAME... | --all\n")]
    [InlineData("policy check", "Usage: landlocked policy check [--json] [--var NAME=VALUE] FILE...\n")]
    [InlineData("policy resolve", "Usage: landlocked policy resolve ")]
    [InlineData("policy merge", "Usage: landlocked policy merge FILE...\n")]
    [InlineData("policy diff", "Usage: landlocked policy diff [--json] [--var NAME=VALUE] FILE FILE\n")]
    [InlineData("policy schema", "Usage: landlocked policy schema [--json]\n")]
    [InlineData("profile list", "Usage: landlocked profile list [--json]\n")]
    [InlineData("profile show", "Usage: landlocked profile show [--json] NAME\n")]
    [InlineData("profile check", "Usage: landlocked profile check [NAME...]\n")]
    [InlineData("profile schema", "Usage: landlocked profile schema\n")]
    [InlineData("completion", "Usage: landlocked completion bash|fish|powershell|zsh\n")]
    [InlineData("policy", "Usage: landlocked policy check ")]
    [InlineData("profile", "Usage: landlocked profile list ")]
    public void A_subcommand_has_its_own_help(string name, string begin)
    {
        string[] words = name.Split(' ');
        string help = CliRun.Of([.. words, "--help"]).Ran(CliRun.Of(["help", .. words]).Output).Output;
        Assert.StartsWith(begin, help, StringComparison.Ordinal);
        Assert.DoesNotContain("--read-write PATH", help, StringComparison.Ordinal);
        Assert.All(help.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void Help_is_as_wide_as_the_terminal()
    {
        if (PosixFile.Stat("/usr/bin/script") is null) return;
        foreach (int width in (int[])[60, 100])
        {
            string[] lines = CliRun.Program(new Setup(), "/usr/bin/script", "-qec",
                $"stty cols {width}; {CliRun.Landlocked} --help", "/dev/null").Output.Split("\r\n");
            Assert.InRange(lines.Max(line => line.Length), width - 10, width);
        }
    }

    [Fact]
    public void What_is_taken_for_a_secret_is_in_the_help_and_the_documents()
    {
        string secrets = Landlock.Sandboxes.EnvironmentSelection.Secrets;
        Assert.Contains($"--remove-secret do not pass on variables whose names look like secrets, in any case: {secrets} --",
            string.Join(' ', CliRun.Of("--help").Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
        string listed = string.Join(' ', secrets.Split(' ').Select(name => $"`{name}`"));
        foreach (string page in (string[])["docs/security.md", .. ((string[])["Invoke-Landlocked", "Enter-Landlock", "New-LandlockSession",
            "Protect-LandlockScript"]).Select(name => $"docs/en-US/{name}.md")])
            Assert.Contains(listed, File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings(" "),
                StringComparison.Ordinal);
    }

    [CliFact]
    public void Help_and_version_have_one_letter_as_usual()
    {
        string help = CliRun.Of("--help").Output;
        Assert.Equal(help, CliRun.Of("-h").Output);
        Assert.Equal(CliRun.Of("--version").Output, CliRun.Of("-V").Output);
        foreach (string words in (string[])["policy", "policy check", "support", "trace"])
        {
            CliRun run = CliRun.Of([.. words.Split(' '), "-h"]);
            Assert.Equal((0, CliRun.Of(["help", .. words.Split(' ')]).Output), (run.ExitCode, run.Output));
        }
    }

    [Fact]
    public void The_version_is_the_manifest_s() =>
        CliRun.Of("--version").Ran($"landlocked {typeof(Landlock.Abi.AbiTable).Assembly.GetName().Version!.ToString(3)}\n");

    [CliFact]
    public void Output_that_cannot_be_written_is_not_a_success()
    {
        CliRun run = CliRun.Program(new Setup(), "/bin/sh", "-c", "\"$0\" --help > /dev/full", CliRun.Landlocked);
        Assert.Equal(125, run.ExitCode);
        Assert.Equal("landlocked: cannot write to standard output: No space left on device\n", run.Error);
    }

    [CliFact]
    public void Options_end_at_the_command() =>
        CliRun.Of("--read-only", "/usr", "echo", "--read-only", "--no-such-option", "--", "--help")
            .Ran("--read-only --no-such-option -- --help\n");

    [CliFact]
    public void Options_end_at_two_dashes() => CliRun.Of("--", "echo", "--", "--help").Ran("-- --help\n");

    [CliFact]
    public void A_single_dash_is_a_command() =>
    CliRun.Of("-").Refused("landlocked: the command '-' was not found in PATH; nothing was run", 127);

    [CliFact]
    public void A_command_may_have_the_name_of_a_subcommand()
    {
        using Scratch scratch = new();
        scratch.Script("support", "#!/bin/sh\necho mine \"$@\"\n");
        Setup setup = new() { Environment = [$"PATH={scratch.Path}:/usr/bin:/bin"] };
        CliRun.Of(setup, "--", "support", "--json").Ran("mine --json\n");
        CliRun.Of(setup, "--read-only", "/usr", "support").Ran("mine\n");
    }
}
