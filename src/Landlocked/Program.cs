using Landlock.Documents;
using Landlock.Linux;
using Landlock.Previews;
using Landlock.Rulesets;
using Landlock.Sandboxes;

namespace Landlocked;

internal static class Program
{
    private static int Main()
    {
        string[] arguments = [];
        try
        {
            arguments = StartRecord.Arguments();
            Subcommand? subcommand = Subcommand.Find(arguments);
            return subcommand is null ? RunCommand.Run(arguments) : subcommand.Run(arguments[subcommand.Words..]);
        }
        catch (LaunchException exception)
        {
            return Fail(exception.Message + Subcommand.Hint(exception, arguments), exception.ExitCode);
        }
        catch (PolicyException exception)
        {
            return Fail(exception);
        }
        catch (RulesetException exception) when (exception.Problem == RulesetProblem.PathNotFound)
        {
            return Fail($"the path '{PosixText.Printable(exception.Target ?? "")}' does not exist; correct it, create it, or skip it "
                + "with --ignore-missing");
        }
        catch (KernelException exception)
        {
            return Fail($"{exception.Message}; nothing was run");
        }
        catch (Exception exception) when (exception is UsageException or RulesetException or PreviewException)
        {
            return Fail(exception.Message);
        }
        catch (Exception exception) when (exception is TypeInitializationException or OutOfMemoryException)
        {
            // Nothing here fails to be initialized but parts of the runtime that need something of the kernel, such
            // as its thread for signals.
            return Fail("the .NET runtime lacks memory, a thread or a descriptor; nothing was run");
        }
        catch (Exception exception)
        {
            // A defect. Still one line, still nothing run.
            return Fail($"internal error ({exception.GetType().Name}: {PosixText.Printable(exception.Message)}); nothing was run");
        }
    }

    // A line for each error, in the form that editors jump to.
    private static int Fail(PolicyException exception)
    {
        Output.Comment(exception.Findings.Where(finding => finding.Severity == FindingSeverity.Error)
            .Select(finding => $"{Output.Program}: {finding}"));
        return ExitCodes.SetupFailed;
    }

    private static int Fail(string sentence, int code = ExitCodes.SetupFailed)
    {
        Output.Error(sentence);
        return code;
    }
}
