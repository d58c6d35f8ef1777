using System.Runtime.InteropServices;

namespace Landlock.Tests.Exec;

/// <summary>Small seccomp filters: one system call fails, the others work.</summary>
internal static class Filter
{
    private static readonly bool Arm = RuntimeInformation.OSArchitecture == Architecture.Arm64;

    public static uint Prctl => Arm ? 167u : 157u;

    public static uint SignalAction => Arm ? 134u : 13u;

    public static uint SignalMask => Arm ? 135u : 14u;

    public static uint StatX => Arm ? 291u : 332u;

    public static uint CloseRange => 436;

    public static uint OpenAt2 => 437;

    public static uint CreateRuleset => 444;

    public static uint UnameCall => Arm ? 160u : 63u;

    public static ulong[] Allow => [Instruction(0x06, 0x7FFF_0000)];

    public static ulong[] Deny(uint systemCall, uint error) =>
        [Instruction(0x20, 0), Instruction(0x15, systemCall, 0, 1), Instruction(0x06, 0x0005_0000 | error), .. Allow];

    /// <summary>Denies the system call if its first argument is above a number.</summary>
    public static ulong[] DenyAbove(uint systemCall, uint value, uint error) => When(systemCall, 0x25, value, 0x0005_0000 | error);

    /// <summary>Denies the system call if its first argument is a number.</summary>
    public static ulong[] DenyEqual(uint systemCall, uint value, uint error) => When(systemCall, 0x15, value, 0x0005_0000 | error);

    /// <summary>Kills at the system call if its first argument is a number.</summary>
    public static ulong[] KillEqual(uint systemCall, uint value) => When(systemCall, 0x15, value, 0x8000_0000);

    public static ulong Instruction(ushort code, uint value, byte jumpTrue = 0, byte jumpFalse = 0) =>
        code | ((ulong)jumpTrue << 16) | ((ulong)jumpFalse << 24) | ((ulong)value << 32);

    private static ulong[] When(uint systemCall, ushort jump, uint value, uint result) =>
    [
        Instruction(0x20, 0),
        Instruction(0x15, systemCall, 0, 3),
        Instruction(0x20, 16),
        Instruction(jump, value, 0, 1),
        Instruction(0x06, result),
        .. Allow,
    ];
}
