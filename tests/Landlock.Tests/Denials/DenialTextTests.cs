using Landlock.Abi;
using Landlock.Access;
using Landlock.Denials;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Denials;

/// <summary>What is understood of programs' own messages.</summary>
public sealed class DenialTextTests
{
    [Theory]
    [InlineData("cat: /etc/shadow: Permission denied", "/etc/shadow")]
    [InlineData("ls: cannot open directory '/usr/my bin': Permission denied", "/usr/my bin")]
    [InlineData("touch: cannot touch ‘out/x’: Permission denied", "out/x")]
    [InlineData("sh: 1: cannot create /tmp/new: Permission denied", "/tmp/new")]
    [InlineData("bash: line 1: /opt/tool: Permission denied", "/opt/tool")]
    [InlineData("Program 'x' failed to run: An error occurred trying to start process '/opt/my tool' with working directory '/tmp'. "
        + "Permission deniedAt line:1 char:2", "/opt/my tool")]
    [InlineData("PermissionError: [Errno 13] Permission denied: '/srv/data'", "/srv/data")]
    [InlineData("Exception calling \"ReadAllText\" with \"1\" argument(s): \"Access to the path '/etc/it's' is denied.\"", "/etc/it's")]
    [InlineData("cp: /a b: Operation not permitted", "/a b")]
    [InlineData("cat: /etc/shadow: No such file or directory", null)]
    [InlineData("Permission denied (publickey).", null)]
    public void Paths_are_found(string line, string? path) => Assert.Equal(path, DenialText.PathIn(line));

    [Fact]
    public void Only_what_the_sandbox_denies_is_explained()
    {
        using TempDirectory temp = new();
        string file = temp.Write("file", "", executable: false), open = temp.Write("open/file", "", executable: false);
        LandlockSupport support = RunningKernel.Support;
        AccessEvaluator evaluator = AccessEvaluator.For([new Sandbox { Paths = [new PathRule(temp["open"], AccessClass.ReadOnly.Rights)] }
            .MakeRuleset(support, null, out _)], support, temp.Path);
        Assert.Equal([$"-ReadData {file}"], Fixes($"first\ncat: {file}: Permission denied"));
        Assert.Equal([$"-ReadData {file}"], Fixes("cat: file: Permission denied"));
        Assert.Equal([$"-ReadWrite {temp.Path}"], Fixes($"sh: 1: cannot create {temp["new"]}: Permission denied"));
        Assert.Equal([$"-ReadWrite {temp.Path}"], Fixes($"mkdir: cannot create directory '{temp["sub"]}': Permission denied"));
        Assert.Equal([$"-ReadWrite {temp["open"]}"], Fixes($"rm: cannot remove '{open}': Permission denied"));
        Assert.Equal([$"-Edit {open}"], Fixes($"Access to the path '{open}' is denied."));
        Assert.Null(DenialText.Explain("cat: /no: No such file or directory", evaluator));

        IEnumerable<string> Fixes(string message) => DenialText.Explain(message, evaluator)!.Fixes.Select(fix => fix.ClassParameter);
    }
}
