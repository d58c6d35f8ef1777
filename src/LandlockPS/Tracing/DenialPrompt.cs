using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using Landlock.Access;
using Landlock.Denials;
using Landlock.Sandboxes;

namespace LandlockPS.Tracing;

/// <summary>Asks about denials, one by one, and keeps what was allowed for the next run.</summary>
internal sealed class DenialPrompt(PSCmdlet cmdlet, string? policy)
{
    private const string Origin = "allowed when asked";

    /// <summary>What was allowed so far: rules for every layer of the next run.</summary>
    public List<Grant> Grants { get; } = [];

    /// <summary>The same for ports.</summary>
    public List<NetGrant> NetGrants { get; } = [];

    /// <summary>Asks about each denial that a rule would allow; true if the command should run again.</summary>
    /// <exception cref="PSInvalidOperationException">
    /// The host cannot ask; others throw <see cref="HostException"/> or <see cref="NotImplementedException"/>.
    /// </exception>
    public bool Ask(ExplanationReport report)
    {
        bool again = false;
        foreach (DenialExplanation denial in report.Denials)
        {
            AccessFix[] fixes = [.. denial.Fix.Where(fix => fix.PathRule is not null || fix.NetRule is not null)];
            if (denial.IsProbe || fixes.Length == 0) continue;
            Answer answer = Ask(denial);
            if (answer == Answer.Stop) break;
            if (answer == Answer.No) continue;
            if (answer == Answer.Policy) File.AppendAllText(policy!, $"\n{denial.Toml}");
            again = true;
            foreach (AccessFix fix in fixes)
            {
                if (fix.PathRule is { } path) Grants.Add(new Grant(path, Origin));
                if (fix.NetRule is { } port) NetGrants.Add(new NetGrant(port, Origin));
            }
        }

        return again;
    }

    private Answer Ask(DenialExplanation denial)
    {
        List<(Answer Answer, ChoiceDescription Choice)> choices =
        [
            (Answer.Once, new ChoiceDescription("Allow &once", $"Run the command again with {denial.Parameter}")),
            (Answer.No, new ChoiceDescription("&No", "Leave it denied.")),
            (Answer.Stop, new ChoiceDescription("&Stop asking", "Leave this and the rest denied.")),
        ];
        if (policy is not null)
            choices.Insert(1, (Answer.Policy, new ChoiceDescription("Allow in the &policy",
                $"Add the rule to the end of '{PosixText.Printable(policy)}', and run the command again.")));
        string question = denial.Note is null ? $"Allow it, by {denial.Parameter}?" : $"{denial.Note}\nAllow it, by {denial.Parameter}?";
        int chosen = cmdlet.Host.UI.PromptForChoice($"Denied: {denial.Summary}", question,
            new Collection<ChoiceDescription>([.. choices.Select(choice => choice.Choice)]),
            choices.FindIndex(choice => choice.Answer == Answer.No));
        return choices[chosen].Answer;
    }

    private enum Answer
    {
        Once,
        Policy,
        No,
        Stop,
    }
}
