using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LandlockExec;

/// <summary>The system calls that landlock-exec makes. Every one returns its result, or -errno.</summary>
internal static unsafe class Native
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int NotDirectory = 20;
    public const int BrokenPipe = 32;
    public const int NoSystemCall = 38;
    public const int Loop = 40;

    /// <summary>What was found when the sandbox was planned is not there any more.</summary>
    public const int Stale = 116;

    /// <summary>AT_FDCWD.</summary>
    public const long WorkingDirectory = -100;

    public const int BadDescriptor = 9;

    private const long PathOnly = 0x200000;
    private const long CloseOnExec = 0x80000;

    // STATX_TYPE, MODE, UID, MTIME, CTIME, INO and SIZE.
    private const long WantedStatus = 0x1 | 0x2 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200;

    /// <summary>The kernel reserves the last page of numbers for errors; other large results (addresses) are good.</summary>
    public static bool Failed(long result) => (ulong)result > unchecked((ulong)-4096L);

    [RuntimeImport("*", "native_call")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long Call(long number, long a, long b, long c, long d, long e, long f);

    [RuntimeImport("*", "native_trap")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Trap();

    private static long Call(long number, long a = 0, long b = 0, long c = 0, long d = 0) => Call(number, a, b, c, d, 0, 0);

    /// <summary>Opens whatever is at a path as a mere reference (O_PATH), links followed.</summary>
    public static long OpenPath(byte* path)
    {
        long result;
        do
        {
            result = Call(SystemCall.OpenAt, WorkingDirectory, (long)path, PathOnly | CloseOnExec);
        }
        while (result == -Interrupted);
        return result;
    }

    /// <summary>Likewise, but no link that leads where no path does (openat2(2)), and unless they are wanted no other one.</summary>
    public static long OpenObject(byte* path, bool links) => OpenObject(WorkingDirectory, path, links);

    /// <summary>Likewise, beginning at a directory.</summary>
    public static long OpenObject(long directory, byte* path, bool links)
    {
        const ulong noMagicLinks = 2;
        const ulong noSymbolicLinks = 4;
        OpenHow how;
        how.Flags = PathOnly | CloseOnExec;
        how.Mode = 0;
        how.Resolve = links ? noMagicLinks : noMagicLinks | noSymbolicLinks;
        long result;
        do
        {
            result = Call(SystemCall.OpenAt2, directory, (long)path, (long)(&how), sizeof(OpenHow));
        }
        while (result == -Interrupted);
        return result;
    }

    /// <summary>Opens an entry of a directory as a mere reference; of a link, the link itself.</summary>
    public static long OpenEntry(long directory, byte* name)
    {
        long result;
        do
        {
            result = Call(SystemCall.OpenAt, directory, (long)name, PathOnly | CloseOnExec | SystemCall.NoFollow);
        }
        while (result == -Interrupted);
        return result;
    }

    public static long OpenRead(byte* path)
    {
        long result;
        do
        {
            result = Call(SystemCall.OpenAt, WorkingDirectory, (long)path, CloseOnExec);
        }
        while (result == -Interrupted);
        return result;
    }

    /// <summary>Opens a file that is there for writing.</summary>
    public static long OpenWrite(byte* path) => Call(SystemCall.OpenAt, WorkingDirectory, (long)path, CloseOnExec | 1);

    /// <summary>Where a link leads, without an end; at most <paramref name="size"/> bytes of it.</summary>
    public static long ReadLink(byte* path, byte* target, ulong size) =>
        Call(SystemCall.ReadLinkAt, WorkingDirectory, (long)path, (long)target, (long)size);

    /// <summary>Leaves the namespaces of the process that started this one.</summary>
    public static long EnterNamespaces(bool user)
    {
        const long mount = 0x20000;
        const long userAndMount = 0x10000000 | mount;
        return Call(SystemCall.Unshare, user ? userAndMount : mount);
    }

    /// <summary>Keeps what is mounted here from everybody else, and what others mount from this process.</summary>
    public static long KeepMounts()
    {
        const long recursivelyPrivate = 0x4000 | 0x40000;
        return Call(SystemCall.Mount, 0, (long)(byte*)"/\0"u8.Address, 0, recursivelyPrivate, 0, 0);
    }

    /// <summary>Mounts an overlay; programs with raised rights and device nodes have no effect in it.</summary>
    /// <param name="target">Where.</param>
    /// <param name="options">Its layers.</param>
    /// <param name="flags">More of MS_*.</param>
    public static long MountOverlay(byte* target, byte* options, long flags)
    {
        const long noRaisedRightsNoDevices = 2 | 4;
        byte* type = (byte*)"overlay\0"u8.Address;
        return Call(SystemCall.Mount, (long)type, (long)target, (long)type, flags | noRaisedRightsNoDevices, (long)options, 0);
    }

    /// <summary>Makes a mount read-only, or writable again (mount_setattr(2)).</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="readOnly">Which of the two.</param>
    /// <param name="beneath">Whether all mounts beneath it are meant as well.</param>
    public static long SetReadOnly(byte* path, bool readOnly, bool beneath)
    {
        const long recursive = 0x8000;
        const ulong readOnlyAttribute = 1;
        MountAttributes attributes = default;
        if (readOnly)
            attributes.Set = readOnlyAttribute;
        else
            attributes.Clear = readOnlyAttribute;
        return Call(SystemCall.MountSetAttributes, WorkingDirectory, (long)path, beneath ? recursive : 0, (long)(&attributes),
            sizeof(MountAttributes), 0);
    }

    /// <summary>Shows a file or directory at a second place.</summary>
    public static long Bind(byte* source, byte* target) => Call(SystemCall.Mount, (long)source, (long)target, 0, 0x1000, 0, 0);

    public static long StatFileSystem(long descriptor, FileSystemStatus* status) =>
        Call(SystemCall.StatFileSystem, descriptor, (long)status);

    public static long Read(long descriptor, byte* bytes, ulong count) => Call(SystemCall.Read, descriptor, (long)bytes, (long)count);

    public static long ReadAt(long descriptor, byte* bytes, ulong count, ulong offset) =>
        Call(SystemCall.ReadAt, descriptor, (long)bytes, (long)count, (long)offset);

    public static long MakePrivateDirectory(long directory, byte* name) => Call(SystemCall.MakeDirectoryAt, directory, (long)name, 0x1C0);

    public static long MakeLink(byte* target, long directory, byte* name) =>
        Call(SystemCall.MakeLinkAt, (long)target, directory, (long)name);

    public static uint GroupId() => (uint)Call(SystemCall.GetEffectiveGroupId);

    public static uint UserId() => (uint)Call(SystemCall.GetEffectiveUserId);

    public static bool IsTerminal(long descriptor)
    {
        const long getAttributes = 0x5401;
        FileStatus room;
        return !Failed(Call(SystemCall.IoControl, descriptor, getAttributes, (long)&room));
    }

    public static long Close(long descriptor) => Call(SystemCall.Close, descriptor);

    public static long Stat(long descriptor, FileStatus* status)
    {
        // No server is asked: which file it is does not change.
        const long emptyPathWithoutAsking = 0x1000 | 0x4000;
        byte empty = 0;
        return Call(SystemCall.StatX, descriptor, (long)(&empty), emptyPathWithoutAsking, WantedStatus, (long)status, 0);
    }

    /// <summary>Of whatever is at a path, links followed.</summary>
    public static long StatPath(byte* path, FileStatus* status) =>
        Call(SystemCall.StatX, WorkingDirectory, (long)path, 0, WantedStatus, (long)status, 0);

    public static long StatWorkingDirectory(FileStatus* status) => Stat(WorkingDirectory, status);

    public static long GetSeals(long descriptor) => Call(SystemCall.Fcntl, descriptor, 1034);

    public static long ClearCloseOnExec(long descriptor) => Call(SystemCall.Fcntl, descriptor, 2, 0);

    /// <summary>A copy of the file's own; writing to it changes nothing else.</summary>
    public static long MapPrivate(long descriptor, ulong size) => Call(SystemCall.MapMemory, 0, (long)size, 0x3, 0x2, descriptor, 0);

    public static long MapShared(long descriptor, ulong size) => Call(SystemCall.MapMemory, 0, (long)size, 0x3, 0x1, descriptor, 0);

    public static long MapAnonymous(ulong size) => Call(SystemCall.MapMemory, 0, (long)size, 0x3, 0x22, -1, 0);

    public static long CreateRuleset(byte* attribute, uint size) => Call(SystemCall.LandlockCreateRuleset, (long)attribute, size);

    /// <summary>The kernel's Landlock ABI.</summary>
    public static long LandlockAbi() => Call(SystemCall.LandlockCreateRuleset, 0, 0, 1);

    /// <summary>The errata that are fixed in it.</summary>
    public static long LandlockErrata() => Call(SystemCall.LandlockCreateRuleset, 0, 0, 2);

    public static long AddRule(long ruleset, long type, void* attribute, uint flags) =>
        Call(SystemCall.LandlockAddRule, ruleset, type, (long)attribute, flags);

    public static long RestrictSelf(long ruleset, uint flags) => Call(SystemCall.LandlockRestrictSelf, ruleset, flags);

    public static long ChangeDirectory(long descriptor)
    {
        long result;
        do
        {
            result = Call(SystemCall.ChangeDirectory, descriptor);
        }
        while (result == -Interrupted);
        return result;
    }

    /// <summary>Soft and hard limit lie next to each other in the plan, as in struct rlimit64.</summary>
    public static long SetLimit(ulong resource, ulong* softAndHard) => Call(SystemCall.ProcessLimit, 0, (long)resource, (long)softAndHard);

    public static long SetSignalAction(long signal, SignalAction* action) => Call(SystemCall.SignalAction, signal, (long)action, 0, 8);

    /// <param name="how">0 blocks, 2 sets exactly.</param>
    /// <param name="signals">Bit n-1 is signal n.</param>
    public static long SetSignalMask(long how, ulong signals) => Call(SystemCall.SignalMask, how, (long)(&signals), 0, 8);

    /// <summary>The signals that are blocked, of which some are blocked from now on.</summary>
    public static long BlockSignals(ulong signals, ulong* before) =>
        Call(SystemCall.SignalMask, 0, (long)(&signals), (long)before, 8);

    public static long CloseOnExecRange(ulong first, ulong last) => Call(SystemCall.CloseRange, (long)first, (long)last, 4);

    public static long SetThreadName(byte* name) => Call(SystemCall.Prctl, 15, (long)name);

    public static long SetNoNewPrivileges() => Call(SystemCall.Prctl, 38, 1);

    /// <param name="signal">Sent when the thread that started this process ends; 0 for none.</param>
    public static long SetParentDeathSignal(int signal) => Call(SystemCall.Prctl, 1, signal);

    public static long ParentId() => Call(SystemCall.GetParentId);

    public static long AdoptOrphans() => Call(SystemCall.Prctl, 36, 1);

    public static long BeginGroup() => Call(SystemCall.SetGroupId, 0, 0);

    public static long Duplicate(long from, long to) => Call(SystemCall.Duplicate, from, to, 0);

    /// <param name="program">The filter.</param>
    /// <param name="listens">Whether the result is a descriptor of who answers for it, which execve closes.</param>
    public static long InstallFilter(FilterProgram* program, bool listens) =>
        Call(SystemCall.Seccomp, 1, listens ? 8 : 0, (long)program);

    public static long Execute(byte* program, byte** arguments, byte** environment) =>
        Call(SystemCall.Execute, (long)program, (long)arguments, (long)environment);

    public static long SignalSelf(int signal) => Call(SystemCall.Kill, ProcessId(), signal);

    public static uint ProcessId() => (uint)Call(SystemCall.GetProcessId);

    public static void Write(int descriptor, Buffer* buffers, int count)
    {
        while (Call(SystemCall.WriteVector, descriptor, (long)buffers, count) == -Interrupted)
        {
        }
    }

    public static long WriteOnce(long descriptor, Buffer* buffer) => Call(SystemCall.WriteVector, descriptor, (long)buffer, 1);

    /// <summary>Does not return, not even where a filter of the plan denies the exit: then only a trap is left.</summary>
    public static void Exit(int code)
    {
        Call(SystemCall.ExitGroup, code);
        Trap();
    }
}

/// <summary>struct statx.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct FileStatus
{
    public uint Mask;
    public uint BlockSize;
    public ulong Attributes;
    public uint Links;
    public uint User;
    public uint Group;
    public ushort Mode;
    public ulong Inode;
    public ulong Size;
    public ulong Blocks;
    public ulong AttributesMask;
    public Times Times;
    public uint FileDeviceMajor;
    public uint FileDeviceMinor;
    public uint DeviceMajor;
    public uint DeviceMinor;

    public static bool IsLink(ushort mode) => (mode & 0xF000) == 0xA000;

    public static bool IsCharacterDevice(ushort mode) => (mode & 0xF000) == 0x2000;

    /// <summary>Whether its group or everybody may write to it.</summary>
    public static bool IsWritableByOthers(ushort mode) => (mode & 0x12) != 0;

    /// <summary>A directory that nobody but its owner may use; other bits that come from the directory around it do not matter.</summary>
    public static bool IsPrivateDirectory(ushort mode) => (mode & 0xF1FF) == 0x41C0;
}

/// <summary>The four struct statx_timestamp.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct Times
{
    public ulong Accessed;
    public ulong AccessedNanoseconds;
    public ulong Born;
    public ulong BornNanoseconds;
    public ulong Changed;
    public uint ChangedNanoseconds;
    public uint Reserved;
    public ulong Modified;
    public uint ModifiedNanoseconds;
}

/// <summary>struct mount_attr.</summary>
internal struct MountAttributes
{
    public ulong Set;
    public ulong Clear;
    public ulong Propagation;
    public ulong UserNamespace;
}

/// <summary>struct statfs.</summary>
[StructLayout(LayoutKind.Sequential, Size = 120)]
internal struct FileSystemStatus
{
    public ulong Type;
    public ulong BlockSize;
    public ulong Blocks;
    public ulong FreeBlocks;
    public ulong AvailableBlocks;
    public ulong Files;
    public ulong FreeFiles;
    public ulong Identifier;
    public ulong NameLength;
    public ulong FragmentSize;
    public ulong Flags;
}


/// <summary>struct open_how.</summary>
internal struct OpenHow
{
    public ulong Flags;
    public ulong Mode;
    public ulong Resolve;
}

/// <summary>struct landlock_path_beneath_attr: 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct PathBeneath
{
    public ulong Access;
    public int Parent;
}

/// <summary>struct landlock_net_port_attr.</summary>
internal struct NetPort
{
    public ulong Access;
    public ulong Port;
}

/// <summary>The kernel's struct sigaction; a handler of 0 is the default, 1 ignores.</summary>
internal struct SignalAction
{
    public ulong Handler;
    public ulong Flags;
    public ulong Restorer;
    public ulong Mask;
}

/// <summary>struct sock_fprog.</summary>
internal unsafe struct FilterProgram
{
    public ushort Count;
    public byte* Instructions;
}

/// <summary>struct iovec.</summary>
internal unsafe struct Buffer
{
    public byte* Address;
    public ulong Length;
}
