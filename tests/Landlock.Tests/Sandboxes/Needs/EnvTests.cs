using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Needs;

/// <summary>env(1) in "#!" lines.</summary>
public sealed class EnvTests
{
    private static readonly ClosureOptions s_options =
        new() { Path = "/p", LibraryPath = "/l", Preload = "/q.so", WorkingDirectory = "/w" };

    [Theory]
    [InlineData("python3", "python3")]
    [InlineData("-Spython3 -u", "python3")]
    [InlineData("-S python3 -u", "python3")]
    [InlineData("-S", "/script")] // the script's own path is what -S gets
    [InlineData("-vS -i A=b python3", "python3")]
    [InlineData("--split-string=-i python3", "python3")]
    [InlineData("--split=python3", "python3")]
    [InlineData("-S -u HOME --unset=X --unset Y -C /tmp python3 -x", "python3")]
    [InlineData("-S --default-signal=PIPE --block-signal -- python3", "python3")]
    [InlineData("-S - python3", "python3")]
    [InlineData("-S -a name python3", "python3")]
    [InlineData("-S \"a b\"'c\\d' x", "a bc\\d")]
    [InlineData("-S a\\_b", "a")]
    [InlineData("-S \"a\\_b\\t\"", "a b\t")]
    [InlineData("-S '' x", "")]
    [InlineData("-S ${PATH}/x", "/p/x")]
    [InlineData("-S A=1 # comment", "/script")]
    [InlineData("-S A=1 b\\c c", "b")]
    [InlineData("-S -S'x y'", "x")]
    [InlineData("A=1", "/script")]
    [InlineData("-i", "/script")]
    public void The_command_is_what_env_would_start(string argument, string command)
    {
        EnvCommand env = EnvCommand.Parse([argument, "/script"], s_options);
        Assert.Null(env.Problem);
        Assert.Equal(command, env.Command);
    }

    [Theory]
    [InlineData("-i python3")]
    [InlineData("-x")]
    [InlineData("--frobnicate")]
    [InlineData("--ign=x --i")]
    [InlineData("-S 'open")]
    [InlineData("-S a\\")]
    [InlineData("-S a\\q")]
    [InlineData("-S $HOME/x")]
    [InlineData("-S ${HOME}/x")]
    [InlineData("-S ${HOME")]
    public void What_env_refuses_or_nobody_knows_is_a_problem(string argument)
    {
        EnvCommand env = EnvCommand.Parse([argument, "/script"], s_options);
        Assert.True(env.Problem is not null || env.Command == "/script", env.Command);
    }

    [Fact]
    public void The_environment_is_changed_as_asked()
    {
        Assert.Equal(s_options, EnvCommand.Parse(["x", "/script"], s_options).Options);
        Assert.Equal(s_options with { Path = null, LibraryPath = null, Preload = null }, EnvCommand.Parse(["-S -i x"], s_options).Options);
        Assert.Equal(s_options with { Path = "/n", LibraryPath = null, Preload = null },
            EnvCommand.Parse(["-S - PATH=/n x"], s_options).Options);
        Assert.Equal(s_options with { Path = "/n", LibraryPath = "/m:/l", Preload = null },
            EnvCommand.Parse(["-S -u LD_PRELOAD PATH=/n LD_LIBRARY_PATH=/m:${LD_LIBRARY_PATH} x"], s_options).Options);
        Assert.Equal(s_options with { WorkingDirectory = "/w/sub" }, EnvCommand.Parse(["-S --chdir=sub x"], s_options).Options);
    }

    [Fact]
    public void The_env_of_this_system_agrees()
    {
        if (!Tools.Run("/usr/bin/env", ["--version"]).Output.Contains("GNU", StringComparison.Ordinal)) return;
        foreach (string text in (string[])["printf [%s] a  b", "printf [%s] \"a b\" 'c  d'",
            "printf [%s] a\\_b \"a\\_b\" '\\_' '\\\\' '\\''", "printf [%s] #x", "printf [%s] a#x \\#x", "printf [%s] '' \"\"",
            "printf [%s] ${PATH} '${PATH}' \\$x \"\\$\"", "printf [%s] a\\tb \"c\\nd\" e\\c f"])
        {
            List<string>? split = EnvSplit.Split(text, _ => "/usr/bin:/bin", out string? problem);
            Assert.Null(problem);
            (int exit, string output) = Tools.Run("/usr/bin/env", ["-S" + text]);
            string expected = split!.Count == 2 ? "[]" : string.Concat(split.Skip(2).Select(a => $"[{a}]"));
            Assert.Equal((0, expected), (exit, output));
        }
    }
}
