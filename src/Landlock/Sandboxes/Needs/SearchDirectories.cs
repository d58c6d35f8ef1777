using Landlock.Linux;

namespace Landlock.Sandboxes.Needs;

/// <summary>A directory in a library search path.</summary>
/// <param name="Prefix">Its path with a slash at the end.</param>
/// <param name="Better">Those of its subdirectories, with a slash at the end, that ld.so may prefer on some processors.</param>
internal sealed record SearchDirectory(string Prefix, IReadOnlyList<string> Better);

/// <summary>Knows which directories of library search paths exist, and looks at each once.</summary>
internal sealed class SearchDirectories(ClosureOptions options, ElfPlatform platform, bool musl, HashSet<string> lookedAt)
{
    /// <summary>Far more directories than any real program names.</summary>
    private const int MaxDirectories = 10_000;

    private readonly Dictionary<string, SearchDirectory?> _known = new(StringComparer.Ordinal);

    internal bool IsExhausted => _known.Count >= MaxDirectories;

    /// <summary>
    /// The directories of a search path (ld.so(8)) in order. One element gives a group of directories when it has tokens with several
    /// possible values; an empty element is the working directory.
    /// </summary>
    internal List<List<SearchDirectory>> Split(string path, ReadOnlySpan<char> separators, string origin)
    {
        List<List<SearchDirectory>> groups = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        ReadOnlySpan<char> rest = path;
        while (true)
        {
            int end = rest.IndexOfAny(separators);
            string element = (end < 0 ? rest : rest[..end]).ToString();
            if (seen.Add(element))
            {
                List<SearchDirectory> group = [];
                foreach (string directory in DynamicTokens.Expand(element, origin, platform))
                {
                    if (Find(directory) is { } found) group.Add(found);
                }

                if (group.Count > 0) groups.Add(group);
            }

            if (end < 0) return groups;
            rest = rest[(end + 1)..];
        }
    }

    /// <summary>The directory, or null when it does not exist.</summary>
    internal SearchDirectory? Find(string path)
    {
        string prefix = options.Absolute(path);
        if (!prefix.EndsWith('/')) prefix += "/";
        if (_known.TryGetValue(prefix, out SearchDirectory? known)) return known;
        if (IsExhausted) return null;

        SearchDirectory? directory = null;
        if (IsDirectory(prefix))
        {
            List<string> better = [];
            if (!musl)
            {
                AddExisting(better, prefix + "glibc-hwcaps/", platform.HwCaps);
                AddLegacy(better, prefix, 0);
            }

            directory = new SearchDirectory(prefix, better);
        }

        _known.Add(prefix, directory);
        return directory;
    }

    private void AddExisting(List<string> found, string prefix, string[] names)
    {
        if (names.Length == 0 || !IsDirectory(prefix)) return;
        foreach (string name in names)
        {
            if (IsDirectory(prefix + name)) found.Add(prefix + name + "/");
        }
    }

    private void AddLegacy(List<string> found, string prefix, int from)
    {
        for (int i = from; i < platform.Legacy.Length; i++)
        {
            string path = prefix + platform.Legacy[i] + "/";
            if (!IsDirectory(path)) continue;
            AddLegacy(found, path, i + 1);
            found.Add(path);
        }
    }

    private bool IsDirectory(string path)
    {
        lookedAt.Add(path);
        return PosixFile.Stat(path) is { IsDirectory: true };
    }

    /// <summary>The directories that ld.so searches last. They are built into it, so these are the ones of all distributions.</summary>
    internal IEnumerable<string> Defaults(string? loader)
    {
        foreach (string triplet in platform.Triplets) yield return "/lib/" + triplet;
        foreach (string triplet in platform.Triplets) yield return "/usr/lib/" + triplet;
        foreach (string name in platform.LibraryNames)
        {
            yield return "/" + name;
            yield return "/usr/" + name;
        }

        // A loader outside the usual places, as of Nix, comes with libraries beside it.
        if (loader is not null) yield return loader[..(loader.LastIndexOf('/') + 1)];
    }
}
