using Landlock.Access;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Tests.Cli;

namespace Landlock.Tests.Access;

/// <summary>What can be said of a command that failed, by its arguments alone.</summary>
public sealed class ArgumentCheckTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public ArgumentCheckTests() => _scratch.Do("mkdir mine closed; echo > mine/file; echo > closed/file; echo > here");

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("closed/file", "closed/file", "read_file")]
    [InlineData("mine/file", null, null)]
    [InlineData("-v --file=closed/file", "closed/file", "read_file")]
    [InlineData("if=closed/file", "closed/file", "read_file")]
    [InlineData("mine/file closed", "closed", "read_dir")]
    [InlineData("closed/new", "closed/new", "make_reg,write_file")]
    [InlineData("closed/new here", "here", "read_file")]
    [InlineData("mine/new", "mine/new", "make_reg,write_file")]
    [InlineData("new --color=never", null, null)]
    [InlineData("closed/no/new", null, null)]
    [InlineData("-x", null, null)]
    [InlineData("", null, null)]
    public void The_first_path_that_is_denied_is_named(string arguments, string? path, string? rights)
    {
        AccessEvaluator evaluator = AccessEvaluator.For(
            [Ruleset.DenyAll(7).With(new PathRule(_scratch["mine"], AccessClass.ReadOnly.Rights))], RunningKernel.Support, "/");
        AccessVerdict? denied = ArgumentCheck.FirstDenied(arguments.Split(' '), _scratch.Path, evaluator);
        Assert.Equal(path is null ? null : _scratch[path], denied?.Target);
        Assert.Equal(rights, denied is null ? null : string.Join(',', denied.Denials.SelectMany(denial => denial.Missing)));
    }
}
