namespace LandlockPS.Profiles;

/// <summary>Puts the files of a profile in place all at once, after they have been checked.</summary>
internal static class ProfileFiles
{
    /// <summary>
    /// Where a draft of a profile's folder may be: beside it, so that the same rules reach both, by a name that is none of a profile.
    /// </summary>
    public static string DraftOf(string folder) =>
        Path.Combine(Path.GetDirectoryName(folder)!, $".{Path.GetFileName(folder)}-{Guid.NewGuid():N}");

    /// <summary>Writes a folder; what it had before is gone, but for files that are not given when they are kept.</summary>
    public static void Put(string folder, IEnumerable<(string Name, string Text)> files, Action<string> check)
    {
        string parent = Path.GetDirectoryName(folder)!;
        Directory.CreateDirectory(parent);
        string draft = DraftOf(folder);
        string old = draft + "-old";
        Directory.CreateDirectory(draft);
        try
        {
            foreach ((string name, string text) in files)
            {
                string path = Path.Combine(draft, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, text);
            }

            check(draft);
            if (Directory.Exists(folder)) Directory.Move(folder, old);
            Directory.Move(draft, folder);
        }
        finally
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
            if (Directory.Exists(old)) Directory.Delete(old, recursive: true);
        }
    }
}
