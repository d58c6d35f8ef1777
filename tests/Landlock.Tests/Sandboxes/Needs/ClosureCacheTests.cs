using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Needs;

/// <summary>A remembered closure is what a fresh look would find.</summary>
public sealed class ClosureCacheTests : IDisposable
{
    private const string Program = "/usr/bin/env";

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_command_that_is_started_again_is_not_looked_at_again()
    {
        ClosureOptions options = new() { LibraryPath = _temp["nowhere"] };
        Closure first = ClosureCache.Find(Program, options);
        Closure second = ClosureCache.Find(Program, options);
        Assert.NotSame(first, second);
        Assert.Same(second, ClosureCache.Find(Program, options));
        Assert.Equal(first.Entries, second.Entries);
    }

    [Fact]
    public void A_library_that_appears_earlier_on_the_search_path_is_found()
    {
        ClosureOptions options = new() { LibraryPath = _temp["later"] };
        string libc =
            Remembered(Program, options).Entries.Single(entry => entry.FoundAs.EndsWith("/libc.so.6", StringComparison.Ordinal)).RealPath;
        Directory.CreateDirectory(_temp["later"]);
        File.Copy(libc, _temp["later/libc.so.6"]);
        Assert.Contains(ClosureCache.Find(Program, options).Entries, entry => entry.FoundAs == _temp["later/libc.so.6"]);
        File.Delete(_temp["later/libc.so.6"]);
        Assert.DoesNotContain(ClosureCache.Find(Program, options).Entries, entry => entry.FoundAs == _temp["later/libc.so.6"]);
    }

    [Fact]
    public void A_program_that_appears_earlier_in_PATH_is_the_interpreter()
    {
        _temp.Write("script", "#!/usr/bin/env true\n"u8.ToArray(), executable: true);
        Thread.Sleep(2100);
        ClosureOptions options = new() { Path = _temp["bin"] + ":/usr/bin" };
        Assert.Contains(Remembered(_temp["script"], options).Entries, entry => entry.FoundAs == "/usr/bin/true");
        Directory.CreateDirectory(_temp["bin"]);
        File.Copy("/usr/bin/true", _temp["bin/true"]);
        Assert.Contains(ClosureCache.Find(_temp["script"], options).Entries, entry => entry.FoundAs == _temp["bin/true"]);
    }

    [Fact]
    public void A_script_that_changes_its_interpreter_is_read_again()
    {
        _temp.Write("script", "#!/usr/bin/true\n"u8.ToArray(), executable: true);
        Thread.Sleep(2100);
        Remembered(_temp["script"], new ClosureOptions());
        // In place and of the same length: only the change time tells.
        using (FileStream file = File.OpenWrite(_temp["script"])) file.Write("#!/usr/bin/tail\n"u8);
        Assert.Contains(ClosureCache.Find(_temp["script"], new ClosureOptions()).Entries, entry => entry.FoundAs == "/usr/bin/tail");
    }

    [Fact]
    public void A_file_that_changed_a_moment_ago_is_not_trusted()
    {
        _temp.Write("script", "#!/usr/bin/true\n"u8.ToArray(), executable: true);
        ClosureOptions options = new();
        for (int i = 0; i < 3; i++)
            Assert.NotSame(ClosureCache.Find(_temp["script"], options), ClosureCache.Find(_temp["script"], options));
    }

    [Fact]
    public void Another_environment_is_another_command()
    {
        Remembered(Program, new ClosureOptions());
        Directory.CreateDirectory(_temp["libs"]);
        ClosureOptions options = new() { LibraryPath = _temp["libs"] };
        File.Copy(ClosureCache.Find(Program, new ClosureOptions()).Entries
            .Single(entry => entry.FoundAs.EndsWith("/libc.so.6", StringComparison.Ordinal)).RealPath, _temp["libs/libc.so.6"]);
        Assert.Contains(ClosureCache.Find(Program, options).Entries, entry => entry.FoundAs == _temp["libs/libc.so.6"]);
    }

    private static Closure Remembered(string path, ClosureOptions options)
    {
        ClosureCache.Find(path, options);
        Closure closure = ClosureCache.Find(path, options);
        Assert.Same(closure, ClosureCache.Find(path, options));
        return closure;
    }
}
