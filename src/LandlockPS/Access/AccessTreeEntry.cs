using Landlock.Abi;
using Landlock.Rulesets;

namespace LandlockPS;

/// <summary>One line of Show-LandlockAccess: a path and what is allowed there.</summary>
public sealed class AccessTreeEntry
{
    internal AccessTreeEntry(string path, string name, string indent, bool isDirectory, string? linkTarget, AccessFs granted,
        AccessFs restricted)
    {
        (Path, Name, Indent, IsDirectory, LinkTarget, Granted, Restricted) = (path, name, indent, isDirectory, linkTarget, granted,
            restricted);
    }

    /// <summary>The path.</summary>
    public string Path { get; }

    /// <summary>Its last part.</summary>
    public string Name { get; }

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory { get; }

    /// <summary>Where a symbolic link points to; its target is what is judged.</summary>
    public string? LinkTarget { get; }

    /// <summary>The rights allowed, of those that apply to what is there.</summary>
    public AccessFs Granted { get; }

    /// <summary>The rights that the sandbox restricts, of those that apply.</summary>
    public AccessFs Restricted { get; }

    /// <summary>What is allowed, in the fewest words.</summary>
    public string Access => Restricted == 0 ? "unrestricted" : AccessText.Show(Granted & Restricted, Restricted);

    /// <summary>Lines that lead to the name in the view.</summary>
    internal string Indent { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Access} {PosixText.Printable(Path)}";
}
