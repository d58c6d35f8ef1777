using Landlock.Linux;

namespace Landlock.Sandboxes.Running;

/// <summary>A process that says, by its environment, that it is in a sandbox.</summary>
/// <param name="Process">Its number.</param>
/// <param name="Start">When it started, by which the number is told from a later one.</param>
/// <param name="File">The file of the sandbox, as the process names it.</param>
internal sealed record SandboxClaim(int Process, ulong Start, string File);

/// <summary>Looks at the environment of this user's processes. What a process says there is about itself alone.</summary>
internal static class SandboxClaims
{
    /// <summary>The processes that can be seen and that name a file of a sandbox.</summary>
    public static List<SandboxClaim> All()
    {
        List<SandboxClaim> claims = [];
        foreach (int process in ProcessEnvironment.Processes())
        {
            if (ProcessEnvironment.Variable(process, ToldFile.Variable) is { } file && ToldFile.IdOf(file) is not null
                && ProcessEnvironment.IsOurs(process) && ProcessStatus.Of(process) is { HasEnded: false } status)
            {
                claims.Add(new SandboxClaim(process, status.Start, file));
            }
        }

        return claims;
    }
}
