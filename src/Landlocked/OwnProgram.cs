using Landlock.Linux;
using Landlock.Sandboxes;

namespace Landlocked;

/// <summary>The two programs of the command line: this one, and landlock-exec beside it. A link to this one finds it, too.</summary>
internal static unsafe class OwnProgram
{
    /// <summary>The program that restricts itself and becomes the command.</summary>
    public const string Executor = "landlock-exec";

    /// <summary>Where landlock-exec belongs.</summary>
    public static string ExecutorPath()
    {
        string program = Native.ProgramPath();
        return program[..(program.LastIndexOf('/') + 1)] + Executor;
    }

    /// <summary>Becomes one of them; returns only by an exception.</summary>
    /// <exception cref="LaunchException">It cannot be executed.</exception>
    public static int Become(string path, string[] arguments) =>
        throw Refused(path, Native.Become(path, arguments, StartRecord.Environment));

    /// <summary>Starts one of them, as <see cref="Native.Start"/>.</summary>
    /// <exception cref="LaunchException">It cannot be executed.</exception>
    public static int Start(string path, string[] arguments, Action? before = null)
    {
        try
        {
            return Native.Start(path, arguments, before);
        }
        catch (KernelException exception)
        {
            throw Refused(path, exception.Error);
        }
    }

    private static LaunchException Refused(string path, Errno error) => new(LaunchProblem.SetupFailed, path,
        $"cannot execute '{PosixText.Printable(path)}': {ErrnoText.Describe(error)}; it belongs next to {Output.Program} "
            + "(copy both, or make a link to one), and nothing was run");
}
