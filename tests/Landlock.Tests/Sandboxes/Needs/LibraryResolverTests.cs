using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Needs;

/// <summary>The rules of ld.so(8), with ELF files written by hand so that no tool and no system library matters.</summary>
public sealed class LibraryResolverTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    private ClosureOptions Options =>
        new() { CacheFile = _temp["etc/ld.so.cache"], PreloadFile = _temp["etc/ld.so.preload"], WorkingDirectory = _temp.Path };

    [Fact]
    public void Runpath_serves_direct_needs_only_and_rpath_serves_all()
    {
        Library("libs/liba.so", new() { Needed = ["libb.so"] });
        Library("libs/libb.so", new());
        Closure runPath = Resolve(new() { Needed = ["liba.so"], RunPath = "$ORIGIN/libs" });
        Assert.Equal(["libs/liba.so"], Libraries(runPath));
        Assert.Equal([new MissingFile("libb.so", ClosureKind.Library, _temp["libs/liba.so"])], runPath.Missing);

        Closure rpath = Resolve(new() { Needed = ["liba.so"], RPath = "${ORIGIN}/libs" });
        Assert.Equal(["libs/liba.so", "libs/libb.so"], Libraries(rpath));
        Assert.Equal(_temp["libs/liba.so"], rpath.Entries[^1].RequiredBy);
    }

    [Fact]
    public void Rpath_is_ignored_beside_runpath_and_for_libraries_with_runpath()
    {
        Library("old/liba.so", new());
        Library("new/liba.so", new() { Needed = ["libb.so"], RunPath = "/nowhere" });
        Library("old/libb.so", new());
        Library("new/libb.so", new());
        Assert.Equal(["new/liba.so"], Libraries(Resolve(new() { Needed = ["liba.so"], RPath = _temp["old"], RunPath = _temp["new"] })));
        Closure inherited = Resolve(new() { Needed = ["liba.so"], RPath = _temp["new"] });
        Assert.Equal(["new/liba.so"], Libraries(inherited));
        Assert.Equal("libb.so", Assert.Single(inherited.Missing).Name);
    }

    [Fact]
    public void Library_path_comes_after_rpath_and_before_runpath()
    {
        Library("own/liba.so", new());
        Library("env/liba.so", new());
        ClosureOptions options = Options with { LibraryPath = "none;env" };
        Assert.Equal(["own/liba.so"], Libraries(Resolve(new() { Needed = ["liba.so"], RPath = _temp["own"] }, options)));
        Assert.Equal(["env/liba.so"], Libraries(Resolve(new() { Needed = ["liba.so"], RunPath = _temp["own"] }, options)));
        Assert.Equal(["own/liba.so"],
            Libraries(Resolve(new() { Needed = ["liba.so"], RunPath = _temp["own"] }, Options with { LibraryPath = "" })));
        Assert.Equal(["env/liba.so"],
            Libraries(Resolve(new() { Needed = ["liba.so"] }, Options with { LibraryPath = ":", WorkingDirectory = _temp["env"] })));
    }

    [Fact]
    public void Files_of_another_class_machine_or_format_are_skipped()
    {
        Library("a/liba.so", new() { Wide = false });
        Library("b/liba.so", new() { Machine = 183 });
        Library("c/liba.so", new() { Big = true });
        _temp.Write("d/liba.so", "INPUT(a linker script)");
        Directory.CreateDirectory(_temp["e/liba.so"]);
        Library("f/liba.so", new() { Type = ElfFile.TypeExecutable });
        Library("g/liba.so", new());
        Assert.Equal(["g/liba.so"], Libraries(Resolve(new()
        {
            Needed = ["liba.so"],
            RunPath = "$ORIGIN/a:$ORIGIN/b:$ORIGIN/c:$ORIGIN/d:$ORIGIN/e:$ORIGIN/f:$ORIGIN/g",
        })));
        Assert.Equal("/etc/passwd", Assert.Single(Resolve(new() { Needed = ["/etc/passwd"] }).Missing).Name);
    }

    [Fact]
    public void A_32_bit_program_gets_32_bit_libraries()
    {
        Library("a/liba.so", new());
        Library("b/liba.so", new() { Wide = false, Machine = 3 });
        _temp.Write("ld32.so", new ElfBuilder { Wide = false, Machine = 3 }.Build());
        Closure closure = Resolve(new()
        {
            Wide = false,
            Machine = 3,
            Needed = ["liba.so"],
            RunPath = "$ORIGIN/a:$ORIGIN/b",
            Interpreter = _temp["ld32.so"],
        });
        Assert.Equal(["b/liba.so"], Libraries(closure));
        Assert.Equal(_temp["ld32.so"], closure.Entries[1].RealPath);
    }

    [Fact]
    public void Subdirectories_for_better_processors_are_added_and_do_not_replace()
    {
        Library("a/glibc-hwcaps/x86-64-v3/liba.so", new() { Needed = ["libfast.so"] });
        Library("a/tls/x86_64/liba.so", new());
        Library("b/liba.so", new());
        Library("b/libfast.so", new());
        Assert.Equal(["a/glibc-hwcaps/x86-64-v3/liba.so", "a/tls/x86_64/liba.so", "b/liba.so", "b/libfast.so"],
            Libraries(Resolve(new() { Needed = ["liba.so"], RPath = "$ORIGIN/a:$ORIGIN/b" })));
    }

    [Fact]
    public void Tokens_with_several_values_give_all_that_exist()
    {
        Library("lib64/liba.so", new());
        Library("lib/x86_64-linux-gnu/liba.so", new());
        Library("other/liba.so", new());
        Library("plug-x86_64/libb.so", new());
        Closure closure =
            Resolve(new() { Needed = ["liba.so", "libb.so"], RunPath = "$ORIGIN/$LIB:$ORIGIN/other:$ORIGIN/plug-${PLATFORM}:$LIBRARY" });
        Assert.Equal(["lib/x86_64-linux-gnu/liba.so", "lib64/liba.so", "plug-x86_64/libb.so"], Libraries(closure));
    }

    [Fact]
    public void The_origin_of_a_program_is_its_real_directory_and_of_a_library_the_one_it_was_found_in()
    {
        Library("real/liba.so", new() { Needed = ["libb.so"], RunPath = "$ORIGIN" });
        Directory.CreateDirectory(_temp["links"]);
        File.CreateSymbolicLink(_temp["links/liba.so"], "../real/liba.so");
        Library("links/libb.so", new());
        Library("real/libb.so", new());
        Closure closure = Resolve(new() { Needed = ["liba.so"], RunPath = _temp["links"] });
        Assert.Equal(["real/liba.so", "links/libb.so"], Libraries(closure));
        Assert.Equal(_temp["links/liba.so"], closure.Entries[2].FoundAs);

        File.CreateSymbolicLink(_temp["links/program"], "../program");
        Library("libc.so", new());
        Write(new() { Needed = ["libc.so"], RunPath = "$ORIGIN" });
        Closure linked = ExecutableClosure.Find("links/program", Options);
        Assert.Equal((_temp["program"], _temp["links/program"]), (linked.Entries[0].RealPath, linked.Entries[0].FoundAs));
        Assert.Equal(["libc.so"], Libraries(linked));
    }

    [Fact]
    public void A_library_that_is_loaded_serves_all_who_need_its_name()
    {
        Library("a/liba-1.2.so", new() { SharedName = "liba.so.1" });
        Library("a/libb.so", new() { Needed = ["liba.so.1", "libb.so"] });
        Closure closure = Resolve(new() { Needed = [_temp["a/liba-1.2.so"], "libb.so", "libb.so"], RunPath = "$ORIGIN/a" });
        Assert.Equal(["a/liba-1.2.so", "a/libb.so"], Libraries(closure));
        Assert.Empty(closure.Missing);
    }

    [Fact]
    public void The_cache_is_used_with_fitting_flags_and_default_directories_can_be_switched_off()
    {
        Library("v3/liba.so", new());
        Library("std/liba.so", new());
        Library("arm/liba.so", new());
        _temp.Write("etc/ld.so.cache", LdSoCacheTests.Build(false, false,
            ("liba.so", _temp["v3/liba.so"], 0x303, 1UL << 62), ("liba.so", _temp["arm/liba.so"], 0xa03, 0),
            ("liba.so", _temp["std/liba.so"], 0x303, 0)));
        Closure closure = Resolve(new() { Needed = ["liba.so"] });
        Assert.Equal(["v3/liba.so", "std/liba.so"], Libraries(closure));
        Assert.Contains(closure.Entries,
            e => e is { Kind: ClosureKind.LoaderConfiguration, NeedsExecute: false } && e.RealPath == _temp["etc/ld.so.cache"]);

        if (Oracle.Loader is null) return;
        Assert.Empty(Resolve(new() { Needed = ["libdl.so.2"] }).Missing);
        Assert.Single(Resolve(new() { Needed = ["libdl.so.2"], NoDefaultLibraries = true }).Missing);
        Assert.Single(
            Resolve(new() { Needed = ["libdl.so.2"], NoDefaultLibraries = true }, Options with { CacheFile = "/etc/ld.so.cache" }).Missing);
    }

    [Fact]
    public void Preloaded_libraries_come_first_and_with_their_needs()
    {
        Library("p/liba.so", new() { Needed = ["libc1.so"], RunPath = "$ORIGIN" });
        Library("p/libb.so", new());
        Library("p/libc1.so", new());
        _temp.Write("etc/ld.so.preload", "# p/libnone.so\n" + _temp["p/libb.so"] + "# and more\nlibgone.so");
        Closure closure = Resolve(new(), Options with { Preload = "p/liba.so" });
        Assert.Equal(["p/liba.so", "p/libb.so", "p/libc1.so"], Libraries(closure));
        Assert.Equal([ClosureKind.Preload, ClosureKind.Preload, ClosureKind.Library],
            closure.Entries.Where(e => e.Kind is ClosureKind.Library or ClosureKind.Preload).Select(e => e.Kind));
        Assert.Equal("libgone.so", Assert.Single(closure.Missing).Name);
        Assert.Contains(closure.Entries, e => e.Kind == ClosureKind.LoaderConfiguration && e.RealPath == _temp["etc/ld.so.preload"]);
    }

    [Fact]
    public void Musl_programs_follow_the_rules_of_musl()
    {
        string loader = Library("lib/ld-musl-x86_64.so.1", new());
        _temp.Write("etc/ld-musl-x86_64.path", $"/nowhere\n{_temp["sys"]}\n");
        Library("sys/liba.so", new() { Needed = ["libb.so", "libc.musl-x86_64.so.1", "libpthread.so.0"] });
        Library("run/libb.so", new());
        Library("run/glibc-hwcaps/x86-64-v3/libb.so", new());
        Closure closure = Resolve(new() { Interpreter = loader, Needed = ["liba.so", "libc.so"], RunPath = "$ORIGIN/run" });
        Assert.Equal(["sys/liba.so", "run/libb.so"], Libraries(closure));
        Assert.Empty(closure.Missing);
        Assert.Equal(_temp["etc/ld-musl-x86_64.path"],
            Assert.Single(closure.Entries, e => e.Kind == ClosureKind.LoaderConfiguration).RealPath);
    }

    [Fact]
    public void A_loader_that_is_no_program_of_the_same_kind_is_missing()
    {
        _temp.Write("secret", "some private text");
        foreach (string loader in (string[])[_temp["none"], _temp["secret"], Library("ld-arm.so", new() { Machine = 183 })])
        {
            Closure closure = Resolve(new() { Interpreter = loader });
            Assert.Single(closure.Entries);
            Assert.Equal([new MissingFile(loader, ClosureKind.Loader, _temp["program"])], closure.Missing);
        }
    }

    private string Library(string name, ElfBuilder elf) => _temp.Write(name, elf.Build());

    private string Write(ElfBuilder program)
    {
        if (program.Interpreter is null)
            program = program with { Interpreter = Library("ld-test.so", new() { SharedName = "ld-test.so" }) };
        return _temp.Write("program", program.Build());
    }

    private Closure Resolve(ElfBuilder program, ClosureOptions? options = null) =>
        ExecutableClosure.Find(Write(program), options ?? Options);

    private List<string> Libraries(Closure closure) =>
        [.. closure.Entries.Where(e => e.Kind is ClosureKind.Library or ClosureKind.Preload)
            .Select(e => e.RealPath[(_temp.Path.Length + 1)..])];
}
