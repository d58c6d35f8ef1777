using Landlock.Abi;

namespace Landlock.Rulesets;

/// <summary>What has become of a protection. The words are sandlock's.</summary>
public enum ProtectionState
{
    /// <summary>It holds.</summary>
    Active,

    /// <summary>It was asked for, and holds in part or not at all.</summary>
    Degraded,

    /// <summary>It was not asked for, or left out on purpose; the kernel has it.</summary>
    Disabled,

    /// <summary>It was not asked for, and this kernel does not have it.</summary>
    Unavailable,
}

/// <summary>What keeps a protection.</summary>
[Flags]
public enum ProtectionMeans
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A Landlock domain.</summary>
    Landlock = 1,

    /// <summary>A seccomp filter.</summary>
    Seccomp = 2,
}

/// <summary>One protection of a sandbox: whether it holds, by what means, and why.</summary>
/// <param name="Protection">Which.</param>
/// <param name="State">Whether it holds.</param>
/// <param name="By">What keeps it; none unless it is active.</param>
/// <param name="Reason">Why it is in that state; "" where there is nothing to say.</param>
public sealed record ProtectionStatus(Protection Protection, ProtectionState State, ProtectionMeans By, string Reason)
{
    /// <summary>The name in lower snake case.</summary>
    public string Name => ProtectionPart.Names(Protection);

    /// <inheritdoc/>
    public override string ToString() => Reason.Length == 0 ? $"{Name} is {State.ToString().ToLowerInvariant()}"
        : $"{Name} is {State.ToString().ToLowerInvariant()}: {Reason}";
}
