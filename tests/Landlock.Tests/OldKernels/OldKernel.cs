using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Landlock.Tests.OldKernels;

/// <summary>A kernel that Debian builds, and what it has of Landlock.</summary>
/// <param name="Release">Its series, which the package's name holds.</param>
/// <param name="Abi">Its Landlock ABI.</param>
/// <param name="Errata">The errata that it reports as fixed.</param>
public sealed record OldKernel(string Release, int Abi, ulong Errata)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static readonly Lazy<string?> NoTools = new(FindTools);

    private static readonly string Folder = Environment.GetEnvironmentVariable("LANDLOCKPS_KERNELS") is { Length: > 0 } given
        ? given
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home ? home : "/tmp", ".cache/landlockps/kernels");

    /// <summary>Whether everything is run on every kernel.</summary>
    public static readonly bool Soak = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") == "1";

    /// <summary>Every kernel that is booted, the oldest first.</summary>
    public static OldKernel[] All { get; } = [new("6.1", 2, 0xC), new("6.12", 6, 0xF)];

    /// <summary>Those that this machine can boot.</summary>
    public static OldKernel[] Available { get; } = NoTools.Value is null ? [.. All.Where(kernel => kernel.Image is not null)] : [];

    /// <summary>Why none can be booted here; null if one can.</summary>
    public static string? Missing => NoTools.Value ?? (Available.Length > 0 ? null : $"needs a package linux-image-{All[0].Release}*-cloud-amd64, from apt-get or unpacked in {Folder}");

    /// <summary>The emulator.</summary>
    public static string Emulator => "/usr/bin/qemu-system-x86_64";

    private Lazy<string?> Found { get; } = new(() => Find(Release) ?? Fetch(Release));

    /// <summary>The kernel's image; null if it cannot be had. It is fetched once, and kept in the user's cache.</summary>
    public string? Image => Found.Value;

    private static string? FindTools() =>
        RuntimeInformation.OSArchitecture != Architecture.X64 ? "needs x86-64"
        : !File.Exists(Emulator) ? "needs qemu-system-x86_64 (Debian: qemu-system-x86)"
        : !File.Exists("/usr/bin/gcc") ? "needs gcc" : null;

    private static string? Find(string release) =>
        Directory.Exists(Folder) ? Directory.GetFiles(Folder, $"vmlinuz-{release}.*").OrderBy(Version).LastOrDefault() : null;

    // The package is taken apart, not installed; apt-get checks its signature.
    private static string? Fetch(string release)
    {
        if (!File.Exists("/usr/bin/apt-get") || !File.Exists("/usr/bin/dpkg-deb")) return null;
        string? package = Run("/usr/bin/apt-cache", "/", "pkgnames", $"linux-image-{release}.")?.Split('\n')
            .Where(name => name.EndsWith("-cloud-amd64", StringComparison.Ordinal)).OrderBy(Version).LastOrDefault();
        if (package is null) return null;
        string temporary = Directory.CreateTempSubdirectory("kernel-").FullName;
        try
        {
            if (Run("/usr/bin/apt-get", temporary, "-qq", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "APT::Sandbox::User=root", "download", package) is null) return null;
            if (Run("/usr/bin/dpkg-deb", temporary, "--extract", Directory.GetFiles(temporary, "*.deb")[0], temporary) is null) return null;
            string image = Directory.GetFiles(Path.Combine(temporary, "boot"), "vmlinuz-*")[0];
            Directory.CreateDirectory(Folder);
            string part = Path.Combine(Folder, $"{Path.GetFileName(temporary)}.part");
            File.Copy(image, part);
            string kept = Path.Combine(Folder, Path.GetFileName(image));
            File.Move(part, kept, overwrite: true);
            return kept;
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    // 6.1.0-56 is newer than 6.1.0-9.
    private static string Version(string name) => Regex.Replace(Path.GetFileName(name), "[0-9]+", number => number.Value.PadLeft(6, '0'));

    private static string? Run(string program, string directory, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit)) process.Kill(entireProcessTree: true);
        return process.WaitForExit(TimeSpan.FromSeconds(5)) && process.ExitCode == 0 ? output.Result : null;
    }
}
