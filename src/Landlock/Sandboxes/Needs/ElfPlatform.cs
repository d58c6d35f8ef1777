using System.Runtime.InteropServices;

namespace Landlock.Sandboxes.Needs;

/// <summary>
/// What distributions and ld.so name after an architecture: multiarch directories, cache flags, and subdirectories for better processors.
/// Where the choice of ld.so depends on the processor or the distribution, all choices are listed.
/// </summary>
internal sealed record ElfPlatform
{
    private const int Em386 = 3, EmMips = 8, EmPpc64 = 21, EmS390 = 22, EmArm = 40, EmX8664 = 62, EmAarch64 = 183, EmRiscV =
        243, EmLoongArch = 258;

    private static readonly string[] s_none = [];

    /// <summary>Multiarch names, as in /usr/lib/x86_64-linux-gnu.</summary>
    internal string[] Triplets { get; init; } = s_none;

    /// <summary>The flags of fitting entries of ld.so.cache (glibc, sysdeps/generic/ldconfig.h); none means that any may fit.</summary>
    internal int[] CacheFlags { get; init; } = [];

    /// <summary>The values of $PLATFORM (AT_PLATFORM of getauxval(3), and what glibc makes of it).</summary>
    internal string[] Platforms { get; init; } = s_none;

    /// <summary>Subdirectories of glibc-hwcaps, best first (ld.so(8), "The glibc-hwcaps mechanism").</summary>
    internal string[] HwCaps { get; init; } = s_none;

    /// <summary>
    /// Subdirectories that glibc before 2.37 searched, in the order in which they nest (ld.so(8), "Hardware capabilities").
    /// </summary>
    internal string[] Legacy { get; init; } = s_none;

    /// <summary>The values of $LIB, and names of default directories.</summary>
    internal string[] LibraryNames { get; init; } = ["lib"];

    private static readonly ElfPlatform s_x8664 = new()
    {
        Triplets = ["x86_64-linux-gnu"],
        CacheFlags = [0x0303],
        Platforms = ["x86_64", "haswell", "xeon_phi"],
        HwCaps = ["x86-64-v4", "x86-64-v3", "x86-64-v2"],
        Legacy = ["tls", "avx512_1", "haswell", "xeon_phi", "x86_64"],
        LibraryNames = ["lib64", "lib"],
    };

    private static readonly ElfPlatform s_x32 =
        new() { Triplets = ["x86_64-linux-gnux32"], CacheFlags = [0x0803], Platforms = ["x86_64"], LibraryNames = ["libx32", "lib"] };

    private static readonly ElfPlatform s_i386 = new()
    {
        Triplets = ["i386-linux-gnu", "i686-linux-gnu"],
        CacheFlags = [0x0003, 0x0001],
        Platforms = ["i686", "i586", "i486", "i386", "haswell", "xeon_phi"],
        Legacy = ["tls", "sse2", "haswell", "xeon_phi", "i686", "i586", "i486", "i386"],
        LibraryNames = ["lib32", "lib"],
    };

    private static readonly ElfPlatform s_aarch64 = new()
    {
        Triplets = ["aarch64-linux-gnu"],
        CacheFlags = [0x0a03],
        Platforms = ["aarch64"],
        Legacy = ["tls", "atomics", "aarch64"],
        LibraryNames = ["lib64", "lib"],
    };

    private static readonly ElfPlatform s_arm = new()
    {
        Triplets = ["arm-linux-gnueabihf", "arm-linux-gnueabi"],
        CacheFlags = [0x0903, 0x0b03, 0x0003],
        Platforms = ["v7l", "v8l", "v6l"],
        Legacy = ["tls", "vfp", "neon", "v7l", "v6l"],
    };

    private static readonly ElfPlatform s_ppc64 = new()
    {
        Triplets = ["powerpc64le-linux-gnu"],
        CacheFlags = [0x0503],
        Platforms = ["power11", "power10", "power9", "power8"],
        HwCaps = ["power11", "power10", "power9"],
        LibraryNames = ["lib64", "lib"],
    };

    private static readonly ElfPlatform s_s390x = new()
    {
        Triplets = ["s390x-linux-gnu"],
        CacheFlags = [0x0403],
        Platforms = ["z17", "z16", "z15", "z14", "z13"],
        HwCaps = ["z17", "z16", "z15", "z14", "z13"],
        LibraryNames = ["lib64", "lib"],
    };

    private static readonly ElfPlatform s_riscV =
        new() { Triplets = ["riscv64-linux-gnu"], CacheFlags = [0x1003, 0x0f03], LibraryNames = ["lib64/lp64d", "lib64", "lib"] };

    private static readonly ElfPlatform s_loongArch = new()
    {
        Triplets = ["loongarch64-linux-gnu"],
        CacheFlags = [0x1203, 0x1103, 0x0003],
        Platforms = ["loongarch"],
        LibraryNames = ["lib64", "lib"],
    };

    private static readonly ElfPlatform s_other64 = new() { LibraryNames = ["lib64", "lib"] };

    private static readonly ElfPlatform s_other32 = new();

    internal static ElfPlatform Of(ElfFile file) => (file.Machine, file.Class) switch
    {
        (EmX8664, ElfClass.Elf64) => s_x8664,
        (EmX8664, _) => s_x32,
        (Em386, _) => s_i386,
        (EmAarch64, ElfClass.Elf64) => s_aarch64,
        (EmArm, _) => s_arm,
        (EmPpc64, _) => s_ppc64,
        (EmS390, ElfClass.Elf64) => s_s390x,
        (EmRiscV, ElfClass.Elf64) => s_riscV,
        (EmLoongArch, ElfClass.Elf64) => s_loongArch,
        (_, ElfClass.Elf64) => s_other64,
        _ => s_other32,
    };

    /// <summary>Whether a kernel of the architecture runs the machine code itself; for an unknown pair the answer is yes.</summary>
    internal static bool RunsOn(ElfFile file, Architecture host) => host switch
    {
        Architecture.X64 => file.Machine is EmX8664 or Em386,
        Architecture.X86 => file.Machine is Em386,
        Architecture.Arm64 => file.Machine is EmAarch64 or EmArm,
        Architecture.Arm or Architecture.Armv6 => file.Machine is EmArm,
        Architecture.S390x => file.Machine is EmS390,
        Architecture.Ppc64le => file.Machine is EmPpc64,
        Architecture.LoongArch64 => file.Machine is EmLoongArch,
        _ => file.Machine is not (EmX8664 or Em386 or EmMips),
    };
}
