using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Policies;
using Landlock.Rulesets;

namespace Landlock.Access;

/// <summary>One rule that is missing, ready to paste.</summary>
public sealed record AccessFix
{
    private AccessFix(ImmutableArray<int> layers, string parameter, string classParameter, string option)
    {
        Layers = layers;
        Parameter = parameter;
        ClassParameter = classParameter;
        Option = option;
    }

    /// <summary>Numbers of the layers that need it; the outermost is 1.</summary>
    public ImmutableArray<int> Layers { get; }

    /// <summary>The rule, if it is about a path.</summary>
    public PathRule? PathRule { get; private init; }

    /// <summary>The rule, if it is about a port.</summary>
    public NetRule? NetRule { get; private init; }

    /// <summary>The rule, if it is about a host.</summary>
    public HostRule? HostRule { get; private init; }

    /// <summary>The scope that would have to go, since no rule can grant what is outside a scope.</summary>
    public Scope Scope { get; private init; }

    /// <summary>
    /// As text for PowerShell: a parameter of Invoke-Landlocked ("-ReadOnly /usr") where an access class grants exactly what is missing, a
    /// call of Add-LandlockPathRule otherwise.
    /// </summary>
    public string Parameter { get; }

    /// <summary>
    /// The same as a parameter of Invoke-Landlocked in every case: of the narrowest access class that has the rights, which may
    /// allow more than is missing.
    /// </summary>
    public string ClassParameter { get; }

    /// <summary>As an option of landlocked, which grants exactly what is missing, quoted for a shell.</summary>
    public string Option { get; }

    /// <summary>As text for a policy in TOML; null for a scope, which is loosened by taking it out of the policy.</summary>
    public string? Toml =>
        PathRule is not null ? PolicyWriter.Snippet(PathRule) : NetRule is not null ? PolicyWriter.Snippet(NetRule)
        : HostRule is not null ? PolicyWriter.Snippet(HostRule) : null;

    /// <summary>A rule for a path.</summary>
    /// <param name="layers">Numbers of the layers.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="isDirectory">Whether its path is a directory.</param>
    /// <param name="handled">What those layers restrict.</param>
    /// <param name="granted">What they grant there already.</param>
    internal static AccessFix For(ImmutableArray<int> layers, PathRule rule, bool isDirectory, AccessFs handled, AccessFs granted)
    {
        AccessFs matters = isDirectory ? handled : handled & AbiTable.FileRights;
        AccessClass? named = AccessClass.All.FirstOrDefault(
            candidate => (candidate.Rights & matters & ~granted) == rule.Access && (candidate.Rights & rule.Access) == rule.Access);
        string names = string.Join(",", AbiTable.Names(rule.Access)), path = PowerShellText.Argument(rule.Path);
        AccessClass wide = named ?? AccessClass.All.First(candidate => (rule.Access & ~candidate.Rights) == 0);
        return new AccessFix(
            layers,
            named is null ? $"Add-LandlockPathRule {path} -Access {names}" : $"-{named.Name} {path}",
            $"-{wide.Name} {path}",
            named is null ? $"--access {ShellText.Word($"{names}:{rule.Path}")}" : $"{OptionName(named.Name)} {ShellText.Word(rule.Path)}")
        { PathRule = rule };
    }

    /// <summary>A rule for a port.</summary>
    internal static AccessFix For(ImmutableArray<int> layers, NetRule rule)
    {
        string[] names = [.. AbiTable.InMask(RightKind.Net, (ulong)rule.Access).Select(right => ParameterOf((AccessNet)right.Bit))];
        string text = string.Join(' ', names.Select(name => $"-{name} {rule.Port}"));
        return new AccessFix(layers, text, text,
            string.Join(' ', names.Select(name => $"{OptionName(name)} {rule.Port}")))
        { NetRule = rule };
    }

    /// <summary>A rule for a host.</summary>
    internal static AccessFix For(ImmutableArray<int> layers, HostRule rule)
    {
        string text = $"-ConnectHost {PowerShellText.Argument(rule.ToString())}";
        return new AccessFix(layers, text, text, $"--connect-host {ShellText.Word(rule.ToString())}") { HostRule = rule };
    }

    /// <summary>A scope.</summary>
    internal static AccessFix For(ImmutableArray<int> layers, Scope scope) =>
        new(layers, "-Unrestricted Scope", "-Unrestricted Scope", "--unrestricted scope") { Scope = scope };

    /// <inheritdoc/>
    public bool Equals(AccessFix? other) => other is not null && Parameter == other.Parameter && Layers.SequenceEqual(other.Layers)
        && PathRule == other.PathRule && NetRule == other.NetRule && HostRule == other.HostRule && Scope == other.Scope;

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

    // "ReadOnly" is --read-only.
    private static string OptionName(string name) =>
        "-" + string.Concat(name.Select(c => char.IsUpper(c) ? $"-{char.ToLowerInvariant(c)}" : $"{c}"));
}
