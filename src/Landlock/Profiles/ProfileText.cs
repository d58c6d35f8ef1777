namespace Landlock.Profiles;

/// <summary>Profiles in lines for people, and in JSON.</summary>
internal static class ProfileText
{
    /// <summary>A line for each profile: its name, whose it is, and what it says of itself.</summary>
    public static IEnumerable<string> Rows(IReadOnlyCollection<Profile> profiles)
    {
        int width = profiles.Select(profile => PosixText.Printable(profile.Name).Length).DefaultIfEmpty().Max();
        foreach (Profile profile in profiles)
            yield return $"{PosixText.Printable(profile.Name).PadRight(width)}  {Origin(profile),-7}  {Summary(profile)}".TrimEnd();
    }

    /// <summary>Everything about a profile, line by line.</summary>
    public static IEnumerable<string> Lines(Profile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        yield return $"name: {PosixText.Printable(profile.Name)}";
        if (profile.Description is { } description) yield return $"description: {PosixText.Printable(description)}";
        yield return $"from: {(profile.Origin == ProfileOrigin.Shipped ? "LandlockPS" : PosixText.Printable(profile.Directory))}";
        foreach (ProfileContext context in profile.Contexts)
            yield return $"applies by itself beneath: {PosixText.Printable(context.WhenBeneath)}";
        yield return $"workspace: {(profile.Workspace ? "yes" : "no")}";
        foreach (ProfileVariable variable in profile.Environment)
            yield return $"environment: {PosixText.Printable($"{variable.Name}={variable.Literal}")}";
        foreach ((string key, string value) in profile.Settings?.Written ?? []) yield return $"{key}: {value}";
        foreach (string finding in profile.Findings.Select(finding => finding.ToString())) yield return finding;
    }

    /// <summary>The profiles as a JSON document.</summary>
    public static byte[] Json(IEnumerable<Profile> profiles) => JsonReport.Document("profiles", json =>
        JsonReport.Objects(json, "profiles", profiles, profile =>
        {
            JsonReport.Text(json, "name", profile.Name);
            json.WriteString("origin", profile.Origin.ToString().ToLowerInvariant());
            JsonReport.Text(json, "description", profile.Description);
            JsonReport.Text(json, "directory", profile.Origin == ProfileOrigin.Shipped ? null : profile.Directory);
            json.WriteBoolean("valid", profile.IsValid);
            JsonReport.Texts(json, "whenBeneath", profile.Contexts.Select(context => context.WhenBeneath));
            json.WriteBoolean("workspace", profile.Workspace);
            json.WriteStartObject("settings");
            foreach ((string key, string value) in profile.Settings?.Written ?? []) json.WriteString(key, value);
            json.WriteEndObject();
        }));

    private static string Origin(Profile profile) => profile.Origin switch
    {
        ProfileOrigin.Shipped => "shipped",
        ProfileOrigin.Island => "Island",
        _ => "yours",
    };

    /// <summary>What a profile is for, on one line; "" where nothing says so.</summary>
    public static string Summary(Profile profile) => !profile.IsValid ? "cannot be used; profile check tells why"
        : PosixText.Printable(profile.Description ?? string.Join(", ", profile.Contexts.Select(context => context.WhenBeneath)));
}
