
namespace Landlock.Tests.Cli;

/// <summary>Names may hold every byte but NUL, and reach the command, and the kernel, byte for byte.</summary>
public sealed class HostileNameTests : IDisposable
{
    private readonly Scratch scratch = new();

    public static TheoryData<string> Names =>
    [
        "plain", "two words", "new\nline", "tab\tand\rreturn", "it's", "\"quoted\"", "$(touch x)`;&|*?[]", "back\\slash", "-rf", "--strict",
        "=", "a=b", "a:b", "a,b",
        "%s%n", "\u001b[31mred", "\u00fcml\u00e4ut", "\ud83d\ude00", "\udcff\udcfe", "half\udcc3", "\udcc0\udc80overlong", "\u202ereversed",
        new string('x', 255),
    ];

    [CliTheory]
    [MemberData(nameof(Names), DisableDiscoveryEnumeration = true)]
    public void As_argument(string name) => CliRun.Of("printf", "%s|", "argument", name, "").Ran($"argument|{name}||");

    [CliTheory]
    [MemberData(nameof(Names), DisableDiscoveryEnumeration = true)]
    public void As_command(string name)
    {
        string program = scratch.Program(name, "/bin/echo");
        CliRun.Of(program, "ran").Ran("ran\n");
        CliRun.Of(new Setup { Directory = scratch.Path }, "--", $"./{name}", "ran").Ran("ran\n");
        CliRun.Of(new Setup { Environment = [$"PATH={scratch.Path}"] }, "--", name, "ran").Ran("ran\n");
    }

    [CliTheory(perl: true)]
    [MemberData(nameof(Names), DisableDiscoveryEnumeration = true)]
    public void As_rule(string name)
    {
        scratch.Folder(name);
        string file = $"{scratch[name]}/file";
        Assert.Equal("ok", Probe.Try(Who.Ordinary, ["--read-data", scratch[name]], "read", file));
        Assert.Equal("ok", Probe.Try(Who.Ordinary, [$"--read-data={scratch[name]}"], "read", file));
        Assert.Equal("ok", Probe.Try(Who.Ordinary, ["--access", $"read_file:{scratch[name]}"], "read", file));
        Assert.Equal("ok", Probe.Try(new Setup { Directory = scratch.Path }, [$"--read-data={name}"], "read", file));
        Assert.Equal("EACCES", Probe.Try(Who.Ordinary, ["--read-only", "/usr"], "read", file));

        CliRun.Of("--read-data", $"{file}/missing", "true").Refused(
            $"landlocked: the path '{PosixText.Printable(file)}/missing' does not exist; correct it, create it, or skip it "
                + "with --ignore-missing");
        CliRun dry = CliRun.Of("--dry-run", "--verbose", "--read-data", file, "true");
        Assert.Contains($"  {ShellText.Word(file)}", dry.Output, StringComparison.Ordinal);
    }

    [CliTheory]
    [MemberData(nameof(Names), DisableDiscoveryEnumeration = true)]
    public void As_directory(string name)
    {
        scratch.Folder(name);
        CliRun.Of(new Setup { Directory = scratch[name] }, "--read-data", ".", "cat", "file").Ran("content\n");
        CliRun.Of(new Setup { Directory = scratch.Path }, $"--chdir={name}", $"--read-data={name}", "cat", "file").Ran("content\n");
        CliRun.Of($"--chdir={scratch[name]}", $"--read-data={scratch[name]}", "cat", "file").Ran("content\n");
    }

    [CliTheory]
    [MemberData(nameof(Names), DisableDiscoveryEnumeration = true)]
    public void As_environment(string name)
    {
        Setup setup = new() { Environment = ["PATH=/usr/bin:/bin", $"VALUE={name}", $"NAME{name}=x"] };
        CliRun.Of(setup, CliRun.Env("-0")).Ran($"PATH=/usr/bin:/bin\0VALUE={name}\0NAME{name}=x\0");
        CliRun.Of(["--clean-env", "--env", "PATH=/bin", "--env", $"VALUE={name}", .. CliRun.Env("-0")])
            .Ran($"PATH=/bin\0LANG=C\0VALUE={name}\0");
        CliRun.Of(setup, ["--clean-env", "--env", "VALUE", .. CliRun.Env("-0")]).Ran($"PATH=/usr/bin:/bin\0VALUE={name}\0");
    }

    [CliFact]
    public void A_current_directory_that_was_removed_is_no_obstacle()
    {
        scratch.Folder("gone");
        string script = "cd gone && rm -r ../gone && \"$0\" \"$@\"";
        CliRun.Program(new Setup { Directory = scratch.Path }, "/bin/sh", "-c", script, CliRun.Landlocked, "--read-only", "/usr", "echo",
            "ran").Ran("ran\n");
        CliRun.Program(new Setup { Directory = scratch.Path }, "/bin/sh", "-c", "mkdir gone; " + script, CliRun.Landlocked, "--read-only",
            "file", "echo").Refused(
            "landlocked: the path '/proc/self/cwd/file' does not exist; correct it, create it, or skip it with --ignore-missing");
    }

    [CliFact]
    public void Long_lists_of_arguments_pass()
    {
        string[] many = [.. Enumerable.Range(0, 20_000).Select(i => $"argument-{i}")];
        CliRun.Of(["printf", "%s\n", .. many]).Ran(string.Concat(many.Select(word => word + "\n")));
    }

    public void Dispose() => scratch.Dispose();
}
