using System.Diagnostics;
using System.Globalization;
using Landlock.Linux;

namespace Landlock.Tests.Sandboxes;

/// <summary>What is ended, and what is not.</summary>
public sealed class ProcessTreeTests : IDisposable
{
    private readonly List<Process> started = [];

    public void Dispose()
    {
        foreach (Process process in started)
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            process.Dispose();
        }
    }

    [Fact]
    public void Children_and_theirs_end_and_the_ancestor_stays()
    {
        (Process shell, int[] others) = Start("sh", "sh -c 'sleep 300 & echo $!; wait' & echo $!; sleep 300 & echo $!; sleep 300");
        ProcessTree.EndDescendants(shell.Id);
        Assert.All(others, other => Assert.True(HasEnded(other)));
    }

    [Fact]
    public void A_group_whose_leader_has_ended_ends()
    {
        (Process leader, int[] others) = Start("setsid", "sleep 300 & echo $!; sh -c 'sleep 300 & echo $!; sleep 300' & echo $!; wait");
        ProcessTree.EndGroup(leader.Id);
        Assert.All(others, other => Assert.False(HasEnded(other)));
        leader.Kill();
        leader.WaitForExit();
        Assert.All(others, other => Assert.False(HasEnded(other)));
        ProcessTree.EndGroup(leader.Id);
        Assert.All(others, other => Assert.True(HasEnded(other)));
    }

    // A shell that writes three process ids, and those.
    private (Process Shell, int[] Others) Start(string program, string script)
    {
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true };
        foreach (string argument in program == "sh" ? (string[])["-c", script] : ["sh", "-c", script]) start.ArgumentList.Add(argument);
        Process shell = Process.Start(start)!;
        started.Add(shell);
        return (shell, [.. Enumerable.Range(0, 3).Select(_ => int.Parse(shell.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture))]);
    }

    private static bool HasEnded(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] is 'Z' or 'X';
        }
        catch (IOException)
        {
            return true;
        }
    }
}
