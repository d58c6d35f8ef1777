using Landlock.Sandboxes;
using Landlock.Sandboxes.Needs;

namespace Landlocked;

/// <summary>The environment of the command.</summary>
internal static class CommandEnvironment
{
    /// <summary>The command's environment; null = exactly the one received.</summary>
    public static string[]? Compose(RunOptions options)
    {
        EnvironmentSelection inherited = options.Inherited;
        inherited.Demand();
        if (inherited.IsEverything && options.Variables.Count == 0) return null;
        string[] received = StartRecord.EnvironmentEntries();
        List<string> entries = [.. received.Where(entry => inherited.Keeps(Name(entry)))];
        if (inherited.Clean && Find(entries, "PATH") is null) entries.Add($"PATH={CleanEnvironment.DefaultPath}");
        foreach (string variable in options.Variables)
        {
            string name = Name(variable);
            string? entry = name == variable ? Find(received, name) : variable;
            if (entry is null) continue;
            int index = entries.FindIndex(present => Name(present) == name);
            if (index < 0) entries.Add(entry);
            else entries[index] = entry;
        }

        return [.. entries];
    }

    /// <summary>Where the command is looked for: the PATH that it will have itself.</summary>
    public static string SearchPath(string[]? composed) =>
        Find(composed ?? StartRecord.EnvironmentEntries(), "PATH")?["PATH=".Length..] ?? CommandLookup.DefaultPath;

    private static string? Find(IEnumerable<string> entries, string name) => entries.FirstOrDefault(entry => entry.Length > name.Length && Name(entry) == name);

    private static string Name(string entry)
    {
        int equals = entry.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? entry : entry[..equals];
    }
}
