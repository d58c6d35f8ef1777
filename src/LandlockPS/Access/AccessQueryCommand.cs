using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using Landlock.Access;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Running;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Policies;
using LandlockPS.Profiles;
using LandlockPS.Running;

namespace LandlockPS;

/// <summary>The parameters that say which sandbox a question is about.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class AccessQueryCommand : PSCmdlet
{
    private AccessEvaluator? _evaluator;

    /// <summary>The sandboxes that the answers are about, if that is where this process is.</summary>
    private protected string? Started { get; private set; }

    /// <summary>Rulesets, one nested layer each, outermost first.</summary>
    [Parameter]
    [RulesetTransformation]
    public Ruleset[] Ruleset { get; set; } = [];

    /// <summary>Profiles; of several, each is a layer of its own.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ProfileNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Profile { get; set; } = [];

    /// <summary>Policy files and directories; they are composed into one ruleset.</summary>
    [Parameter]
    [PathTransformation]
    [ArgumentCompleter(typeof(PolicyFileCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Policy { get; set; } = [];

    /// <summary>Presets that grant what a kind of program needs.</summary>
    [Parameter]
    [PresetTransformation]
    [ArgumentCompleter(typeof(PresetCompleter))]
    public string[] Preset { get; set; } = [];

    /// <summary>Values for the variables of policies and presets; $null asks for the built-in value.</summary>
    [Parameter]
    public IDictionary? Variable { get; set; }

    /// <summary>Count in what Invoke-Landlocked grants to every command.</summary>
    [Parameter]
    public SwitchParameter Baseline { get; set; }

    /// <summary>Count in what Invoke-Landlocked grants to this command: its own files and libraries, and the baseline.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Command { get; set; }

    /// <summary>The evaluator for the sandbox that the parameters describe.</summary>
    private protected AccessEvaluator Evaluator => _evaluator ??= Build();

    /// <summary>Runs an action whose expected failures end the cmdlet with their error records.</summary>
    private protected void Guarded(Action action) => Errors.Guard(this, action);

    private AccessEvaluator Build()
    {
        string directory = CurrentDirectory.Of(SessionState.Path);
        if (Ruleset.Length == 0 && Policy.Length == 0 && Preset.Length == 0 && Profile.Length == 0)
            return AsStarted().Evaluator(directory);
        string command =
            Command is not null && Command.StartsWith("~/", StringComparison.Ordinal) ? RulePath.Literal(this, Command) : Command ?? "";
        Sandbox sandbox = ProfilePlaces.Changed(this, Profile, [], profile => profile with
        {
            Rulesets = [.. profile.Rulesets, .. Ruleset],
            Policies = [.. profile.Policies, .. PolicyLoading.Documents(this, Policy)],
            Presets = [.. profile.Presets, .. Preset],
            Variables = SessionVariables.Over(this, Variable, profile.Variables),
            Baseline = Baseline || command.Length > 0,
        }, hasLayers: Ruleset.Length + Policy.Length > 0, Variable, make: false);
        LaunchRequest request = sandbox.Launch(
            new LaunchContext
            {
                Support = RunningKernel.Support,
                BaseDirectory = directory,
                Environment = ChildEnvironment.Present,
                SearchPath = ChildEnvironment.SearchPath,
            },
            command);
        PolicyLoading.Tell(this, request.Findings);
        return new AccessEvaluator(LaunchPlanner.LayersOf(request), directory);
    }

    // Without a sandbox to ask about, it is the one that this process is in.
    private ToldSandbox AsStarted()
    {
        const string otherwise =
            "Add -Profile agent, -Ruleset $r, -Policy ./ci.toml or -Preset Base; they mean what they mean to Invoke-Landlocked.";
        if (ToldFile.Own(out string? problem) is not { } told)
        {
            ThrowTerminatingError(problem is null
                ? Errors.New(new ArgumentException($"{MyInvocation.MyCommand.Name} was not told which sandbox the question is about."),
                    "PolicyMissing", ErrorCategory.InvalidArgument, null, otherwise)
                : Errors.New(new InvalidOperationException(problem), "SandboxUnknown", ErrorCategory.ObjectNotFound, null, otherwise));
            throw new InvalidOperationException();
        }

        Started = told.Names;
        WriteVerbose($"About {PosixText.Printable(told.Names)}, as it was started"
            + $"{(told.LacksOuter ? "; of a sandbox around it nothing is known here" : "")}.");
        return told;
    }
}
