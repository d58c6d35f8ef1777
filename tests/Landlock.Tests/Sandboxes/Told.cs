using Landlock.Documents;
using Landlock.Sandboxes;

namespace Landlock.Tests.Sandboxes;

/// <summary>What is told of a plan.</summary>
internal static class Told
{
    /// <summary>What is always told.</summary>
    public static string[] Warnings(LaunchPlan plan) =>
        [.. plan.Findings.Where(finding => finding.Severity == FindingSeverity.Warning).Select(finding => finding.ToString())];

    /// <summary>That, and what is told to who asks for more.</summary>
    public static string[] All(LaunchPlan plan) => [.. plan.Findings.Select(finding => finding.ToString())];
}
