using Landlock.Kernel;
using Landlock.Launching;
using Landlock.Policies;
using Landlock.Rulesets;

namespace Landlock.CommandLine;

internal static class Program
{
    private static int Main()
    {
        try
        {
            string[] arguments = StartRecord.Arguments();
            Subcommand? subcommand = arguments.Length == 0 ? null : Subcommand.All.FirstOrDefault(candidate => candidate.Name == arguments[0]);
            return subcommand is null ? RunCommand.Run(arguments) : subcommand.Run(arguments[1..]);
        }
        catch (LaunchException exception)
        {
            return Fail(exception.Message, exception.ExitCode);
        }
        catch (RulesetException exception) when (exception.Problem == RulesetProblem.PathNotFound)
        {
            return Fail($"the path '{PosixText.Printable(exception.Target ?? "")}' does not exist; correct it, create it, or skip it with --ignore-missing");
        }
        catch (Exception exception) when (exception is UsageException or RulesetException or KernelException or PolicyException)
        {
            return Fail(exception.Message);
        }
        catch (Exception exception)
        {
            // A defect. Still one line, still nothing run.
            return Fail($"internal error ({exception.GetType().Name}: {PosixText.Printable(exception.Message)}); nothing was run");
        }
    }

    private static int Fail(string sentence, int code = ExitCodes.SetupFailed)
    {
        Output.Error(sentence);
        return code;
    }
}
