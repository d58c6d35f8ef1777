namespace Landlock.Linux;

/// <summary>The symbolic links that a path leads through.</summary>
internal static class LinkTrail
{
    // The kernel follows no more (path_resolution(7)).
    private const int Most = 40;

    /// <summary>The real paths of the links, in the order in which they are met.</summary>
    /// <param name="path">An absolute path.</param>
    public static IEnumerable<string> Of(string path)
    {
        Stack<string> names = new(Enumerable.Reverse(path.Split('/')));
        string place = "";
        int followed = 0;
        while (names.TryPop(out string? name))
        {
            if (name is "" or ".") continue;
            string entry = $"{place}/{name}";
            if (name == "..")
            {
                place = place[..Math.Max(place.LastIndexOf('/'), 0)];
            }
            else if (PosixEntry.ReadLink(entry) is { } target)
            {
                if (++followed > Most) yield break;
                yield return entry;
                if (target.StartsWith('/')) place = "";
                foreach (string part in Enumerable.Reverse(target.Split('/'))) names.Push(part);
            }
            else
            {
                place = entry;
            }
        }
    }
}
