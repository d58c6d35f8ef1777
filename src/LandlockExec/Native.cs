using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Landlock.Launching;

/// <summary>The system calls that landlock-exec makes. Every one returns its result, or -errno.</summary>
internal static unsafe class Native
{
    public const int Interrupted = 4;
    public const int NoEntry = 2;
    public const int NotDirectory = 20;
    public const int Invalid = 22;
    public const int Loop = 40;

    /// <summary>The kernel reserves the last page of numbers for errors; other large results (addresses) are good.</summary>
    public static bool Failed(long result) => (ulong)result > unchecked((ulong)-4096L);

    [RuntimeImport("*", "native_call")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long Call(long number, long a, long b, long c, long d, long e, long f);

    [RuntimeImport("*", "native_trap")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Trap();

    private static long Call(long number, long a = 0, long b = 0, long c = 0, long d = 0) => Call(number, a, b, c, d, 0, 0);

    public static long OpenPath(byte* path, bool noLinks)
    {
        const long atWorkingDirectory = -100;
        const ulong pathOnlyCloseOnExec = 0x200000 | 0x80000;
        const ulong noSymbolicLinks = 4;
        OpenHow how;
        how.Flags = pathOnlyCloseOnExec;
        how.Mode = 0;
        how.Resolve = noSymbolicLinks;
        long result;
        do
        {
            result = noLinks ? Call(SystemCall.OpenAt2, atWorkingDirectory, (long)path, (long)(&how), sizeof(OpenHow))
                : Call(SystemCall.OpenAt, atWorkingDirectory, (long)path, (long)pathOnlyCloseOnExec);
        }
        while (result == -Interrupted);
        return result;
    }

    public static long OpenRead(byte* path)
    {
        const long atWorkingDirectory = -100;
        const long closeOnExec = 0x80000;
        long result;
        do
        {
            result = Call(SystemCall.OpenAt, atWorkingDirectory, (long)path, closeOnExec);
        }
        while (result == -Interrupted);
        return result;
    }

    public static long Read(long descriptor, byte* bytes, ulong count) => Call(SystemCall.Read, descriptor, (long)bytes, (long)count);

    public static long MakePrivateDirectory(byte* path) => Call(SystemCall.MakeDirectoryAt, -100, (long)path, 0x1C0);

    public static bool IsTerminal(long descriptor)
    {
        const long getAttributes = 0x5401;
        FileStatus room;
        return !Failed(Call(SystemCall.IoControl, descriptor, getAttributes, (long)&room));
    }

    public static long Close(long descriptor) => Call(SystemCall.Close, descriptor);

    public static long Stat(long descriptor, FileStatus* status)
    {
        const long emptyPath = 0x1000;
        const long typeInodeAndSize = 0x1 | 0x100 | 0x200;
        byte empty = 0;
        return Call(SystemCall.StatX, descriptor, (long)(&empty), emptyPath, typeInodeAndSize, (long)status, 0);
    }

    public static long StatWorkingDirectory(FileStatus* status) => Stat(-100, status);

    public static long GetSeals(long descriptor) => Call(SystemCall.Fcntl, descriptor, 1034);

    public static long ClearCloseOnExec(long descriptor) => Call(SystemCall.Fcntl, descriptor, 2, 0);

    /// <summary>A copy of the file's own; writing to it changes nothing else.</summary>
    public static long MapPrivate(long descriptor, ulong size) => Call(SystemCall.MapMemory, 0, (long)size, 0x3, 0x2, descriptor, 0);

    public static long MapShared(long descriptor, ulong size) => Call(SystemCall.MapMemory, 0, (long)size, 0x3, 0x1, descriptor, 0);

    public static long MapAnonymous(ulong size) => Call(SystemCall.MapMemory, 0, (long)size, 0x3, 0x22, -1, 0);

    public static long CreateRuleset(byte* attribute, uint size) => Call(SystemCall.LandlockCreateRuleset, (long)attribute, size);

    public static long AddRule(long ruleset, long type, void* attribute, uint flags) =>
        Call(SystemCall.LandlockAddRule, ruleset, type, (long)attribute, flags);

    public static long RestrictSelf(long ruleset, uint flags) => Call(SystemCall.LandlockRestrictSelf, ruleset, flags);

    public static long ChangeDirectory(byte* path)
    {
        long result;
        do
        {
            result = Call(SystemCall.ChangeDirectory, (long)path);
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

    public static long CloseOnExecRange(ulong first, ulong last) => Call(SystemCall.CloseRange, (long)first, (long)last, 4);

    public static long SetThreadName(byte* name) => Call(SystemCall.Prctl, 15, (long)name);

    public static long SetNoNewPrivileges() => Call(SystemCall.Prctl, 38, 1);

    /// <param name="signal">Sent when the thread that started this process ends; 0 for none.</param>
    public static long SetParentDeathSignal(int signal) => Call(SystemCall.Prctl, 1, signal);

    public static long ParentId() => Call(SystemCall.GetParentId);

    public static long AdoptOrphans() => Call(SystemCall.Prctl, 36, 1);

    public static long BeginGroup() => Call(SystemCall.SetGroupId, 0, 0);

    public static long Duplicate(long from, long to) => Call(SystemCall.Duplicate, from, to, 0);

    public static long InstallFilter(FilterProgram* program) => Call(SystemCall.Seccomp, 1, 0, (long)program);

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

    public static bool IsDirectory(ushort mode) => (mode & 0xF000) == 0x4000;
}

/// <summary>The four struct statx_timestamp.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct Times
{
    public ulong First;
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
