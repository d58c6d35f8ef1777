using Landlock.Documents;
using Landlock.Profiles;

namespace Landlocked;

/// <summary>`landlocked profile list|show|check|schema`.</summary>
internal static class ProfileCommand
{
    /// <summary>Lists all profiles.</summary>
    public static int List(string[] arguments)
    {
        if (Answer("profile list", arguments, hasJson: true, out Query query) is { } done) return done;
        if (query.Words.Length > 0) throw new UsageException("profile list takes no names; profile show NAME tells of one");
        Profile[] profiles = [.. ProfileOptions.Store().Profiles];
        return query.Json ? Output.Print(ProfileText.Json(profiles)) : Output.Print(ProfileText.Rows(profiles));
    }

    /// <summary>Shows one profile: where it is, and what it says.</summary>
    public static int Show(string[] arguments)
    {
        if (Answer("profile show", arguments, hasJson: true, out Query query) is { } done) return done;
        if (query.Words is not [{ } name]) throw new UsageException("profile show takes one name; profile list tells which there are");
        Profile profile = ProfileOptions.Store().Find(name);
        return query.Json ? Output.Print(ProfileText.Json([profile])) : Output.Print(ProfileText.Lines(profile));
    }

    /// <summary>Says what is wrong with profiles.</summary>
    public static int Check(string[] arguments)
    {
        if (Answer("profile check", arguments, hasJson: false, out Query query) is { } done) return done;
        ProfileStore store = ProfileOptions.Store();
        Profile[] profiles = query.Words.Length == 0 ? [.. store.Profiles] : [.. query.Words.Select(store.Find)];
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
        return printed != 0 ? printed : wrong ? ExitCodes.BadPolicy : 0;
    }

    /// <summary>Writes the JSON schema of profile.toml.</summary>
    public static int Schema(string[] arguments)
    {
        if (Answer("profile schema", arguments, hasJson: false, out Query query) is { } done) return done;
        if (query.Words.Length > 0) throw new UsageException("profile schema takes no names");
        return Output.Print([ProfileSchema.Write()]);
    }

    private static int? Answer(string name, string[] arguments, bool hasJson, out Query query)
    {
        query = Query.Read(arguments);
        if (query.Help) return Output.Print(Help.Lines(name));
        if (query.Json && !hasJson) throw new UsageException($"{name} has no --json");
        if (query.Words.FirstOrDefault(name => name.StartsWith('-')) is { } late)
            throw new UsageException($"options come before names: '{PosixText.Printable(late)}'");
        return null;
    }
}
