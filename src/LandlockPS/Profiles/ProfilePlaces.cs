using Landlock.Policies.Profiles;

namespace LandlockPS;

/// <summary>Where this session's profiles are looked for, and what they must leave alone.</summary>
internal static class ProfilePlaces
{
    public static ProfileSources Sources(string directory, string? powerShellHome) => new()
    {
        WorkingDirectory = directory,
        Environment = Environment.GetEnvironmentVariable,
        PowerShellHome = powerShellHome,
        Protected = [(NativePrograms.Folder, "the programs that make the sandbox")],
    };
}
