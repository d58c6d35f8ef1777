namespace Landlock.Access;

/// <summary>How a file is opened (open(2), execve(2)). Nothing at all is O_PATH, which Landlock never checks.</summary>
[Flags]
public enum OpenModes
{
    /// <summary>As a mere reference (O_PATH).</summary>
    None = 0,

    /// <summary>To read, or to list a directory (O_RDONLY, O_RDWR).</summary>
    Read = 1 << 0,

    /// <summary>To write (O_WRONLY, O_RDWR).</summary>
    Write = 1 << 1,

    /// <summary>Cut to nothing if it is a regular file that exists (O_TRUNC).</summary>
    Truncate = 1 << 2,

    /// <summary>Made if it is missing (O_CREAT).</summary>
    Create = 1 << 3,

    /// <summary>To execute it; reading is part of it.</summary>
    Execute = 1 << 4,
}
