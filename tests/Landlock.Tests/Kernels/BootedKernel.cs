using System.Runtime.InteropServices;

namespace Landlock.Tests.Kernels;

/// <summary>A kernel that Debian builds, and what it has of Landlock.</summary>
/// <param name="Series">Its series, which the package's name holds.</param>
/// <param name="Abi">Its Landlock ABI.</param>
/// <param name="Errata">The errata that it reports as fixed.</param>
/// <param name="IsArm64">Whether it is for arm64, not x86-64.</param>
public sealed record BootedKernel(string Series, int Abi, ulong Errata, bool IsArm64 = false)
{
    /// <summary>Whether everything is run on every kernel.</summary>
    public static readonly bool Soak = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") == "1";

    private static readonly string? NoTools =
        RuntimeInformation.OSArchitecture != Architecture.X64 ? "needs x86-64"
        : Hardware.X64.Missing;

    /// <summary>Every kernel that is booted, the oldest first.</summary>
    public static BootedKernel[] All { get; } = [new("6.1", 2, 0xC), new("6.12", 6, 0xF), new("7.2", 10, 0xF), new("7.3", 11, 0xF)];

    /// <summary>The kernel of arm64 that is booted.</summary>
    public static BootedKernel Arm64 { get; } = new("7.3", 11, 0xF, IsArm64: true);

    /// <summary>Those that are booted in this run, the oldest first: of those that can be had the first and the last, or all.</summary>
    public static BootedKernel[] Chosen { get; } = Choose();

    /// <summary>Why none can be booted here; null if one can.</summary>
    public static string? Missing => Chosen.Length > 0 ? null : NoTools ?? All[^1].Package.Missing;

    /// <summary>The machine that it runs on.</summary>
    internal Hardware Hardware => IsArm64 ? Hardware.Arm64 : Hardware.X64;

    /// <summary>Whether it is the newest of all; the newest that Debian has may be newer than we know.</summary>
    public bool IsNewest => Series == All[^1].Series;

    /// <summary>What `uname -r` says there.</summary>
    public string Release => Path.GetFileName(Image!)["vmlinuz-".Length..];

    /// <summary>The kernel's image; null if it cannot be had.</summary>
    public string? Image => Package.Image;

    /// <summary>Its module with the overlay filesystem; null if it cannot be had, or has no use.</summary>
    public string? Overlay => Abi < 3 ? null : Package.Overlay;

    /// <summary>Why it is not booted in this run; null if it is.</summary>
    public string? NotBooted => IsArm64 ? Package.Missing : Chosen.Contains(this) ? null
        : NoTools ?? (Soak || this == All[0] || IsNewest ? Package.Missing : "runs with LANDLOCKPS_SOAK=1");

    private KernelPackage Package { get; } = KernelPackage.Of(Series, orNewer: Series == "7.3", IsArm64 ? Hardware.Arm64 : Hardware.X64);

    /// <summary>The kernel of a series.</summary>
    public static BootedKernel Of(string series) => All.Single(kernel => kernel.Series == series);

    /// <inheritdoc/>
    public override string ToString() => IsArm64 ? $"{Series} of arm64" : Series;

    private static BootedKernel[] Choose()
    {
        if (NoTools is not null) return [];
        if (Soak) return [.. All.Where(kernel => kernel.Image is not null)];
        BootedKernel?[] ends =
            [All.FirstOrDefault(kernel => kernel.Image is not null), All.LastOrDefault(kernel => kernel.Image is not null)];
        return [.. ends.OfType<BootedKernel>().Distinct()];
    }
}
