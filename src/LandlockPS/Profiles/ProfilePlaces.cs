using System.Collections;
using System.Management.Automation;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Profiles;
using Landlock.Sandboxes;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Policies;

namespace LandlockPS.Profiles;

/// <summary>Where this session's profiles are looked for, and what they must leave alone.</summary>
internal static class ProfilePlaces
{
    public static ProfileStore ReadStore() => ProfileStore.Read(ProfileStore.FindRoots(Environment.GetEnvironmentVariable));

    /// <summary>The sandbox of profiles, and what parameters make of it; without profiles, of the strictest.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="names">Names of profiles.</param>
    /// <param name="profiles">Profiles besides.</param>
    /// <param name="change">What the parameters make of a sandbox.</param>
    /// <param name="hasLayers">Whether they bring layers.</param>
    /// <param name="variables">Values for variables that profiles declare; null for none.</param>
    /// <param name="make">Whether the workspace is made; not where nothing will run.</param>
    /// <exception cref="UnknownWordException">There is no such profile.</exception>
    /// <exception cref="PolicyException">One cannot be used.</exception>
    public static Sandbox Changed(PSCmdlet cmdlet, string[] names, IReadOnlyCollection<Profile> profiles, Func<Sandbox, Sandbox> change,
        bool hasLayers, IDictionary? variables, bool make = true)
    {
        if (names.Length == 0 && profiles.Count == 0) return change(Sandbox.Strict);
        ProfileStore store = ProfileStore.All(Environment.GetEnvironmentVariable);
        if (names.FirstOrDefault(name => store.TryFind(name) is null) is { } unknown)
        {
            ErrorRecord record = ProfileErrors.NotFound(store, unknown);
            throw new UnknownWordException(unknown, record.Exception.Message, record.ErrorDetails.RecommendedAction)
            { Id = "ProfileNotFound" };
        }

        ProfileSources sources = Sources(CurrentDirectory.Of(cmdlet.SessionState.Path), cmdlet.GetVariableValue("PSHOME") as string);
        if (variables is { Count: > 0 }) sources = sources with { Given = SessionVariables.From(cmdlet, variables).Given };
        return ProfileSandbox.Prepare([.. names.Select(store.Find), .. profiles], store, sources, make).Changed(change, sources, hasLayers);
    }

    /// <summary>For a profile that is looked at and not run: as in the first of its directories that exists.</summary>
    public static ProfileSources Sources(PSCmdlet cmdlet, Profile profile) => Sources(
        profile.Contexts.Select(context => context.RealPath).FirstOrDefault(path => path is not null)
            ?? CurrentDirectory.Of(cmdlet.SessionState.Path),
        cmdlet.GetVariableValue("PSHOME") as string);

    public static ProfileSources Sources(string directory, string? powerShellHome) => new()
    {
        Support = RunningKernel.Support,
        WorkingDirectory = directory,
        Environment = Environment.GetEnvironmentVariable,
        PowerShellHome = powerShellHome,
        Protected = [(NativePrograms.Folder, "the programs that make the sandbox")],
    };
}
