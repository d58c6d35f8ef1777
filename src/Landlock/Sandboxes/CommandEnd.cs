namespace Landlock.Sandboxes;

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Signal">The signal that ended it; 0 if none did.</param>
internal readonly record struct CommandEnd(int ExitCode, int Signal)
{
    /// <summary>From a status of waitpid(2).</summary>
    internal static CommandEnd Of(int status) => new((status & 0x7F) == 0 ? (status >> 8) & 0xFF : 0, status & 0x7F);
}
