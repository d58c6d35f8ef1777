namespace Landlock.Abi;

/// <summary>Filesystem rights, as in <c>struct landlock_ruleset_attr.handled_access_fs</c> (LANDLOCK_ACCESS_FS_*).</summary>
[Flags]
public enum AccessFs : ulong
{
    /// <summary>No right.</summary>
    None = 0,

    /// <summary>Execute a file. execve(2) asks for read_file as well.</summary>
    Execute = 1 << 0,

    /// <summary>Open a file with write access.</summary>
    WriteFile = 1 << 1,

    /// <summary>Open a file with read access.</summary>
    ReadFile = 1 << 2,

    /// <summary>Open a directory or list its content.</summary>
    ReadDir = 1 << 3,

    /// <summary>Remove an empty directory or rename one.</summary>
    RemoveDir = 1 << 4,

    /// <summary>Unlink or rename a file.</summary>
    RemoveFile = 1 << 5,

    /// <summary>Create, rename or link a character device.</summary>
    MakeChar = 1 << 6,

    /// <summary>Create or rename a directory.</summary>
    MakeDir = 1 << 7,

    /// <summary>Create, rename or link a regular file.</summary>
    MakeReg = 1 << 8,

    /// <summary>Create, rename or link a UNIX domain socket.</summary>
    MakeSock = 1 << 9,

    /// <summary>Create, rename or link a named pipe.</summary>
    MakeFifo = 1 << 10,

    /// <summary>Create, rename or link a block device.</summary>
    MakeBlock = 1 << 11,

    /// <summary>Create, rename or link a symbolic link.</summary>
    MakeSym = 1 << 12,

    /// <summary>
    /// Link or rename a file from or to another directory (ABI 2). Denied by every ruleset that handles any filesystem right.
    /// </summary>
    Refer = 1 << 13,

    /// <summary>Truncate a file (ABI 3).</summary>
    Truncate = 1 << 14,

    /// <summary>ioctl(2) on a character or block device opened later (ABI 5).</summary>
    IoctlDev = 1 << 15,

    /// <summary>Connect or send to a pathname UNIX socket made outside the domain (ABI 9).</summary>
    ResolveUnix = 1 << 16,
}
