using Landlock.Abi;

namespace Landlock.Rulesets;

/// <summary>
/// Reads and writes accesses as people write them: a class ("ReadOnly", "read-only") or kernel rights ("read_file,read_dir").
/// </summary>
public static class AccessText
{
    /// <summary>Parses classes and filesystem rights, separated by commas.</summary>
    /// <exception cref="RulesetException">A word is neither; the message lists what is.</exception>
    public static AccessFs ParseFs(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        AccessFs access = AccessFs.None;
        foreach (string word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string folded = Fold(word);
            AccessClass? named = AccessClass.All.FirstOrDefault(candidate => Fold(candidate.Name) == folded);
            Right? right = named is null
                ? AbiTable.Rights.FirstOrDefault(candidate => candidate.Kind == RightKind.Fs && Fold(candidate.Name) == folded)
                : null;
            if (named is null && right is null) throw Unknown("access", word, FsWords());
            access |= named?.Rights ?? (AccessFs)right!.Bit;
        }

        return access;
    }

    /// <summary>What a word is about; filesystem accesses, if it is no right at all.</summary>
    internal static RightKind KindOf(string word) =>
        AbiTable.Rights.FirstOrDefault(right => Fold(right.Name) == Fold(word.Trim()))?.Kind ?? RightKind.Fs;

    /// <summary>Parses network rights, separated by commas.</summary>
    /// <exception cref="RulesetException">A word is no network right.</exception>
    public static AccessNet ParseNet(string text) => (AccessNet)Parse(RightKind.Net, "network right", text);

    /// <summary>Parses scopes, separated by commas.</summary>
    /// <exception cref="RulesetException">A word is no scope.</exception>
    public static Scope ParseScope(string text) => (Scope)Parse(RightKind.Scope, "scope", text);

    /// <summary>Shows an access in the fewest words: a class if it is one among the handled rights, the kernel names otherwise.</summary>
    public static string Show(AccessFs access, AccessFs handled) =>
        AccessClass.Matching(access, handled)?.Name ?? (access == AccessFs.None ? "none" : string.Join(",", AbiTable.Names(access)));

    /// <summary>Shows an access exactly: <see cref="ParseFs"/> gives it back.</summary>
    public static string Show(AccessFs access) => Show(access, (AccessFs)ulong.MaxValue);

    /// <summary>Shows an access of a ruleset for whichever ABI: "ReadWrite" is every right but execute of some ABI.</summary>
    public static string Brief(AccessFs access)
    {
        for (int abi = AbiTable.Newest; abi > 0; abi--)
            if (AccessClass.Matching(access, AbiTable.AllFs(abi)) is { } named) return named.Name;
        return Show(access);
    }

    /// <summary>Every word that names a filesystem access: classes, then kernel rights.</summary>
    public static IEnumerable<string> FsWords() => FsTable().Select(entry => entry.Word);

    /// <summary>The same words, and what they allow.</summary>
    internal static IEnumerable<(string Word, string Help)> FsTable() =>
        AccessClass.All.Select(named => (named.Name, $"{named.Description}: {string.Join(", ", AbiTable.Names(named.Rights))}"))
            .Concat(AbiTable.Rights.Where(right => right.Kind == RightKind.Fs)
                .Select(right => (right.Name, $"kernel right, ABI {right.Abi} (Linux {AbiTable.Release(right.Abi)})")));

    private static ulong Parse(RightKind kind, string what, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ulong mask = 0;
        foreach (string word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string folded = Fold(word);
            Right? right = AbiTable.Rights.FirstOrDefault(candidate => candidate.Kind == kind && Fold(candidate.Name) == folded);
            mask |= right?.Bit ?? throw Unknown(what, word,
                AbiTable.Rights.Where(candidate => candidate.Kind == kind).Select(candidate => candidate.Name));
        }

        return mask;
    }

    private static RulesetException Unknown(string what, string word, IEnumerable<string> words)
    {
        string[] known = [.. words];
        string? near = Suggestion.For(word, known);
        return new RulesetException(RulesetProblem.UnknownName, word,
            $"'{PosixText.Printable(word)}' is "
                + $"no {what}.{(near is null ? "" : $" Did you mean '{near}'?")} Known: {string.Join(", ", known)}.");
    }

    // ReadOnly, read-only, read_only and READONLY are one word.
    private static string Fold(string word) =>
        word.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
