using Landlock.Documents;
using Landlock.Linux;
using Landlock.Profiles;

namespace Landlock.Tests.Profiles;

/// <summary>A home directory with profiles, gone after the test.</summary>
internal sealed class ProfileFolders : IDisposable
{
    public const string DenyAll =
        "abi = 6\n[[ruleset]]\nhandled_access_fs = [\"abi.all\"]\nhandled_access_net = [\"abi.all\"]\nscoped = [\"abi.all\"]\n";

    public ProfileFolders()
    {
        Root = Directory.CreateTempSubdirectory("profiles-").FullName;
        foreach (string name in (string[])["tmp", "home", "work/sub"]) Directory.CreateDirectory(this[name]);
    }

    public string Root { get; }

    public string this[string name] => Path.Combine(Root, name);

    public string? Environment(string name) => name switch { "HOME" => this["home"], "TMPDIR" => this["tmp"], _ => null };

    public ProfileStore Store() => ProfileStore.Read(ProfileStore.FindRoots(Environment));

    public ProfileSources Sources(string? directory = null) =>
        new() { Support = RunningKernel.Support, WorkingDirectory = directory ?? this["work"], Environment = Environment };

    /// <summary>Writes a profile; a null policy makes no folder landlock.</summary>
    public string Add(string name, string profile, string? policy = DenyAll, string owner = "landlockps")
    {
        string folder = this[$"home/.config/{owner}/profiles/{name}"];
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "profile.toml"), profile);
        if (policy is null) return folder;
        Directory.CreateDirectory(Path.Combine(folder, "landlock"));
        File.WriteAllText(Path.Combine(folder, "landlock", "base.toml"), policy);
        return folder;
    }

    public string Context(string directory) => $"[[context]]\nwhen_beneath = \"{this[directory]}\"\n";

    public static string Rule(string path, params string[] access) =>
        $"[[path_beneath]]\nallowed_access = [{string.Join(", ", access.Select(right => $"\"{right}\""))}]\nparent = [\"{path}\"]\n";

    public static PolicyFinding[] Errors(IEnumerable<PolicyFinding> findings) =>
        [.. findings.Where(finding => finding.Severity == FindingSeverity.Error)];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
