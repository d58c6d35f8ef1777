using System.Collections.Immutable;
using System.Numerics;
using Landlock.Abi;

namespace Landlock.Rulesets;

/// <summary>A net-port rule: rights on a port or a range of ports.</summary>
/// <param name="Port">The ports.</param>
/// <param name="Access">The rights allowed.</param>
public sealed record NetRule(PortRange Port, AccessNet Access)
{
    /// <summary>Do not log denials on the port (ABI 10).</summary>
    public bool Quiet { get; init; }

    /// <summary>Overrides the ruleset's level for this rule.</summary>
    public Compatibility? Compatibility { get; init; }

    /// <summary>Whether it is about TCP.</summary>
    internal bool HasTcp => (Access & (AccessNet.BindTcp | AccessNet.ConnectTcp)) != 0;

    /// <summary>Whether it is about UDP.</summary>
    internal bool HasUdp => (Access & (AccessNet.BindUdp | AccessNet.ConnectSendUdp)) != 0;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Access == AccessNet.None ? "none" : string.Join(",", AbiTable.Names(Access)))} {Port}{(Quiet ? " (quiet)" : "")}";

    /// <summary>
    /// Rules in canonical form: rules with the same modifiers are cut into disjoint ranges that hold the union of the rights, joined where
    /// neighbours are equal, and ordered by port. Two lists that allow the same are then the same.
    /// </summary>
    internal static ImmutableArray<NetRule> Canonical(IEnumerable<NetRule> all)
    {
        List<NetRule> result = [];
        Span<int> holders = stackalloc int[64];
        foreach (IGrouping<(bool, Compatibility?), NetRule> group in all.GroupBy(rule => (rule.Quiet, rule.Compatibility)))
        {
            // A sweep over the ends of all ranges; each right is held while some rule that has it is open.
            List<(int Port, int Change, AccessNet Access)> ends = [];
            foreach (NetRule rule in group)
            {
                ends.Add((rule.Port.First, 1, rule.Access));
                ends.Add((rule.Port.Last + 1, -1, rule.Access));
            }

            ends.Sort((a, b) => a.Port.CompareTo(b.Port));
            NetRule shape = group.First();
            NetRule? open = null;
            holders.Clear();
            int rules = 0;
            for (int i = 0; i < ends.Count;)
            {
                int port = ends[i].Port;
                for (; i < ends.Count && ends[i].Port == port; i++)
                {
                    rules += ends[i].Change;
                    for (ulong left = (ulong)ends[i].Access; left != 0; left &= left - 1)
                        holders[BitOperations.TrailingZeroCount(left)] += ends[i].Change;
                }

                AccessNet access = AccessNet.None;
                for (int bit = 0; bit < holders.Length; bit++)
                    if (holders[bit] > 0) access |= (AccessNet)(1UL << bit);
                bool joins = open is not null && open.Access == access && open.Port.Last == port - 1 && rules > 0;
                ushort last = (ushort)(i < ends.Count ? ends[i].Port - 1 : port);
                if (joins)
                {
                    open = open! with { Port = new PortRange(open.Port.First, last) };
                    continue;
                }

                if (open is not null) result.Add(open);
                open = rules > 0 ? shape with { Port = new PortRange((ushort)port, last), Access = access } : null;
            }

            if (open is not null) result.Add(open);
        }

        result.Sort(Compare);
        return [.. result];
    }

    private static int Compare(NetRule a, NetRule b)
    {
        int order = a.Port.CompareTo(b.Port);
        if (order == 0) order = a.Quiet.CompareTo(b.Quiet);
        return order != 0 ? order : Nullable.Compare(a.Compatibility, b.Compatibility);
    }
}
