using System.Management.Automation;
using System.Text;
using Landlock.Documents;
using Landlock.Profiles;
using LandlockPS.Profiles;

namespace LandlockPS;

/// <summary>Set-LandlockProfile: changes a profile; what is not given stays.</summary>
[Cmdlet(VerbsCommon.Set, "LandlockProfile", SupportsShouldProcess = true)]
[OutputType(typeof(Profile))]
public sealed class SetLandlockProfileCommand : ProfileWritingCommand
{
    /// <summary>The name.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ProfileNameCompleter))]
    public string Name { get; set; } = "";

    /// <summary>Whether it has directories of its own.</summary>
    [Parameter]
    public bool Workspace { get; set; } = true;

    /// <summary>Give back the profile.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Guarded(() =>
    {
        Profile profile = One(Name);
        if (!profile.IsValid) throw new PolicyException(profile.Findings);
        bool Given(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
        string text = ProfileWriter.WriteProfile(
            Given(nameof(Beneath)) ? Contexts : profile.Contexts.Select(context => context.WhenBeneath),
            Given(nameof(Environment)) ? Variables : profile.Environment.Select(variable => (variable.Name, variable.Literal)),
            Given(nameof(Workspace)) ? Workspace : profile.Workspace);
        // Rules are replaced as a whole, since rules that are left from before would be easy to overlook.
        string? policy = DescribesPolicy ? PolicyText : null;
        if (!ShouldProcess(profile.Directory, "Set profile")) return;
        Change(profile, text, policy);
        if (PassThru) WriteObject(ProfileReader.Read(profile.Directory, profile.Origin));
    });

    private Profile One(string name)
    {
        ProfileStore store = ProfilePlaces.ReadStore();
        Profile? profile = store.Profiles.FirstOrDefault(profile => profile.Name == name && profile.Origin != ProfileOrigin.Shipped);
        if (profile is null && ShippedProfiles.Find(name) is { } shipped)
            ThrowTerminatingError(ProfileErrors.Shipped(shipped));
        if (profile is null) ThrowTerminatingError(ProfileErrors.NotFound(store, name));
        return profile!;
    }

    private void Change(Profile profile, string text, string? policy)
    {
        string draft = ProfileFiles.DraftOf(profile.Directory);
        try
        {
            string documents = Path.Combine(draft, ProfileReader.PolicyFolder);
            Directory.CreateDirectory(documents);
            File.WriteAllText(Path.Combine(draft, ProfileReader.FileName), text);
            foreach (string file
                in Directory.Exists(profile.PolicyDirectory) ? PolicyFile.List(profile.PolicyDirectory, PolicySyntax.Toml) : [])
                File.Copy(file, Path.Combine(documents, Path.GetFileName(file)));
            if (policy is not null) File.WriteAllText(Path.Combine(documents, ProfileWriter.PolicyName), policy);
            DemandUsable(draft, profile.Directory, profile.Origin);
        }
        finally
        {
            Directory.Delete(draft, recursive: true);
        }

        Directory.CreateDirectory(profile.PolicyDirectory);
        if (policy is not null)
            PolicyFile.Write(Path.Combine(profile.PolicyDirectory, ProfileWriter.PolicyName), Encoding.UTF8.GetBytes(policy));
        PolicyFile.Write(profile.File, Encoding.UTF8.GetBytes(text));
    }
}
