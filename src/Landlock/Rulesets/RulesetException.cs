namespace Landlock.Rulesets;

/// <summary>What is wrong with a ruleset.</summary>
public enum RulesetProblem
{
    /// <summary>A word names no access, right or scope.</summary>
    UnknownName,

    /// <summary>A port or range is malformed or outside 0 to 65535.</summary>
    InvalidPort,

    /// <summary>A host is no name, address or network, or has no possible port.</summary>
    InvalidHost,

    /// <summary>A path is empty, or holds a NUL.</summary>
    InvalidPath,

    /// <summary>No right of a rule is left: not handled, or not applicable to what the path is.</summary>
    EmptyAccess,

    /// <summary>The ruleset handles no right and no scope: it would restrict nothing.</summary>
    NothingHandled,

    /// <summary>A rule's path does not exist.</summary>
    PathNotFound,

    /// <summary>A rule's path cannot be opened for another reason.</summary>
    PathNotUsable,

    /// <summary>Something is required that the kernel cannot enforce.</summary>
    Incompatible,

    /// <summary>Things are asked for that contradict each other.</summary>
    Contradictory,

    /// <summary>More nested layers than the kernel accepts.</summary>
    TooManyLayers,

    /// <summary>
    /// A rule's exception cannot be kept: it is elsewhere, allowed by another rule, or the rule gives what cannot be taken back.
    /// </summary>
    InvalidException,

    /// <summary>Protections are asked for that contradict each other, or the ruleset.</summary>
    InvalidProtection,

    /// <summary>A protection is required and does not hold.</summary>
    ProtectionMissing,

    /// <summary>An ABI number outside the table.</summary>
    InvalidAbi,
}

/// <summary>A ruleset cannot be built or enforced as asked. The message names the path, port or right, and what would help.</summary>
public sealed class RulesetException : Exception
{
    /// <summary>Creates the exception.</summary>
    public RulesetException(RulesetProblem problem, string? target, string message)
        : base(message)
    {
        Problem = problem;
        Target = target;
    }

    /// <summary>What is wrong.</summary>
    public RulesetProblem Problem { get; }

    /// <summary>The path, port or word it is about.</summary>
    public string? Target { get; }
}
