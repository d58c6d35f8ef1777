using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents.Reading;
using Landlock.Rulesets;

namespace Landlock.Documents;

/// <summary>
/// A Landlock Config document as it is written, every part with its place. What it means, alone or composed with others, is a
/// policy (Policy in Landlock.Policies).
/// </summary>
/// <remarks>
/// The format is upstream's (landlockconfig), unchanged. What it cannot say is said in one table of our own, <c>landlockps</c>
/// (see <see cref="PolicyExtension"/>); a document without that table means exactly what it means upstream.
/// </remarks>
public sealed record PolicyDocument
{
    /// <summary>The name of the document, usually its path.</summary>
    public required string Source { get; init; }

    /// <summary>The syntax it was read from.</summary>
    public PolicySyntax Syntax { get; init; }

    /// <summary>
    /// The ABI whose groups ("abi.all") the document means; a number above the newest known is that. Null if it has none.
    /// </summary>
    public int? Abi { get; init; }

    /// <summary>Declared variables, in the order of the document.</summary>
    public ImmutableArray<PolicyVariable> Variables { get; init; } = [];

    /// <summary>What is handled whatever the rules say.</summary>
    public ImmutableArray<PolicyHandled> Rulesets { get; init; } = [];

    /// <summary>Path rules.</summary>
    public ImmutableArray<PolicyPathEntry> PathBeneath { get; init; } = [];

    /// <summary>Port rules.</summary>
    public ImmutableArray<PolicyPortEntry> NetPort { get; init; } = [];

    /// <summary>The table <c>landlockps</c>; null if the document has none.</summary>
    public PolicyExtension? Extension { get; init; }

    /// <summary>Notes and warnings of the reader.</summary>
    public ImmutableArray<PolicyFinding> Findings { get; init; } = [];

    /// <summary>Reads a document.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="syntax">Its syntax.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <param name="options">How to read it.</param>
    /// <exception cref="PolicyException">It is no valid document.</exception>
    public static PolicyDocument Read(ReadOnlySpan<byte> utf8, PolicySyntax syntax, string source, PolicyReadOptions? options = null)
    {
        PolicyReading reading = Check(utf8, syntax, source, options);
        return reading.Document ?? throw new PolicyException(reading.Findings);
    }

    /// <summary>Reads a TOML document.</summary>
    /// <exception cref="PolicyException">It is no valid document.</exception>
    public static PolicyDocument ReadToml(ReadOnlySpan<byte> utf8, string source, PolicyReadOptions? options = null) =>
        Read(utf8, PolicySyntax.Toml, source, options);

    /// <summary>Reads a JSON document.</summary>
    /// <exception cref="PolicyException">It is no valid document.</exception>
    public static PolicyDocument ReadJson(ReadOnlySpan<byte> utf8, string source, PolicyReadOptions? options = null) =>
        Read(utf8, PolicySyntax.Json, source, options);

    /// <summary>Reads a document and tells everything that is wrong with it; throws nothing for a bad one.</summary>
    public static PolicyReading Check(ReadOnlySpan<byte> utf8, PolicySyntax syntax, string source, PolicyReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return DocumentReader.Read(utf8, syntax, source, options ?? PolicyReadOptions.Default);
    }
}

/// <summary>What came of reading a document.</summary>
/// <param name="Document">The document; null if there are errors.</param>
/// <param name="Findings">Everything that was found, in the order of the text.</param>
public sealed record PolicyReading(PolicyDocument? Document, ImmutableArray<PolicyFinding> Findings);

/// <summary>An element of <c>variable</c>.</summary>
/// <param name="Name">The name.</param>
/// <param name="Literals">Its values: plain text, never templates. Empty = declared only.</param>
/// <param name="Location">Where.</param>
public sealed record PolicyVariable(string Name, ImmutableArray<string> Literals, PolicyLocation Location);

/// <summary>Rights as a document names them.</summary>
/// <param name="Words">The names, groups among them.</param>
/// <param name="Mask">The rights they stand for, by the document's own <c>abi</c>.</param>
public readonly record struct PolicyRights(ImmutableArray<string> Words, ulong Mask)
{
    /// <summary>No rights, not named at all.</summary>
    public static PolicyRights None { get; } = new([], 0);
}

/// <summary>An element of <c>ruleset</c>.</summary>
/// <param name="Fs">handled_access_fs.</param>
/// <param name="Net">handled_access_net.</param>
/// <param name="Scoped">scoped.</param>
/// <param name="Location">Where.</param>
public sealed record PolicyHandled(PolicyRights Fs, PolicyRights Net, PolicyRights Scoped, PolicyLocation Location);

/// <summary>An element of <c>path_beneath</c>.</summary>
/// <param name="Allowed">allowed_access.</param>
/// <param name="Parents">The paths.</param>
/// <param name="Location">Where.</param>
public sealed record PolicyPathEntry(PolicyRights Allowed, ImmutableArray<PolicyTemplate> Parents, PolicyLocation Location)
{
    /// <summary>
    /// Skip paths that do not exist; null = as the document's <c>missing_paths</c> says. Only in the table <c>landlockps</c>.
    /// </summary>
    public bool? Optional { get; init; }

    /// <summary>Paths beneath the parents that the rules are not for. Only in the table <c>landlockps</c>.</summary>
    public ImmutableArray<PolicyTemplate> Except { get; init; } = [];

    /// <summary>Do not log denials beneath the paths. Only in the table <c>landlockps</c>.</summary>
    public bool Quiet { get; init; }

    /// <summary>The rules' own level. Only in the table <c>landlockps</c>.</summary>
    public Compatibility? Compatibility { get; init; }
}

/// <summary>An element of <c>net_port</c>.</summary>
/// <param name="Allowed">allowed_access.</param>
/// <param name="Ports">The ports.</param>
/// <param name="Location">Where.</param>
public sealed record PolicyPortEntry(PolicyRights Allowed, ImmutableArray<PolicyPorts> Ports, PolicyLocation Location)
{
    /// <summary>Do not log denials on the ports. Only in the table <c>landlockps</c>.</summary>
    public bool Quiet { get; init; }

    /// <summary>The rules' own level. Only in the table <c>landlockps</c>.</summary>
    public Compatibility? Compatibility { get; init; }
}

/// <summary>
/// A port, or a range of ports (only in the table <c>landlockps</c>). A document may name any number; a ruleset takes those up to 65535.
/// </summary>
/// <param name="First">Lowest port.</param>
/// <param name="Last">Highest port.</param>
/// <param name="Location">Where.</param>
public readonly record struct PolicyPorts(ulong First, ulong Last, PolicyLocation Location)
{
    /// <inheritdoc/>
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}

/// <summary>The table <c>landlockps</c>: what Landlock Config itself cannot say. Upstream refuses documents that have it.</summary>
public sealed record PolicyExtension
{
    /// <summary>name: the ruleset's name in messages and views.</summary>
    public string? Name { get; init; }

    /// <summary>description: one line for people.</summary>
    public string? Description { get; init; }

    /// <summary>compatibility: "best_effort", "soft_requirement" or "hard_requirement".</summary>
    public Compatibility? Compatibility { get; init; }

    /// <summary>
    /// missing_paths: "skip" (as upstream, also where the table is missing) or "refuse": what becomes of rules whose path does not exist,
    /// unless a rule says itself. True = refuse.
    /// </summary>
    public bool? RefuseMissing { get; init; }

    /// <summary>require, allow_degraded, disabled: what is asked of single protections.</summary>
    public ProtectionPromises Promises { get; init; } = ProtectionPromises.None;

    /// <summary>list_interfaces: sockets that list network interfaces, addresses and routes can be made (NETLINK_ROUTE).</summary>
    public bool? ListInterfaces { get; init; }

    /// <summary>
    /// connect_host: hosts that may be connected to by TCP (<see cref="HostRule.Parse"/>), and no others. They may hold variables.
    /// </summary>
    public ImmutableArray<PolicyTemplate> ConnectHost { get; init; } = [];

    /// <summary>log: "log_same_exec_off", "log_new_exec_on", "log_subdomains_off".</summary>
    public RestrictFlags LogFlags { get; init; }

    /// <summary>quiet_access_fs: denials that quiet path rules silence.</summary>
    public PolicyRights QuietFs { get; init; } = PolicyRights.None;

    /// <summary>quiet_access_net: denials that quiet port rules silence.</summary>
    public PolicyRights QuietNet { get; init; } = PolicyRights.None;

    /// <summary>quiet_scoped: scope denials that are never logged.</summary>
    public PolicyRights QuietScoped { get; init; } = PolicyRights.None;

    /// <summary>ruleset: as outside the table; the place for rights that upstream has no names for.</summary>
    public ImmutableArray<PolicyHandled> Rulesets { get; init; } = [];

    /// <summary>path_beneath: path rules with modifiers or with rights or bytes that upstream cannot name.</summary>
    public ImmutableArray<PolicyPathEntry> PathBeneath { get; init; } = [];

    /// <summary>net_port: port rules with modifiers, ranges, or rights that upstream cannot name.</summary>
    public ImmutableArray<PolicyPortEntry> NetPort { get; init; } = [];

    /// <summary>Where.</summary>
    public PolicyLocation Location { get; init; }
}
