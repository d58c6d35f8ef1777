using System.Runtime.InteropServices;

namespace Landlock.Sandboxes.Needs;

/// <summary>What the closure of a command depends on besides files: the environment that the command will get.</summary>
internal sealed record ClosureOptions
{
    /// <summary>The absolute directory in which the command starts; relative paths count from it.</summary>
    public string WorkingDirectory { get; init; } = "/";

    /// <summary>PATH of the command (environ(7)), by which env(1) in a "#!" line finds programs; null when unset.</summary>
    public string? Path { get; init; }

    /// <summary>LD_LIBRARY_PATH of the command (ld.so(8)), or null when unset.</summary>
    public string? LibraryPath { get; init; }

    /// <summary>LD_PRELOAD of the command (ld.so(8)), or null when unset.</summary>
    public string? Preload { get; init; }

    /// <summary>The cache of library locations (ld.so(8), FILES).</summary>
    public string CacheFile { get; init; } = "/etc/ld.so.cache";

    /// <summary>The list of libraries that every program loads first (ld.so(8), FILES).</summary>
    public string PreloadFile { get; init; } = "/etc/ld.so.preload";

    /// <summary>The architecture whose programs the kernel runs itself.</summary>
    public Architecture Host { get; init; } = RuntimeInformation.OSArchitecture;

    /// <summary>The absolute form of a path that may be relative to <see cref="WorkingDirectory"/>.</summary>
    internal string Absolute(string path)
    {
        if (path.StartsWith('/')) return path;
        return WorkingDirectory.EndsWith('/') ? WorkingDirectory + path : WorkingDirectory + "/" + path;
    }
}
