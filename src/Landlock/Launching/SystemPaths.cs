using System.Collections.Concurrent;
using System.Collections.Immutable;
using Landlock.Kernel;

namespace Landlock.Launching;

/// <summary>
/// Looks at paths, and remembers those of the baseline, and where daemons listen, for some seconds: every command asks for the same, and they are
/// the system's. If one of the baseline vanishes meanwhile, landlock-exec passes over its rule; one that appears is granted some seconds later.
/// </summary>
internal static class SystemPaths
{
    private const long MaxAge = 5000;

    private static readonly HashSet<string> s_paths = new(Baseline.Grants.Append(Baseline.Terminal).Select(grant => grant.Rule.Path), StringComparer.Ordinal);

    private static readonly ConcurrentDictionary<string, (PathKind Kind, long Time)> s_known = new(StringComparer.Ordinal);

    private static KnownSockets? s_sockets;

    /// <summary>The sockets of other programs that can be connected to; one that appears is found some seconds later.</summary>
    internal static ImmutableArray<KnownSocket> Sockets(Func<string, string?> variable, ImmutableArray<KnownSocket> others)
    {
        string key = string.Join('\0', KnownSocket.VariableNames.Select(variable));
        long now = Environment.TickCount64;
        if (s_sockets is { } known && now - known.Time < MaxAge && known.Key == key && known.Others == others) return known.Found;
        ImmutableArray<KnownSocket> found = KnownSocket.Find(variable, others);
        s_sockets = new KnownSockets(key, others, now, found);
        return found;
    }

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

    private sealed record KnownSockets(string Key, ImmutableArray<KnownSocket> Others, long Time, ImmutableArray<KnownSocket> Found);
}
