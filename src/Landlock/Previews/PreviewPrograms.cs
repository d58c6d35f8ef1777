using Landlock.Linux;
using Landlock.Sandboxes.Running;

namespace Landlock.Previews;

/// <summary>Which program has made which change, where the command was traced: a file in the directory of the preview.</summary>
internal static class PreviewPrograms
{
    private const string File = "programs";
    private const int Largest = 64 << 20;

    /// <summary>Notes it, when the command has ended.</summary>
    /// <param name="place">The directory of the preview.</param>
    /// <param name="writers">Paths with programs; of several for a path the last counts.</param>
    public static void Note(string place, IEnumerable<(string Path, string Program)> writers)
    {
        Dictionary<string, string> programs = new(StringComparer.Ordinal);
        foreach ((string path, string program) in writers) programs[path] = program;
        ToldText text = new();
        foreach ((string path, string program) in programs) text.Line(path, program);
        using DirectoryHandle? directory = DirectoryHandle.OpenUnchanged(place);
        _ = directory?.WriteInside(File, text.Bytes(), 0x180);
    }

    /// <summary>Programs by paths; empty if the command was not traced.</summary>
    public static Dictionary<string, string> Read(string place)
    {
        Dictionary<string, string> programs = new(StringComparer.Ordinal);
        if (SmallFile.Read($"{place}/{File}", Largest) is not { } content) return programs;
        foreach (string[] line in ToldText.Lines(content))
            if (line is [var path, var program]) programs[path] = program;
        return programs;
    }
}
