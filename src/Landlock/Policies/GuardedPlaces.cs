using System.Collections.Immutable;
using Landlock.Linux;

namespace Landlock.Policies;

/// <summary>Directories that a policy must not be widened to by itself: what they hold has nothing in common, or is secret.</summary>
internal sealed class GuardedPlaces
{
    private static readonly string[] Everywhere = ["/", "/etc", "/proc", "/sys", "/dev", "/home", "/root", "/usr", "/var", "/run", "/boot"];
    private static readonly string[] AtHome =
    [
        "", "/.ssh", "/.gnupg", "/.config", "/.local", "/.local/share", "/.aws", "/.kube", "/.mozilla",
    ];

    private readonly HashSet<string> _places, _allowed;

    /// <summary>Creates the set.</summary>
    /// <param name="home">The home directory; null if there is none.</param>
    /// <param name="allowed">Places that may be widened to all the same, because somebody said so.</param>
    public GuardedPlaces(string? home, ImmutableArray<string> allowed)
    {
        IEnumerable<string> own = home is null || !home.StartsWith('/') ? [] : AtHome.Select(name => home.TrimEnd('/') + name);
        _allowed = Named(allowed.Select(path => path.Length > 1 ? path.TrimEnd('/') : path));
        _places = [.. Named(Everywhere.Concat(own)).Except(_allowed)];
    }

    // A directory on the way may be a link (/home to /var/home, say), and what was traced may have either name.
    private static HashSet<string> Named(IEnumerable<string> paths) =>
        [.. paths.SelectMany(path => path.StartsWith('/') ? [path, PosixFile.RealPlace(path)] : (string[])[path])];

    /// <summary>Whether a directory is guarded, or holds one that is.</summary>
    public bool Contains(string directory)
    {
        string real = PosixFile.RealPlace(directory);
        return !_allowed.Contains(directory) && !_allowed.Contains(real)
            && (IsGuarded(directory) || (real != directory && IsGuarded(real)));
    }

    private bool IsGuarded(string directory) =>
        _places.Contains(directory) || _places.Any(place => place.StartsWith(directory + "/", StringComparison.Ordinal));
}
