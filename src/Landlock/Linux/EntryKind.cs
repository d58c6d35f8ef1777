namespace Landlock.Linux;

/// <summary>What a directory entry is, symbolic links not followed.</summary>
internal enum EntryKind
{
    /// <summary>Nothing is there, or it cannot be looked at.</summary>
    Missing,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>A character device.</summary>
    CharacterDevice,

    /// <summary>A block device.</summary>
    BlockDevice,

    /// <summary>A named pipe.</summary>
    Fifo,

    /// <summary>A UNIX domain socket.</summary>
    Socket,
}
