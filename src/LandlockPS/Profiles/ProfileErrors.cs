using System.Management.Automation;
using Landlock.Documents;
using Landlock.Profiles;
using LandlockPS.Engine;

namespace LandlockPS.Profiles;

/// <summary>Errors about profiles.</summary>
internal static class ProfileErrors
{
    public static ErrorRecord NotFound(ProfileStore store, string name)
    {
        return Errors.New(new ItemNotFoundException("There is no profile "
            + $"'{PosixText.Printable(name)}'{Suggestion.Question(name, store.Profiles.Select(profile => profile.Name), otherwise: ".")}"),
            "ProfileNotFound", ErrorCategory.ObjectNotFound, name,
            "Get-LandlockProfile lists the profiles; New-LandlockProfile makes one.");
    }

    public static ErrorRecord Shipped(Profile profile) => Errors.New(
        new InvalidOperationException($"The profile '{profile.Name}' ships with LandlockPS and cannot be changed."), "ProfileShipped",
        ErrorCategory.PermissionDenied, profile.Name,
        $"A profile of your own named '{profile.Name}' takes its place: New-LandlockProfile {profile.Name}.");

    public static ErrorRecord Invalid(PolicyException exception) =>
        Errors.New(exception, "ProfileInvalid", ErrorCategory.InvalidData, exception.Findings.FirstOrDefault()?.Location.Source,
            "Correct the place that the message names; Test-LandlockProfile checks again.");

    /// <summary>Does something about profiles, and reports what fails as the cmdlet's error.</summary>
    public static void Guard(PSCmdlet cmdlet, Action action)
    {
        try
        {
            Errors.Guard(cmdlet, action, exception =>
            {
                if (exception is PolicyException invalid) cmdlet.ThrowTerminatingError(Invalid(invalid));
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            cmdlet.ThrowTerminatingError(Errors.New(exception, "ProfileNotWritable", ErrorCategory.WriteError, null,
                "Look at the permissions of the folder of profiles."));
        }
    }
}
