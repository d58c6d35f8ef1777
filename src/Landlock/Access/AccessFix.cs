using System.Collections.Immutable;
using Landlock.Kernel;
using Landlock.Policies;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>One rule that is missing, ready to paste.</summary>
public sealed record AccessFix
{
    private AccessFix(ImmutableArray<int> layers, string parameter)
    {
        Layers = layers;
        Parameter = parameter;
    }

    /// <summary>Numbers of the layers that need it; the outermost is 1.</summary>
    public ImmutableArray<int> Layers { get; }

    /// <summary>The rule, if it is about a path.</summary>
    public PathRule? PathRule { get; private init; }

    /// <summary>The rule, if it is about a port.</summary>
    public NetRule? NetRule { get; private init; }

    /// <summary>The scope that would have to go, since no rule can grant what is outside a scope.</summary>
    public Scope Scope { get; private init; }

    /// <summary>
    /// As text for PowerShell: a parameter of Invoke-Landlocked ("-ReadOnly /usr") where an access class grants exactly what is missing, a call
    /// of Add-LandlockPathRule otherwise.
    /// </summary>
    public string Parameter { get; }

    /// <summary>As text for a policy in TOML; null for a scope, which is loosened by taking it out of the policy.</summary>
    public string? Toml => PathRule is not null ? PolicyWriter.Snippet(PathRule) : NetRule is not null ? PolicyWriter.Snippet(NetRule) : null;

    /// <summary>A rule for a path.</summary>
    /// <param name="layers">Numbers of the layers.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="isDirectory">Whether its path is a directory.</param>
    /// <param name="handled">What those layers restrict.</param>
    /// <param name="granted">What they grant there already.</param>
    internal static AccessFix For(ImmutableArray<int> layers, PathRule rule, bool isDirectory, AccessFs handled, AccessFs granted)
    {
        AccessFs matters = isDirectory ? handled : handled & Abi.FileRights;
        AccessClass? named = AccessClass.All.FirstOrDefault(candidate => (candidate.Rights & matters & ~granted) == rule.Access && (candidate.Rights & rule.Access) == rule.Access);
        string path = PowerShellText(rule.Path);
        return new AccessFix(layers, named is null ? $"Add-LandlockPathRule {path} -Access {string.Join(",", Abi.Names(rule.Access))}" : $"-{named.Name} {path}") { PathRule = rule };
    }

    /// <summary>A rule for a port.</summary>
    internal static AccessFix For(ImmutableArray<int> layers, NetRule rule)
    {
        IEnumerable<string> parameters = Abi.InMask(RightKind.Net, (ulong)rule.Access).Select(right => $"-{ParameterOf((AccessNet)right.Bit)} {rule.Port}");
        return new AccessFix(layers, string.Join(' ', parameters)) { NetRule = rule };
    }

    /// <summary>A scope.</summary>
    internal static AccessFix For(ImmutableArray<int> layers, Scope scope) => new(layers, "-Unrestricted Scope") { Scope = scope };

    /// <inheritdoc/>
    public bool Equals(AccessFix? other) => other is not null && Parameter == other.Parameter && Layers.SequenceEqual(other.Layers) && PathRule == other.PathRule && NetRule == other.NetRule && Scope == other.Scope;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Parameter, Layers.Length);

    /// <inheritdoc/>
    public override string ToString() => Parameter;

    private static string ParameterOf(AccessNet right) => right switch
    {
        AccessNet.BindTcp => "BindTcp",
        AccessNet.ConnectTcp => "ConnectTcp",
        AccessNet.BindUdp => "BindUdp",
        _ => "ConnectSendUdp",
    };

    private static string PowerShellText(string path) =>
        path.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+:=%".Contains(c, StringComparison.Ordinal)) && !path.StartsWith('-') ? path : $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";
}
