namespace Landlock.Linux;

/// <summary>
/// Which object it is, whatever path leads to it: two names of one object have the same identity, however they are written.
/// </summary>
/// <param name="Device">Its device, the major number in the upper half.</param>
/// <param name="Inode">Its number there.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    /// <summary>Major number of the device.</summary>
    public uint Major => (uint)(Device >> 32);

    /// <summary>Minor number of the device.</summary>
    public uint Minor => (uint)Device;
}
