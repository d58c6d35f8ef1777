using System.Management.Automation;
using System.Management.Automation.Host;
using Landlock.Access;
using Landlock.Linux;
using Landlock.Sandboxes;
using LandlockPS.Engine;

namespace LandlockPS.Feedback;

/// <summary>
/// One line on the terminal after a native command failed in a sandbox at the prompt. The engine asks feedback providers only where there
/// is an error record, which a native command does not leave. Never where output is read by anything but a person.
/// </summary>
internal static class FailureHint
{
    /// <summary>The preference variable that turns it off.</summary>
    public const string Preference = "LandlockHintPreference";

    // A command that was ended by a signal, such as Ctrl+C, exits with more. 126 and 127 are those of shells and env(1) that could not
    // execute something.
    private const int MostCommonCode = 127;

    private static bool s_generalSaid;

    /// <summary>Whether somebody sits in front of this who wants to read it.</summary>
    /// <param name="host">The host.</param>
    /// <param name="preference">Value of the preference variable.</param>
    public static bool IsWelcome(PSHost host, object? preference) =>
        host.Name == "ConsoleHost" && !Console.IsInputRedirected && !Console.IsOutputRedirected && !Console.IsErrorRedirected
        && Unwrapped.From(preference)?.ToString() is not ("SilentlyContinue" or "Ignore" or "False");

    /// <summary>Says what can be said after a command of a cmdlet failed, if it was typed and ends its line.</summary>
    public static void Offer(PSCmdlet cmdlet, LaunchPlan plan, string directory)
    {
        InvocationInfo call = cmdlet.MyInvocation;
        if (call.CommandOrigin != CommandOrigin.Runspace || !string.IsNullOrEmpty(call.ScriptName)
            || call.PipelinePosition != call.PipelineLength)
        {
            return;
        }
        if (!IsWelcome(cmdlet.Host, cmdlet.GetVariableValue(Preference))
            || cmdlet.SessionState.PSVariable.GetValue("global:LASTEXITCODE") is not int code)
        {
            return;
        }
        Write(cmdlet.Host, code, plan, plan.Arguments.Skip(1), directory, "the sandbox",
            "add -Explain to see whether the sandbox denied something");
    }

    /// <summary>Says it.</summary>
    /// <param name="host">The host.</param>
    /// <param name="exitCode">The command's exit code.</param>
    /// <param name="plan">How it was launched.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="directory">Directory that paths in layers and arguments start from.</param>
    /// <param name="who">What denies.</param>
    /// <param name="advice">What to do where nothing is known, said once.</param>
    public static void Write(PSHost host, int exitCode, LaunchPlan plan, IEnumerable<string> arguments, string directory, string who,
        string advice)
    {
        if (exitCode is 0 or > MostCommonCode) return;
        if (Denied(plan, arguments, directory) is { } denied)
        {
            string rights = string.Join(",", denied.Missing);
            string fix = string.Join(' ', denied.Parameters);
            host.UI.WriteLine($"landlock: {who} denies {rights} on "
                + $"'{PosixText.Printable(denied.Target)}'{(fix.Length > 0 ? $"; to allow it: {fix}" : "")}");
        }
        else if (!s_generalSaid)
        {
            s_generalSaid = true;
            host.UI.WriteLine($"landlock: exit code {exitCode}; {advice}");
        }
    }

    private static AccessVerdict? Denied(LaunchPlan plan, IEnumerable<string> arguments, string directory)
    {
        try
        {
            return ArgumentCheck.FirstDenied(arguments, plan.Start.WorkingDirectory ?? directory,
                new AccessEvaluator(plan.Layers, directory));
        }
        catch (KernelException)
        {
            // A path of the sandbox is gone by now.
            return null;
        }
    }
}
