using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;

namespace Landlock.Sandboxes.Hosts;

/// <summary>
/// A sandbox in a sandbox with hosts. Its command's calls are answered by the supervisor of the outer one, which is in no layer of the
/// inner one: ports that the inner one refuses would be open. So the inner one asks, by a call that no kernel has a use for and only a
/// supervisor answers, and is refused where it would not be what was written.
/// </summary>
internal static class OuterHosts
{
    // An address of no family, for no descriptor: the kernel answers EBADF.
    private const ushort NoFamily = 0xFFFF;
    private const ulong Mark = 0x5354_534F_484C_4C41; // "ALLHOSTS"
    private const int MostRanges = 1024;

    /// <summary>Refuses what a supervisor around this process would not keep.</summary>
    /// <param name="hosts">The hosts of the new sandbox.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="network">Its sockets; null = any.</param>
    /// <exception cref="LaunchException">It would not be what was written.</exception>
    public static void Demand(HostAccess? hosts, ImmutableArray<Ruleset> layers, NetworkAccess? network)
    {
        // Whoever can make no socket asks nobody to connect it.
        if (network is { Tcp: false }) return;
        Ruleset[] restricting = [.. layers.Where(layer => layer.HandledNet.HasFlag(AccessNet.ConnectTcp))];
        if (hosts is null && restricting.Length == 0) return;
        PortRange[] ports = [.. hosts is not null ? [] : restricting
            .Select(layer => layer.NetRules.Where(rule => rule.Access.HasFlag(AccessNet.ConnectTcp)).Select(rule => rule.Port))
            .Aggregate(HostAccess.Common)];
        Errno answer = Ask(ports);
        if (answer == Errno.EBADF || (answer == Errno.None && hosts is null)) return;
        throw new LaunchException(LaunchProblem.SetupFailed, "hosts", hosts is not null
            ? "A sandbox with hosts is around this one, and its supervisor answers for all that is in it, so that hosts of this one would "
                + "not be held to. Leave them out here (-ConnectHost, --connect-host), or name fewer around it. Nothing was run."
            : "The sandbox around this one keeps hosts, and its supervisor connects for all that is in it, so that ports of this one "
                + $"would not be held to ({(ports.Length == 0 ? "none" : string.Join(", ", ports))}). Allow no TCP at all (-Network None, "
                + "--network none), or each port of those hosts (-ConnectTcp, --connect-tcp). Nothing was run.");
    }

    /// <summary>Whether a call is the question.</summary>
    public static bool IsAsked(FilteredCalls calls, in WaitingCall call) =>
        (uint)call.Number == calls.Connect && (int)call.Arguments.A == -1 && call.Arguments.C == (ulong)Marshal.SizeOf<Question>();

    /// <summary>Answers it.</summary>
    public static Errno Answer(Caller caller, HostAccess access)
    {
        if (caller.Read(caller.Call.Arguments.B, out Question question) != Errno.None || question.Family != NoFamily
            || question.Mark != Mark || question.Count > MostRanges) return Errno.EBADF;
        Range[] ranges = new Range[question.Count];
        if (caller.Read(question.Ranges, MemoryMarshal.AsBytes(ranges.AsSpan())) is not Errno.None and var error) return error;
        return access.Ports().All(wanted => ranges.Any(range => range.First <= wanted.First && range.Last >= wanted.Last))
            ? Errno.None : Errno.EACCES;
    }

    private static unsafe Errno Ask(PortRange[] ports)
    {
        Range[] ranges =
            [.. NetRule.Canonical(ports.Select(port => new NetRule(port, AccessNet.ConnectTcp))).Take(MostRanges)
                .Select(rule => new Range { First = rule.Port.First, Last = rule.Port.Last })];
        fixed (Range* first = ranges)
        {
            Question question = new() { Family = NoFamily, Mark = Mark, Ranges = (ulong)first, Count = (uint)ranges.Length };
            SocketAddress address = new() { Length = Marshal.SizeOf<Question>() };
            MemoryMarshal.Write(address.Bytes, in question);
            return KernelSocket.Connect(-1, address);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Question
    {
        public ushort Family;
        public uint Count;
        public ulong Mark;
        public ulong Ranges;
    }

    private struct Range
    {
        public ushort First;
        public ushort Last;
    }
}
