using System.Collections.Immutable;
using Landlock.Abi;

namespace Landlock.Rulesets;

/// <summary>An everyday name for a set of filesystem rights; the same in cmdlets, on the command line and in documents.</summary>
/// <param name="Name">The name ("ReadOnly").</param>
/// <param name="Rights">Its rights on a directory; for other files the directory-only ones do not apply.</param>
/// <param name="Description">What it allows, in a few words.</param>
public sealed record AccessClass(string Name, AccessFs Rights, string Description)
{
    private const AccessFs Everything = (AccessFs)0x1FFFF;

    /// <summary>Read files and list directories.</summary>
    public static AccessClass ReadData { get; } = new("ReadData", AccessFs.ReadFile | AccessFs.ReadDir, "read files, list directories");

    /// <summary>Read, list and execute.</summary>
    public static AccessClass ReadOnly { get; } =
        new("ReadOnly", AccessFs.ReadFile | AccessFs.ReadDir | AccessFs.Execute, "read, list and execute");

    /// <summary>Read, and change the content of files that exist.</summary>
    public static AccessClass Edit { get; } =
        new("Edit", ReadData.Rights | AccessFs.WriteFile | AccessFs.Truncate, "read, and change files that exist");

    /// <summary>Every right but execute.</summary>
    public static AccessClass ReadWrite { get; } = new("ReadWrite", Everything & ~AccessFs.Execute, "everything but execute");

    /// <summary>Every right.</summary>
    public static AccessClass ReadWriteExecute { get; } = new("ReadWriteExecute", Everything, "everything");

    /// <summary>Connect to UNIX sockets in the filesystem (ABI 9).</summary>
    public static AccessClass UnixSocket { get; } = new("UnixSocket", AccessFs.ResolveUnix, "connect to UNIX sockets (ABI 9)");

    /// <summary>Every class, from narrow to wide.</summary>
    public static ImmutableArray<AccessClass> All { get; } = [ReadData, ReadOnly, Edit, ReadWrite, ReadWriteExecute, UnixSocket];

    /// <summary>The class whose rights, among those a ruleset handles, are exactly these; null if none.</summary>
    public static AccessClass? Matching(AccessFs access, AccessFs handled)
    {
        if (access == AccessFs.None) return null;
        foreach (AccessClass candidate in All)
            if ((candidate.Rights & handled) == access) return candidate;
        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
