using System.ComponentModel;
using System.Management.Automation;
using Landlock.Profiles;
using LandlockPS.Profiles;

namespace LandlockPS;

/// <summary>What the cmdlets share that take profiles which exist.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ProfileCommand : PSCmdlet
{
    /// <summary>Existing profiles by name, our own before Island's; a name without wildcards that nobody has is an error.</summary>
    private protected IEnumerable<Profile> Matching(ProfileStore store, string[] names)
    {
        foreach (string name in names)
        {
            if (!WildcardPattern.ContainsWildcardCharacters(name))
            {
                Profile[] exact = [.. store.Profiles.Where(profile => profile.Name == name)];
                if (exact.Length == 0) WriteError(ProfileErrors.NotFound(store, name));
                foreach (Profile profile in exact) yield return profile;
                continue;
            }

            WildcardPattern pattern = new(name);
            foreach (Profile profile in store.Profiles.Where(profile => pattern.IsMatch(profile.Name))) yield return profile;
        }
    }

    private protected void Guarded(Action action) => ProfileErrors.Guard(this, action);
}
