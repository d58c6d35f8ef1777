using Landlock.Linux;

namespace Landlock.Rulesets;

/// <summary>
/// The named set of places that hold secrets (docs/secrets.md): of this user, for root also of those who log in, and of the machine. What
/// exists of it is left out; about the rest nothing is said.
/// </summary>
internal sealed class ExceptionSet
{
    /// <summary>The word for it.</summary>
    public const string Word = "Secrets";

    // Longer lists of homes are those of a server, whose filesystems may be mounted when somebody looks.
    private const int MostHomes = 100;

    private readonly HashSet<PathRule> _said;
    private readonly ExceptionPlace _places;
    private readonly string[] _secrets;
    private readonly SortedSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>
    /// Looks for the places that exist and that this user may open, or may allow himself to open. A rule that is for a place itself says
    /// that it is no secret here.
    /// </summary>
    /// <param name="said">Rules that somebody wrote.</param>
    /// <param name="baseDirectory">Absolute directory that relative paths start from.</param>
    public ExceptionSet(IEnumerable<PathRule> said, string? baseDirectory)
    {
        _said = [.. said];
        _places = new ExceptionPlace(baseDirectory);
        HashSet<string> open = [.. _said.Select(rule => _places.Of(rule.Path))];
        _secrets = [.. All().Where(place => PosixEntry.Look(place, follow: true).Exists && !open.Contains(_places.Of(place))
            && IsWithinReach(place))];
    }

    /// <summary>The places that were left out of some rule so far.</summary>
    public IReadOnlyCollection<string> Used => _used;

    /// <summary>Whether a text is the word, whatever the case.</summary>
    public static bool IsWord(string text) => string.Equals(text, Word, StringComparison.OrdinalIgnoreCase);

    /// <summary>The rule without the places; null for one that nobody wrote and that is for nothing else.</summary>
    public PathRule? Leave(PathRule rule)
    {
        string at = _places.Of(rule.Path);
        if (!_said.Contains(rule) && Array.Exists(_secrets, secret => PathRule.IsBeneath(at, _places.Of(secret)))) return null;
        string[] inside = [.. _secrets.Where(secret => _places.IsInside(secret, rule.Path, rule.Access))];
        _used.UnionWith(inside);
        return inside.Length == 0 ? rule : rule with { Except = [.. rule.Except, .. inside] };
    }

    /// <summary>Every place, whether it exists or not.</summary>
    public static IEnumerable<string> All()
    {
        IEnumerable<string> homes = Homes().Distinct().SelectMany(home => SecretPlaces.AtHome.Select(place => (home, place)))
            .Select(at => At(at.home, at.place));
        return homes.Concat(SecretPlaces.OfVariables.SelectMany(Named)).Concat(SecretPlaces.OfMachine).Distinct();
    }

    private static bool IsWithinReach(string path) => PosixEntry.IsPermitted(path, read: true, write: false, execute: false)
        || PosixEntry.IsPermitted(path, read: false, write: true, execute: false)
        || PosixEntry.IsPermitted(path, read: false, write: false, execute: true) || PosixFile.Owner(path) == CurrentUser.Id;

    private static string At(string home, string place)
    {
        // Whoever moves a directory of the XDG specification by its variable is looked for there as well (OfVariables).
        string path = place[(place.IndexOf('/') + 1)..];
        return place[..place.IndexOf('/')] switch
        {
            "$config" => $"{home}/.config/{path}",
            "$data" => $"{home}/.local/share/{path}",
            "$cache" => $"{home}/.cache/{path}",
            _ => $"{home}/{path}",
        };
    }

    // What variables of the environment name: files or directories, or what is beneath a directory.
    private static IEnumerable<string> Named(string written)
    {
        int slash = written.IndexOf('/');
        string name = slash < 0 ? written[1..] : written[1..slash], rest = slash < 0 ? "" : written[slash..];
        return (System.Environment.GetEnvironmentVariable(name) ?? "").Split(':').Where(value => value.StartsWith('/'))
            .Select(value => PathRule.Normalize(value + rest));
    }

    private static IEnumerable<string> Homes()
    {
        if (System.Environment.GetEnvironmentVariable("HOME") is { } home && home.StartsWith('/') && home.Length > 1)
            yield return PathRule.Normalize(home);
        uint user = CurrentUser.Id;
        foreach (string line in Users().Take(MostHomes))
        {
            // root:x:0:0:root:/root:/bin/bash (passwd(5)). The users of services begin below 1000, nobody is 65534.
            string[] fields = line.Split(':');
            if (fields.Length > 5 && uint.TryParse(fields[2], out uint id) && fields[5].StartsWith('/') && fields[5].Length > 1
                && (id == user || (user == 0 && id is >= 1000 and < 65534)))
            {
                yield return PathRule.Normalize(fields[5]);
            }
        }
    }

    private static string[] Users()
    {
        try
        {
            return File.ReadAllLines("/etc/passwd");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
