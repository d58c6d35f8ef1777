using Landlock.Documents;
using Landlock.Linux;
using Landlock.Profiles;
using Landlock.Sandboxes;

namespace Landlocked;

/// <summary>Profiles on the command line.</summary>
internal static class ProfileOptions
{
    /// <summary>The sandbox that all options describe together: that of the profiles, and what the other options make of it.</summary>
    /// <exception cref="PolicyException">A profile or a policy cannot be used.</exception>
    public static Sandbox Described(RunOptions options, string directory)
    {
        Sandbox More(Sandbox sandbox) => options.Apply(sandbox with
        {
            Policies = [.. sandbox.Policies, .. options.Policies.Read()],
            Presets = [.. sandbox.Presets, .. options.Policies.Presets],
            // A profile has the built-in ones already.
            Variables = options.Policies.HasValues || sandbox.Variables.Builtins is null
                ? options.Policies.Variables(directory) : sandbox.Variables,
        });

        if (options.Profiles.Count == 0) return More(Sandbox.Strict);
        ProfileStore store = Store();
        Profile[] profiles = [.. options.Profiles.Select(store.Find)];
        ProfileSources sources = Sources(directory);
        if (options.Policies.HasValues) sources = sources with { Given = options.Policies.Variables(directory).Given };
        ProfileSandbox prepared = ProfileSandbox.Prepare(profiles, store, sources, make: !options.IsQuestion);
        return prepared.Changed(More, sources, hasLayers: options.Policies.Files.Count > 0);
    }

    /// <summary>All profiles.</summary>
    public static ProfileStore Store() => ProfileStore.All(StartRecord.EnvironmentVariable);

    /// <summary>What profiles are prepared for.</summary>
    public static ProfileSources Sources(string directory) => new()
    {
        Support = RunningKernel.Support,
        WorkingDirectory = directory,
        Environment = StartRecord.EnvironmentVariable,
        Protected = [(PosixText.Parent(Native.ProgramPath()), "the programs that make the sandbox")],
    };
}
