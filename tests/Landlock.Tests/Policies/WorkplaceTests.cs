using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies;

namespace Landlock.Tests.Policies;

/// <summary>The variables that open a directory for writing because a command was started there.</summary>
public sealed class WorkplaceTests
{
    private static BuiltinVariables In(string directory, params string[] repositories) => new(new BuiltinSources
    {
        WorkingDirectory = directory,
        Environment = name => name == "HOME" ? "/home/me" : null,
        UserId = 1000,
        Inspect = path => repositories.Contains(path) ? PathKind.Directory : PathKind.Missing,
        RealPath = path => path,
        Owner = _ => 1000,
        Read = (_, _) => null,
    });

    [Theory]
    [InlineData("/")]
    [InlineData("/etc")]
    [InlineData("/home")]
    [InlineData("/home/me")]
    [InlineData("/home/me/.ssh")]
    [InlineData("/home/me/.config")]
    [InlineData("/tmp")]
    [InlineData("/var/tmp")]
    [InlineData("/srv")]
    [InlineData("/opt")]
    public void A_place_of_many_things_is_none(string directory)
    {
        foreach (BuiltinVariables variables in (BuiltinVariables[])[In(directory), In(directory, BuiltinVariables.Join(directory, ".git"))])
        {
            foreach (string name in (string[])["workplace", "project"])
            {
                Assert.Empty(variables.Find(name)!.Value);
                PolicyFinding problem = variables.Remark(name)!;
                Assert.Equal(FindingSeverity.Error, problem.Severity);
                Assert.StartsWith($"'{directory}' is never opened as a whole", problem.Message, StringComparison.Ordinal);
            }

            Assert.Empty(variables.Find("git_root")!.Value);
        }
    }

    [Theory]
    [InlineData("/home/me/project")]
    [InlineData("/srv/site")]
    [InlineData("/tmp/build")]
    public void A_project_is_one(string directory)
    {
        Assert.Equal(directory, Assert.Single(In(directory).Find("workplace")!.Value));
        Assert.Equal(directory, Assert.Single(In(directory).Find("project")!.Value));
        Assert.Null(In(directory).Remark("project"));
        Assert.Equal(directory, Assert.Single(In(directory, $"{directory}/.git").Find("project")!.Value));
    }
}
