using System.Collections.Immutable;
using System.ComponentModel;
using System.Management.Automation;
using Landlock.Policies;
using Landlock.Policies.Profiles;

namespace LandlockPS;

/// <summary>What the cmdlets for profiles share.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ProfileCommand : PSCmdlet
{
    private protected string CurrentDirectory => LandlockPS.CurrentDirectory.Of(SessionState.Path);

    private protected static ProfileStore ReadStore() => ProfileStore.Read(ProfileStore.FindRoots(Environment.GetEnvironmentVariable));

    private protected ProfileSources Sources(string directory) => ProfilePlaces.Sources(directory, GetVariableValue("PSHOME") as string);

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

    /// <summary>The one profile of a name.</summary>
    private protected Profile One(string name)
    {
        ProfileStore store = ReadStore();
        Profile? profile = store.Profiles.FirstOrDefault(profile => profile.Name == name);
        if (profile is null) ThrowTerminatingError(ProfileErrors.NotFound(store, name));
        return profile!;
    }

    /// <summary>Refuses a profile that could not be used, before its files are in place.</summary>
    private protected void DemandUsable(string folder, ProfileOrigin origin, string name)
    {
        Profile profile = ProfileReader.Read(folder, origin) with { Name = name };
        ImmutableArray<PolicyFinding> findings = ProfileLaunch.Check([profile], ReadStore(), Sources(profile.Contexts.Select(context => context.RealPath).FirstOrDefault(path => path is not null) ?? CurrentDirectory));
        foreach (PolicyFinding finding in findings)
            if (finding.Severity == FindingSeverity.Warning) WriteWarning($"{Path.GetFileName(finding.Location.Source)}: {finding.Message}");
        if (findings.Any(finding => finding.Severity == FindingSeverity.Error)) throw new PolicyException(findings);
    }

    private protected void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (PolicyException exception)
        {
            ThrowTerminatingError(ProfileErrors.Invalid(exception));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(Errors.New(exception, "ProfileNotWritable", ErrorCategory.WriteError, null, "Look at the permissions of the folder of profiles."));
        }
        catch (Exception exception) when (Errors.IsExpected(exception))
        {
            ThrowTerminatingError(Errors.From(exception));
        }
    }
}
