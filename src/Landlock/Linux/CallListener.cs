using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>A system call that waits to be answered (struct seccomp_notif).</summary>
/// <param name="Id">Its number, by which it is answered.</param>
/// <param name="Thread">The thread that makes it, as numbered here.</param>
/// <param name="Number">The number of the call.</param>
/// <param name="Arguments">Its arguments.</param>
internal readonly record struct WaitingCall(ulong Id, int Thread, int Number, CallArguments Arguments);

/// <summary>
/// Answers system calls in the place of the kernel (seccomp_unotify(2)). A call that is answered is never made, so whatever its thread
/// does to its memory meanwhile does not matter. Descriptors can be given since Linux 5.14 in one step with the answer.
/// </summary>
/// <param name="handle">The listener of a filter.</param>
internal sealed unsafe partial class CallListener(SafeFileHandle handle) : IDisposable
{
    private const uint GetSizes = 3; // SECCOMP_GET_NOTIF_SIZES
    private const uint UserNotification = 0x7FC0_0000; // SECCOMP_RET_USER_NOTIF
    private const uint ActionAvailable = 2; // SECCOMP_GET_ACTION_AVAIL
    private const uint ContinueFlag = 1, SendFlag = 2; // SECCOMP_USER_NOTIF_FLAG_CONTINUE, SECCOMP_ADDFD_FLAG_SEND
    private const nuint ReceiveRequest = 0xC050_2100, AnswerRequest = 0xC018_2101, IsValidRequest = 0x4008_2102, AddRequest = 0x4018_2103,
        SetFlagsRequest = 0x4008_2104;

    private const nint SyncWakeUp = 1;

    // What the kernel writes may be longer than what is known of it here; the rest is not looked at.
    private readonly byte[] _room = new byte[RoomFor()];

    /// <summary>The descriptor, to wait for calls.</summary>
    public int Descriptor => (int)handle.DangerousGetHandle();

    /// <summary>Whether the kernel can let somebody else answer calls.</summary>
    public static bool IsAvailable()
    {
        uint action = UserNotification;
        return Syscalls.Seccomp(ActionAvailable, 0, &action) == 0;
    }

    /// <summary>
    /// Tells the kernel that whoever answers runs in turn with whoever asks (SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, Linux 6.6): they change on
    /// one processor, which is faster. Older kernels do as always.
    /// </summary>
    public void RunInTurn() => _ = Control(Descriptor, SetFlagsRequest, (void*)SyncWakeUp);

    /// <summary>Takes the next call; false if it was withdrawn meanwhile, or nobody is left who could make one.</summary>
    public bool TryTake(out WaitingCall call)
    {
        call = default;
        Array.Clear(_room);
        fixed (byte* room = _room)
        {
            if (Control(Descriptor, ReceiveRequest, room) != 0) return false;
            Notification* taken = (Notification*)room;
            call = new WaitingCall(taken->Id, (int)taken->Thread, taken->Number, taken->Arguments);
            return true;
        }
    }

    /// <summary>Answers a call with a value, or an error if there is one; false if it was withdrawn meanwhile.</summary>
    public bool Answer(in WaitingCall call, long value, int error)
    {
        Response response = new() { Id = call.Id, Value = error == 0 ? value : 0, Error = -error };
        return Control(Descriptor, AnswerRequest, &response) == 0;
    }

    /// <summary>Lets the kernel make a call after all, with whatever its memory holds by then.</summary>
    public void Continue(in WaitingCall call)
    {
        Response response = new() { Id = call.Id, Flags = ContinueFlag };
        _ = Control(Descriptor, AnswerRequest, &response);
    }

    /// <summary>
    /// Whether a call still waits. Only then is its thread's number its own: what was read by it before may be another's otherwise.
    /// </summary>
    public bool IsWaiting(in WaitingCall call)
    {
        ulong id = call.Id;
        return Control(Descriptor, IsValidRequest, &id) == 0;
    }

    /// <summary>Answers a call with a new descriptor for a file that is open here.</summary>
    /// <returns>The error; the call has then no answer yet, unless it was withdrawn (ENOENT).</returns>
    public Errno Give(in WaitingCall call, int descriptor, bool closeOnExec)
    {
        const uint closes = 0x8_0000; // O_CLOEXEC
        Addition addition = new() { Id = call.Id, Flags = SendFlag, Source = (uint)descriptor, NewFlags = closeOnExec ? closes : 0 };
        return Control(Descriptor, AddRequest, &addition) >= 0 ? Errno.None : Syscalls.LastError;
    }

    /// <summary>Closes the listener: calls that wait, and every one after, fail with ENOSYS.</summary>
    public void Dispose() => handle.Dispose();

    private static int RoomFor()
    {
        ushort* sizes = stackalloc ushort[3];
        int known = sizeof(Notification);
        return Syscalls.Seccomp(GetSizes, 0, sizes) == 0 ? Math.Max(known, sizes[0]) : known;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int descriptor, nuint request, void* argument);

#pragma warning disable CS0649 // The kernel assigns them.
    // struct seccomp_notif, with its struct seccomp_data.
    private struct Notification
    {
        public ulong Id;
        public uint Thread;
        public uint Flags;
        public int Number;
        public uint Architecture;
        public ulong Instruction;
        public CallArguments Arguments;
    }
#pragma warning restore CS0649

    private struct Response
    {
        public ulong Id;
        public long Value;
        public int Error;
        public uint Flags;
    }

    private struct Addition
    {
        public ulong Id;
        public uint Flags;
        public uint Source;
        public uint Target;
        public uint NewFlags;
    }
}
