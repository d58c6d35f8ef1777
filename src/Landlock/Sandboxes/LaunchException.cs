namespace Landlock.Sandboxes;

/// <summary>Why a command was not started.</summary>
public enum LaunchProblem
{
    /// <summary>The sandbox cannot be set up as asked (exit code 125).</summary>
    SetupFailed,

    /// <summary>The kernel has no Landlock, or a layer cannot be enforced at all (exit code 125).</summary>
    NotEnforced,

    /// <summary>The command exists but cannot be executed (exit code 126).</summary>
    NotExecutable,

    /// <summary>The command does not exist (exit code 127).</summary>
    NotFound,
}

/// <summary>A command was not started. The message says why, and what would help.</summary>
public sealed class LaunchException : Exception
{
    /// <summary>Creates the exception.</summary>
    public LaunchException(LaunchProblem problem, string? target, string message, Exception? inner = null)
        : base(message, inner)
    {
        Problem = problem;
        Target = target;
    }

    /// <summary>Why.</summary>
    public LaunchProblem Problem { get; }

    /// <summary>The command, path or layer it is about.</summary>
    public string? Target { get; }

    /// <summary>The exit code that stands for the problem: 125, 126 or 127.</summary>
    public int ExitCode => Problem switch
    {
        LaunchProblem.NotExecutable => PlanLayout.ExitNotExecutable,
        LaunchProblem.NotFound => PlanLayout.ExitNotFound,
        _ => PlanLayout.ExitSetupFailed,
    };
}
