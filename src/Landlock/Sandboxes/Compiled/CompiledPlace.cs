using Landlock.Abi;
using Landlock.Access;
using Landlock.Linux;

namespace Landlock.Sandboxes.Compiled;

/// <summary>Where a compiled command may be: nobody can exchange it there, neither other users nor the command in its sandbox.</summary>
internal static class CompiledPlace
{
    private const AccessFs Entries = AccessFs.RemoveDir | AccessFs.RemoveFile | AbiTable.Making;

    /// <summary>The path without links, in a directory that exists.</summary>
    /// <exception cref="LaunchException">
    /// There is no such directory, something else is at the path, or others could exchange it.
    /// </exception>
    public static string Demand(string path)
    {
        string shown = PosixText.Printable(path);
        string name = path[(path.LastIndexOf('/') + 1)..];
        if (name.Length == 0 || name is "." or "..") throw Refused(path, $"'{shown}' is no name for a file");
        string parent = PosixText.Parent(path);
        FoundPath directory = PosixFile.Find(parent);
        if (directory is not { Kind: PathKind.Directory, RealPath: { } real })
            throw Refused(path, $"The directory '{PosixText.Printable(parent)}' {(directory.Exists ? "is none" : "does not exist")}");
        string place = $"{real.TrimEnd('/')}/{name}";
        EntryStatus there = PosixEntry.Look(place, follow: false);
        if (there.Exists && !(PosixFile.OpenRead(place) is { } file && IsCompiled(file)))
            throw Refused(path, $"'{shown}' is there already, and no compiled command. Remove it, or choose another name");
        foreach (string way in Ways(place).Skip(1))
        {
            if (PosixFile.IsChangedByOthers(way))
                throw Refused(path, $"Others may write to '{PosixText.Printable(way)}', and so exchange the command. Choose a directory "
                    + "that only root and you can change");
        }

        return place;
    }

    /// <summary>Fails where the command could change a file from within, or a directory on the way to it.</summary>
    /// <exception cref="LaunchException">It could.</exception>
    public static void DemandKept(LaunchPlan plan, string baseDirectory, IEnumerable<(string Path, string Way)> files)
    {
        AccessEvaluator evaluator = new(plan.Layers, baseDirectory);
        foreach ((string path, string otherwise) in files)
        {
            AccessFs found = evaluator.Granted(path) & (AccessFs.WriteFile | AccessFs.Truncate);
            string at = path;
            foreach (string way in Ways(path).Skip(1))
            {
                if (found != 0) break;
                found = evaluator.Granted(way) & Entries;
                at = way;
            }

            if (found == 0) continue;
            throw Refused(path, $"A command in this sandbox could change '{PosixText.Printable(path)}', and so get out of it: it has "
                + $"{string.Join(", ", AbiTable.Names(found))} at '{PosixText.Printable(at)}'. {otherwise}");
        }
    }

    private static bool IsCompiled(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        using (file) return SmallFile.Read(file, CompiledFile.Largest) is { } bytes && CompiledFile.Is(bytes);
    }

    /// <summary>A path, and each directory around it.</summary>
    private static IEnumerable<string> Ways(string path)
    {
        yield return path;
        while (path != "/")
        {
            path = PosixText.Parent(path);
            yield return path;
        }
    }

    private static LaunchException Refused(string path, string sentence) =>
        new(LaunchProblem.SetupFailed, path, $"{sentence}; nothing was written.");
}
