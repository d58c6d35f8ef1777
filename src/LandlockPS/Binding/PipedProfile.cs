using System.Management.Automation;
using Landlock.Profiles;
using LandlockPS.Engine;

namespace LandlockPS.Binding;

/// <summary>Profiles of a pipeline: only those that this process has read, as with rulesets (<see cref="PipedRuleset"/>).</summary>
internal static class PipedProfile
{
    private const string TypeName = "Deserialized.Landlock.Profiles.Profile";

    /// <summary>The profile that an object is; null if it is something else.</summary>
    /// <exception cref="PSInvalidCastException">It was a profile elsewhere.</exception>
    public static Profile? Find(object? value) => Unwrapped.From(value) is Profile profile ? profile
        : value is PSObject wrapper && wrapper.TypeNames.Contains(TypeName)
            ? throw new PSInvalidCastException("In a pipeline, a profile that came from another process, a session or a file is data and "
                + "no sandbox; nothing was run. If the profile of that name here is meant: -Profile NAME.")
            : null;
}
