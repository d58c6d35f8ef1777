
namespace Landlock.Text;

/// <summary>Finds the word that someone probably meant.</summary>
internal static class Suggestion
{
    /// <summary>The nearest candidate within a third of the word's length in edits; null if none is near.</summary>
    public static string? For(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(candidates);
        // A word this long is no typo, and distance costs length squared.
        if (word.Length is 0 or > 64) return null;
        string? best = null;
        int bestDistance = Math.Max(1, word.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            int distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance >= bestDistance) continue;
            (best, bestDistance) = (candidate, distance);
        }

        return best;
    }

    /// <summary>What a message about an unknown word goes on with: "; did you mean 'word'?".</summary>
    /// <param name="word">The word.</param>
    /// <param name="candidates">Words that are known.</param>
    /// <param name="otherwise">What it goes on with if none of them is near.</param>
    public static string Question(string word, IEnumerable<string> candidates, string otherwise = "") =>
        For(word, candidates) is { } near ? $"; did you mean '{PosixText.Printable(near)}'?" : otherwise;

    /// <summary>
    /// The option that someone probably meant, whichever way its words are joined: -RemoveSecrets is near --remove-secret. Where none is
    /// near, the one that begins most alike; null if none begins with the same three letters.
    /// </summary>
    public static string? ForOption(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(candidates);
        ILookup<string, string> joined = candidates.ToLookup(Joined, StringComparer.Ordinal);
        string plain = Joined(word);
        string? near = For(plain, joined.Select(group => group.Key));
        near ??= joined.Select(group => group.Key).Where(candidate => SharedStart(plain, candidate) >= 3)
            .MaxBy(candidate => SharedStart(plain, candidate));
        return near is null ? null : joined[near].First();
    }

    private static string Joined(string option) => option.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    private static int SharedStart(string a, string b) => a.Zip(b).TakeWhile(pair => pair.First == pair.Second).Count();

    // Edit distance with neighbouring swaps counted as one (optimal string alignment).
    private static int Distance(string a, string b)
    {
        int[,] table = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) table[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) table[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = a[i - 1] == b[j - 1] ? 0 : 1;
                table[i, j] = Math.Min(Math.Min(table[i - 1, j] + 1, table[i, j - 1] + 1), table[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
            }
        }

        return table[a.Length, b.Length];
    }
}
