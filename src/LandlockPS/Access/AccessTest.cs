using System.Collections.Immutable;
using Landlock.Access;

namespace LandlockPS;

/// <summary>The answer of Test-LandlockAccess.</summary>
public sealed class AccessTest
{
    private readonly AccessVerdict _verdict;

    internal AccessTest(AccessVerdict verdict, string path, string access, string? asStarted = null)
    {
        AsStarted = asStarted;
        _verdict = verdict;
        Path = path;
        Access = access;
    }

    /// <summary>Whether every layer allows it.</summary>
    public bool Allowed => _verdict.Allowed;

    /// <summary>The path, "port N" or the scope that was asked about.</summary>
    public string Path { get; }

    /// <summary>What was asked for: an access class, or names of rights.</summary>
    public string Access { get; }

    /// <summary>Number of the layer that decides, the outermost being 1; $null if it is allowed.</summary>
    public int? Layer => _verdict.Decider?.Layer;

    /// <summary>Name of that layer's ruleset.</summary>
    public string? LayerName => _verdict.Decider?.LayerName;

    /// <summary>The rules that grant it, or some of it.</summary>
    public ImmutableArray<ContributingRule> Rule => _verdict.Rules;

    /// <summary>The rights that some layer denies.</summary>
    public string[] Missing => [.. _verdict.Missing];

    /// <summary>What each layer denies.</summary>
    public ImmutableArray<LayerDenial> Denials => _verdict.Denials;

    /// <summary>The smallest rules that would allow it, as text for PowerShell; empty if it is allowed, or if no rule can.</summary>
    public ImmutableArray<AccessFix> Fix => _verdict.Fixes;

    /// <summary>The same as text for a policy.</summary>
    public string Toml => string.Join("\n", _verdict.Fixes.Select(fix => fix.Toml).OfType<string>());

    /// <summary>
    /// The names of the sandboxes that this process is in, if the answer is about those, as they were started; $null if it was said which
    /// sandbox it is about.
    /// </summary>
    public string? AsStarted { get; }

    /// <summary>What else is worth knowing.</summary>
    public string? Note => _verdict.Note;

    /// <inheritdoc/>
    public override string ToString() => $"{PosixText.Printable(Path)}: {Access} {(Allowed ? "allowed" : "denied")}";
}
