using Landlock.Abi;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Needs;

namespace Landlock.Profiles;

/// <summary>Plans for a <see cref="PlanScript"/> that runs a program in profiles.</summary>
public static class ProfilePlanner
{
    /// <summary>Plans for a program, whatever it will be called with. Makes the workspace but for the directory for temporary files.</summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="profiles">The profiles of the working directory, from the broadest to the narrowest.</param>
    /// <param name="store">Where they come from.</param>
    /// <param name="sources">What they are prepared for.</param>
    /// <param name="support">The kernel.</param>
    /// <exception cref="PolicyException">A profile is broken, or would allow a command to change profiles.</exception>
    /// <exception cref="RulesetException">A rule cannot be one.</exception>
    /// <exception cref="LaunchException">The program or the directory is not there, or a layer cannot be enforced at all.</exception>
    public static LaunchPlan Plan(string program, IReadOnlyList<Profile> profiles, ProfileStore store, ProfileSources sources, LandlockSupport support)
    {
        ArgumentNullException.ThrowIfNull(sources);
        FoundPath here = PosixFile.Find(sources.WorkingDirectory);
        if (here.Kind != PathKind.Directory) throw new LaunchException(LaunchProblem.SetupFailed, here.Path, $"The working directory '{PosixText.Printable(here.Path)}' is not there any more; nothing was run.");
        if (profiles.Count == 0) throw new LaunchException(LaunchProblem.SetupFailed, here.Path, $"No profile applies to '{PosixText.Printable(here.Path)}' any more; nothing was run.");
        ProfileLaunch launch = ProfileLaunch.Prepare(profiles, store, sources);
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        foreach ((string name, string value) in launch.Environment) variables[name] = value;
        // What may be executed is for the profile to say: nothing is granted on behalf of the program, but what every program needs.
        LaunchPlan plan = LaunchPlanner.Plan(new LaunchRequest
        {
            Layers = launch.Layers,
            Command = program,
            BaseDirectory = sources.WorkingDirectory,
            Grants = Baseline.Grants,
            // Island has no filter, and its profiles mean what they mean there: with one, their commands would lose name resolution.
            Network = profiles.All(profile => profile.Origin == ProfileOrigin.Island) ? NetworkMode.Unrestricted : NetworkMode.Default,
            Closure = false,
            Scratch = launch.Workspace.Scratch,
            Support = support,
        });
        return plan with
        {
            Variables = [.. variables.Select(variable => $"{variable.Key}={variable.Value}")],
            TakesArguments = true,
            OnlyIn = here,
            OnTerminal = Baseline.Terminal.Rule,
        };
    }
}
