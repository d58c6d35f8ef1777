namespace Landlock.Abi;

/// <summary>What a right is about.</summary>
public enum RightKind
{
    /// <summary>A bit of <see cref="AccessFs"/>.</summary>
    Fs,

    /// <summary>A bit of <see cref="AccessNet"/>.</summary>
    Net,

    /// <summary>A bit of <see cref="Abi.Scope"/>.</summary>
    Scope,

    /// <summary>A bit of <see cref="RestrictFlags"/>.</summary>
    Flag,
}

/// <summary>One row of the kernel's table: a right, scope or flag, and the ABI that brought it.</summary>
/// <param name="Name">The kernel's name in lower snake case, as in Landlock Config documents.</param>
/// <param name="Kind">What the right is about.</param>
/// <param name="Bit">Its bit in the mask of its kind.</param>
/// <param name="Abi">First Landlock ABI that has it.</param>
/// <param name="AppliesToFiles">A path-beneath rule on something that is not a directory may hold it (filesystem rights only).</param>
public sealed record Right(string Name, RightKind Kind, ulong Bit, int Abi, bool AppliesToFiles)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
