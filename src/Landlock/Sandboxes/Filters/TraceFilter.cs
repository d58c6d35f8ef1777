using System.Collections.Immutable;
using Landlock.Linux;

namespace Landlock.Sandboxes.Filters;

/// <summary>
/// The seccomp filter of a traced command: the calls that matter stop for the tracer, every other one runs as always. What can be told from
/// the numbers alone is not even stopped: a mere reference (O_PATH), an ioctl that Landlock never denies, data sent without an address.
/// </summary>
internal static class TraceFilter
{
    private const uint PathOnly = 0x20_0000; // O_PATH

    /// <summary>CLONE_UNTRACED: the new process would have no tracer, and each of the calls that stop for one would fail.</summary>
    internal const uint Untraced = 0x80_0000;

    // security/landlock/fs.c, is_masked_device_ioctl: commands that the VFS answers by itself.
    private static readonly uint[] HarmlessCommands =
    [
        0x5451, 0x5450, 0x5421, 0x5452, 0x5460, // FIOCLEX FIONCLEX FIONBIO FIOASYNC FIOQSIZE
        0xC004_5877, 0xC004_5878, 0xC020_660B, 2, // FIFREEZE FITHAW FS_IOC_FIEMAP FIGETBSZ
        0x4004_9409, 0x4020_940D, 0xC018_9436, // FICLONE FICLONERANGE FIDEDUPERANGE
        0x8011_1500, 0x8081_1501, // FS_IOC_GETFSUUID FS_IOC_GETFSSYSFSPATH
        // Of two filters that stop for the tracer the later one is heard, and these must be refused (CommandFilter).
        CommandFilter.TypeIntoTerminal, CommandFilter.ConsoleControl,
    ];

    /// <summary>Whether the filter can have stopped a call; otherwise another filter did.</summary>
    /// <param name="table">The architecture.</param>
    /// <param name="sockets">Whether it stops where sockets are made: in a sandbox its own filter does that.</param>
    /// <param name="stop">The call.</param>
    public static bool Stops(CallTable table, bool sockets, in SystemCallStop stop) =>
        stop.Architecture == table.AuditArchitecture && table.Find(stop.Number) is { } call && (sockets || call != TracedCall.Socket)
        && !(call == TracedCall.Ioctl && (uint)stop.Arguments.B is CommandFilter.TypeIntoTerminal or CommandFilter.ConsoleControl)
        && (call != TracedCall.CloneProcess || ((uint)stop.Arguments.A & (Untraced | CommandFilter.NewNamespaces)) == Untraced);

    /// <summary>The instructions for an architecture's programs, and the 32-bit ones that it also runs.</summary>
    /// <param name="tables">The calls of each kind of program.</param>
    /// <param name="sockets">Whether to stop where sockets are made.</param>
    public static ImmutableArray<ulong> For(ImmutableArray<CallTable> tables, bool sockets)
    {
        FilterProgram program = new();
        FilterProgram.Label[] parts = [.. tables.Select(_ => new FilterProgram.Label())];
        program.LoadArchitecture();
        for (int i = 0; i < parts.Length; i++) program.IfEqual(tables[i].AuditArchitecture, parts[i]);
        program.End(FilterProgram.Allow);
        for (int i = 0; i < parts.Length; i++) Add(program.Place(parts[i]), tables[i], sockets);
        return program.Build();
    }

    private static void Add(FilterProgram program, CallTable table, bool sockets)
    {
        FilterProgram.Label stop = new(), harmless = new();
        program.LoadNumber();

        FilterProgram.Label open = new(), openAt = new(), sendTo = new(), ioctl = new(), clone = new();
        (TracedCall Call, FilterProgram.Label Part)[] special =
        [
            (TracedCall.Open, open), (TracedCall.OpenAt, openAt), (TracedCall.SendTo, sendTo), (TracedCall.Ioctl, ioctl),
            (TracedCall.CloneProcess, clone),
        ];
        foreach ((TracedCall call, FilterProgram.Label part) in special)
            if (table.Numbers.TryGetValue(call, out uint number)) program.IfEqual(number, part);
        foreach (uint number in table.Numbers
            .Where(pair => special.All(part => part.Call != pair.Key) && (sockets || pair.Key != TracedCall.Socket))
            .Select(pair => pair.Value).Order())
            program.IfEqual(number, stop);
        program.End(FilterProgram.Allow);

        program.Place(open).LoadArgument(1).IfAny(PathOnly, harmless).End(FilterProgram.Trace);
        program.Place(openAt).LoadArgument(2).IfAny(PathOnly, harmless).End(FilterProgram.Trace);
        program.Place(sendTo).LoadArgument(4).IfNotEqual(0, stop).LoadUpper(4).IfNotEqual(0, stop).End(FilterProgram.Allow);
        program.Place(clone).LoadArgument(0).IfAny(CommandFilter.NewNamespaces, harmless).IfAny(Untraced, stop).End(FilterProgram.Allow);
        program.Place(ioctl).LoadArgument(1);
        foreach (uint command in HarmlessCommands) program.IfEqual(command, harmless);
        program.Place(stop).End(FilterProgram.Trace);
        program.Place(harmless).End(FilterProgram.Allow);
    }
}
