using System.Text.RegularExpressions;

namespace Landlock.Tests.Kernels;

/// <summary>A kernel's image from a Debian package, and its module for overlays.</summary>
internal sealed class KernelPackage
{
    private static readonly string[] Own = [];

    private readonly string _series, _architecture;
    private readonly bool _orNewer;
    private readonly Lazy<string?> _image, _overlay;

    private string _missing = "";

    private KernelPackage(string series, bool orNewer, string architecture)
    {
        (_series, _orNewer, _architecture) = (series, orNewer, architecture);
        _image = new(Get);
        _overlay = new(GetOverlay);
    }

    /// <summary>The image; null if it cannot be had. It is fetched once.</summary>
    public string? Image => _image.Value;

    /// <summary>The module with the overlay filesystem, which may be compressed (".ko.xz"); null if it cannot be had.</summary>
    public string? Overlay => _overlay.Value;

    /// <summary>Why it cannot be had; null if it can.</summary>
    public string? Missing => Image is null ? _missing : null;

    /// <summary>A series' package.</summary>
    /// <param name="series">The series, such as "6.1".</param>
    /// <param name="orNewer">Whether a newer one will do as well.</param>
    /// <param name="hardware">The machine that it is for.</param>
    public static KernelPackage Of(string series, bool orNewer, Hardware hardware) => new(series, orNewer, hardware.Debian);

    private string? Get()
    {
        try
        {
            if (Kept() is { } kept) return kept;
            if (!DebianFiles.CanFetch)
                return Fail($"needs a kernel {_series} in {DebianFiles.Folder} (vmlinuz-{_series}.*-cloud-{_architecture}), or "
                    + "apt-get to fetch it");
            Directory.CreateDirectory(DebianFiles.Folder);
            using FileStream alone = DebianFiles.Locked();
            return Kept() ?? (_architecture == "amd64" ? Fetch(Own) : null)
                ?? (DebianFiles.Newest(_architecture) is { } newest ? Fetch(newest) : null)
                ?? Fail($"no package of a kernel {_series} (linux-image-{_series}*-cloud-{_architecture}, "
                    + $"linux-binary-{_series}*-cloud-{_architecture}) can be had from apt-get");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Fail(exception.Message);
        }
    }

    private string? GetOverlay()
    {
        if (Image is null) return null;
        string release = Bare(Image);
        try
        {
            if (KeptOverlay(release) is { } kept) return kept;
            if (!DebianFiles.CanFetch) return null;
            using FileStream alone = DebianFiles.Locked();
            return KeptOverlay(release) ?? (_architecture == "amd64" ? FetchOverlay(Own, release) : null)
                ?? (DebianFiles.Newest(_architecture) is { } newest ? FetchOverlay(newest, release) : null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? KeptOverlay(string release) =>
        Directory.GetFiles(DebianFiles.Folder, $"overlay-{release}.ko*").FirstOrDefault(file => Path.GetExtension(file) != ".part");

    // Newer kernels have their modules in another package than the image.
    private static string? FetchOverlay(string[] suites, string release)
    {
        string temporary = Directory.CreateTempSubdirectory("kernel-").FullName;
        try
        {
            if (!((string[])["linux-modules", "linux-image"]).Any(package =>
                DebianFiles.Extract(suites, $"{package}-{release}", temporary))) return null;
            if (Directory.GetFiles(temporary, "overlay.ko*", SearchOption.AllDirectories) is not [string module]) return null;
            string kept = Path.Combine(DebianFiles.Folder, $"overlay-{release}{Path.GetFileName(module)["overlay".Length..]}");
            File.Copy(module, kept + ".part", overwrite: true);
            File.Move(kept + ".part", kept, overwrite: true);
            return kept;
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private string? Fail(string why)
    {
        _missing = why;
        return null;
    }

    private string? Kept() => Directory.Exists(DebianFiles.Folder) ? Best(Directory.GetFiles(DebianFiles.Folder, "vmlinuz-*")) : null;

    private string? Fetch(string[] suites)
    {
        string? names = DebianFiles.Run("/usr/bin/apt-cache", "/", [.. suites, "pkgnames", "linux-"]);
        if (names is null || Best(names.Split('\n').Where(name => name.StartsWith("linux-image-", StringComparison.Ordinal)
            || name.StartsWith("linux-binary-", StringComparison.Ordinal))) is not { } package)
        {
            return null;
        }
        string temporary = Directory.CreateTempSubdirectory("kernel-").FullName;
        try
        {
            if (!DebianFiles.Extract(suites, package, temporary)) return null;
            if (Directory.GetFiles(temporary, "vmlinuz*", SearchOption.AllDirectories) is not [string image]) return null;
            string kept = Path.Combine(DebianFiles.Folder, "vmlinuz-" + Bare(package));
            File.Copy(image, kept + ".part", overwrite: true);
            File.Move(kept + ".part", kept, overwrite: true);
            return kept;
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    // Of names such as linux-image-6.1.0-56-cloud-amd64 and vmlinuz-7.3-cloud-amd64, the newest of a series.
    private string? Best(IEnumerable<string> names) => names
        .Select(name => (Name: name, Version: Regex.Match(Path.GetFileName(name),
            $@"^(?:vmlinuz|linux-image|linux-binary)-(\d+\.\d+)(?![0-9]).*-cloud-{_architecture}$")))
        .Where(one => one.Version.Success && (one.Version.Groups[1].Value == _series
            || (_orNewer && Version.Parse(one.Version.Groups[1].Value) > Version.Parse(_series))))
        .Select(one => one.Name).OrderBy(Padded, StringComparer.Ordinal).LastOrDefault();

    // 6.1.0-56 is newer than 6.1.0-9. Where a version has both packages, the image's is empty.
    private static string Padded(string name) => Regex.Replace(Bare(name), "[0-9]+", number => number.Value.PadLeft(6, '0'))
        + (name.StartsWith("linux-binary-", StringComparison.Ordinal) ? " 1" : " 0");

    private static string Bare(string name) => Regex.Replace(Path.GetFileName(name), "^(vmlinuz|linux-image|linux-binary)-", "");
}
