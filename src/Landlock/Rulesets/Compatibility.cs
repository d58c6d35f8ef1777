namespace Landlock.Rulesets;

/// <summary>What to do where the kernel cannot enforce something that was asked for. The words and meaning are rust-landlock's.</summary>
public enum Compatibility
{
    /// <summary>Enforce what the kernel can; report the rest.</summary>
    BestEffort,

    /// <summary>If anything is missing, enforce nothing: the status says NotEnforced, and no command runs.</summary>
    SoftRequirement,

    /// <summary>If anything is missing, that is an error.</summary>
    HardRequirement,
}
