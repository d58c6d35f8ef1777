using System.Runtime.InteropServices;
using Landlock.Sandboxes;

namespace LandlockExec;

/// <summary>
/// Mounts the overlays of a preview, where only this process and what it starts sees them. What is beneath one is opened by way of the
/// directory that it covers first, and compared with the plan there: an overlay gives devices and inodes of its own.
/// </summary>
internal static unsafe class OverlaySteps
{
    private const ulong ReadOnly = 1;
    private const ulong NoExecute = 8;

    // Descriptors of the covered directories, in the order of the plan.
    private static int* covered;

    // Whether each could only be read before.
    private static int* readOnly;
    private static uint mounted;

    /// <summary>Enters the namespaces, where there is something to mount.</summary>
    public static void Enter()
    {
        PlanHeader* header = PlanReader.Header;
        if (header->OverlayCount == 0)
            return;
        Reporter.Begin(PlanStep.EnterNamespaces);
        uint user = Native.UserId();
        uint group = Native.GroupId();
        bool own = (header->Flags & (uint)PlanFlags.UserNamespace) != 0;
        Reporter.Check(Native.EnterNamespaces(own));
        if (own)
        {
            // An ordinary user may map a group only when nobody can leave groups any more (user_namespaces(7)).
            Line line;
            Text text = new(&line);
            text.Add("deny"u8);
            Write((byte*)"/proc/self/setgroups\0"u8.Address, &line, text.Length);
            WriteMap((byte*)"/proc/self/uid_map\0"u8.Address, user);
            WriteMap((byte*)"/proc/self/gid_map\0"u8.Address, group);
        }

        Reporter.Check(Native.KeepMounts());
    }

    /// <summary>Mounts the overlays of the plan, outer ones first.</summary>
    public static void Mount()
    {
        PlanHeader* header = PlanReader.Header;
        if (header->OverlayCount == 0)
            return;
        long memory = Native.MapAnonymous(header->OverlayCount * 2 * (ulong)sizeof(int));
        Reporter.Check(memory);
        covered = (int*)memory;
        readOnly = covered + header->OverlayCount;
        // Before the first is mounted: a directory beneath another one is out of sight then.
        for (uint i = 0; i < header->OverlayCount; i++)
        {
            Reporter.Begin(PlanStep.MountOverlay, 0, i);
            long lower = ObjectSteps.OpenFound(&PlanReader.Overlays[i].Lower);
            Reporter.Check(lower);
            covered[i] = (int)lower;
            FileSystemStatus below;
            Reporter.Check(Native.StatFileSystem(lower, &below));
            readOnly[i] = (int)(below.Flags & ReadOnly);
        }

        for (uint i = 0; i < header->OverlayCount; i++)
        {
            Reporter.Begin(PlanStep.MountOverlay, 0, i);
            Mount(PlanReader.Overlays + i, covered[i]);
            mounted = i + 1;
        }

        if (ScratchSteps.Directory != 0)
            ShowScratch();
        CloseTheRest();
    }

    // Landlock has no right for modes, owners, times and extended attributes: no mount that is not covered may be changed.
    private static void CloseTheRest()
    {
        Reporter.Begin(PlanStep.EnterNamespaces);
        Reporter.Check(Native.SetReadOnly((byte*)"/\0"u8.Address, readOnly: true, beneath: true));
        for (uint i = 0; i < mounted; i++)
        {
            Reporter.Begin(PlanStep.MountOverlay, 0, i);
            if (readOnly[i] == 0)
                Reporter.Check(Native.SetReadOnly(PlanReader.At(PlanReader.Overlays[i].Lower.Path), readOnly: false, beneath: false));
        }

        if (ScratchSteps.Directory != 0)
            Reporter.Check(Native.SetReadOnly(PlanReader.At(PlanReader.Header->ScratchPath), readOnly: false, beneath: false));
    }

    /// <summary>The overlay that a path is in, the innermost; -1 if it is in none.</summary>
    /// <param name="path">An absolute path without links.</param>
    /// <param name="rest">What is behind the directory: a relative path.</param>
    public static int Around(byte* path, byte** rest)
    {
        for (int i = (int)mounted - 1; i >= 0; i--)
        {
            byte* directory = PlanReader.At(PlanReader.Overlays[i].Lower.Path);
            byte* at = path;
            while (*directory != 0 && *directory == *at)
            {
                directory++;
                at++;
            }

            if (*directory != 0)
                continue;
            bool isRoot = directory[-1] == '/';
            if (*at != 0 && *at != '/' && !isRoot)
                continue;
            while (*at == '/')
                at++;
            *rest = *at == 0 ? (byte*)".\0"u8.Address : at;
            return i;
        }

        return -1;
    }

    /// <summary>
    /// Opens an object beneath an overlay as the command will find it, once it was compared with the plan below.
    /// </summary>
    public static long Open(PlanObject* target, int overlay, byte* rest)
    {
        bool links = (target->Flags & (uint)PlanObjectFlags.Links) != 0;
        bool isCovered = rest[0] == '.' && rest[1] == 0;
        long below = isCovered ? covered[overlay] : Native.OpenObject(covered[overlay], rest, links);
        if (below == -Native.Loop)
            return -Native.Stale;
        if (Native.Failed(below))
            return below;
        long result = ObjectSteps.Compare(below, target);
        long found = Native.Failed(result) ? result : Native.OpenObject(PlanReader.At(target->Path), links);
        if (isCovered)
            return found;
        if (!Native.Failed(found) && !IsSame(below, found))
        {
            Native.Close(found);
            found = -Native.Stale;
        }

        Native.Close(below);
        return found;
    }

    /// <summary>Whether a descriptor leads to the object, or to what an overlay shows of it: 0, or an error.</summary>
    public static long Compare(long descriptor, PlanObject* target)
    {
        long result = ObjectSteps.Compare(descriptor, target);
        if (result != -Native.Stale || mounted == 0)
            return result;
        Line link;
        Text text = new(&link);
        text.AddDescriptor(descriptor);
        text.End();
        const ulong longest = 4096;
        long memory = Native.MapAnonymous(longest);
        if (Native.Failed(memory))
            return memory;
        byte* path = (byte*)memory;
        long length = Native.ReadLink((byte*)&link, path, longest - 1);
        byte* rest = null;
        int overlay = Native.Failed(length) ? -1 : Around(path, &rest);
        if (overlay < 0)
            return result;
        long below = Native.OpenObject(covered[overlay], rest, links: false);
        if (Native.Failed(below))
            return -Native.Stale;
        result = ObjectSteps.Compare(below, target);
        Native.Close(below);
        return result;
    }

    private static void Mount(PlanOverlay* overlay, long lower)
    {
        long upper = ObjectSteps.OpenFound(&overlay->Upper);
        Reporter.Check(upper);
        // By its path: beneath another overlay the place to mount on is a directory of that.
        long place = Native.OpenObject(PlanReader.At(overlay->Lower.Path), links: false);
        Reporter.Check(place == -Native.Loop ? -Native.Stale : place);
        FileSystemStatus below;
        Reporter.Check(Native.StatFileSystem(lower, &below));
        Line target;
        Text where = new(&target);
        where.AddDescriptor(place);
        where.End();
        Line options;
        Text text = new(&options);
        if (overlay->Work.Path == 0)
        {
            text.AddDescriptor(upper);
            text.End();
            Reporter.Check(Native.Bind((byte*)&options, (byte*)&target));
            Native.Close(place);
            Native.Close(upper);
            return;
        }

        long work = ObjectSteps.OpenFound(&overlay->Work);
        Reporter.Check(work);
        text.Add("userxattr,lowerdir="u8);
        text.AddDescriptor(lower);
        text.Add(",upperdir="u8);
        text.AddDescriptor(upper);
        text.Add(",workdir="u8);
        text.AddDescriptor(work);
        text.End();
        Reporter.Check(Native.MountOverlay((byte*)&target, (byte*)&options, (long)(below.Flags & (ReadOnly | NoExecute))));
        Native.Close(place);
        Native.Close(work);
        Native.Close(upper);
    }

    // The directory for temporary files is no part of the preview: it stays where it was made, and may be written to.
    private static void ShowScratch()
    {
        byte* path = PlanReader.At(PlanReader.Header->ScratchPath);
        Line source;
        Text text = new(&source);
        text.AddDescriptor(ScratchSteps.Directory);
        text.End();
        Reporter.Check(Native.Bind((byte*)&source, path));
    }

    // What an overlay shows of something that nobody has changed has its mode, its time and, if it is no directory, its number.
    private static bool IsSame(long below, long above)
    {
        const uint directory = 0x4000;
        FileStatus first;
        FileStatus second;
        if (Native.Failed(Native.Stat(below, &first)) || Native.Failed(Native.Stat(above, &second)))
            return false;
        return first.Mode == second.Mode && first.User == second.User
            && first.Times.Modified == second.Times.Modified
            && first.Times.ModifiedNanoseconds == second.Times.ModifiedNanoseconds
            && ((first.Mode & 0xF000) == directory || ((uint)first.Inode == (uint)second.Inode && first.Size == second.Size));
    }

    private static void WriteMap(byte* path, uint number)
    {
        Line line;
        Text text = new(&line);
        text.Add(number);
        text.Add(" "u8);
        text.Add(number);
        text.Add(" 1"u8);
        Write(path, &line, text.Length);
    }

    private static void Write(byte* path, Line* line, uint length)
    {
        long file = Native.OpenWrite(path);
        Reporter.Check(file);
        Buffer buffer;
        buffer.Address = (byte*)line;
        buffer.Length = length;
        Reporter.Check(Native.WriteOnce(file, &buffer));
        Native.Close(file);
    }

    /// <summary>Room for a line; the longest names three descriptors.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 160)]
    private struct Line
    {
        public byte First;
    }

    /// <summary>Writes a line.</summary>
    private struct Text
    {
        private readonly byte* start;
        private byte* end;

        public Text(Line* line)
        {
            start = (byte*)line;
            end = start;
        }

        public uint Length => (uint)(end - start);

        public void Add(System.ReadOnlySpan<byte> text)
        {
            byte* from = (byte*)text.Address;
            for (int i = 0; i < text.Length; i++)
                *end++ = from[i];
        }

        public void Add(uint number)
        {
            uint scale = 1;
            while (number / scale >= 10)
                scale *= 10;
            for (; scale != 0; scale /= 10)
                *end++ = (byte)('0' + (number / scale % 10));
        }

        public void AddDescriptor(long descriptor)
        {
            Add("/proc/self/fd/"u8);
            Add((uint)descriptor);
        }

        public void End() => *end++ = 0;
    }
}
