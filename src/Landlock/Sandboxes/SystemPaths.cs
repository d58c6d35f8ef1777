using System.Collections.Concurrent;
using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Sandboxes.Needs;

namespace Landlock.Sandboxes;

/// <summary>
/// Looks at paths, and remembers where daemons listen for some seconds, and those of the baseline as long as the same is there: every
/// command asks for them, and they are the system's.
/// </summary>
internal static class SystemPaths
{
    private const long MaxAge = 5000;

    private static readonly HashSet<string> s_paths =
        new(Baseline.Grants.Select(grant => grant.Rule.Path).Append(Baseline.Terminal.Rule.Path), StringComparer.Ordinal);

    private static readonly ConcurrentDictionary<string, FoundPath> s_known = new(StringComparer.Ordinal);

    private static KnownSockets? s_sockets;

    /// <summary>The sockets of other programs that can be connected to; one that appears is found some seconds later.</summary>
    internal static ImmutableArray<KnownSocket> Sockets(Func<string, string?> variable, ImmutableArray<KnownSocket> others)
    {
        string key = string.Join('\0', Linux.KnownSockets.VariableNames.Select(variable));
        long now = Environment.TickCount64;
        if (s_sockets is { } known && now - known.Time < MaxAge && known.Key == key && known.Others == others) return known.Found;
        ImmutableArray<KnownSocket> found = Linux.KnownSockets.Find(variable, others);
        s_sockets = new KnownSockets(key, others, now, found);
        return found;
    }

    /// <summary>What an absolute path leads to, symbolic links followed.</summary>
    internal static FoundPath Find(string path)
    {
        if (!s_paths.Contains(path)) return PosixFile.Find(path);
        if (s_known.TryGetValue(path, out FoundPath? known) && PosixFile.Stat(path)?.Identity is var now
            && (known.Exists ? now == known.Identity : now is null))
        {
            return known;
        }
        return s_known[path] = PosixFile.Find(path);
    }

    private sealed record KnownSockets(string Key, ImmutableArray<KnownSocket> Others, long Time, ImmutableArray<KnownSocket> Found);
}
