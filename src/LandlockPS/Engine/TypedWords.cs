using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Text;

namespace LandlockPS.Engine;

/// <summary>
/// Words of a native command as the engine itself turns them into arguments: patterns and the tilde where they were typed, what stands
/// behind --%, and the style of $PSNativeCommandArgumentPassing that quotes nothing (about_Parsing, about_Preference_Variables).
/// </summary>
internal static class TypedWords
{
    /// <summary>The engine's mark, behind which words are not PowerShell's.</summary>
    public const string StopParsing = "--%";

    /// <summary>Whether a word that was typed without quotes may stand for something else.</summary>
    public static bool MayExpand(string word) => word.StartsWith('~') || WildcardPattern.ContainsWildcardCharacters(word);

    /// <summary>The names that a typed pattern stands for, or the path of a tilde; the word itself where there are none.</summary>
    public static IEnumerable<string> Expand(PSCmdlet cmdlet, string word)
    {
        if (WildcardPattern.ContainsWildcardCharacters(word) && Matches(cmdlet, word) is { Count: > 0 } names) return names;
        return word == "~" || word.StartsWith("~/", StringComparison.Ordinal)
            ? [cmdlet.SessionState.Provider.GetOne("FileSystem").Home + word[1..]]
            : [word];
    }

    /// <summary>The text behind --%, with %NAME% replaced by variables of the environment.</summary>
    public static string Verbatim(string text) => Environment.ExpandEnvironmentVariables(text);

    /// <summary>Whether arguments become one text that is taken apart again: $PSNativeCommandArgumentPassing = 'Legacy'.</summary>
    public static bool IsLegacy(PSCmdlet cmdlet) =>
        string.Equals(cmdlet.GetVariableValue("PSNativeCommandArgumentPassing")?.ToString(), "Legacy", StringComparison.OrdinalIgnoreCase);

    /// <summary>The arguments that a program gets in that style: quotes within them are lost, and empty ones.</summary>
    /// <param name="words">The arguments.</param>
    /// <param name="verbatim">What stands behind --%; null without it.</param>
    public static List<string> Legacy(IEnumerable<string> words, string? verbatim)
    {
        StringBuilder text = new();
        foreach (string word in words)
        {
            // Backslashes at the end are doubled, or they would belong to the quote.
            int end = word.AsSpan().TrimEnd('\\').Length;
            text.Append(' ').Append(NeedsQuotes(word) ? $"\"{word}{word[end..]}\"" : word);
        }

        return Split(verbatim is null ? text.ToString() : text.Append(' ').Append(verbatim).ToString());
    }

    private static List<string>? Matches(PSCmdlet cmdlet, string pattern)
    {
        PathInfo here = cmdlet.SessionState.Path.CurrentLocation;
        if (here.Provider.Name != "FileSystem") return null;
        Collection<PSObject> found;
        try
        {
            found = cmdlet.InvokeProvider.ChildItem.Get(pattern, recurse: false);
        }
        catch (Exception exception) when (exception is RuntimeException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }

        List<string> names = [];
        foreach (PSObject item in found)
        {
            if (item.BaseObject is not FileSystemInfo entry) return null;
            names.Add(pattern[0] is '~' or '/' ? entry.FullName
                : cmdlet.SessionState.Path.NormalizeRelativePath(entry.FullName, here.ProviderPath));
        }

        return names;
    }

    // As the engine sees it: a blank that stands in no quotes of its own.
    private static bool NeedsQuotes(string word)
    {
        bool quoted = false, escaped = false;
        foreach (char c in word)
        {
            if (c == '"' && !escaped) quoted = !quoted;
            else if (char.IsWhiteSpace(c) && !quoted) return true;
            escaped = c == '\\';
        }

        return false;
    }

    // As .NET takes ProcessStartInfo.Arguments apart.
    private static List<string> Split(string text)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool quoted = false, begun = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (!quoted && c is ' ' or '\t')
            {
                if (begun) words.Add(word.ToString());
                word.Clear();
                begun = false;
                continue;
            }

            begun = true;
            if (c == '\\')
            {
                int end = i;
                while (end < text.Length && text[end] == '\\') end++;
                bool beforeQuote = end < text.Length && text[end] == '"';
                word.Append('\\', beforeQuote ? (end - i) / 2 : end - i);
                if (beforeQuote && (end - i) % 2 != 0) word.Append(text[end++]);
                i = end - 1;
            }
            else if (c != '"')
            {
                word.Append(c);
            }
            else if (quoted && i + 1 < text.Length && text[i + 1] == '"')
            {
                word.Append(text[i++]);
            }
            else
            {
                quoted = !quoted;
            }
        }

        if (begun) words.Add(word.ToString());
        return words;
    }
}
