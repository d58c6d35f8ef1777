using System.Collections.Immutable;

namespace Landlock.Tracing;

/// <summary>
/// The seccomp filter of a traced command: the calls that matter stop for the tracer, every other one runs as always. What can be told from
/// the numbers alone is not even stopped: a mere reference (O_PATH), an ioctl that Landlock never denies, data sent without an address.
/// </summary>
internal static class TraceFilter
{
    private const ushort LoadWord = 0x20, JumpIfEqual = 0x15, JumpIfBits = 0x45, Return = 0x06;
    private const uint Allow = 0x7FFF_0000, Trace = 0x7FF0_0000;
    private const uint NumberAt = 0, ArchitectureAt = 4, ArgumentsAt = 16;
    private const uint PathOnly = 0x20_0000; // O_PATH

    // security/landlock/fs.c, is_masked_device_ioctl: commands that the VFS answers by itself.
    private static readonly uint[] HarmlessCommands =
    [
        0x5451, 0x5450, 0x5421, 0x5452, 0x5460, // FIOCLEX FIONCLEX FIONBIO FIOASYNC FIOQSIZE
        0xC004_5877, 0xC004_5878, 0xC020_660B, 2, // FIFREEZE FITHAW FS_IOC_FIEMAP FIGETBSZ
        0x4004_9409, 0x4020_940D, 0xC018_9436, // FICLONE FICLONERANGE FIDEDUPERANGE
        0x8011_1500, 0x8081_1501, // FS_IOC_GETFSUUID FS_IOC_GETFSSYSFSPATH
    ];

    /// <summary>The instructions (struct sock_filter, as one number each) for an architecture.</summary>
    public static ImmutableArray<ulong> For(CallTable table)
    {
        Block[] special =
        [
            new(TracedCall.Open, [Load(1), Instruction(JumpIfBits, PathOnly, 0, 1), End(Allow), End(Trace)]),
            new(TracedCall.OpenAt, [Load(2), Instruction(JumpIfBits, PathOnly, 0, 1), End(Allow), End(Trace)]),
            new(TracedCall.SendTo, [Load(4), Instruction(JumpIfEqual, 0, 0, 3), LoadHigh(4), Instruction(JumpIfEqual, 0, 0, 1), End(Allow), End(Trace)]),
            new(TracedCall.Ioctl, [Load(1), .. HarmlessCommands.Select((command, i) => Instruction(JumpIfEqual, command, (byte)(HarmlessCommands.Length - i), 0)), End(Trace), End(Allow)]),
        ];
        List<ulong> program =
        [
            Instruction(LoadWord, ArchitectureAt),
            Instruction(JumpIfEqual, table.AuditArchitecture, 1, 0),
            End(Allow),
            Instruction(LoadWord, NumberAt),
        ];

        foreach (Block block in special)
        {
            if (!table.Numbers.TryGetValue(block.Call, out uint number)) continue;
            program.Add(Instruction(JumpIfEqual, number, 0, (byte)block.Instructions.Length));
            program.AddRange(block.Instructions);
        }

        uint[] plain = [.. table.Numbers.Where(pair => special.All(block => block.Call != pair.Key)).Select(pair => pair.Value).Order()];
        for (int i = 0; i < plain.Length; i++) program.Add(Instruction(JumpIfEqual, plain[i], (byte)(plain.Length - i), 0));
        program.Add(End(Allow));
        program.Add(End(Trace));
        return [.. program];
    }

    private static ulong Instruction(ushort code, uint value, byte jumpTrue = 0, byte jumpFalse = 0) =>
        code | ((ulong)jumpTrue << 16) | ((ulong)jumpFalse << 24) | ((ulong)value << 32);

    private static ulong Load(int argument) => Instruction(LoadWord, ArgumentsAt + ((uint)argument * 8));

    private static ulong LoadHigh(int argument) => Instruction(LoadWord, ArgumentsAt + ((uint)argument * 8) + 4);

    private static ulong End(uint action) => Instruction(Return, action);

    private sealed record Block(TracedCall Call, ulong[] Instructions);
}
