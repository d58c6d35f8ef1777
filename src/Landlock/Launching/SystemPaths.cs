using System.Collections.Concurrent;
using Landlock.Kernel;

namespace Landlock.Launching;

/// <summary>
/// Looks at paths, and remembers those of the baseline for some seconds: every command asks for the same thirty, and they are the system's. If one
/// vanishes meanwhile, landlock-exec passes over its rule; one that appears is granted some seconds later.
/// </summary>
internal static class SystemPaths
{
    private const long MaxAge = 5000;

    private static readonly HashSet<string> s_paths = new(Baseline.Grants.Append(Baseline.Terminal).Select(grant => grant.Rule.Path), StringComparer.Ordinal);

    private static readonly ConcurrentDictionary<string, (PathKind Kind, long Time)> s_known = new(StringComparer.Ordinal);

    /// <summary>What an absolute path is, symbolic links followed.</summary>
    internal static PathKind Inspect(string path)
    {
        if (!s_paths.Contains(path)) return PosixFile.Inspect(path);
        long now = Environment.TickCount64;
        if (s_known.TryGetValue(path, out (PathKind Kind, long Time) known) && now - known.Time < MaxAge) return known.Kind;
        PathKind kind = PosixFile.Inspect(path);
        s_known[path] = (kind, now);
        return kind;
    }
}
