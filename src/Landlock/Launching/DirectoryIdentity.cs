using Landlock.Kernel;

namespace Landlock.Launching;

/// <summary>Which directory it is, whatever it is called.</summary>
/// <param name="Path">What it is called.</param>
/// <param name="Device">Its device, the major number in the upper half.</param>
/// <param name="Inode">Its number there.</param>
internal sealed record DirectoryIdentity(string Path, ulong Device, ulong Inode)
{
    /// <summary>The directory at an absolute path.</summary>
    /// <exception cref="LaunchException">There is none.</exception>
    public static DirectoryIdentity Of(string path) => PosixFile.Stat(path) is { IsDirectory: true } status
        ? new DirectoryIdentity(path, status.Device, status.Inode)
        : throw new LaunchException(LaunchProblem.SetupFailed, path, $"The working directory '{PosixText.Printable(path)}' is not there any more; nothing was run.");
}
