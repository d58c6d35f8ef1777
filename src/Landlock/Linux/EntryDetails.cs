namespace Landlock.Linux;

/// <summary>All that statx(2) says of a directory entry, links not followed.</summary>
/// <param name="Mode">Type and permissions (inode(7)).</param>
/// <param name="Owner">The user that it belongs to.</param>
/// <param name="Group">The group.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">When its content was last changed, in nanoseconds since 1970.</param>
/// <param name="Changed">When anything of it was last changed, in nanoseconds since 1970; nobody can set it.</param>
/// <param name="Identity">Which object it is.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="DeviceNumber">Of a device node, which device, the major number in the upper half.</param>
internal readonly record struct EntryDetails(ushort Mode, uint Owner, uint Group, ulong Size, long Modified, long Changed,
    FileIdentity Identity, uint Links, ulong DeviceNumber)
{
    /// <summary>When it was made, in nanoseconds since 1970; 0 where the filesystem does not say.</summary>
    public long Born { get; init; }

    /// <summary>Permissions, with the set-user-ID, set-group-ID and sticky bits.</summary>
    public ushort Permissions => (ushort)(Mode & 0xFFF);

    /// <summary>What it is.</summary>
    public EntryKind Kind => (Mode & 0xF000) switch
    {
        0x8000 => EntryKind.File,
        0x4000 => EntryKind.Directory,
        0xA000 => EntryKind.SymbolicLink,
        0x2000 => EntryKind.CharacterDevice,
        0x6000 => EntryKind.BlockDevice,
        0x1000 => EntryKind.Fifo,
        _ => EntryKind.Socket,
    };

    /// <summary>Whether it stands for an entry that an overlay has removed.</summary>
    public bool IsWhiteout => Kind == EntryKind.CharacterDevice && DeviceNumber == 0;
}
