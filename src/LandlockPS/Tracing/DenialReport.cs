using System.Management.Automation;
using Landlock.Denials;

namespace LandlockPS.Tracing;

/// <summary>
/// Reports denials without touching the command's output: lines go where Write-Host writes, the information stream (6), and the objects
/// into a variable, as with -OutVariable.
/// </summary>
internal static class DenialReport
{
    /// <summary>Writes the report of a command.</summary>
    /// <param name="cmdlet">The cmdlet that ran it.</param>
    /// <param name="report">The report.</param>
    /// <param name="variable">Name of the variable; null for none.</param>
    public static void Write(PSCmdlet cmdlet, ExplanationReport report, string? variable)
    {
        if (variable is not null) cmdlet.SessionState.PSVariable.Set(variable, report.Denials.ToArray());
        foreach (string line in report.Lines(denial => denial.Parameter, "-ExplainVariable NAME keeps them all"))
        {
            // A command that was stopped has no streams any more.
            if (cmdlet.Stopping)
            {
                cmdlet.Host.UI.WriteLine(line.StartsWith(' ') ? line : $"landlock: {line}");
                continue;
            }

            InformationRecord record = new(new HostInformationMessage { Message = line.StartsWith(' ') ? line : $"landlock: {line}" },
                cmdlet.MyInvocation.MyCommand.Name);
            record.Tags.AddRange(["PSHOST", "Landlock"]);
            cmdlet.WriteInformation(record);
        }
    }
}
