using System.Collections.Immutable;

namespace Landlock.Linux;

/// <summary>
/// Writes a seccomp filter (seccomp(2), SECCOMP_SET_MODE_FILTER): classic BPF over struct seccomp_data, one number for each struct
/// sock_filter. Jumps go forward, to labels that are placed later.
/// </summary>
internal sealed class FilterProgram
{
    /// <summary>SECCOMP_RET_ALLOW.</summary>
    public const uint Allow = 0x7FFF_0000;

    /// <summary>SECCOMP_RET_TRACE: stop for the tracer, and fail with ENOSYS where there is none.</summary>
    public const uint Trace = 0x7FF0_0000;

    /// <summary>SECCOMP_RET_USER_NOTIF: the call waits for who has the filter's listener, and fails with ENOSYS if nobody has.</summary>
    public const uint Ask = 0x7FC0_0000;

    private const uint ErrorAction = 0x0005_0000; // SECCOMP_RET_ERRNO
    private const ushort LoadWord = 0x20, And = 0x54, JumpIfEqual = 0x15, JumpIfAtLeast = 0x35, JumpIfBits = 0x45, Return = 0x06;
    private const uint NumberAt = 0, ArchitectureAt = 4, ArgumentsAt = 16;

    private readonly List<ulong> _instructions = [];
    private readonly List<(int Instruction, Label Target, bool IfTrue)> _jumps = [];

    /// <summary>A place that is jumped to.</summary>
    internal sealed class Label
    {
        internal int Position { get; set; } = -1;
    }

    /// <summary>SECCOMP_RET_ERRNO: the call fails with an error.</summary>
    public static uint Fail(Errno error) => ErrorAction | (uint)error;

    /// <summary>
    /// <see cref="Trace"/> with a number for the tracer (PTRACE_GETEVENTMSG), which makes the call fail with that error
    /// (<see cref="Ptrace.RefuseCall"/>). Where there is no tracer, the call fails with ENOSYS.
    /// </summary>
    public static uint Refuse(Errno error) => Trace | (uint)error;

    /// <summary>Loads the architecture (AUDIT_ARCH_*).</summary>
    public FilterProgram LoadArchitecture() => Add(LoadWord, ArchitectureAt);

    /// <summary>Loads the number of the system call.</summary>
    public FilterProgram LoadNumber() => Add(LoadWord, NumberAt);

    /// <summary>Loads the lower half of an argument, which is all that the kernel takes of an int.</summary>
    public FilterProgram LoadArgument(int index) => Add(LoadWord, ArgumentsAt + ((uint)index * 8));

    /// <summary>Loads the upper half of an argument.</summary>
    public FilterProgram LoadUpper(int index) => Add(LoadWord, ArgumentsAt + ((uint)index * 8) + 4);

    /// <summary>Keeps some bits of what is loaded.</summary>
    public FilterProgram Mask(uint bits) => Add(And, bits);

    /// <summary>Goes to a label if what is loaded is a number.</summary>
    public FilterProgram IfEqual(uint value, Label target) => Jump(JumpIfEqual, value, target, ifTrue: true);

    /// <summary>Goes to a label if what is loaded is another number.</summary>
    public FilterProgram IfNotEqual(uint value, Label target) => Jump(JumpIfEqual, value, target, ifTrue: false);

    /// <summary>Goes to a label if what is loaded is a number or above it.</summary>
    public FilterProgram IfAtLeast(uint value, Label target) => Jump(JumpIfAtLeast, value, target, ifTrue: true);

    /// <summary>Goes to a label if what is loaded has one of the bits.</summary>
    public FilterProgram IfAny(uint bits, Label target) => Jump(JumpIfBits, bits, target, ifTrue: true);

    /// <summary>Ends with an action.</summary>
    public FilterProgram End(uint action) => Add(Return, action);

    /// <summary>Names the next instruction.</summary>
    public FilterProgram Place(Label label)
    {
        label.Position = _instructions.Count;
        return this;
    }

    /// <summary>The finished program.</summary>
    /// <exception cref="InvalidOperationException">A jump is too long, goes backward or nowhere.</exception>
    public ImmutableArray<ulong> Build()
    {
        foreach ((int instruction, Label target, bool ifTrue) in _jumps)
        {
            int distance = target.Position - instruction - 1;
            if (distance is < 0 or > byte.MaxValue) throw new InvalidOperationException($"A filter's jump of {distance} instructions.");
            _instructions[instruction] |= (ulong)distance << (ifTrue ? 16 : 24);
        }

        return [.. _instructions];
    }

    private FilterProgram Add(ushort code, uint value)
    {
        _instructions.Add(code | ((ulong)value << 32));
        return this;
    }

    private FilterProgram Jump(ushort code, uint value, Label target, bool ifTrue)
    {
        _jumps.Add((_instructions.Count, target, ifTrue));
        return Add(code, value);
    }
}
