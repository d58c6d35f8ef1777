using Landlock.Linux;

namespace Landlock.Sandboxes.Compiled;

/// <summary>
/// An object of a plan that is used after the machine was started anew. What the kernel makes then, devices, /proc and /sys, has other
/// numbers each time, and is told by what it is.
/// </summary>
internal static class LastingObject
{
    // statfs(2)
    private const ulong ProcKind = 0x9fa0, SysKind = 0x62656572;

    private static readonly Lazy<ulong?> SysDevice = new(static () => PosixFile.Stat("/sys")?.Device);

    /// <summary>The record of an object; of what was not found, one that nothing is.</summary>
    public static PlanObject Of(ImageBuilder image, FoundPath found)
    {
        string path = found.RealPath ?? found.Path;
        PlanObject target = new()
        {
            Path = image.Text(path),
            Flags = (uint)(found.IsOwn ? PlanObjectFlags.Links : 0),
            Inode = found.Identity.Inode,
            DeviceMajor = found.Identity.Major,
            DeviceMinor = found.Identity.Minor,
        };
        if (!found.Exists) return target;
        if (found.IsRenumbered || (path.StartsWith("/sys/", StringComparison.Ordinal) && found.Identity.Device == SysDevice.Value))
            return target with
            {
                Flags = target.Flags | (uint)PlanObjectFlags.Kernel,
                Inode = found.IsRenumbered ? ProcKind : SysKind,
            };
        return PosixFile.CharacterDevice(path) is { } device
            ? target with { Flags = target.Flags | (uint)PlanObjectFlags.Character, DeviceMajor = device.Major, DeviceMinor = device.Minor }
            : target;
    }
}
