using Landlock.Documents;
using Landlock.Profiles;

namespace Landlocked;

/// <summary>`landlocked profile list|show|check|schema`.</summary>
internal static class ProfileCommand
{
    private const int Differs = 1;

    private static readonly OptionGroup<ProfileQuery>[] Json = [new("", [new("--json", null, "", static (query, _) => query.Json = true)])];

    private static readonly OptionGroup<ProfileQuery>[] None = [new("", [])];

    /// <summary>Lists all profiles.</summary>
    public static int List(string[] arguments)
    {
        ProfileQuery query = Read(Json, arguments);
        if (query.Names.Length > 0) throw new UsageException("profile list takes no names; profile show NAME tells of one");
        Profile[] profiles = [.. ProfileOptions.Store().Profiles];
        return Output.Print(query.Json ? [ProfileText.Json(profiles)] : ProfileText.Rows(profiles));
    }

    /// <summary>Shows one profile: where it is, and what it says.</summary>
    public static int Show(string[] arguments)
    {
        ProfileQuery query = Read(Json, arguments);
        if (query.Names is not [{ } name]) throw new UsageException("profile show takes one name; profile list tells which there are");
        Profile profile = ProfileOptions.Store().Find(name);
        return Output.Print(query.Json ? [ProfileText.Json([profile])] : ProfileText.Lines(profile));
    }

    /// <summary>Says what is wrong with profiles.</summary>
    public static int Check(string[] arguments)
    {
        ProfileQuery query = Read(None, arguments);
        ProfileStore store = ProfileOptions.Store();
        Profile[] profiles = query.Names.Length == 0 ? [.. store.Profiles] : [.. query.Names.Select(store.Find)];
        List<string> lines = [];
        bool wrong = false;
        foreach (Profile profile in profiles)
        {
            string directory = profile.Contexts.Select(context => context.RealPath).FirstOrDefault(path => path is not null)
                ?? Native.CurrentDirectory();
            PolicyFinding[] findings = [.. ProfileSandbox.Check([profile], store, ProfileOptions.Sources(directory))];
            wrong |= findings.Any(finding => finding.Severity == FindingSeverity.Error);
            lines.AddRange(findings.Select(finding => finding.ToString()));
            if (findings.All(finding => finding.Severity != FindingSeverity.Error))
                lines.Add($"{PosixText.Printable(profile.Name)}: can be used");
        }

        int printed = Output.Print(lines);
        return printed != 0 ? printed : wrong ? Differs : 0;
    }

    /// <summary>Writes the JSON schema of profile.toml.</summary>
    public static int Schema(string[] arguments)
    {
        if (Read(None, arguments).Names.Length > 0) throw new UsageException("profile schema takes no names");
        return Output.Print([ProfileSchema.Write()]);
    }

    private static ProfileQuery Read(OptionGroup<ProfileQuery>[] options, string[] arguments)
    {
        ProfileQuery query = new();
        int first = OptionParser.Parse(options, arguments, 0, query);
        query.Names = arguments[first..];
        if (query.Names.FirstOrDefault(name => name.StartsWith('-')) is { } late)
            throw new UsageException($"options come before names: '{PosixText.Printable(late)}'");
        return query;
    }

    private sealed class ProfileQuery
    {
        public bool Json { get; set; }

        public string[] Names { get; set; } = [];
    }
}
