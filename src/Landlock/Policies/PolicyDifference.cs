using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>Something that one of two policies allows and the other does not.</summary>
public sealed record PolicyDifference
{
    /// <summary>Whether it is the first of the two that allows it.</summary>
    public required bool IsOfFirst { get; init; }

    /// <summary>What it is about.</summary>
    public required PolicyDifferenceKind Kind { get; init; }

    /// <summary>The path; null where it is not about files.</summary>
    public string? Path { get; init; }

    /// <summary>The rights on the path.</summary>
    public AccessFs Access { get; init; }

    /// <summary>
    /// Paths beneath, or hosts, for which it does not hold; what is beneath such a path is a difference of its own.
    /// </summary>
    public ImmutableArray<string> Without { get; init; } = [];

    /// <summary>The ports; null where it is not about ports.</summary>
    public PortRange? Port { get; init; }

    /// <summary>The rights on the ports.</summary>
    public AccessNet Net { get; init; }

    /// <summary>The host and its ports, for which connect_tcp is allowed; null where it is not about a host.</summary>
    public HostRule? Host { get; init; }

    /// <summary>Whether hosts are named in one of the policies, so that ports of any host are worth a word.</summary>
    internal bool IsAnyHost { get; init; }

    /// <summary>What reaches outside the sandbox.</summary>
    public Scope Scope { get; init; }

    /// <summary>As Compare-Object has it: <c>&lt;=</c> for the first only, <c>=&gt;</c> for the second only.</summary>
    public string SideIndicator => IsOfFirst ? "<=" : "=>";

    /// <summary>What it is about, in words.</summary>
    public string What => Kind switch
    {
        PolicyDifferenceKind.Path => $"{string.Join(',', AbiTable.Names(Access))} {PosixText.Printable(Path!)}"
            + Excluded,
        PolicyDifferenceKind.Port => $"{string.Join(',', AbiTable.Names(Net))} port {Port}{(IsAnyHost ? ", any host" : "")}",
        PolicyDifferenceKind.Host => $"{string.Join(',', AbiTable.Names(Net))} {Host}{Excluded}",
        PolicyDifferenceKind.Scope => $"{string.Join(',', AbiTable.Names(Scope))} to processes outside the sandbox",
        PolicyDifferenceKind.Interfaces => "listing network interfaces",
        _ => "sockets other than TCP, UDP and UNIX",
    };

    private string Excluded => Without.IsEmpty ? "" : $" but not {string.Join(", ", Without.Select(PosixText.Printable))}";

    /// <inheritdoc/>
    public override string ToString() => $"{SideIndicator} {What}";

    /// <summary>What one ruleset allows and the other does not. Paths are compared as they are written: no file is looked at.</summary>
    /// <param name="first">The one.</param>
    /// <param name="second">The other.</param>
    /// <returns>By path, port and host; empty where both allow the same.</returns>
    public static ImmutableArray<PolicyDifference> Between(Ruleset first, Ruleset second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return
        [
            .. Paths(first, second, isOfFirst: true), .. Paths(second, first, isOfFirst: false),
            .. NetDifferences.Between(first, second, isOfFirst: true), .. NetDifferences.Between(second, first, isOfFirst: false),
            .. Others(first, second, isOfFirst: true), .. Others(second, first, isOfFirst: false),
        ];
    }

    private static IEnumerable<PolicyDifference> Paths(Ruleset wide, Ruleset narrow, bool isOfFirst)
    {
        // Between two neighbours of these nothing changes.
        string[] points = [.. wide.PathRules.Concat(narrow.PathRules).SelectMany(rule => rule.Except.Prepend(rule.Path))
            .Concat(Everywhere(wide) != Everywhere(narrow) ? ["/"] : Array.Empty<string>()).Distinct().Order(StringComparer.Ordinal)];
        Dictionary<string, AccessFs> only = points.ToDictionary(point => point, point => Granted(wide, point) & ~Granted(narrow, point));
        foreach (string point in points)
        {
            string? around = points.Where(other => other != point && PathRule.IsBeneath(point, other)).MaxBy(other => other.Length);
            AccessFs added = only[point] & ~(around is null ? AccessFs.None : only[around]);
            string[] beneath = [.. points.Where(other => other != point && PathRule.IsBeneath(other, point))];
            // Rights that end at the same paths are one difference.
            foreach (IGrouping<string, AccessFs> rights in AbiTable.InMask(RightKind.Fs, (ulong)added)
                .Select(right => (AccessFs)right.Bit)
                .GroupBy(right => string.Join('\0', beneath.Where(other => (right & only[other]) == 0))))
            {
                string[] ends = rights.Key.Length == 0 ? [] : rights.Key.Split('\0');
                yield return new PolicyDifference
                {
                    IsOfFirst = isOfFirst,
                    Kind = PolicyDifferenceKind.Path,
                    Path = point,
                    Access = rights.Aggregate(AccessFs.None, (all, right) => all | right),
                    Without = [.. ends.Where(path => !ends.Any(other => other != path && PathRule.IsBeneath(path, other)))],
                };
            }
        }
    }

    // What is not handled is allowed; but refer, which is denied as soon as anything is handled.
    private static AccessFs Everywhere(Ruleset ruleset) =>
        AbiTable.AllFs(AbiTable.Newest) & ~ruleset.HandledFs & ~(ruleset.HandledFs != 0 ? AccessFs.Refer : AccessFs.None);

    private static AccessFs Granted(Ruleset ruleset, string path) => ruleset.PathRules
        .Where(rule => PathRule.IsBeneath(path, rule.Path) && !rule.Except.Any(except => PathRule.IsBeneath(path, except)))
        .Aggregate(Everywhere(ruleset), (all, rule) => all | rule.Access);

    private static IEnumerable<PolicyDifference> Others(Ruleset wide, Ruleset narrow, bool isOfFirst)
    {
        Scope scope = narrow.Scopes & ~wide.Scopes;
        if (scope != Scope.None)
            yield return new PolicyDifference { IsOfFirst = isOfFirst, Kind = PolicyDifferenceKind.Scope, Scope = scope };
        if (narrow.ClaimsSockets && !wide.ClaimsSockets)
            yield return new PolicyDifference { IsOfFirst = isOfFirst, Kind = PolicyDifferenceKind.OtherSockets };
        if (ListsInterfaces(wide) && !ListsInterfaces(narrow))
            yield return new PolicyDifference { IsOfFirst = isOfFirst, Kind = PolicyDifferenceKind.Interfaces };

        static bool ListsInterfaces(Ruleset ruleset) => !ruleset.ClaimsSockets || ruleset.ListInterfaces;
    }
}
