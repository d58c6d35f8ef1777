using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Rulesets;

/// <summary>Finds the rules that an exception belongs to: those whose directory really holds it, whatever the two are called.</summary>
internal sealed class ExceptionPlace
{
    private readonly string? _baseDirectory;
    private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);

    /// <summary>Creates the finder.</summary>
    /// <param name="baseDirectory">
    /// Absolute directory that relative paths start from; null where it is not known, and relative paths are compared as texts.
    /// </param>
    public ExceptionPlace(string? baseDirectory)
    {
        _baseDirectory = baseDirectory;
    }

    /// <summary>
    /// Whether an exception is beneath a rule's directory, and not the directory itself, or whether the rule lets a link be exchanged
    /// that leads to it. Both paths are normalized.
    /// </summary>
    public bool IsInside(string exception, string directory, AccessFs access)
    {
        string place = Of(exception), around = Of(directory);
        return (place != around && PathRule.IsBeneath(place, around))
            || (IsKnown(exception) && LinksWithin(Absolute(exception), around, access).Count > 0);
    }

    /// <summary>The links that a path leads through, where rights beneath a directory let them be exchanged.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="directory">The directory's real path.</param>
    /// <param name="access">The rights there.</param>
    public static IReadOnlyList<string> LinksWithin(string path, string directory, AccessFs access) =>
        (access & RuleExpansion.OverEntries) == 0 ? []
            : [.. LinkTrail.Of(path).Where(link => link != directory && PathRule.IsBeneath(link, directory))];

    /// <summary>A path for a message, with where it leads if that is elsewhere.</summary>
    public string Show(string path)
    {
        string place = Of(path);
        string shown = $"'{PosixText.Printable(path)}'";
        return place == path || !path.StartsWith('/') ? shown : $"{shown} (which is '{PosixText.Printable(place)}')";
    }

    /// <summary>Where a path really is; as it stands where that is not known.</summary>
    public string Of(string path) =>
        _places.TryGetValue(path, out string? known) ? known
            : _places[path] = IsKnown(path) ? PosixFile.RealPlace(Absolute(path)) : path;

    private bool IsKnown(string path) => path.StartsWith('/') || _baseDirectory is not null;

    private string Absolute(string path) => RulesetResolver.Absolute(path, _baseDirectory ?? "/");
}
