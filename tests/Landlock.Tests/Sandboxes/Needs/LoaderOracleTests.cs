using Landlock.Linux;
using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Needs;

/// <summary>The closure of programs of this system is what the real loader loads.</summary>
public sealed class LoaderOracleTests
{
    [GlibcFact]
    public void Libraries_are_those_that_the_loader_of_glibc_loads()
    {
        int compared = 0;
        List<string> different = [];
        foreach (string program in Programs())
        {
            ElfFile? elf = ElfFile.Read(program).File;
            if (elf?.Interpreter is null || Oracle.Libraries(program) is not { } expected) continue;
            Compare(program, ExecutableClosure.Find(program, new ClosureOptions()), expected, different);
            if (++compared == 60) break;
        }

        Assert.Empty(different);
        Assert.True(compared >= 5, $"Only {compared} programs were compared.");
    }

    [GlibcFact]
    public void Preload_and_library_path_are_those_of_the_environment()
    {
        using TempDirectory temp = new();
        string libc = Library("/usr/bin/env", "libc.so.6");
        string copy = temp.Write("libs/libc.so.6", File.ReadAllBytes(libc));
        List<string> different = [];
        Compare("/usr/bin/env", ExecutableClosure.Find("/usr/bin/env", new ClosureOptions { LibraryPath = temp["libs"] }),
            Oracle.Libraries("/usr/bin/env", ("LD_LIBRARY_PATH", temp["libs"]))!.Value, different);
        Compare("/usr/bin/env",
            ExecutableClosure.Find("/usr/bin/env", new ClosureOptions { LibraryPath = temp["none"] + "::" + temp["libs/"] }),
            Oracle.Libraries("/usr/bin/env", ("LD_LIBRARY_PATH", temp["none"] + "::" + temp["libs/"]))!.Value, different);
        Assert.Empty(different);

        Closure preloaded = ExecutableClosure.Find("/usr/bin/env", new ClosureOptions { Preload = copy + " libnothing.so:" });
        Assert.Contains(preloaded.Entries,
            e => e is { Kind: ClosureKind.Preload, RequiredBy: null, NeedsExecute: false } && e.RealPath == copy);
        Assert.Equal([new MissingFile("libnothing.so", ClosureKind.Preload, null)], preloaded.Missing);
        Assert.DoesNotContain(preloaded.Entries, e => e.RealPath == libc);
    }

    private static string Library(string program, string name) =>
        Assert.Single(ExecutableClosure.Find(program, new ClosureOptions()).Entries,
            e => e.FoundAs.EndsWith("/" + name, StringComparison.Ordinal)).RealPath;

    internal static void Compare(string program, Closure closure, (SortedSet<string> Found, SortedSet<string> Missing) expected,
        List<string> different)
    {
        SortedSet<string> found = new(StringComparer.Ordinal);
        foreach (ClosureEntry entry in closure.Entries)
        {
            if (entry.Kind is ClosureKind.Library or ClosureKind.Loader or ClosureKind.Preload) found.Add(entry.RealPath);
        }

        foreach (string path in expected.Found)
        {
            if (!found.Contains(path)) different.Add($"{program} lacks {path}");
        }

        foreach (string path in found)
        {
            bool choice = path.Contains("/glibc-hwcaps/", StringComparison.Ordinal)
                || Directory.Exists(Path.GetDirectoryName(path) + "/glibc-hwcaps");
            if (!choice && !expected.Found.Contains(path)) different.Add($"{program} has {path} too much");
        }

        SortedSet<string> missing = new(StringComparer.Ordinal);
        foreach (MissingFile file in closure.Missing) missing.Add(file.Name);
        if (!missing.SetEquals(expected.Missing))
            different.Add($"{program} misses {string.Join(' ', missing)} instead of {string.Join(' ', expected.Missing)}");
    }

    /// <summary>Programs spread over the alphabet, each file once.</summary>
    private static IEnumerable<string> Programs()
    {
        List<string> all = [.. Directory.GetFiles("/usr/bin"), .. Directory.GetFiles("/usr/sbin")];
        all.Sort(StringComparer.Ordinal);
        HashSet<string> seen = [];
        int step = Math.Max(1, all.Count / 240);
        for (int i = 0; i < all.Count; i += step)
        {
            if (PosixFile.RealPath(all[i]) is { } real && seen.Add(real) && PosixFile.CanExecute(real)
                && PosixFile.Stat(real) is { IsSetUserId: false, IsSetGroupId: false })
            {
                yield return real;
            }
        }
    }
}
