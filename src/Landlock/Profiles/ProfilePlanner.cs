using Landlock.Abi;
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
    /// <param name="support">The kernel.</param>
    /// <exception cref="PolicyException">A profile is broken, or would allow a command to change profiles.</exception>
    /// <exception cref="RulesetException">A rule cannot be one.</exception>
    /// <exception cref="LaunchException">The program or the directory is not there, or a layer cannot be enforced at all.</exception>
    public static LaunchPlan Plan(string program, IReadOnlyList<Profile> profiles, ProfileStore store, ProfileSources sources,
        LandlockSupport support)
    {
        ArgumentNullException.ThrowIfNull(sources);
        FoundPath here = PosixFile.Find(sources.WorkingDirectory);
        if (here.Kind != PathKind.Directory)
            throw new LaunchException(LaunchProblem.SetupFailed, here.Path,
                $"The working directory '{PosixText.Printable(here.Path)}' is not there any more; nothing was run.");
        if (profiles.Count == 0)
            throw new LaunchException(LaunchProblem.SetupFailed, here.Path,
                $"No profile applies to '{PosixText.Printable(here.Path)}' any more; nothing was run.");
        ProfileSandbox launch = ProfileSandbox.Prepare(profiles, store, sources);
        LaunchRequest request = launch.Sandbox.Launch(new LaunchContext
        {
            Support = support,
            BaseDirectory = sources.WorkingDirectory,
            Environment = sources.Environment("PATH") is { } path ? [$"PATH={path}"] : [],
        }, program);
        LaunchPlan plan = LaunchPlanner.Plan(request with
        {
            // The environment is that of whoever runs the script, whenever that is.
            Start = request.Start with
            {
                Environment = null,
                Variables = [.. launch.Sandbox.Environment.Changes.Select(change => $"{change.Name}={change.Value}")],
                Scratch = launch.Workspace.Scratch,
            },
        });
        return plan with
        {
            TakesArguments = true,
            OnlyIn = here,
            OnTerminal = Baseline.Terminal.Rule,
        };
    }
}
