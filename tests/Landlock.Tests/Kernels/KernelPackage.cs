using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Landlock.Tests.Kernels;

/// <summary>
/// A kernel's image from a Debian package, which is taken apart, not installed, and kept in the user's cache. Apt checks its signature; what the
/// machine's own apt does not offer comes from Debian's newest suites, with lists and state in the cache, so that the machine's own stay as they are.
/// </summary>
internal sealed class KernelPackage
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private static readonly string[] Own = [], Quickly = ["-qq", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "APT::Sandbox::User=root"];

    private static readonly string Folder = Environment.GetEnvironmentVariable("LANDLOCKPS_KERNELS") is { Length: > 0 } given
        ? given
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home ? home : "/tmp", ".cache/landlockps/kernels");

    private static readonly Lazy<string[]?> Newest = new(NewestSuites);

    private readonly Lazy<string?> _image;

    private KernelPackage(string series, bool orNewer) => _image = new(() => Get(series, orNewer));

    /// <summary>The image; null if it cannot be had. It is fetched once.</summary>
    public string? Image => _image.Value;

    /// <summary>Why it cannot be had; null if it can.</summary>
    public string? Missing => Image is null ? _missing : null;

    private string _missing = "";

    /// <summary>A series' package.</summary>
    /// <param name="series">The series, such as "6.1".</param>
    /// <param name="orNewer">Whether a newer one will do as well.</param>
    public static KernelPackage Of(string series, bool orNewer) => new(series, orNewer);

    private string? Get(string series, bool orNewer)
    {
        try
        {
            if (Kept(series, orNewer) is { } kept) return kept;
            if (!File.Exists("/usr/bin/apt-get") || !File.Exists("/usr/bin/dpkg-deb")) return Fail($"needs a kernel {series} in {Folder} (vmlinuz-{series}.*), or apt-get to fetch it");
            Directory.CreateDirectory(Folder);
            using FileStream alone = Locked(Path.Combine(Folder, "lock"));
            return Kept(series, orNewer) ?? Fetch(Own, series, orNewer)
                ?? (Newest.Value is { } newest ? Fetch(newest, series, orNewer) : null)
                ?? Fail($"no package of a kernel {series} (linux-image-{series}*-cloud-amd64, linux-binary-{series}*-cloud-amd64) can be had from apt-get");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Fail(exception.Message);
        }
    }

    private string? Fail(string why)
    {
        _missing = why;
        return null;
    }

    private static string? Kept(string series, bool orNewer) => Directory.Exists(Folder) ? Best(Directory.GetFiles(Folder, "vmlinuz-*"), series, orNewer) : null;

    private static string? Fetch(string[] suites, string series, bool orNewer)
    {
        string? names = Run("/usr/bin/apt-cache", "/", [.. suites, "pkgnames", "linux-"]);
        if (names is null || Best(names.Split('\n').Where(name => name.StartsWith("linux-image-", StringComparison.Ordinal) || name.StartsWith("linux-binary-", StringComparison.Ordinal)), series, orNewer) is not { } package) return null;
        string temporary = Directory.CreateTempSubdirectory("kernel-").FullName;
        try
        {
            if (Run("/usr/bin/apt-get", temporary, [.. Quickly, .. suites, "download", package]) is null) return null;
            if (Run("/usr/bin/dpkg-deb", temporary, ["--extract", Directory.GetFiles(temporary, "*.deb")[0], temporary]) is null) return null;
            if (Directory.GetFiles(temporary, "vmlinuz*", SearchOption.AllDirectories) is not [string image]) return null;
            string kept = Path.Combine(Folder, "vmlinuz-" + Bare(package));
            File.Copy(image, kept + ".part", overwrite: true);
            File.Move(kept + ".part", kept, overwrite: true);
            return kept;
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    // The same archive that the machine's own packages come from.
    private static string[]? NewestSuites()
    {
        string[]? mine = Run("/usr/bin/apt-get", "/", ["indextargets", "--format", "$(ORIGIN) $(LABEL) $(REPO_URI)", "Created-By: Packages"])
            ?.Split('\n').Select(line => line.Split(' ')).FirstOrDefault(words => words is ["Debian", "Debian", _]);
        if (mine is null) return null;
        string apt = Path.Combine(Folder, "apt"), list = Path.Combine(apt, "sources.list");
        foreach (string name in (string[])["lists/partial", "cache/archives/partial", "state"]) Directory.CreateDirectory(Path.Combine(apt, name));
        string? keys = ((string[])["/usr/share/keyrings/debian-archive-keyring.pgp", "/usr/share/keyrings/debian-archive-keyring.gpg"]).FirstOrDefault(File.Exists);
        string signed = keys is null ? "" : $" signed-by={keys}";
        File.WriteAllLines(list, ((string[])["sid", "experimental"]).Select(suite => $"deb [arch=amd64{signed}] {mine[2]} {suite} main"));
        string[] settings =
        [
            $"Dir::Etc::SourceList={list}", "Dir::Etc::SourceParts=/dev/null", $"Dir::State={apt}/state", $"Dir::State::Lists={apt}/lists", $"Dir::Cache={apt}/cache",
            "Acquire::Languages=none", "Acquire::PDiffs=false", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false", "APT::Architecture=amd64",
        ];
        string[] suites = [.. settings.SelectMany(setting => (string[])["-o", setting])];
        return Run("/usr/bin/apt-get", "/", [.. Quickly, .. suites, "update"]) is null ? null : suites;
    }

    // Of names such as linux-image-6.1.0-56-cloud-amd64 and vmlinuz-7.3-cloud-amd64, the newest of a series.
    private static string? Best(IEnumerable<string> names, string series, bool orNewer) => names
        .Select(name => (Name: name, Version: Regex.Match(Path.GetFileName(name), @"^(?:vmlinuz|linux-image|linux-binary)-(\d+\.\d+)(?![0-9]).*-cloud-amd64$")))
        .Where(one => one.Version.Success && (one.Version.Groups[1].Value == series || (orNewer && Version.Parse(one.Version.Groups[1].Value) > Version.Parse(series))))
        .Select(one => one.Name).OrderBy(Padded, StringComparer.Ordinal).LastOrDefault();

    // 6.1.0-56 is newer than 6.1.0-9. Where a version has both packages, the image's is empty.
    private static string Padded(string name) => Regex.Replace(Bare(name), "[0-9]+", number => number.Value.PadLeft(6, '0')) + (name.StartsWith("linux-binary-", StringComparison.Ordinal) ? " 1" : " 0");

    private static string Bare(string name) => Regex.Replace(Path.GetFileName(name), "^(vmlinuz|linux-image|linux-binary)-", "");

    private static FileStream Locked(string path)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (tries < 300)
            {
                Thread.Sleep(500);
            }
        }
    }

    private static string? Run(string program, string directory, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit)) process.Kill(entireProcessTree: true);
        return process.WaitForExit(TimeSpan.FromSeconds(5)) && process.ExitCode == 0 ? output.Result : null;
    }
}
