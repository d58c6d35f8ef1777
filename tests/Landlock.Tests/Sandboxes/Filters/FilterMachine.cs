using System.Collections.Immutable;

namespace Landlock.Tests.Sandboxes.Filters;

/// <summary>An interpreter of the kernel's language for seccomp filters, as far as they use it here.</summary>
internal static class FilterMachine
{
    // struct seccomp_data: number, architecture, instruction pointer, six arguments (linux/seccomp.h).
    public static uint Run(ImmutableArray<ulong> filter, uint architecture, uint number, params ulong[] arguments) =>
        Execute(filter, architecture, number, arguments).Action;

    /// <summary>How many instructions a call takes.</summary>
    public static int Steps(ImmutableArray<ulong> filter, uint architecture, uint number) =>
        Execute(filter, architecture, number, []).Steps;

    /// <summary>
    /// Whether the kernel lets a call through without running the filter, since it has found that the number alone decides
    /// (seccomp_is_const_allow of kernel/seccomp.c).
    /// </summary>
    public static bool IsKnownAllowed(ImmutableArray<ulong> filter, uint architecture, uint number) =>
        Execute(filter, architecture, number, null) is { Action: 0x7FFF_0000 };

    // Without arguments nothing is decided that needs one.
    private static (uint Action, int Steps) Execute(ImmutableArray<ulong> filter, uint architecture, uint number, ulong[]? arguments)
    {
        byte[] data = new byte[64];
        BitConverter.TryWriteBytes(data.AsSpan(0), number);
        BitConverter.TryWriteBytes(data.AsSpan(4), architecture);
        for (int i = 0; i < arguments?.Length; i++) BitConverter.TryWriteBytes(data.AsSpan(16 + (i * 8)), arguments[i]);
        uint loaded = 0;
        int steps = 0;
        for (int at = 0; ; at++)
        {
            steps++;
            ulong instruction = filter[at];
            uint value = (uint)(instruction >> 32);
            int jumpTrue = (int)(instruction >> 16) & 0xFF;
            int jumpFalse = (int)(instruction >> 24) & 0xFF;
            switch ((ushort)instruction)
            {
                case 0x20 when value > 4 && arguments is null: return (0, steps);
                case 0x20: loaded = BitConverter.ToUInt32(data, (int)value); break;
                case 0x54: loaded &= value; break;
                case 0x15: at += loaded == value ? jumpTrue : jumpFalse; break;
                case 0x35: at += loaded >= value ? jumpTrue : jumpFalse; break;
                case 0x45: at += (loaded & value) != 0 ? jumpTrue : jumpFalse; break;
                case 0x06: return (value, steps);
                default: throw new InvalidOperationException($"Instruction 0x{instruction:x}.");
            }
        }
    }
}
