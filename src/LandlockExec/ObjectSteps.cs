using Landlock.Sandboxes;

namespace LandlockExec;

/// <summary>
/// Opens what the plan found, and nothing that has come into its place since: a running sandbox may change names where it can write.
/// </summary>
internal static unsafe class ObjectSteps
{
    /// <summary>
    /// Opens an object as a mere reference; a descriptor, or -errno, or -<see cref="Native.Stale"/> if it is another one.
    /// </summary>
    public static long Open(PlanObject* target)
    {
        byte* rest;
        int overlay = OverlaySteps.Around(PlanReader.At(target->Path), &rest);
        return overlay < 0 ? OpenFound(target) : OverlaySteps.Open(target, overlay, rest);
    }

    /// <summary>Likewise, whatever covers it.</summary>
    public static long OpenFound(PlanObject* target)
    {
        byte* path = PlanReader.At(target->Path);
        bool links = (target->Flags & (uint)PlanObjectFlags.Links) != 0;
        long descriptor = Native.OpenObject(path, links);
        if (descriptor is -Native.NoSystemCall or -Native.NotPermitted)
            descriptor = links ? Native.OpenPath(path) : Walk(path);
        if (descriptor == -Native.Loop)
            return -Native.Stale;
        if (Native.Failed(descriptor))
            return descriptor;
        long result = Compare(descriptor, target);
        if (result == 0)
            return descriptor;
        Native.Close(descriptor);
        return result;
    }

    /// <summary>Whether a descriptor leads to the object: 0, or -errno, or -<see cref="Native.Stale"/>.</summary>
    public static long Compare(long descriptor, PlanObject* target)
    {
        FileStatus status;
        long result = Native.Stat(descriptor, &status);
        if (Native.Failed(result))
            return result;
        if ((target->Flags & (uint)PlanObjectFlags.Character) != 0)
            return FileStatus.IsCharacterDevice(status.Mode) && status.FileDeviceMajor == target->DeviceMajor
                && status.FileDeviceMinor == target->DeviceMinor ? 0 : -Native.Stale;
        if ((target->Flags & (uint)PlanObjectFlags.Kernel) != 0)
            return IsOfKind(descriptor, target->Inode) ? 0 : -Native.Stale;
        bool same = status.DeviceMajor == target->DeviceMajor && status.DeviceMinor == target->DeviceMinor
            && ((target->Flags & (uint)PlanObjectFlags.AnyInode) != 0 || status.Inode == target->Inode);
        return same ? 0 : -Native.Stale;
    }

    private static bool IsOfKind(long descriptor, ulong kind)
    {
        FileSystemStatus status;
        return !Native.Failed(Native.StatFileSystem(descriptor, &status)) && status.Type == kind;
    }

    // Where a filter around this process refuses openat2(2), as those of older containers do: one name after the other, and none a link.
    private static long Walk(byte* path)
    {
        long place = Native.OpenEntry(Native.WorkingDirectory, *path == '/' ? (byte*)"/\0"u8.Address : (byte*)".\0"u8.Address);
        byte* name = path;
        while (!Native.Failed(place))
        {
            while (*name == '/')
                name++;
            if (*name == 0)
                break;
            byte* end = name;
            while (*end != 0 && *end != '/')
                end++;
            byte behind = *end;
            *end = 0;
            long entry = Native.OpenEntry(place, name);
            *end = behind;
            Native.Close(place);
            place = entry;
            name = end;
            FileStatus status;
            if (!Native.Failed(place) && (Native.Failed(Native.Stat(place, &status)) || FileStatus.IsLink(status.Mode)))
            {
                Native.Close(place);
                place = -Native.Loop;
            }
        }

        return place;
    }
}
