using System.Text.RegularExpressions;
using Landlock.Tests.Cli;

namespace Landlock.Tests.Hosts;

/// <summary>What came of a command on the tested machine.</summary>
/// <param name="Run">The command's end and output.</param>
/// <param name="Log">What the hosts saw meanwhile.</param>
internal sealed record HostRun(CliRun Run, string[] Log)
{
    /// <summary>Both of its outputs.</summary>
    public string Said => Run.Output + Run.Error;

    /// <summary>It ended well, and all that it said matches.</summary>
    public HostRun Says(string pattern, int exitCode = 0)
    {
        Assert.True(Run.ExitCode == exitCode && Regex.IsMatch(Said, $"^(?:{pattern})$", RegexOptions.Singleline), $"not {pattern}: {this}");
        return this;
    }

    /// <summary>It failed, and said something that matches.</summary>
    public HostRun Fails(string pattern)
    {
        Assert.True(Run.ExitCode is > 0 and not 125 && Regex.IsMatch(Said, pattern, RegexOptions.Singleline), $"not {pattern}: {this}");
        return this;
    }

    public override string ToString() => $"{Run}\n{string.Join('\n', Log.Take(50))}";
}
