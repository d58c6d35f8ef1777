using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Landlock.Sandboxes.Filters;

/// <summary>The system calls that a trace looks at, under one name for all architectures.</summary>
internal enum TracedCall
{
#pragma warning disable CS1591 // Their manual pages say what they do.
    Open,
    Create,
    OpenAt,
    OpenAt2,
    OpenByHandle,
    Execute,
    ExecuteAt,
    Unlink,
    UnlinkAt,
    RemoveDirectory,
    Rename,
    RenameAt,
    RenameAt2,
    Link,
    LinkAt,
    SymbolicLink,
    SymbolicLinkAt,
    MakeDirectory,
    MakeDirectoryAt,
    MakeNode,
    MakeNodeAt,
    Truncate,
    TruncateOpen,
    Ioctl,
    Connect,
    Bind,
    SendTo,
    SendMessage,
    SendMessages,
    ChangeRoot,
    PivotRoot,
    Mount,
    Unmount,
    MoveMount,
    EnterNamespace,
    SetUpRing,
    Signal,
    SignalThread,
    SignalGroupThread,
    SignalByHandle,
    ReadMemory,
    WriteMemory,
    TakeDescriptor,
    Compare,
    CloneProcess,
    Socket,
    SocketCall,
    LongTruncate,
    LongTruncateOpen,
    OldUnmount,
#pragma warning restore CS1591
}

/// <summary>One architecture's numbers of the traced calls.</summary>
/// <param name="AuditArchitecture">AUDIT_ARCH_* (linux/audit.h), by which a filter tells the table that a number belongs to.</param>
/// <param name="DirectoryFlag">O_DIRECTORY of open(2), which is not the same everywhere.</param>
/// <param name="NoFollowFlag">O_NOFOLLOW.</param>
/// <param name="Numbers">Number of each call that exists there.</param>
internal sealed record CallTable(uint AuditArchitecture, ulong DirectoryFlag, ulong NoFollowFlag,
    IReadOnlyDictionary<TracedCall, uint> Numbers)
{
    private readonly Dictionary<ulong, TracedCall> _calls = Numbers.ToDictionary(pair => (ulong)pair.Value, pair => pair.Key);

    /// <summary>x86-64 (arch/x86/entry/syscalls/syscall_64.tbl).</summary>
    public static CallTable X64 { get; } = new(0xC000_003E, 0x1_0000, 0x2_0000, new Dictionary<TracedCall, uint>
    {
        [TracedCall.Open] = 2, [TracedCall.Create] = 85, [TracedCall.OpenAt] = 257, [TracedCall.OpenAt2] = 437,
        [TracedCall.OpenByHandle] = 304,
        [TracedCall.Execute] = 59, [TracedCall.ExecuteAt] = 322,
        [TracedCall.Unlink] = 87, [TracedCall.UnlinkAt] = 263, [TracedCall.RemoveDirectory] = 84,
        [TracedCall.Rename] = 82, [TracedCall.RenameAt] = 264, [TracedCall.RenameAt2] = 316,
        [TracedCall.Link] = 86, [TracedCall.LinkAt] = 265, [TracedCall.SymbolicLink] = 88, [TracedCall.SymbolicLinkAt] = 266,
        [TracedCall.MakeDirectory] = 83, [TracedCall.MakeDirectoryAt] = 258, [TracedCall.MakeNode] = 133, [TracedCall.MakeNodeAt] = 259,
        [TracedCall.Truncate] = 76, [TracedCall.TruncateOpen] = 77, [TracedCall.Ioctl] = 16,
        [TracedCall.Connect] = 42, [TracedCall.Bind] = 49, [TracedCall.SendTo] = 44, [TracedCall.SendMessage] = 46,
        [TracedCall.SendMessages] = 307,
        [TracedCall.ChangeRoot] = 161, [TracedCall.PivotRoot] = 155, [TracedCall.Mount] = 165, [TracedCall.Unmount] = 166,
        [TracedCall.MoveMount] = 429,
        [TracedCall.EnterNamespace] = 308, [TracedCall.SetUpRing] = 425,
        [TracedCall.Signal] = 62, [TracedCall.SignalThread] = 200, [TracedCall.SignalGroupThread] = 234, [TracedCall.SignalByHandle] = 424,
        [TracedCall.ReadMemory] = 310, [TracedCall.WriteMemory] = 311, [TracedCall.TakeDescriptor] = 438, [TracedCall.Compare] = 312,
        [TracedCall.CloneProcess] = 56, [TracedCall.Socket] = 41,
    });

    /// <summary>arm64 (include/uapi/asm-generic/unistd.h).</summary>
    public static CallTable Arm64 { get; } = new(0xC000_00B7, 0x4000, 0x8000, new Dictionary<TracedCall, uint>
    {
        [TracedCall.OpenAt] = 56, [TracedCall.OpenAt2] = 437, [TracedCall.OpenByHandle] = 265,
        [TracedCall.Execute] = 221, [TracedCall.ExecuteAt] = 281, [TracedCall.UnlinkAt] = 35,
        [TracedCall.RenameAt] = 38, [TracedCall.RenameAt2] = 276, [TracedCall.LinkAt] = 37, [TracedCall.SymbolicLinkAt] = 36,
        [TracedCall.MakeDirectoryAt] = 34, [TracedCall.MakeNodeAt] = 33,
        [TracedCall.Truncate] = 45, [TracedCall.TruncateOpen] = 46, [TracedCall.Ioctl] = 29,
        [TracedCall.Connect] = 203, [TracedCall.Bind] = 200, [TracedCall.SendTo] = 206, [TracedCall.SendMessage] = 211,
        [TracedCall.SendMessages] = 269,
        [TracedCall.ChangeRoot] = 51, [TracedCall.PivotRoot] = 41, [TracedCall.Mount] = 40, [TracedCall.Unmount] = 39,
        [TracedCall.MoveMount] = 429,
        [TracedCall.EnterNamespace] = 268, [TracedCall.SetUpRing] = 425,
        [TracedCall.Signal] = 129, [TracedCall.SignalThread] = 130, [TracedCall.SignalGroupThread] = 131, [TracedCall.SignalByHandle] = 424,
        [TracedCall.ReadMemory] = 270, [TracedCall.WriteMemory] = 271, [TracedCall.TakeDescriptor] = 438, [TracedCall.Compare] = 272,
        [TracedCall.CloneProcess] = 220, [TracedCall.Socket] = 198,
    });

    /// <summary>32-bit programs of x86 (arch/x86/entry/syscalls/syscall_32.tbl).</summary>
    public static CallTable I386 { get; } = new(0x4000_0003, 0x1_0000, 0x2_0000, new Dictionary<TracedCall, uint>
    {
        [TracedCall.Open] = 5, [TracedCall.Create] = 8, [TracedCall.OpenAt] = 295, [TracedCall.OpenAt2] = 437,
        [TracedCall.OpenByHandle] = 342,
        [TracedCall.Execute] = 11, [TracedCall.ExecuteAt] = 358,
        [TracedCall.Unlink] = 10, [TracedCall.UnlinkAt] = 301, [TracedCall.RemoveDirectory] = 40,
        [TracedCall.Rename] = 38, [TracedCall.RenameAt] = 302, [TracedCall.RenameAt2] = 353,
        [TracedCall.Link] = 9, [TracedCall.LinkAt] = 303, [TracedCall.SymbolicLink] = 83, [TracedCall.SymbolicLinkAt] = 304,
        [TracedCall.MakeDirectory] = 39, [TracedCall.MakeDirectoryAt] = 296, [TracedCall.MakeNode] = 14, [TracedCall.MakeNodeAt] = 297,
        [TracedCall.Truncate] = 92, [TracedCall.LongTruncate] = 193, [TracedCall.TruncateOpen] = 93, [TracedCall.LongTruncateOpen] = 194,
        [TracedCall.Ioctl] = 54,
        [TracedCall.Connect] = 362, [TracedCall.Bind] = 361, [TracedCall.SendTo] = 369, [TracedCall.SendMessage] = 370,
        [TracedCall.SendMessages] = 345, [TracedCall.SocketCall] = 102,
        [TracedCall.ChangeRoot] = 61, [TracedCall.PivotRoot] = 217, [TracedCall.Mount] = 21, [TracedCall.Unmount] = 52,
        [TracedCall.OldUnmount] = 22, [TracedCall.MoveMount] = 429,
        [TracedCall.EnterNamespace] = 346, [TracedCall.SetUpRing] = 425,
        [TracedCall.Signal] = 37, [TracedCall.SignalThread] = 238, [TracedCall.SignalGroupThread] = 270, [TracedCall.SignalByHandle] = 424,
        [TracedCall.ReadMemory] = 347, [TracedCall.WriteMemory] = 348, [TracedCall.TakeDescriptor] = 438, [TracedCall.Compare] = 349,
        [TracedCall.CloneProcess] = 120, [TracedCall.Socket] = 359,
    })
    { IsNarrow = true };

    /// <summary>Whether its programs have pointers of 32 bits.</summary>
    public bool IsNarrow { get; private init; }

    /// <summary>The tables of what a kernel runs and a trace sees, the kernel's own first. 32-bit programs of arm64 are not seen.</summary>
    public static ImmutableArray<CallTable> Of(Architecture architecture) => architecture == Architecture.Arm64 ? [Arm64] : [X64, I386];

    /// <summary>The call with a number; null if it is not traced.</summary>
    public TracedCall? Find(ulong number) => _calls.TryGetValue(number, out TracedCall call) ? call : null;
}
