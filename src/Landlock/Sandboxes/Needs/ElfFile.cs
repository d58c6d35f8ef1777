using Landlock.Linux;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes.Needs;

/// <summary>Word size of an ELF file: e_ident[EI_CLASS] (System V gABI, "ELF Identification"; elf(5)).</summary>
internal enum ElfClass
{
    /// <summary>ELFCLASS32.</summary>
    Elf32 = 1,

    /// <summary>ELFCLASS64.</summary>
    Elf64 = 2,
}

/// <summary>What the program loaders read from an ELF file: elf(5), System V gABI chapters 4 and 5.</summary>
internal sealed record ElfFile
{
    /// <summary>ET_EXEC: a program at a fixed address (gABI, e_type).</summary>
    public const int TypeExecutable = 2;

    /// <summary>ET_DYN: a shared library or a position-independent program (gABI, e_type).</summary>
    public const int TypeShared = 3;

    /// <summary>Word size (gABI, EI_CLASS).</summary>
    public required ElfClass Class { get; init; }

    /// <summary>Whether numbers in the file are big-endian (gABI, EI_DATA = ELFDATA2MSB).</summary>
    public required bool IsBigEndian { get; init; }

    /// <summary>Object file type (gABI, e_type).</summary>
    public required int Type { get; init; }

    /// <summary>Architecture (gABI, e_machine).</summary>
    public required int Machine { get; init; }

    /// <summary>The path of the program interpreter, commonly ld.so (gABI, PT_INTERP), or null.</summary>
    public string? Interpreter { get; init; }

    /// <summary>Whether there is a dynamic section (gABI, PT_DYNAMIC).</summary>
    public bool IsDynamic { get; init; }

    /// <summary>The names of needed libraries in the order of the file (gABI, DT_NEEDED).</summary>
    public IReadOnlyList<string> Needed { get; init; } = [];

    /// <summary>The name that the library goes by (gABI, DT_SONAME), or null.</summary>
    public string? SharedName { get; init; }

    /// <summary>The library search path that dependencies inherit (gABI, DT_RPATH), or null.</summary>
    public string? RPath { get; init; }

    /// <summary>The library search path for direct dependencies only (gABI, DT_RUNPATH), or null.</summary>
    public string? RunPath { get; init; }

    /// <summary>Whether default library directories are not searched (DF_1_NODEFLIB of DT_FLAGS_1; ld(1), -z nodefaultlib).</summary>
    public bool NoDefaultLibraries { get; init; }

    /// <summary>
    /// Reads the file at an absolute path. A file that is damaged or no ELF file at all gives a problem, not an exception.
    /// </summary>
    public static ElfReading Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using SafeFileHandle? file = PosixFile.OpenRead(path);
        return file is null ? new ElfReading(null, "It is not a regular file that can be read.") : Read(file);
    }

    internal static ElfReading Read(SafeFileHandle file)
    {
        using FileWindow window = new(file);
        return new ElfReader(window).Read();
    }

    /// <summary>
    /// Whether ld.so would load <paramref name="other"/> into the process of this file (same word size, byte order and architecture).
    /// </summary>
    internal bool IsCompatibleWith(ElfFile other) => Class == other.Class && IsBigEndian == other.IsBigEndian && Machine == other.Machine;
}

/// <summary>An ELF file, or why the file cannot be read as one.</summary>
/// <param name="File">The file, or null.</param>
/// <param name="Problem">A sentence that says what is wrong, or null.</param>
internal readonly record struct ElfReading(ElfFile? File, string? Problem);
