using System.Management.Automation;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Previews;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using LandlockPS.Binding;

namespace LandlockPS.Engine;

/// <summary>Makes error records: a stable id, a category, the user's object as target, and what to do next.</summary>
internal static class Errors
{
    // Those that a user can cause.
    private static bool IsExpected(Exception exception) => exception is LaunchException or RulesetException or KernelException
        or PolicyException or PreviewException or ItemNotFoundException or NotSupportedException or PSInvalidCastException
        or UnknownWordException;

    /// <summary>Runs an action whose expected failures end the cmdlet with their error records.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="action">The action.</param>
    /// <param name="failed">What else a failure changes, before it is reported.</param>
    public static void Guard(PSCmdlet cmdlet, Action action, Action<Exception>? failed = null)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            failed?.Invoke(exception);
            cmdlet.ThrowTerminatingError(From(exception));
        }
    }

    /// <summary>The same for one of several objects: the cmdlet goes on with the next.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="target">The object.</param>
    /// <param name="action">The action.</param>
    public static void GuardOne(Cmdlet cmdlet, object? target, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            cmdlet.WriteError(From(exception, target));
        }
    }

    public static ErrorRecord From(Exception exception, object? target = null) => exception switch
    {
        LaunchException launch => New(launch, launch.Problem switch
        {
            LaunchProblem.NotFound => "CommandNotFound",
            LaunchProblem.NotExecutable => "CommandNotExecutable",
            LaunchProblem.NotEnforced => "SandboxNotEnforced",
            _ => "SandboxSetupFailed",
        }, launch.Problem switch
        {
            LaunchProblem.NotFound => ErrorCategory.ObjectNotFound,
            LaunchProblem.NotExecutable => ErrorCategory.PermissionDenied,
            LaunchProblem.NotEnforced => ErrorCategory.NotInstalled,
            _ => ErrorCategory.InvalidOperation,
        }, target ?? launch.Target, launch.Problem switch
        {
            LaunchProblem.NotFound =>
                "Correct the name, or give the path of the command. Cmdlets, functions and aliases belong in a script block: { ... }",
            LaunchProblem.NotExecutable => "Grant the file with -ReadOnly, or make it executable; -WhatIf shows what is granted.",
            LaunchProblem.NotEnforced =>
                "Get-LandlockSupport says what this kernel can enforce; -Compatibility BestEffort enforces what it can.",
            _ => "Add -Verbose or -WhatIf to see the whole plan.",
        }),
        RulesetException ruleset => New(ruleset, ruleset.Problem.ToString(), ruleset.Problem switch
        {
            RulesetProblem.PathNotFound => ErrorCategory.ObjectNotFound,
            RulesetProblem.PathNotUsable => ErrorCategory.PermissionDenied,
            RulesetProblem.Incompatible => ErrorCategory.NotImplemented,
            RulesetProblem.ProtectionMissing => ErrorCategory.NotInstalled,
            RulesetProblem.TooManyLayers => ErrorCategory.LimitsExceeded,
            _ => ErrorCategory.InvalidArgument,
        }, target ?? ruleset.Target, ruleset.Problem switch
        {
            RulesetProblem.PathNotFound =>
                "To skip what does not exist: -IgnoreMissing for a whole command, or Add-LandlockPathRule -Optional for a rule.",
            RulesetProblem.Incompatible =>
                "Use -Compatibility BestEffort, or run on a newer kernel; Get-LandlockSupport shows what this one has.",
            // The message says what to leave out.
            RulesetProblem.Contradictory => null,
            RulesetProblem.ProtectionMissing => "Run on a kernel that has it, or leave it out of -Require; "
                + "(Get-LandlockSupport).Protections shows what this one has, and -WhatIf what would hold.",
            RulesetProblem.InvalidProtection => "See: Get-Help Invoke-Landlocked -Parameter Disable",
            RulesetProblem.UnknownName => "Press Ctrl+Space after -Access to see every name.",
            RulesetProblem.InvalidException => "See: Get-Help Add-LandlockPathRule -Parameter Except",
            RulesetProblem.TooManyLayers => "Put the rules into fewer rulesets; the kernel nests at most 16.",
            _ => "See: Get-Help about_LandlockPS",
        }),
        PolicyException policy => New(policy, "InvalidPolicy", ErrorCategory.InvalidData, target ?? Source(policy),
            "Test-LandlockPolicy -Detailed lists everything that was found in a policy."),
        PreviewException preview =>
            New(preview, "InvalidPreview", ErrorCategory.InvalidArgument, target, "Get-LandlockPreview lists them."),
        ItemNotFoundException missing => New(missing, "PolicyNotFound", ErrorCategory.ObjectNotFound, target,
            "Correct the path; Tab completes the names of policy files."),
        KernelException kernel => New(kernel, $"{kernel.Call},{ErrnoText.Name(kernel.Error)}", kernel.Error switch
        {
            Errno.EACCES or Errno.EPERM => ErrorCategory.PermissionDenied,
            Errno.ENOENT or Errno.ENOTDIR => ErrorCategory.ObjectNotFound,
            Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM => ErrorCategory.ResourceUnavailable,
            Errno.ENOSYS or Errno.EOPNOTSUPP => ErrorCategory.NotInstalled,
            _ => ErrorCategory.InvalidOperation,
        }, target ?? kernel.Target, null),
        UnknownWordException word => New(word, word.Id, ErrorCategory.InvalidArgument, target ?? word.Word, word.Action),
        PSInvalidCastException cast => New(cast, "InvalidRuleset", ErrorCategory.InvalidArgument, target,
            "Make one with New-LandlockRuleset or Import-LandlockPolicy."),
        _ => New(exception, "LandlockFailure", ErrorCategory.NotSpecified, target, null),
    };

    private static string? Source(PolicyException exception) =>
        exception.Findings.FirstOrDefault(finding => finding.Severity == FindingSeverity.Error)?.Location.Source;

    public static ErrorRecord New(Exception exception, string id, ErrorCategory category, object? target, string? action)
    {
        ErrorRecord record = new(exception, id, category, target);
        if (action is not null) record.ErrorDetails = new ErrorDetails(exception.Message) { RecommendedAction = action };
        return record;
    }
}
