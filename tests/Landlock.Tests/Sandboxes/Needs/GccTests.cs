using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Needs;

/// <summary>Programs that gcc builds, compared with what the loader of this system does with them.</summary>
public sealed class GccTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [GccFact]
    public void Search_paths_of_all_kinds_are_followed_like_the_loader_does()
    {
        Gcc("-shared -fPIC -o libs/libb.so -Wl,-soname,libb.so b.c", ("b.c", "int b(void){return 1;}"));
        Gcc("-shared -fPIC -o libs/liba.so -Wl,-soname,liba.so a.c -Llibs -lb", ("a.c", "int b(void);int a(void){return b();}"));
        Gcc("-shared -fPIC -o libs/liba-run.so -Wl,-soname,liba-run.so -Wl,--enable-new-dtags,-rpath,$ORIGIN a.c -Llibs -lb");
        Gcc("-shared -fPIC -o other/libb.so -Wl,-soname,libb.so b.c");
        _temp.Write("main.c", "int a(void);int main(void){return a();}");
        Gcc("-o bin/rpath main.c -Llibs -la -Wl,--disable-new-dtags,-rpath,$ORIGIN/../libs");
        Gcc("-o bin/runpath main.c -Llibs -l:liba-run.so -Wl,--enable-new-dtags,-rpath,$ORIGIN/../libs");
        Gcc("-o bin/indirect main.c -Llibs -la -Wl,--enable-new-dtags,-rpath,$ORIGIN/../libs -Wl,-rpath-link,libs");
        Gcc("-o bin/none main.c -Llibs -la -Wl,-rpath-link,libs");
        Gcc("-o bin/lib main.c -Llibs -la -Wl,--disable-new-dtags,-rpath,$ORIGIN/../$LIB:$ORIGIN/../${LIB}/x:$ORIGIN/../libs");
        File.CreateSymbolicLink(_temp["link"], "bin/rpath");
        Directory.CreateDirectory(_temp["other/glibc-hwcaps/x86-64-v2"]);
        File.Copy(_temp["other/libb.so"], _temp["other/glibc-hwcaps/x86-64-v2/libb.so"]);

        List<string> different = [];
        foreach (string name in (string[])["bin/rpath", "bin/runpath", "bin/indirect", "bin/none", "bin/lib", "link"])
        {
            foreach (string? libraryPath in (string?[])[null, _temp["other"], _temp["libs"] + ";" + _temp["other"]])
            {
                (string, string)[] environment = libraryPath is null ? [] : [("LD_LIBRARY_PATH", libraryPath)];
                Closure closure = ExecutableClosure.Find(_temp[name], new ClosureOptions { LibraryPath = libraryPath });
                LoaderOracleTests.Compare($"{name} {libraryPath}", closure, Oracle.Libraries(_temp[name], environment)!.Value, different);
            }
        }

        Assert.Empty(different);
    }

    [GccFact]
    public void Static_programs_have_no_libraries()
    {
        Gcc("-nostdlib -static -o static s.c", ("s.c", "void _start(void){for(;;);}"));
        Gcc("-nostdlib -static-pie -fPIE -o static-pie s.c");
        foreach (string name in (string[])["static", "static-pie"])
        {
            Closure closure = ExecutableClosure.Find(_temp[name], new ClosureOptions());
            Assert.Equal([new ClosureEntry(_temp[name], _temp[name], ClosureKind.Program, null)], closure.Entries);
            Assert.Equal(ClosureWarningKind.StaticallyLinked, Assert.Single(closure.Warnings).Kind);
            Assert.Empty(closure.Missing);
        }
    }

    [GccFact]
    public void Objects_are_no_programs()
    {
        Gcc("-c -o object.o o.c", ("o.c", "int o;"));
        TempDirectory.SetMode(_temp["object.o"], 0x1ED);
        Closure closure = ExecutableClosure.Find(_temp["object.o"], new ClosureOptions());
        Assert.Equal(ClosureWarningKind.DamagedElf, Assert.Single(closure.Warnings).Kind);
    }

    private void Gcc(string arguments, params (string Name, string Content)[] sources)
    {
        foreach ((string name, string content) in sources) _temp.Write(name, content);
        foreach (string directory in (string[])["libs", "other", "bin"]) Directory.CreateDirectory(_temp[directory]);
        (int exit, string output) = Tools.Run("/usr/bin/gcc", arguments.Split(' '), _temp.Path);
        Assert.True(exit == 0, output);
    }
}
