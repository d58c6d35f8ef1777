using System.Diagnostics;

namespace Landlock.Tests.Kernels;

/// <summary>
/// Files of Debian's packages, which are taken apart, not installed, and kept in the user's cache. Apt checks their signatures; what the
/// machine's own apt does not offer comes with lists and state in the cache, so that the machine's own stay as they are.
/// </summary>
internal static class DebianFiles
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private static readonly string[] Quickly =
    [
        "-qq", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "APT::Sandbox::User=root",
    ];

    // What the machine's own packages come from.
    private static readonly Lazy<(string Archive, string Suite)?> Own = new(() =>
        Run("/usr/bin/apt-get", "/", ["indextargets", "--format", "$(ORIGIN) $(LABEL) $(REPO_URI) $(CODENAME)", "Created-By: Packages"])
        ?.Split('\n').Select(line => line.Split(' ')).Where(words => words is ["Debian", "Debian", _, _])
        .Select(words => ((string, string)?)(words[2], words[3])).FirstOrDefault());

    private static readonly Dictionary<string, Lazy<string[]?>> Lists =
        new() { ["amd64"] = new(() => Update("amd64")), ["arm64"] = new(() => Update("arm64")) };

    /// <summary>Where files are kept.</summary>
    public static string Folder { get; } = Environment.GetEnvironmentVariable("LANDLOCKPS_KERNELS") is { Length: > 0 } given
        ? given
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home ? home : "/tmp",
            ".cache/landlockps/kernels");

    /// <summary>Whether packages can be fetched here.</summary>
    public static bool CanFetch => File.Exists("/usr/bin/apt-get") && File.Exists("/usr/bin/dpkg-deb");

    /// <summary>
    /// Options with which apt offers Debian's newest suites, and this machine's own, for an architecture; null if there are none.
    /// </summary>
    public static string[]? Newest(string architecture) => Lists[architecture].Value;

    /// <summary>
    /// A folder with the files of packages as this machine's Debian has them for another architecture; null if they cannot be had.
    /// </summary>
    public static string? Root(string architecture, string[] packages)
    {
        string folder = Path.Combine(Folder, $"{architecture}-{Own.Value?.Suite}"), whole = Path.Combine(folder, ".whole"), list =
            string.Join(' ', packages);
        if (File.Exists(whole) && File.ReadAllText(whole) == list) return folder;
        if (!CanFetch) return null;
        Directory.CreateDirectory(Folder);
        using FileStream alone = Locked();
        if (File.Exists(whole) && File.ReadAllText(whole) == list) return folder;
        if (Newest(architecture) is not { } suites) return null;
        foreach (string package in packages)
            if (!Extract(suites, $"{package}/{Own.Value!.Value.Suite}", folder)) return null;
        File.WriteAllText(whole, list);
        return folder;
    }

    /// <summary>Puts the files of a package into a folder.</summary>
    public static bool Extract(string[] suites, string package, string folder)
    {
        string temporary = Directory.CreateTempSubdirectory("package-").FullName;
        try
        {
            return Run("/usr/bin/apt-get", temporary, [.. Quickly, .. suites, "download", package]) is not null
                && Run("/usr/bin/dpkg-deb", temporary, ["--extract", Directory.GetFiles(temporary, "*.deb")[0], folder]) is not null;
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Keeps other processes out while files are fetched.</summary>
    public static FileStream Locked()
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(Path.Combine(Folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (tries < 300)
            {
                Thread.Sleep(500);
            }
        }
    }

    /// <summary>What a program prints; null if it fails.</summary>
    public static string? Run(string program, string directory, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit)) process.Kill(entireProcessTree: true);
        return process.WaitForExit(TimeSpan.FromSeconds(5)) && process.ExitCode == 0 ? output.Result : null;
    }

    // The same archive that the machine's own packages come from.
    private static string[]? Update(string architecture)
    {
        if (Own.Value is not { } own) return null;
        string apt = Path.Combine(Folder, architecture == "amd64" ? "apt" : $"apt-{architecture}"), list =
            Path.Combine(apt, "sources.list");
        foreach (string name in (string[])["lists/partial", "cache/archives/partial", "state"])
            Directory.CreateDirectory(Path.Combine(apt, name));
        string? keys = ((string[])["/usr/share/keyrings/debian-archive-keyring.pgp", "/usr/share/keyrings/debian-archive-keyring.gpg"])
            .FirstOrDefault(File.Exists);
        string signed = keys is null ? "" : $" signed-by={keys}";
        string[] names = architecture == "amd64" ? ["sid", "experimental"] : ["sid", "experimental", own.Suite];
        File.WriteAllLines(list, names.Select(suite => $"deb [arch={architecture}{signed}] {own.Archive} {suite} main"));
        string[] settings =
        [
            $"Dir::Etc::SourceList={list}", "Dir::Etc::SourceParts=/dev/null", $"Dir::State={apt}/state", $"Dir::State::Lists={apt}/lists",
            $"Dir::Cache={apt}/cache",
            "Acquire::Languages=none", "Acquire::PDiffs=false", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
            $"APT::Architecture={architecture}", $"APT::Architectures={architecture}",
        ];
        string[] suites = [.. settings.SelectMany(setting => (string[])["-o", setting])];
        return Run("/usr/bin/apt-get", "/", [.. Quickly, .. suites, "update"]) is null ? null : suites;
    }
}
