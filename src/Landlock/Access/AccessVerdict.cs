using System.Collections.Immutable;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>A rule that grants some of what was asked for.</summary>
/// <param name="Layer">Number of its layer; the outermost is 1.</param>
/// <param name="LayerName">Name of that layer's ruleset, if it has one.</param>
/// <param name="PathRule">The rule, if it is about a path, with the rights that apply to what is there.</param>
/// <param name="NetRule">The rule, if it is about ports.</param>
public sealed record ContributingRule(int Layer, string? LayerName, PathRule? PathRule, NetRule? NetRule)
{
    /// <summary>The rule, if it is about a host.</summary>
    public HostRule? HostRule { get; init; }

    /// <inheritdoc/>
    public override string ToString() => PathRule?.ToString() ?? NetRule?.ToString() ?? HostRule?.ToString() ?? "";
}

/// <summary>What one layer denies.</summary>
/// <param name="Layer">Number of the layer; the outermost is 1.</param>
/// <param name="LayerName">Name of its ruleset, if it has one.</param>
/// <param name="Place">The path or port that was judged: for making, removing and moving, the directory.</param>
/// <param name="Missing">Names of the rights or scopes.</param>
public sealed record LayerDenial(int Layer, string? LayerName, string Place, ImmutableArray<string> Missing)
{
    /// <inheritdoc/>
    public override string ToString() => $"layer {Layer}{(LayerName is null ? "" : $" '{PosixText.Printable(LayerName)}'")} denies "
        + $"{string.Join(",", Missing)} on {PosixText.Printable(Place)}";
}

/// <summary>What Landlock answers to one question, and why. Details are worked out when they are first asked for.</summary>
public sealed class AccessVerdict
{
    private readonly Func<VerdictDetails> _explain;
    private VerdictDetails? _details;

    internal AccessVerdict(bool allowed, string target, Func<VerdictDetails> explain)
    {
        Allowed = allowed;
        Target = target;
        _explain = explain;
    }

    /// <summary>Whether every layer allows it. Ordinary permissions are another matter.</summary>
    public bool Allowed { get; }

    /// <summary>What was asked about: a path or two, a port, a scope.</summary>
    public string Target { get; }

    /// <summary>
    /// The error that the kernel gives: EACCES, EXDEV (a file cannot be moved like this, but can be copied), EPERM
    /// (scopes); None if allowed.
    /// </summary>
    public Errno Error => Details.Error;

    /// <summary>What each layer denies, outermost first; empty if it is allowed.</summary>
    public ImmutableArray<LayerDenial> Denials => Details.Denials;

    /// <summary>The layer that decides: of those that deny, the innermost, which the kernel's log names; null if it is allowed.</summary>
    public LayerDenial? Decider => Denials.IsEmpty ? null : Denials[^1];

    /// <summary>The rules that grant what was asked for, or some of it; nearest first in each layer.</summary>
    public ImmutableArray<ContributingRule> Rules => Details.Rules;

    /// <summary>The smallest rules that together would allow it; empty if it is allowed, or if no rule can.</summary>
    public ImmutableArray<AccessFix> Fixes => Details.Fixes;

    /// <summary>The names of the rights or scopes that some layer denies, each once.</summary>
    public IEnumerable<string> Missing => Denials.SelectMany(denial => denial.Missing).Distinct();

    /// <summary>The rules that together would allow it, as parameters of Invoke-Landlocked, each once.</summary>
    public IEnumerable<string> Parameters => Fixes.Select(fix => fix.ClassParameter).Distinct();

    /// <summary>What else is worth knowing, in a sentence; null if nothing.</summary>
    public string? Note => Details.Note;

    private VerdictDetails Details => _details ??= _explain();

    /// <inheritdoc/>
    public override string ToString() => $"{PosixText.Printable(Target)}: {(Allowed ? "allowed" : string.Join("; ", Denials))}";
}

/// <summary>The part of a verdict that is worked out on demand.</summary>
internal sealed record VerdictDetails(Errno Error, ImmutableArray<LayerDenial> Denials, ImmutableArray<ContributingRule> Rules,
    ImmutableArray<AccessFix> Fixes, string? Note)
{
    public static VerdictDetails Free(string? note) => new(Errno.None, [], [], [], note);
}
