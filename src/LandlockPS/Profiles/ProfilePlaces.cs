using System.Management.Automation;
using Landlock.Profiles;
using LandlockPS.Engine;

namespace LandlockPS.Profiles;

/// <summary>Where this session's profiles are looked for, and what they must leave alone.</summary>
internal static class ProfilePlaces
{
    public static ProfileStore ReadStore() => ProfileStore.Read(ProfileStore.FindRoots(Environment.GetEnvironmentVariable));

    /// <summary>For a profile that is looked at and not run: as in the first of its directories that exists.</summary>
    public static ProfileSources Sources(PSCmdlet cmdlet, Profile profile) => Sources(
        profile.Contexts.Select(context => context.RealPath).FirstOrDefault(path => path is not null)
            ?? CurrentDirectory.Of(cmdlet.SessionState.Path),
        cmdlet.GetVariableValue("PSHOME") as string);

    public static ProfileSources Sources(string directory, string? powerShellHome) => new()
    {
        WorkingDirectory = directory,
        Environment = Environment.GetEnvironmentVariable,
        PowerShellHome = powerShellHome,
        Protected = [(NativePrograms.Folder, "the programs that make the sandbox")],
    };
}
