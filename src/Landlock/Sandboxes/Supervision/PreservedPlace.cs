using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Sandboxes.Supervision;

/// <summary>What was put back of places that a command has changed, and what could not be.</summary>
/// <param name="Back">Places that were put back.</param>
/// <param name="Lost">Places that could not be.</param>
internal sealed record PreservedResult(IReadOnlyList<string> Back, IReadOnlyList<string> Lost)
{
    /// <summary>In words, without the end of the sentence.</summary>
    public IEnumerable<string> Sentences()
    {
        if (Back.Count > 0)
            yield return $"the command had changed {Names(Back)}, which was put back; what it had made of it is beside it, named "
                + $"*{PreservedPlace.Aside}";
        if (Lost.Count > 0)
            yield return $"the command has changed {Names(Lost)}, which could not be put back; look at it before you use what is there";
    }

    private static string Names(IReadOnlyList<string> places) =>
        string.Join(", ", places.Select(place => $"'{PosixText.Printable(place)}'"));
}

/// <summary>
/// A file or directory that a command may change and that is put back when it has ended, with all that it has started. For places that a
/// rule cannot keep from a command which needs to write beside them: Landlock allows everything beneath a directory or nothing.
/// </summary>
/// <remarks>
/// What is changed meanwhile is changed for others, too. Everything is done by open directories and names in them, so that no link leads
/// elsewhere; where the directory around is not the same any more, nothing is put back, and that is said.
/// </remarks>
internal sealed class PreservedPlace : IDisposable
{
    /// <summary>What the name of something begins to end with that is kept beside what was put back.</summary>
    public const string Aside = ".from-sandbox";

    private const int MostBytes = 16 << 20;
    private const int MostEntries = 10_000;
    private const int MostNames = 100;

    private readonly string _path;
    private readonly string _name;
    private readonly DirectoryHandle _around;
    private readonly Saved? _saved;

    private PreservedPlace(string path, string name, DirectoryHandle around, Saved? saved) =>
        (_path, _name, _around, _saved) = (path, name, around, saved);

    /// <summary>The absolute path of a place, without links to the directory around it.</summary>
    public static string Named(string path, string baseDirectory)
    {
        string absolute = RulesetResolver.Absolute(PathRule.Normalize(path), baseDirectory);
        return PosixFile.RealPath(PosixText.Parent(absolute)) is { } real
            ? $"{real.TrimEnd('/')}/{absolute[(absolute.LastIndexOf('/') + 1)..]}" : absolute;
    }

    /// <summary>Looks at places before a command starts.</summary>
    /// <exception cref="LaunchException">One cannot be read, is too large, or is something that cannot be put back.</exception>
    public static PreservedPlace[] Take(IEnumerable<string> paths)
    {
        List<PreservedPlace> places = [];
        try
        {
            Budget budget = new();
            foreach (string path in paths)
                if (Take(path, budget) is { } place) places.Add(place);
            return [.. places];
        }
        catch
        {
            places.ForEach(place => place.Dispose());
            throw;
        }
    }

    /// <summary>Puts back what is not as it was.</summary>
    public static PreservedResult PutBack(IEnumerable<PreservedPlace> places)
    {
        List<string> back = [], lost = [];
        foreach (PreservedPlace place in places)
        {
            using (place)
            {
                if (place.PutBack() is { } done) (done ? back : lost).Add(place._path);
            }
        }

        return new PreservedResult(back, lost);
    }

    /// <summary>Closes the directory around.</summary>
    public void Dispose() => _around.Dispose();

    // Where there is no directory around it yet, there is nothing that the command could have been kept from.
    private static PreservedPlace? Take(string path, Budget budget)
    {
        int slash = path.LastIndexOf('/');
        if (slash < 0 || slash == path.Length - 1) throw Refusal(path, "it is no entry of a directory");
        string directory = PosixText.Parent(path);
        if (DirectoryHandle.OpenUnchanged(directory) is not { } around)
        {
            return PosixFile.Inspect(directory) == PathKind.Missing ? null
                : throw Refusal(path, "the directory around it cannot be read");
        }

        string name = path[(slash + 1)..];
        try
        {
            return new PreservedPlace(path, name, around, Save(around, name, path, budget));
        }
        catch
        {
            around.Dispose();
            throw;
        }
    }

    // True if it was put back, false if it could not be, null if it is as it was.
    private bool? PutBack()
    {
        using (DirectoryHandle? now = DirectoryHandle.OpenUnchanged(PosixText.Parent(_path)))
            if (now is null || now.Identity != _around.Identity) return false;
        Budget budget = new();
        try
        {
            if (Equals(Save(_around, _name, _path, budget), _saved)) return null;
        }
        catch (LaunchException)
        {
            // Not what it was, whatever it is.
        }

        if (_around.LookInside(_name).Exists && !MoveAside()) return false;
        return _saved is null || Write(_around, _name, _saved);
    }

    private bool MoveAside()
    {
        for (int i = 0; i < MostNames; i++)
        {
            string aside = _name + Aside + (i == 0 ? "" : $"-{i}");
            if (!_around.LookInside(aside).Exists) return _around.MoveInside(_name, _around, aside);
        }

        return false;
    }

    private static Saved? Save(DirectoryHandle around, string name, string path, Budget budget)
    {
        EntryStatus status = around.LookInside(name);
        if (status.Error == Errno.ENOENT) return null;
        if (!status.Exists) throw Refusal(path, ErrnoText.Describe(status.Error));
        if (++budget.Entries > MostEntries) throw Refusal(path, $"it has more than {MostEntries} entries");
        if (status.IsLink) return new SavedLink(around.ReadLinkInside(name) ?? throw Refusal(path, "a link in it cannot be read"));
        ushort mode = (ushort)(status.Mode & 0xFFF);
        if (!status.IsDirectory)
        {
            if ((status.Mode & 0xF000) != 0x8000) throw Refusal(path, "it holds something else than files, directories and links");
            byte[] content = around.ReadInside(name, MostBytes - budget.Bytes)
                ?? throw Refusal(path, $"a file in it cannot be read, or all together have more than {MostBytes >> 20} MiB");
            budget.Bytes += content.Length;
            return new SavedFile(content, mode);
        }

        using DirectoryHandle directory = around.EnterInside(name) ?? throw Refusal(path, "a directory in it cannot be read");
        SortedDictionary<string, Saved> entries = new(StringComparer.Ordinal);
        foreach (string entry in directory.List())
            if (Save(directory, entry, path, budget) is { } saved) entries.Add(entry, saved);
        return new SavedFolder(entries, mode);
    }

    private static bool Write(DirectoryHandle around, string name, Saved saved)
    {
        switch (saved)
        {
            case SavedLink link:
                return around.LinkInside(name, link.Target);
            case SavedFile file:
                return around.WriteInside(name, file.Content, file.Mode);
            case SavedFolder folder:
                if (!around.MakeInside(name)) return false;
                using (DirectoryHandle? directory = around.EnterInside(name))
                {
                    return directory is not null && folder.Entries.All(entry => Write(directory, entry.Key, entry.Value))
                        && directory.SetMode(folder.Mode);
                }
            default:
                return false;
        }
    }

    private static LaunchException Refusal(string path, string why) => new(LaunchProblem.SetupFailed, path,
        $"'{PosixText.Printable(path)}' cannot be preserved: {why}; nothing was run. Leave it out, or name what is in it.");

    private sealed class Budget
    {
        public int Entries { get; set; }

        public int Bytes { get; set; }
    }

    private abstract record Saved;

    private sealed record SavedLink(string Target) : Saved;

    private sealed record SavedFile(byte[] Content, ushort Mode) : Saved
    {
        public bool Equals(SavedFile? other) => other is not null && Mode == other.Mode && Content.AsSpan().SequenceEqual(other.Content);

        public override int GetHashCode() => HashCode.Combine(Mode, Content.Length);
    }

    private sealed record SavedFolder(SortedDictionary<string, Saved> Entries, ushort Mode) : Saved
    {
        public bool Equals(SavedFolder? other) => other is not null && Mode == other.Mode
            && Entries.Count == other.Entries.Count
            && Entries.All(entry => other.Entries.TryGetValue(entry.Key, out Saved? same) && entry.Value.Equals(same));

        public override int GetHashCode() => HashCode.Combine(Mode, Entries.Count);
    }
}
