using Landlock.Documents;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Needs;

namespace Landlock.Profiles;

/// <summary>Plans for a <see cref="PlanScript"/> that runs a program in profiles.</summary>
internal static class ProfilePlanner
{
    /// <summary>
    /// Plans for a program, whatever it will be called with. Makes the workspace but for the directory for temporary files.
    /// </summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="profiles">The profiles of the working directory, from the broadest to the narrowest.</param>
    /// <param name="store">Where they come from.</param>
    /// <param name="sources">What they are prepared for.</param>
    /// <exception cref="PolicyException">A profile is broken, or would allow a command to change profiles.</exception>
    /// <exception cref="RulesetException">A rule cannot be one.</exception>
    /// <exception cref="LaunchException">The program or the directory is not there, or a layer cannot be enforced at all.</exception>
    public static LaunchPlan Plan(string program, IReadOnlyList<Profile> profiles, ProfileStore store, ProfileSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        FoundPath here = PosixFile.Find(sources.WorkingDirectory);
        if (here.Kind != PathKind.Directory)
            throw new LaunchException(LaunchProblem.SetupFailed, here.Path,
                $"The working directory '{PosixText.Printable(here.Path)}' is not there any more; nothing was run.");
        if (profiles.Count == 0)
            throw new LaunchException(LaunchProblem.SetupFailed, here.Path,
                $"No profile applies to '{PosixText.Printable(here.Path)}' any more; nothing was run.");
        ProfileSandbox launch = ProfileSandbox.Prepare(profiles, store, sources with { MakesTemp = true });
        (Sandbox sandbox, string? scratch) = WithTemp(launch, sources);
        if (sandbox.Supervision.OrNone is not null)
            throw new LaunchException(LaunchProblem.SetupFailed, profiles[^1].Name,
                $"The profile '{PosixText.Printable(profiles[^1].Name)}' asks for timeout_sec, preview, preserve, kill_on_parent_exit or a "
                    + "limit for all processes, which the shell's hook cannot keep. Run the command with Invoke-Landlocked -Profile; "
                    + "nothing was run.");
        LaunchRequest request = sandbox.Launch(new LaunchContext
        {
            Support = sources.Support,
            BaseDirectory = sources.WorkingDirectory,
            Environment = !sandbox.Environment.IsEverything ? LaunchContext.Entries()
                : sources.Environment("PATH") is { } path ? [$"PATH={path}"] : [],
        }, program);
        if (request.Layers.Any(layer => layer.HostRules.Length > 0))
            throw new LaunchException(LaunchProblem.SetupFailed, profiles[^1].Name,
                $"The profile '{PosixText.Printable(profiles[^1].Name)}' names hosts (connect_host), which the shell's hook cannot keep. "
                    + "Run the command with Invoke-Landlocked -Profile; nothing was run.");
        LaunchPlan plan = LaunchPlanner.Plan(request with
        {
            // An environment that is passed on is that of whoever runs the script, whenever that is.
            Start = request.Start with
            {
                Environment = sandbox.Environment.IsEverything ? null : request.Start.Environment,
                Variables = sandbox.Environment.IsEverything
                    ? [.. sandbox.Environment.Changes.Select(change => $"{change.Name}={change.Value}")] : [],
                Scratch = scratch,
            },
        });
        return plan with
        {
            TakesArguments = true,
            OnlyIn = here,
            OnTerminal = Baseline.Terminal.Rule,
        };
    }

    // landlock-exec makes the directory for temporary files also where the profile has no workspace.
    private static (Sandbox Sandbox, string? Scratch) WithTemp(ProfileSandbox launch, ProfileSources sources)
    {
        Sandbox sandbox = launch.Sandbox with { Supervision = launch.Sandbox.Supervision with { PrivateTemp = false } };
        if (launch.Workspace.Scratch is not null || !launch.Sandbox.Supervision.PrivateTemp) return (sandbox, launch.Workspace.Scratch);
        string scratch = ScratchDirectory.PathFor(sources.Environment);
        sandbox = sandbox.ReadWriteExecute(scratch).WithVariable("TMPDIR", scratch);
        // Presets need not open everybody's.
        return (sandbox with { Variables = sandbox.Variables.With("tmp") }, scratch);
    }
}
