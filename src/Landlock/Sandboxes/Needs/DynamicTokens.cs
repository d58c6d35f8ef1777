using System.Text;

namespace Landlock.Sandboxes.Needs;

/// <summary>
/// Expands $ORIGIN, $LIB and $PLATFORM (ld.so(8), "Dynamic string tokens"). The values of the last two are built into ld.so or depend on
/// the processor, so a text can have several expansions.
/// </summary>
internal static class DynamicTokens
{
    private const int PathMax = 4096;

    internal static List<string> Expand(string text, string origin, ElfPlatform platform)
    {
        if (!text.Contains('$', StringComparison.Ordinal)) return [text];
        bool hasLibrary = Next(text, 0, out _, out _, "LIB") >= 0;
        bool hasPlatform = Next(text, 0, out _, out _, "PLATFORM") >= 0;
        List<string> expansions = [];
        foreach (string library in hasLibrary ? LibraryValues(platform) : [""])
        {
            foreach (string processor in hasPlatform ? platform.Platforms : [""])
            {
                if (Replace(text, origin, library, processor) is { } path) expansions.Add(path);
            }
        }

        return expansions;
    }

    private static IEnumerable<string> LibraryValues(ElfPlatform platform)
    {
        foreach (string triplet in platform.Triplets) yield return "lib/" + triplet;
        foreach (string name in platform.LibraryNames) yield return name;
    }

    private static string? Replace(string text, string origin, string library, string processor)
    {
        StringBuilder path = new(text.Length + origin.Length);
        int at = 0;
        while (Next(text, at, out int end, out string token) is >= 0 and int start)
        {
            path.Append(text, at, start - at).Append(token switch { "ORIGIN" => origin, "LIB" => library, _ => processor });
            if (path.Length > PathMax) return null; // No file has such a path.
            at = end;
        }

        return path.Append(text, at, text.Length - at).ToString();
    }

    private static int Next(string text, int from, out int end, out string token, string? only = null)
    {
        for (int start = text.IndexOf('$', from); start >= 0; start = text.IndexOf('$', start + 1))
        {
            foreach (string name in (ReadOnlySpan<string>)["ORIGIN", "LIB", "PLATFORM"])
            {
                if ((only is null || only == name) && Matches(text, start + 1, name, out end))
                {
                    token = name;
                    return start;
                }
            }
        }

        end = 0;
        token = "";
        return -1;
    }

    private static bool Matches(string text, int at, string name, out int end)
    {
        bool braces = at < text.Length && text[at] == '{';
        if (braces) at++;
        end = at + name.Length;
        if (string.CompareOrdinal(text, at, name, 0, name.Length) != 0) return false;
        if (!braces) return end == text.Length || !(char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_');
        return end < text.Length && text[end++] == '}';
    }
}
