namespace Landlock.Previews;

/// <summary>What applying a change does.</summary>
public enum PreviewChangeKind
{
    /// <summary>Something new.</summary>
    Added,

    /// <summary>Other content.</summary>
    Changed,

    /// <summary>It is gone.</summary>
    Removed,

    /// <summary>It has another name, or is in another directory.</summary>
    Moved,

    /// <summary>Permissions, owner or extended attributes.</summary>
    Mode,

    /// <summary>A symbolic link that leads elsewhere, or another name of a file (a hard link).</summary>
    Link,

    /// <summary>The time of the last change alone.</summary>
    Time,
}

/// <summary>How far a preview is.</summary>
public enum PreviewState
{
    /// <summary>The command runs.</summary>
    Running,

    /// <summary>The command has ended.</summary>
    Kept,

    /// <summary>
    /// The command was cut off: its supervisors were killed, or the machine went down. What it had changed by then is there.
    /// </summary>
    Interrupted,
}

/// <summary>What kind of entry of a directory something is.</summary>
public enum PreviewEntryKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>A device node.</summary>
    Device,

    /// <summary>A named pipe.</summary>
    Pipe,

    /// <summary>A UNIX socket.</summary>
    Socket,
}
