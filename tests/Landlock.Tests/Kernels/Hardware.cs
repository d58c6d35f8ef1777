using System.Runtime.InteropServices;

namespace Landlock.Tests.Kernels;

/// <summary>An architecture of machines: what emulates it, and what compiles for it.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="Debian">Debian's name for it.</param>
/// <param name="Emulator">The emulator.</param>
/// <param name="EmulatorPackage">Debian's package of it.</param>
/// <param name="Compiler">The C compiler.</param>
/// <param name="CompilerPackage">Debian's package of it.</param>
/// <param name="Devices">The machine, and its two serial lines, which are the files "console" and "answers".</param>
/// <param name="Console">The first line's name there.</param>
/// <param name="Answers">The second line's device there.</param>
internal sealed record Hardware(
    Architecture Architecture, string Debian, string Emulator, string EmulatorPackage, string Compiler, string CompilerPackage,
    string[] Devices, string Console, string Answers)
{
    public static Hardware X64 { get; } = new(
        Architecture.X64, "amd64", "/usr/bin/qemu-system-x86_64", "qemu-system-x86", "/usr/bin/gcc", "gcc",
        ["-cpu", "max", "-serial", "file:console", "-serial", "file:answers"], "ttyS0", "/dev/ttyS1");

    public static Hardware Arm64 { get; } = new(
        Architecture.Arm64, "arm64", "/usr/bin/qemu-system-aarch64", "qemu-system-arm", "/usr/bin/aarch64-linux-gnu-gcc",
        "gcc-aarch64-linux-gnu",
        ["-M", "virt", "-cpu", "max,pauth-impdef=on", "-serial", "file:console", "-chardev", "file,id=answers,path=answers", "-device",
            "pci-serial,chardev=answers"], "ttyAMA0", "/dev/ttyS0");

    /// <summary>Why there is no such machine here; null if there can be one.</summary>
    public string? Missing =>
        !File.Exists(Emulator) ? $"needs {Path.GetFileName(Emulator)} (Debian: {EmulatorPackage})"
        : !File.Exists(Compiler) ? $"needs {Path.GetFileName(Compiler)} (Debian: {CompilerPackage})" : null;
}
