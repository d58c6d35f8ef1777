using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Needs;

namespace Landlocked;

/// <summary>
/// `landlocked nosandbox SCRIPT COMMAND [ARG...]`: what the kernel makes of a call of the shell hook's `nosandbox`, a
/// <see cref="ScriptFile"/>. It runs the command as if it were called without the hook.
/// </summary>
internal static class OutsideCommand
{
    /// <summary>Runs it; returns only by an exception.</summary>
    public static unsafe int Run(string[] arguments)
    {
        if (arguments.Length == 0 || !arguments[0].StartsWith("/proc/", StringComparison.Ordinal))
            throw new UsageException($"'{ScriptFile.Outside}' is for the shell hook of LandlockPS");
        arguments = arguments[1..];
        if (arguments.Length == 0) throw new UsageException("nosandbox: no command was given");
        CommandLookup match = CommandLookup.Find(arguments[0], StartRecord.EnvironmentVariable("PATH"), Native.CurrentDirectory());
        string shown = PosixText.Printable(arguments[0]);
        Native.Restore(StartRecord.State());
        Errno error = match.Status switch
        {
            CommandStatus.Found => Native.Become(match.Path!, arguments, StartRecord.Environment),
            CommandStatus.NotFound => throw new LaunchException(LaunchProblem.NotFound, arguments[0],
                $"the command '{shown}' was not found; nosandbox runs programs only"),
            _ => Errno.EACCES,
        };
        throw new LaunchException(LaunchProblem.NotExecutable, arguments[0], $"cannot execute '{shown}': {ErrnoText.Describe(error)}");
    }
}
