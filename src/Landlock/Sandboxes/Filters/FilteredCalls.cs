using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Landlock.Sandboxes.Filters;

/// <summary>The numbers of the calls that filters look at, for one of the architectures whose programs a kernel runs.</summary>
/// <param name="Audit">AUDIT_ARCH_* (linux/audit.h).</param>
internal sealed record FilteredCalls(uint Audit)
{
    private const uint X64 = 0xC000_003E, I386 = 0x4000_0003, Arm64 = 0xC000_00B7, Arm = 0x4000_0028;

    public required uint Socket { get; init; }

    public required uint SocketPair { get; init; }

    public required uint SendTo { get; init; }

    public required uint SendMessage { get; init; }

    public required uint SendMessages { get; init; }

    public required uint SetOption { get; init; }

    public required uint Ioctl { get; init; }

    public required uint AddKey { get; init; }

    public required uint RequestKey { get; init; }

    public required uint KeyControl { get; init; }

    public required uint Ptrace { get; init; }

    public required uint Seccomp { get; init; }

    /// <summary>prlimit64(2).</summary>
    public required uint SetLimits { get; init; }

    public required uint SetPriority { get; init; }

    public required uint SetIoPriority { get; init; }

    /// <summary>sched_setparam(2).</summary>
    public required uint SetSchedule { get; init; }

    /// <summary>sched_setscheduler(2).</summary>
    public required uint SetScheduler { get; init; }

    /// <summary>sched_setattr(2).</summary>
    public required uint SetScheduling { get; init; }

    public required uint SetAffinity { get; init; }

    public required uint CloneProcess { get; init; }

    public required uint Unshare { get; init; }

    /// <summary>setns(2).</summary>
    public required uint SetNamespace { get; init; }

    public required uint UserFault { get; init; }

    public required uint Bpf { get; init; }

    public required uint PerfEvent { get; init; }

    /// <summary>Every call of the queues, semaphores and shared memory of System V; ipc(2), too, whose numbers are arguments.</summary>
    public required ImmutableArray<uint> SystemVIpc { get; init; }

    /// <summary>connect(2) and the calls that follow: of a kernel's own programs only.</summary>
    public uint Connect { get; init; }

    public uint Bind { get; init; }

    public uint Listen { get; init; }

    public uint GetName { get; init; }

    public uint GetPeer { get; init; }

    public uint ReceiveFrom { get; init; }

    public uint ReceiveMessage { get; init; }

    /// <summary>socketcall(2), whose arguments lie in memory where no filter sees them; null = there is none.</summary>
    public uint? SocketCall { get; init; }

    /// <summary>Whether calls with __X32_SYSCALL_BIT exist.</summary>
    public bool HasX32 { get; init; }

    /// <summary>The numbers of a kernel's own programs first, then of the 32-bit ones that it also runs.</summary>
    /// <exception cref="PlatformNotSupportedException">The architecture is neither x64 nor arm64.</exception>
    public static ImmutableArray<FilteredCalls> Of(Architecture architecture) => architecture switch
    {
        Architecture.X64 =>
        [
            new(X64)
            {
                Socket = 41, SocketPair = 53, SendTo = 44, SendMessage = 46, SendMessages = 307, SetOption = 54, Ioctl = 16, AddKey = 248,
                RequestKey = 249, KeyControl = 250, Ptrace = 101, Seccomp = 317, HasX32 = true,
                SetLimits = 302, SetPriority = 141, SetIoPriority = 251, SetSchedule = 142, SetScheduler = 144, SetScheduling = 314,
                SetAffinity = 203,
                CloneProcess = 56, Unshare = 272, SetNamespace = 308, UserFault = 323, Bpf = 321, PerfEvent = 298,
                Connect = 42, Bind = 49, Listen = 50, GetName = 51, GetPeer = 52, ReceiveFrom = 45, ReceiveMessage = 47,
                SystemVIpc = [29, 30, 31, 64, 65, 66, 67, 68, 69, 70, 71, 220],
            },
            new(I386)
            {
                Socket = 359, SocketPair = 360, SendTo = 369, SendMessage = 370, SendMessages = 345, SetOption = 366, Ioctl = 54,
                AddKey = 286, RequestKey = 287, KeyControl = 288, Ptrace = 26, Seccomp = 354, SocketCall = 102,
                SetLimits = 340, SetPriority = 97, SetIoPriority = 289, SetSchedule = 154, SetScheduler = 156, SetScheduling = 351,
                SetAffinity = 241,
                CloneProcess = 120, Unshare = 310, SetNamespace = 346, UserFault = 374, Bpf = 357, PerfEvent = 336,
                SystemVIpc = [117, 393, 394, 395, 396, 397, 398, 399, 400, 401, 402, 420],
            },
        ],
        Architecture.Arm64 =>
        [
            new(Arm64)
            {
                Socket = 198, SocketPair = 199, SendTo = 206, SendMessage = 211, SendMessages = 269, SetOption = 208, Ioctl = 29,
                AddKey = 217, RequestKey = 218, KeyControl = 219, Ptrace = 117, Seccomp = 277,
                SetLimits = 261, SetPriority = 140, SetIoPriority = 30, SetSchedule = 118, SetScheduler = 119, SetScheduling = 274,
                SetAffinity = 122,
                CloneProcess = 220, Unshare = 97, SetNamespace = 268, UserFault = 282, Bpf = 280, PerfEvent = 241,
                Connect = 203, Bind = 200, Listen = 201, GetName = 204, GetPeer = 205, ReceiveFrom = 207, ReceiveMessage = 212,
                SystemVIpc = [186, 187, 188, 189, 190, 191, 192, 193, 194, 195, 196, 197],
            },
            new(Arm)
            {
                Socket = 281, SocketPair = 288, SendTo = 290, SendMessage = 296, SendMessages = 374, SetOption = 294, Ioctl = 54,
                AddKey = 309, RequestKey = 310, KeyControl = 311, Ptrace = 26, Seccomp = 383, SocketCall = 102,
                SetLimits = 369, SetPriority = 97, SetIoPriority = 314, SetSchedule = 154, SetScheduler = 156, SetScheduling = 380,
                SetAffinity = 241,
                CloneProcess = 120, Unshare = 337, SetNamespace = 375, UserFault = 388, Bpf = 386, PerfEvent = 364,
                SystemVIpc = [117, 298, 299, 300, 301, 302, 303, 304, 305, 306, 307, 308, 312, 420],
            },
        ],
        _ => throw new PlatformNotSupportedException($"There is no seccomp filter for {architecture}; LandlockPS runs on x64 and arm64."),
    };
}
