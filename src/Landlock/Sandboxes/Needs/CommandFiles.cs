using System.Collections.Immutable;
using Landlock.Linux;

namespace Landlock.Sandboxes.Needs;

/// <summary>The files of a command that brings an installation of its own along: a PowerShell, or a dotnet with its assembly.</summary>
internal static class CommandFiles
{
    /// <summary>Its files, without links; none of any other command.</summary>
    /// <param name="command">The command: a name to look up, or a path; empty where it is not known yet.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="searchPath">PATH for looking it up.</param>
    /// <param name="directory">Absolute directory that relative paths start from.</param>
    public static ImmutableArray<string> Of(string command, ImmutableArray<string> arguments, string searchPath, string directory)
    {
        if (command.Length == 0
            || CommandLookup.Find(command, searchPath, directory) is not { Status: CommandStatus.Found, Path: { } path }
            || PosixFile.RealPath(path) is not { } program)
            return [];
        string name = Path.GetFileName(program);
        if (name == "pwsh") return [program];
        if (name != "dotnet") return [];
        string? assembly = arguments.FirstOrDefault(argument => argument.EndsWith(".dll", StringComparison.Ordinal));
        if (assembly is null) return [program];
        return PosixFile.RealPath(new ClosureOptions { WorkingDirectory = directory }.Absolute(assembly)) is { } real
            ? [program, real] : [program];
    }
}
