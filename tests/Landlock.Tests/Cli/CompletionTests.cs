namespace Landlock.Tests.Cli;

/// <summary>What shells complete of landlocked's own command line.</summary>
public sealed class CompletionTests
{
    public static TheoryData<string, string[]> Answers => new()
    {
        { "words --read-data --read-only --read-write --read-write-execute", ["--read"] },
        { "words --chdir", ["--read-only", "/usr", "--chd"] },
        { "words --explain --explain=live", ["--expl"] },
        { "words --explain=live", ["--explain="] },
        { "words none", ["--network", "no"] },
        { "words --network=tcp", ["--network=t"] },
        { "open Git", ["--preset", "gi"] },
        { "open Base,Git", ["--preset", "Base,gi"] },
        { "open --require=net_tcp,net_udp", ["--require=net_tcp,net_u"] },
        { "words soft-requirement", ["--compatibility", "so"] },
        { "words untrusted", ["--profile", "unt"] },
        { "open read_file", ["--access", "read_f"] },
        { "files 10", ["--access", "read_file:/u"] },
        { "files 19", ["--access=read_file:/u:v"] },
        { "nothing", ["--access", "$(read_file):/u"] },
        { "files 0", ["--read-only", ""] },
        { "files 9", ["--policy=./x"] },
        { "directories 0", ["--working-directory", "/"] },
        { "directories 8", ["--chdir=/"] },
        { "examples 443", ["--connect-tcp", "4"] },
        { "examples --max-memory=512MB", ["--max-memory=5"] },
        { "nothing", ["--var", "x"] },
        { "nothing", ["--no-such-option=x"] },
        { "command 0 help", ["he"] },
        { "command 2", ["--strict", "--", "gi"] },
        { "command 2", ["--read-only", "/usr", "git", "che"] },
        { "command 0", ["git", "--ver"] },
        { "words diff", ["policy", "di"] },
        { "words --json", ["policy", "check", "a.toml", "--js"] },
        { "files 0", ["policy", "check", "a.toml", "b"] },
        { "words agent", ["profile", "show", "ag"] },
        { "words --learn", ["trace", "--le"] },
        { "files 0", ["trace", "--learn", "p"] },
        { "command 3", ["trace", "--learn", "p.toml", "git", "--x"] },
        { "words --read-write --read-write-execute", ["why", "--read-w"] },
        { "open write_file", ["why", "--access", "write_f"] },
        { "nothing", ["policy", "nothing", "x"] },
        { "words support", ["help", "sup"] },
        { "words check", ["help", "policy", "ch"] },
        { "words", ["help", "policy", "check", "s"] },
        { "words bash fish powershell zsh", ["completion", ""] },
        { "words", ["completion", "bash", ""] },
    };

    public static TheoryData<string, string[]> Helped => new()
    {
        { "--read-only\tread, list and execute", ["--read-onl"] },
        { "--explain=live\tshow on standard error what the command was denied, and what would allow it: afterwards, or as it happens "
            + "(live)", ["--explain=l"] },
        { "none\tUNIX sockets only", ["--network", "none"] },
        { "net_udp\tLandlock ABI 10 (Linux 7.2): UDP ports; seccomp: UDP where no rule is for it", ["--require", "net_u"] },
        { "read_dir\tkernel right, ABI 1 (Linux 5.13)", ["--access", "read_d"] },
        { "kill\tend sandboxes and all that they started; exit code 1 if something is left", ["ki"] },
        { "profile\tlist, show, check, schema", ["prof"] },
        { "schema\twrite the JSON schema of profile.toml", ["profile", "sch"] },
        { "--all\tevery sandbox of this user", ["kill", "--a"] },
        { "zsh\t~/.zshrc: source <(landlocked completion zsh), after compinit", ["completion", "z"] },
    };

    [CliTheory]
    [MemberData(nameof(Answers))]
    public void What_can_stand_at_the_cursor_is_answered(string expected, string[] words)
    {
        CliRun run = CliRun.Of(["__complete", .. words]);
        run.Ran(run.Output);
        string[] lines = run.Output.Split('\n')[..^1];
        Assert.All(lines[1..], line => Assert.Single(line, letter => letter == '\t'));
        Assert.Equal(expected, string.Join(' ', lines.Select(line => line.Split('\t')[0])));
    }

    [CliTheory]
    [MemberData(nameof(Helped))]
    public void Behind_a_word_stands_what_it_does(string expected, string[] words) =>
        Assert.Equal(expected, CliRun.Of(["__complete", .. words]).Output.Split('\n')[1]);

    [CliFact]
    public void What_a_profile_says_of_itself_is_printable_text()
    {
        using Scratch scratch = new();
        scratch.Do("mkdir -p landlockps/profiles/mine");
        scratch.File("landlockps/profiles/mine/profile.toml", "[landlockps]\ndescription = \"a\\tb\\u001b[31m\"\n");
        CliRun.Of(new Setup { Environment = ["PATH=/usr/bin:/bin", $"XDG_CONFIG_HOME={scratch.Path}"] }, "__complete", "--profile", "m")
            .Ran("words\nmine\ta\\x09b\\x1b[31m\n");
    }

    [CliTheory]
    [InlineData("", "landlocked: completion takes the name of a shell: bash, fish, powershell or zsh")]
    [InlineData("csh", "landlocked: completion takes the name of a shell, bash, fish, powershell or zsh, not 'csh'; did you mean 'zsh'?")]
    public void A_shell_that_is_not_known_is_an_error(string shell, string expected) =>
        CliRun.Of(["completion", .. shell.Length > 0 ? [shell] : Array.Empty<string>()]).Refused(expected);

    [TerminalFact]
    public void Bash_completes_options_values_files_and_the_command()
    {
        using Scratch scratch = Odd();
        TerminalTests.Dialog("/bin/bash", "--norc", "-i")(
            ("", "ready> "),
            ($"{Start(scratch)}\n", "ready> "),
            ("source <(landlocked completion bash); echo rea''dy\n", "ready\n[^\n]*ready> "),
            ("landlocked --read-o\t", "--read-only "),
            ("a\t", @"a\\ directory/"),
            ("f\t", @"file\\ \\\$\\\(touch\\ made\\\)\\ \\'x\\' "),
            // A line that is wider than the terminal is shown in parts.
            ("\u0015landlocked --network=t\t", "--network=tcp "),
            ("--profile unt\t", "untrusted "),
            ("\u0015landlocked --access read_f\t", "read_file"),
            (":/us\t", ":/usr/"),
            // There are two, and a bell says so.
            (" --conn\t", "\u0007?ect-"),
            ("t\t", "tcp "),
            ("443 -- printe\t", "printenv "),
            ("\u0015landlocked policy di\t", "diff "),
            ("\u0015echo o''ver\n", "over"));
        Assert.False(File.Exists(scratch["made"]));
    }

    [ShellFact("zsh")]
    public void Zsh_completes_with_what_words_do()
    {
        using Scratch scratch = Odd();
        TerminalTests.Dialog("/usr/bin/env", $"HOME={scratch.Path}", "zsh", "-f", "-i")(
            ("", "ready> "),
            ($"{Start(scratch)}; autoload -Uz compinit; compinit -D -u; source <(landlocked completion zsh); echo rea''dy\n",
                "\nready\n[^\n]*ready> "),
            ("landlocked --read-o\t", "--read-only "),
            ("a\t", @"a\\ directory/"),
            ("f\t", @"file\\ \\\$\\\(touch\\ made\\\)\\ \\'x\\' "),
            ("\u0015landlocked --network=t\t", "--network=tcp "),
            ("--profile unt\t", "untrusted "),
            ("\u0015landlocked --preset gi\t", "Git"),
            (",bas\t", "Base"),
            ("\u0015landlocked --access read_f\t", "read_file"),
            (":/us\t", ":/usr/"),
            (" --conn\t", "connect-"),
            ("t\t", "tcp "),
            ("443 -- printe\t", "printenv "),
            ("\u0015landlocked --policy=a\t", @"--policy=a\\ directory/"),
            ("\u0015landlocked policy di\t", "diff "),
            ("\u0015landlocked policy \t", "merge +-- merge policies"),
            ("\u0015echo o''ver\n", "over"));
        Assert.False(File.Exists(scratch["made"]));
    }

    [ShellFact("fish")]
    public void Fish_completes_with_what_words_do()
    {
        using Scratch scratch = Odd();
        // With it, fish reads no manual pages.
        scratch.Do("mkdir -p .local/share/fish/generated_completions");
        TerminalTests.Dialog("/usr/bin/env", $"HOME={scratch.Path}", "fish", "-C", "function fish_prompt; echo 'ready> '; end")(
            ("", "ready> "),
            ($"{Start(scratch)}; landlocked completion fish | source; echo rea''dy\n", "\n[^\n]*ready\n"),
            ("landlocked --read-o\t", "--read-only "),
            ("a\t", @"a\\ directory/"),
            ("f\t", @"file\\ \\\$\\\(touch\\ made\\\)\\ \\'x\\' "),
            ("\u0015landlocked --network=t\t", "--network=tcp "),
            ("--profile unt\t", "untrusted "),
            ("\u0015landlocked --preset gi\t", "Git"),
            (",bas\t", ",Base"),
            ("\u0015landlocked --access read_f\t", "read_file"),
            (":/us\t", ":/usr/"),
            (" --conn\t", "connect-"),
            ("t\t", "tcp "),
            ("443 -- printe\t", "printenv "),
            ("\u0015landlocked --policy=a\t", @"--policy=a\\ directory/"),
            ("\u0015landlocked policy di\t", "diff "),
            ("\u0015complete -C 'landlocked policy me'\n", "\n[^\n]*merge\tmerge policies"),
            ("echo o''ver\n", "over"));
        Assert.False(File.Exists(scratch["made"]));
    }

    private static string Start(Scratch scratch) =>
        $"export PATH={ShellText.Word(Path.GetDirectoryName(CliRun.Landlocked)!)}:\"$PATH\"; cd {ShellText.Word(scratch.Path)}";

    private static Scratch Odd()
    {
        Scratch scratch = new();
        scratch.Do("mkdir 'a directory'; echo x > \"a directory/file \\$(touch made) 'x'\"");
        return scratch;
    }
}

/// <summary>A test that needs a shell.</summary>
public sealed class ShellFactAttribute : FactAttribute
{
    public ShellFactAttribute(string shell) =>
        Skip = TerminalTheoryAttribute.Missing ?? (File.Exists($"/usr/bin/{shell}") ? null : $"needs {shell}");
}
