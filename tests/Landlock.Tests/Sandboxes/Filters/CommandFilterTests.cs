using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Landlock.Linux;
using Landlock.Sandboxes.Filters;

namespace Landlock.Tests.Sandboxes.Filters;

/// <summary>
/// What the filter answers, read by an interpreter of the kernel's language; the kernel itself is asked by Cli/SocketTests.
/// </summary>
public sealed class CommandFilterTests
{
    private const uint X64 = 0xC000_003E, I386 = 0x4000_0003, Arm64 = 0xC000_00B7, Arm = 0x4000_0028;
    private const uint Allowed = 0x7FFF_0000;

    public static TheoryData<Architecture, uint, uint, uint> Programs => new()
    {
        // Architecture of the kernel and of the program, socket(2), socketpair(2).
        { Architecture.X64, X64, 41, 53 },
        { Architecture.X64, I386, 359, 360 },
        { Architecture.Arm64, Arm64, 198, 199 },
        { Architecture.Arm64, Arm, 281, 288 },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public void Sockets_are_those_that_were_asked_for(Architecture kernel, uint program, uint socket, uint pair)
    {
        foreach (bool tcp in (bool[])[false, true])
        {
            foreach (bool udp in (bool[])[false, true])
            {
                ImmutableArray<ulong> filter = For(new NetworkAccess(tcp, udp), kernel);
                foreach (uint flags in (uint[])[0, 0x800, 0x80000, 0x80800])
                {
                    for (uint family = 0; family < 50; family++)
                    {
                        for (uint type = 0; type < 12; type++)
                        {
                            foreach (uint protocol in (uint[])[0, 1, 6, 17, 132, 136, 255, 262])
                            {
                                uint expected = Expected(tcp, udp, family, type, protocol);
                                Assert.Equal(expected, Run(filter, program, socket, family, type | flags, protocol));
                                // The kernel takes an int: what lies above does not count.
                                Assert.Equal(expected,
                                    Run(filter, program, socket, family | (1ul << 32), type | flags | (5ul << 40), protocol | (1ul << 63)));
                            }
                        }

                        Assert.Equal(family == 1 ? Allowed : Fails(Errno.EAFNOSUPPORT), Run(filter, program, pair, family, 1, 0));
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void With_a_tracer_the_same_is_refused_and_it_is_asked_for_programs_that_it_sees(Architecture kernel, uint program,
        uint socket, uint pair)
    {
        const uint asks = 0x7FF0_0000; // SECCOMP_RET_TRACE: without a tracer the kernel answers ENOSYS
        bool own = program is X64 or I386 or Arm64;
        FilteredCalls numbers = FilteredCalls.Of(kernel).Single(calls => calls.Audit == program);
        uint ptrace = numbers.Ptrace;
        foreach (NetworkAccess? access in (NetworkAccess?[])[null, new(false, false), new(true, false), new(false, true), new(true, true)])
        {
            ImmutableArray<ulong> plain = For(access, kernel), traced = For(access, kernel, traced: true);
            for (uint call = 0; call < 600; call++)
            {
                for (uint family = 0; call != ptrace && family < 12; family++)
                {
                    for (uint type = 0; type < 4; type++)
                    {
                        uint answer = Run(plain, program, call, family, type, 0, 0);
                        bool isAsked = answer == Fails(Errno.EACCES) || answer == Fails(Errno.EAFNOSUPPORT) || answer == Fails(Errno.EPERM)
                            || (answer == Fails(Errno.ENOSYS)
                                && (call == numbers.AddKey || call == numbers.RequestKey || call == numbers.KeyControl));
                        Assert.Equal(own && isAsked ? asks | (answer & 0xFFFF) : answer, Run(traced, program, call, family, type, 0, 0));
                    }
                }
            }

            foreach (uint command in (uint[])[0x5412, 0x541C])
                Assert.Equal(own ? asks | (uint)Errno.EPERM : Fails(Errno.EPERM), Run(traced, program, Ioctl(program), 0, command, 0, 0));
            Assert.Equal(access is null ? Allowed : own && !access.Tcp ? asks | (uint)Errno.EACCES : access.Tcp ? Allowed
                : Fails(Errno.EACCES), Run(traced, program, socket, 2, 1, 0));
            Assert.Equal(access is null ? Allowed : own ? asks | (uint)Errno.EAFNOSUPPORT : Fails(Errno.EAFNOSUPPORT),
                Run(traced, program, pair, 2, 1, 0));
            ImmutableArray<ulong> noUnix = For(access, kernel, traced: true, unix: false);
            Assert.Equal(own ? asks | (uint)Errno.EAFNOSUPPORT : Fails(Errno.EAFNOSUPPORT), Run(noUnix, program, socket, 1, 1, 0));
            Assert.Equal(own ? asks | (uint)Errno.ESOCKTNOSUPPORT : Fails(Errno.ESOCKTNOSUPPORT), Run(noUnix, program, pair, 1, 2, 0));
            Assert.Equal(Allowed, Run(noUnix, program, pair, 1, 1, 0));
        }
    }

    [Theory]
    [InlineData(Architecture.X64, X64, 101, 317)]
    [InlineData(Architecture.X64, I386, 26, 354)]
    [InlineData(Architecture.Arm64, Arm64, 117, 277)]
    [InlineData(Architecture.Arm64, Arm, 26, 383)]
    public void With_a_tracer_nobody_else_answers_in_its_place(Architecture kernel, uint program, uint ptrace, uint seccomp)
    {
        // The tracer tells of it, but for programs that it does not know.
        Func<Errno, uint> refuses = program is X64 or I386 or Arm64 ? FilterProgram.Refuse : Fails;
        foreach (NetworkAccess? access in (NetworkAccess?[])[null, new(false, false), new(true, true)])
        {
            foreach (bool unix in (bool[])[true, false])
            {
                ImmutableArray<ulong> plain = For(access, kernel, unix: unix), traced = For(access, kernel, traced: true, unix);
                for (ulong argument = 0; argument < 64; argument++)
                {
                    foreach (ulong high in (ulong[])[0, 1ul << 32])
                    {
                        Assert.Equal((Allowed, refuses(Errno.EPERM)),
                            (Run(plain, program, ptrace, argument | high, 1, 0), Run(traced, program, ptrace, argument | high, 1, 0)));
                        Assert.Equal(Allowed, Run(plain, program, seccomp, 1, argument | high, 0));
                        // SECCOMP_FILTER_FLAG_NEW_LISTENER
                        Assert.Equal((argument & 8) != 0 ? refuses(Errno.EINVAL) : Allowed,
                            Run(traced, program, seccomp, 1, argument | high, 0));
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Sockets_that_list_interfaces_are_one_kind_of_netlink(Architecture kernel, uint program, uint socket, uint pair)
    {
        foreach ((bool tcp, bool udp) in ((bool, bool)[])[(false, false), (true, true)])
        {
            ImmutableArray<ulong> without = For(new(tcp, udp), kernel), with = For(new(tcp, udp) { Interfaces = true }, kernel);
            for (uint family = 0; family < 48; family++)
            {
                for (uint protocol = 0; protocol < 24; protocol++)
                {
                    uint expected = family == 16 && protocol == 0 ? Allowed : Run(without, program, socket, family, 3, protocol);
                    Assert.Equal(expected, Run(with, program, socket, family, 3, protocol));
                    Assert.Equal(Run(without, program, pair, family, 3, protocol), Run(with, program, pair, family, 3, protocol));
                }
            }
        }
    }

    private static uint Ioctl(uint program) => program switch { X64 => 16, Arm64 => 29, _ => 54 };

    [Theory]
    [MemberData(nameof(Programs))]
    public void Without_unix_sockets_the_rest_is_as_before_but_what_makes_sockets_unseen(Architecture kernel, uint program,
        uint socket, uint pair)
    {
        foreach (NetworkAccess? access in (NetworkAccess?[])[null, new(false, false), new(true, false), new(false, true), new(true, true)])
        {
            ImmutableArray<ulong> with = For(access, kernel), without = For(access, kernel, unix: false);
            foreach (uint flags in (uint[])[0, 0x800, 0x80000, 0x80800])
            {
                foreach (ulong high in (ulong[])[0, 1ul << 32, 1ul << 63])
                {
                    for (uint type = 0; type < 16; type++)
                    {
                        Assert.Equal(Fails(Errno.EAFNOSUPPORT), Run(without, program, socket, 1 | high, type | flags | high, 0));
                        // A datagram socket of a pair can send anywhere, and SOCK_RAW (3) is one, too.
                        Assert.Equal(type is 2 or 3 ? Fails(Errno.ESOCKTNOSUPPORT) : Allowed,
                            Run(without, program, pair, 1 | high, type | flags | high, 0));
                    }
                }
            }

            foreach (uint call in (uint[])[425, 426, 427]) Assert.Equal(Fails(Errno.ENOSYS), Run(without, program, call));
            if (program is I386 or Arm) Assert.Equal(Fails(Errno.ENOSYS), Run(without, program, 102, 1));
            for (uint call = 0; call < 600; call++)
            {
                if (access is null && (call is 425 or 426 or 427 || (call == 102 && program is I386 or Arm))) continue;
                for (uint family = 0; family < 50; family++)
                {
                    if (family == 1 && (call == socket || call == pair)) continue;
                    for (uint type = 0; type < 6; type++)
                        Assert.Equal(Run(with, program, call, family, type, 0, 0), Run(without, program, call, family, type, 0, 0));
                }
            }
        }
    }

    [Theory]
    [InlineData(Architecture.X64, X64, 44, 46, 307, 54)]
    [InlineData(Architecture.X64, I386, 369, 370, 345, 366)]
    [InlineData(Architecture.Arm64, Arm64, 206, 211, 269, 208)]
    [InlineData(Architecture.Arm64, Arm, 290, 296, 374, 294)]
    public void Fast_open_is_refused_and_nothing_else_about_data(Architecture kernel, uint program, uint sendTo, uint sendMessage,
        uint sendMessages, uint setOption)
    {
        ImmutableArray<ulong> filter = For(new NetworkAccess(true, true), kernel);
        foreach (uint flags in (uint[])[0, 0x40, 0x4000, 0x1FFF_FFFF, 0xC000_0000])
        {
            foreach (ulong high in (ulong[])[0, 1ul << 32])
            {
                Assert.Equal(Allowed, Run(filter, program, sendTo, 3, 0, 0, flags | high));
                Assert.Equal(Fails(Errno.EOPNOTSUPP), Run(filter, program, sendTo, 3, 0, 0, flags | high | 0x2000_0000));
                Assert.Equal(Allowed, Run(filter, program, sendMessages, 3, 0, 0, flags | high));
                Assert.Equal(Fails(Errno.EOPNOTSUPP), Run(filter, program, sendMessages, 3, 0, 0, flags | high | 0x2000_0000));
                Assert.Equal(Allowed, Run(filter, program, sendMessage, 3, 0, flags | high));
                Assert.Equal(Fails(Errno.EOPNOTSUPP), Run(filter, program, sendMessage, 3, 0, flags | high | 0x2000_0000));
            }
        }

        for (uint level = 0; level < 300; level++)
            for (uint name = 0; name < 60; name++)
                Assert.Equal(level == 6 && (name is 30 or 31) ? Fails(Errno.ENOPROTOOPT) : Allowed,
                    Run(filter, program, setOption, 3, level, name));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void What_makes_sockets_unseen_does_not_exist(Architecture kernel, uint program, uint socket, uint pair)
    {
        _ = pair;
        ImmutableArray<ulong> filter = For(new NetworkAccess(true, true), kernel);
        foreach (uint call in (uint[])[425, 426, 427]) Assert.Equal(Fails(Errno.ENOSYS), Run(filter, program, call));
        if (program is I386 or Arm) Assert.Equal(Fails(Errno.ENOSYS), Run(filter, program, 102, 1));
        if (program == X64)
            for (uint call = 0; call < 600; call++) Assert.Equal(Fails(Errno.ENOSYS), Run(filter, program, call | 0x4000_0000, 1, 1));
        foreach (uint other in (uint[])[0, 0xC000_0015, 0x4000_0028 ^ 0x4000_0003, 0xC000_00F3])
            Assert.Equal(Fails(Errno.ENOSYS), Run(filter, other, socket, 1, 1));
    }

    [Fact]
    public void Other_calls_are_allowed()
    {
        foreach (NetworkAccess? access in (NetworkAccess?[])[null, new(false, false), new(true, false), new(false, true), new(true, true)])
        {
            ImmutableArray<ulong> filter = For(access, Architecture.X64);
            for (uint call = 0; call < 600; call++)
                if (call is not (248 or 249 or 250 or 251) && (access is null || call is not (41 or 53 or 425 or 426 or 427)))
                    Assert.Equal(Allowed, Run(filter, X64, call, 0, 0, 0, 0));
        }
    }

    [Theory]
    [InlineData(Architecture.X64, X64, 16, 248)]
    [InlineData(Architecture.X64, I386, 54, 286)]
    [InlineData(Architecture.Arm64, Arm64, 29, 217)]
    [InlineData(Architecture.Arm64, Arm, 54, 309)]
    public void Nobody_types_into_the_terminal_or_reads_keyrings(Architecture kernel, uint program, uint ioctl, uint firstKeyCall)
    {
        foreach (NetworkAccess? access in (NetworkAccess?[])[null, new(false, false), new(true, true)])
        {
            ImmutableArray<ulong> filter = For(access, kernel);
            for (uint command = 0x5400; command < 0x5500; command++)
            {
                uint expected = command is 0x5412 or 0x541C ? Fails(Errno.EPERM) : Allowed;
                Assert.Equal(expected, Run(filter, program, ioctl, 0, command));
                Assert.Equal(expected, Run(filter, program, ioctl, 0, command | (7ul << 32)));
            }

            for (uint call = firstKeyCall; call < firstKeyCall + 3; call++)
                Assert.Equal(Fails(Errno.ENOSYS), Run(filter, program, call, 1));
        }
    }

    [Fact]
    public void Other_architectures_have_no_filter() =>
        Assert.Contains("runs on x64 and arm64",
            Assert.Throws<PlatformNotSupportedException>(() => For(new NetworkAccess(true, true), Architecture.S390x)).Message,
            StringComparison.Ordinal);

    private static uint Expected(bool tcp, bool udp, uint family, uint type, uint protocol) => family switch
    {
        1 => Allowed,
        2 or 10 when type == 1 && tcp => protocol is 0 or 6 ? Allowed : Fails(Errno.EPROTONOSUPPORT),
        2 or 10 when type == 2 && udp => protocol is 0 or 17 ? Allowed : Fails(Errno.EPROTONOSUPPORT),
        2 or 10 => Fails(Errno.EACCES),
        _ => Fails(Errno.EAFNOSUPPORT),
    };

    public static TheoryData<Architecture, uint, uint, uint, uint, uint[], uint> OfProcesses => new()
    {
        // prlimit64(2), setpriority(2), ioprio_set(2); sched_setparam(2), sched_setattr(2), sched_setaffinity(2); sched_setscheduler(2).
        { Architecture.X64, X64, 302, 141, 251, [142, 314, 203], 144 },
        { Architecture.X64, I386, 340, 97, 289, [154, 351, 241], 156 },
        { Architecture.Arm64, Arm64, 261, 140, 30, [118, 274, 122], 119 },
        { Architecture.Arm64, Arm, 369, 97, 314, [154, 380, 241], 156 },
    };

    [Theory]
    [MemberData(nameof(OfProcesses))]
    public void Limits_and_scheduling_are_those_of_the_caller(Architecture kernel, uint program, uint limits, uint priority,
        uint ioPriority, uint[] scheduling, uint scheduler)
    {
        uint refused = Fails(Errno.EPERM);
        foreach (NetworkAccess? access in (NetworkAccess?[])[null, new(false, false), new(true, true)])
        {
            ImmutableArray<ulong> filter = For(access, kernel);
            foreach (ulong high in (ulong[])[0, 1ul << 32, ulong.MaxValue << 32])
            {
                foreach (uint process in (uint[])[0, 1, 4711, 0x7FFF_FFFF, uint.MaxValue])
                {
                    uint own = process == 0 ? Allowed : refused;
                    // The kernel takes an int of the number, and all of the pointer.
                    Assert.Equal(Allowed, Run(filter, program, limits, process | high, 7, 0, 1));
                    foreach (ulong pointer in (ulong[])[1, 1ul << 32, ulong.MaxValue])
                        Assert.Equal(own, Run(filter, program, limits, process | high, 7, pointer, 0));
                    for (uint which = 0; which < 5; which++)
                    {
                        Assert.Equal(which == 0 ? own : refused, Run(filter, program, priority, which | high, process | high, 19));
                        Assert.Equal(which == 1 ? own : refused, Run(filter, program, ioPriority, which | high, process | high, 0));
                    }

                    foreach (uint call in scheduling) Assert.Equal(own, Run(filter, program, call, process | high, 8, 1));
                    foreach (uint policy in (uint[])[1, 2, 3, 5, 6, 7, 0x4000_0000, 0x4000_0001])
                        Assert.Equal(own, Run(filter, program, scheduler, process | high, policy | high, 1));
                    // Answered without being made: a thread has that policy, and another process keeps its own.
                    Assert.Equal(process == 0 ? Allowed : Fails(Errno.None), Run(filter, program, scheduler, process | high, 0 | high, 1));
                }
            }
        }
    }

    public static TheoryData<Architecture, uint, uint[], uint, uint, uint[]> OfSwitches => new()
    {
        // Every call of System V IPC; clone(2), unshare(2); setns(2), userfaultfd(2), bpf(2), perf_event_open(2).
        { Architecture.X64, X64, [29, 30, 31, 64, 65, 66, 67, 68, 69, 70, 71, 220], 56, 272, [308, 323, 321, 298] },
        { Architecture.X64, I386, [117, .. Enumerable.Range(393, 10).Select(call => (uint)call), 420], 120, 310, [346, 374, 357, 336] },
        { Architecture.Arm64, Arm64, [.. Enumerable.Range(186, 12).Select(call => (uint)call)], 220, 97, [268, 282, 280, 241] },
        { Architecture.Arm64, Arm, [117, .. Enumerable.Range(298, 11).Select(call => (uint)call), 312, 420], 120, 337,
            [375, 388, 386, 364] },
    };

    [Theory]
    [MemberData(nameof(OfSwitches))]
    public void What_a_switch_refuses_is_refused_and_nothing_else(Architecture kernel, uint program, uint[] ipc, uint clone, uint unshare,
        uint[] others)
    {
        foreach (NetworkAccess? access in (NetworkAccess?[])[null, new(false, false), new(true, true)])
        {
            FilterOptions options = new() { Network = access };
            ImmutableArray<ulong> plain = CommandFilter.For(options, kernel), noIpc =
                CommandFilter.For(options with { SystemVIpc = false }, kernel);
            ImmutableArray<ulong> noNamespaces = CommandFilter.For(options with { Namespaces = false }, kernel), group =
                CommandFilter.For(options with { InGroup = true }, kernel);
            ImmutableArray<ulong> all =
                CommandFilter.For(options with { SystemVIpc = false, Namespaces = false, InGroup = true, Unix = false }, kernel);
            for (uint call = 0; call < 600; call++)
            {
                uint before = Run(plain, program, call, 0, 0, 0, 0);
                Assert.Equal(ipc.Contains(call) ? Fails(Errno.ENOSYS) : before, Run(noIpc, program, call, 0, 0, 0, 0));
                Assert.Equal(call == 435 ? Fails(Errno.ENOSYS) : others.Contains(call) ? Fails(Errno.EPERM) : before,
                    Run(noNamespaces, program, call, 0, 0, 0, 0));
                // clone3(2) can put a process into any control group.
                Assert.Equal(call == 435 ? Fails(Errno.ENOSYS) : before, Run(group, program, call, 0, 0, 0, 0));
                if (ipc.Contains(call) || call == 435) Assert.Equal(Fails(Errno.ENOSYS), Run(all, program, call, 0, 0, 0, 0));
            }

            for (int bit = 0; bit < 32; bit++)
            {
                uint flag = 1u << bit;
                bool isNew = (flag & 0x7E02_0000) != 0; // CLONE_NEW*
                Assert.Equal(Allowed, Run(plain, program, clone, flag));
                Assert.Equal(isNew ? Fails(Errno.EPERM) : Allowed, Run(noNamespaces, program, clone, flag));
                Assert.Equal(isNew || flag == 0x80 ? Fails(Errno.EPERM) : Allowed, Run(noNamespaces, program, unshare, flag));
            }
        }
    }

    [Fact]
    public void What_is_called_all_the_time_takes_few_steps()
    {
        FilterOptions options = new() { Network = new(true, true), Unix = false, SystemVIpc = false, Namespaces = false, InGroup = true };
        foreach ((Architecture kernel, uint program, uint[] calls) in ((Architecture, uint, uint[])[])[(Architecture.X64, X64,
            [0, 1, 3, 5, 9, 202, 232, 257, 281]), (Architecture.Arm64, Arm64, [22, 56, 57, 63, 64, 79, 98, 222])])
            foreach (uint call in calls) Assert.InRange(FilterMachine.Steps(CommandFilter.For(options, kernel), program, call), 1, 14);
    }

    [Theory]
    [InlineData(Architecture.X64, X64, new uint[] { 0, 1, 3, 9, 39, 110, 202, 232, 257, 262, 281, 332 })]
    [InlineData(Architecture.X64, I386, new uint[] { 3, 4, 6, 20, 64, 192, 240, 256, 295, 300, 383 })]
    [InlineData(Architecture.Arm64, Arm64, new uint[] { 22, 56, 57, 63, 64, 79, 98, 172, 173, 222, 291 })]
    [InlineData(Architecture.Arm64, Arm, new uint[] { 3, 4, 6, 20, 64, 192, 240, 252, 322, 327, 397 })]
    public void What_is_not_looked_at_the_kernel_lets_through_without_running_the_filter(Architecture kernel, uint program, uint[] calls)
    {
        FilteredCalls known = FilteredCalls.Of(kernel).Single(one => one.Audit == program);
        HashSet<uint> lookedAt = [425, 426, 427, 435, .. known.SystemVIpc, .. typeof(FilteredCalls).GetProperties()
            .Select(property => property.GetValue(known)).OfType<uint>()];
        foreach (NetworkAccess? access in (NetworkAccess?[])[null, new(false, false), new(true, true)])
        {
            foreach (bool all in (bool[])[false, true])
            {
                ImmutableArray<ulong> filter = CommandFilter.For(new FilterOptions
                { Network = access, Traced = all, Unix = !all, SystemVIpc = !all, Namespaces = !all, InGroup = all }, kernel);
                foreach (uint call in calls) Assert.True(FilterMachine.IsKnownAllowed(filter, program, call), $"{call}");
                for (uint call = 0; call < 600; call++)
                    Assert.True(lookedAt.Contains(call) || FilterMachine.IsKnownAllowed(filter, program, call), $"{call}");
            }
        }
    }

    private static ImmutableArray<ulong> For(NetworkAccess? network, Architecture kernel, bool traced = false, bool unix = true) =>
        CommandFilter.For(new FilterOptions { Network = network, Traced = traced, Unix = unix }, kernel);

    private static uint Fails(Errno error) => 0x0005_0000 | (uint)error;

    private static uint Run(ImmutableArray<ulong> filter, uint architecture, uint number, params ulong[] arguments) =>
        FilterMachine.Run(filter, architecture, number, arguments);
}
