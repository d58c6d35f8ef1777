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

    /// <summary>Whether an exception is beneath a rule's directory, and not the directory itself. Both are normalized.</summary>
    public bool IsInside(string exception, string directory)
    {
        string place = Of(exception), around = Of(directory);
        return place != around && PathRule.IsBeneath(place, around);
    }

    /// <summary>A path for a message, with where it leads if that is elsewhere.</summary>
    public string Show(string path)
    {
        string place = Of(path);
        string shown = $"'{PosixText.Printable(path)}'";
        return place == path || !path.StartsWith('/') ? shown : $"{shown} (which is '{PosixText.Printable(place)}')";
    }

    private string Of(string path)
    {
        if (_places.TryGetValue(path, out string? known)) return known;
        bool absolute = path.StartsWith('/') || _baseDirectory is not null;
        return _places[path] = absolute ? PosixFile.RealPlace(RulesetResolver.Absolute(path, _baseDirectory ?? "/")) : path;
    }
}
