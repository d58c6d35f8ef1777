using Landlock.Sandboxes.Previewing;

namespace Landlock.Tests.Cli;

/// <summary>What `landlocked --preview` asks at a terminal when the command has ended.</summary>
public sealed class PreviewQuestionTests
{
    private const string Asked = @"keep it for later\? \[a/c/l/d/K\] ";

    [PreviewQuestionFact]
    public void All_changes_are_applied_or_dropped()
    {
        using Scratch scratch = new();
        Bash(scratch, ($"{Command(scratch)} sh -c 'echo new > made; exit 3'\n", Asked), ("what\n", Asked), ("a\n", "applied: 1 added\n"),
            ("echo $?-ov''er\n", "3-over"), ($"{Command(scratch)} rm made\n", Asked), ("l\n", @"\n-new\n(.|\n)*" + Asked),
            ("d\n", "dropped\n"), ("echo $(landlocked preview list | wc -l)-le''ft $(cat made)\n", "0-left new"));
    }

    [PreviewQuestionFact]
    public void Some_changes_are_applied_and_the_rest_is_kept()
    {
        using Scratch scratch = new();
        Bash(scratch, ($"{Command(scratch)} sh -c 'mkdir -p d/e; echo 1 > d/1; echo 2 > d/e/2'\n", Asked),
            ("c\n", @"d/\nApply it\? [^\n]*\[y/N/l/s\] "), ("y\n", @"d/1 [^\n]*\nApply it\? "), ("l\n", @"\+1\n(.|\n)*Apply it\? "),
            ("what\n", @"d/1 [^\n]*\nApply it\? "), ("\n", @"d/e/\n[^\n]*Apply it\? "), ("n\n", @"d/e/2 [^\n]*\nApply it\? "),
            ("y\n", "applied: 3 added\n(.|\n)*the rest is kept; apply it: landlocked preview apply"),
            ("find d | sort | tr '\\n' ' '\n", "d d/e d/e/2 "), ("landlocked preview show\n", "added [^\n]*/d/1 "));
    }

    [PreviewQuestionFact]
    public void Ctrl_C_keeps_them_and_Ctrl_Z_stops_the_question()
    {
        using Scratch scratch = new();
        Bash(scratch, ($"{Command(scratch)} touch made\n", Asked), ("\u001a", "Stopped"), ("fg\n", "touch made\n"),
            ("d\n", "dropped\n"), ($"{Command(scratch)} touch made\n", Asked), ("\u0003", "kept; apply it: landlocked preview apply"),
            ("echo $?-ov''er\n", "130-over"), ("echo $(landlocked preview list | wc -l)-le''ft\n", "1-left"));
    }

    [PreviewQuestionFact]
    public void Nobody_is_asked_in_the_background()
    {
        using Scratch scratch = new();
        string said = Bash(scratch, ($"{Command(scratch)} touch made & wait\n", "1 added; apply it: landlocked preview apply"));
        Assert.DoesNotMatch(Asked, said);
    }

    private static string Command(Scratch scratch) => $"landlocked --read-only /usr --read-write {scratch["work"]} --preview --";

    private static string Bash(Scratch scratch, params (string Typed, string Pattern)[] steps)
    {
        scratch.Do("mkdir work state");
        return TerminalTests.Dialog("/bin/bash", "--norc", "--noediting", "-i")([("", "ready> "),
            ($"cd {scratch["work"]}; export XDG_STATE_HOME={scratch["state"]} PATH={Path.GetDirectoryName(CliRun.Landlocked)}:$PATH\n",
                "ready> "), .. steps]);
    }
}

/// <summary>A test that needs Python, bash and a preview.</summary>
public sealed class PreviewQuestionFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(() => TerminalTheoryAttribute.Missing ?? PreviewSupport.WhyNot() ?? Tried());

    public PreviewQuestionFactAttribute() => Skip = Missing.Value;

    private static string? Tried()
    {
        using Scratch scratch = new();
        scratch.Do("mkdir work state");
        CliRun run = CliRun.Program(
            new Setup
            {
                Who = Exec.Posix.geteuid() == 0 ? Who.Root : Who.Ordinary,
                Environment = ["PATH=/usr/bin:/bin", $"XDG_STATE_HOME={scratch["state"]}"],
            },
            [CliRun.Landlocked, "--read-write", scratch["work"], "--preview", "--", "true"]);
        return run.ExitCode == 0 ? null : $"no preview can be had here: {run.Error}";
    }
}
