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
        { "files", ["--access", "read_file:/u"] },
        { "files", ["--read-only", ""] },
        { "files", ["--policy=./x"] },
        { "directories", ["--working-directory", "/"] },
        { "nothing", ["--connect-tcp", "4"] },
        { "nothing", ["--no-such-option=x"] },
        { "command 0 help", ["he"] },
        { "command 2", ["--strict", "--", "gi"] },
        { "command 2", ["--read-only", "/usr", "git", "che"] },
        { "command 0", ["git", "--ver"] },
        { "words diff", ["policy", "di"] },
        { "words --json", ["policy", "check", "a.toml", "--js"] },
        { "files", ["policy", "check", "a.toml", "b"] },
        { "words agent", ["profile", "show", "ag"] },
        { "words --learn", ["trace", "--le"] },
        { "files", ["trace", "--learn", "p"] },
        { "command 3", ["trace", "--learn", "p.toml", "git", "--x"] },
        { "words --read-write --read-write-execute", ["why", "--read-w"] },
        { "open write_file", ["why", "--access", "write_f"] },
        { "nothing", ["policy", "nothing", "x"] },
        { "words support", ["help", "sup"] },
    };

    [CliTheory]
    [MemberData(nameof(Answers))]
    public void What_can_stand_at_the_cursor_is_answered(string expected, string[] words) =>
        CliRun.Of(["__complete", .. words]).Ran(string.Concat(Lines(expected).Select(line => line + "\n")));

    [CliFact]
    public void A_shell_that_is_not_known_is_an_error() =>
        CliRun.Of("completion", "tcsh").Refused("landlocked: completion takes the name of a shell: bash");

    [TerminalFact]
    public void Bash_completes_options_values_files_and_the_command()
    {
        using Scratch scratch = new();
        scratch.Do("mkdir 'a directory'; echo x > 'a directory/file with blanks'");
        string folder = Path.GetDirectoryName(CliRun.Landlocked)!;
        TerminalTests.Dialog("/bin/bash", "--norc", "-i")(
            ("", "ready> "),
            ($"PATH={ShellText.Word(folder)}:$PATH; cd {ShellText.Word(scratch.Path)}\n", "ready> "),
            ("source <(landlocked completion bash); echo rea''dy\n", "ready\n[^\n]*ready> "),
            ("landlocked --read-o\t", "--read-only "),
            ("a\t", @"a\\ directory/"),
            ("f\t", @"file\\ with\\ blanks "),
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
    }

    private static string[] Lines(string expected)
    {
        string[] words = expected.Split(' ');
        int kind = words[0] == "command" ? 2 : 1;
        return [string.Join(' ', words[..kind]), .. words[kind..]];
    }
}
