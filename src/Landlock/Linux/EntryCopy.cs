using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>Copies entries with all that belongs to them: owner, permissions, times, extended attributes and access lists.</summary>
internal static class EntryCopy
{
    /// <summary>What overlayfs notes about an entry, for itself, begins with this (mount option userxattr).</summary>
    public const string OverlayAttribute = "user.overlay.";

    /// <summary>Copies a regular file to a name that is not there yet.</summary>
    public static Errno File(DirectoryHandle from, string name, EntryDetails details, DirectoryHandle to, string newName)
    {
        using SafeFileHandle? source = from.OpenFile(name);
        if (source is null) return Errno.EACCES;
        using SafeFileHandle? target = to.CreateFile(newName, out Errno error);
        if (target is null) return error;
        error = DirectoryHandle.Copy(source, target);
        if (error == Errno.None) error = Attributes(from, name, details, to, newName);
        if (error != Errno.None) _ = to.RemoveEntry(newName, isDirectory: false);
        return error;
    }

    /// <summary>Copies what is no directory to a name that is not there yet.</summary>
    public static Errno Any(DirectoryHandle from, string name, EntryDetails details, DirectoryHandle to, string newName)
    {
        if (details.Kind == EntryKind.File) return File(from, name, details, to, newName);
        Errno error = details.Kind == EntryKind.SymbolicLink
            ? from.ReadLinkInside(name) is { } target ? to.MakeLink(newName, target) : Errno.ENOENT
            : to.MakeNode(newName, details.Mode, details.DeviceNumber);
        if (error == Errno.None) error = Attributes(from, name, details, to, newName);
        return error;
    }

    /// <summary>
    /// Gives an entry the owner, the permissions, the extended attributes and the time of another. What belongs to another user than its
    /// maker can only be given by root, and what belongs to somebody without a number in this user namespace (EINVAL) by nobody here: then
    /// it stays with the maker.
    /// </summary>
    public static Errno Attributes(DirectoryHandle from, string name, EntryDetails details, DirectoryHandle to, string newName)
    {
        EntryDetails? now = to.Details(newName, out Errno error);
        if (now is null) return error;
        if ((now.Value.Owner, now.Value.Group) != (details.Owner, details.Group)
            && to.SetOwnerOf(newName, details.Owner, details.Group) is not (Errno.None or Errno.EPERM or Errno.EINVAL)
                and var refused)
        {
            return refused;
        }

        string[] wanted = [.. from.Attributes(name).Where(IsData)];
        foreach (string attribute in to.Attributes(newName).Where(IsData).Except(wanted, StringComparer.Ordinal))
            _ = to.RemoveAttribute(newName, attribute);
        foreach (string attribute in wanted)
        {
            if (from.Attribute(name, attribute) is { } value
                && to.SetAttribute(newName, attribute, value) is not (Errno.None or Errno.EPERM or Errno.EOPNOTSUPP) and var unset)
            {
                return unset;
            }
        }

        error = details.Kind == EntryKind.SymbolicLink ? Errno.None : to.SetModeOf(newName, details.Permissions);
        return error != Errno.None ? error : to.SetModified(newName, details.Modified);
    }

    /// <summary>Whether an attribute means something to an overlay: to that of a preview, or to one that root mounts.</summary>
    public static bool IsOfOverlay(string attribute) => attribute.StartsWith(OverlayAttribute, StringComparison.Ordinal)
        || attribute.StartsWith("trusted.overlay.", StringComparison.Ordinal);

    /// <summary>Whether an attribute belongs to the file, and not to the overlay, or to the system's own labels.</summary>
    public static bool IsData(string attribute) => !IsOfOverlay(attribute)
        && (attribute.StartsWith("user.", StringComparison.Ordinal) || attribute.StartsWith("system.posix_acl", StringComparison.Ordinal)
            || attribute == "security.capability");
}
