using FsCheck;
using FsCheck.Fluent;
using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Needs;

public sealed class ElfFileTests
{
    [Theory]
    [InlineData(true, false, 62)]
    [InlineData(true, true, 21)]
    [InlineData(false, false, 3)]
    [InlineData(false, true, 8)]
    public void Every_word_size_and_byte_order_is_read(bool wide, bool big, int machine)
    {
        using TempDirectory temp = new();
        string path = temp.Write("library", new ElfBuilder
        {
            Wide = wide,
            Big = big,
            Machine = machine,
            Interpreter = "/lib/ld.so.1",
            Needed = ["liba.so.1", "libb ü.so"],
            SharedName = "me.so",
            RPath = "/a:/b",
            RunPath = "$ORIGIN/c",
            NoDefaultLibraries = true,
        }.Build());

        ElfFile? elf = ElfFile.Read(path).File;
        Assert.NotNull(elf);
        Assert.Equal(wide ? ElfClass.Elf64 : ElfClass.Elf32, elf.Class);
        Assert.Equal((big, machine, ElfFile.TypeShared), (elf.IsBigEndian, elf.Machine, elf.Type));
        Assert.Equal("/lib/ld.so.1", elf.Interpreter);
        Assert.Equal(["liba.so.1", "libb ü.so"], elf.Needed);
        Assert.Equal(("me.so", "/a:/b", "$ORIGIN/c"), (elf.SharedName, elf.RPath, elf.RunPath));
        Assert.True(elf.NoDefaultLibraries);
        Assert.True(elf.IsDynamic);
    }

    [Fact]
    public void Long_texts_are_read_across_the_buffer_and_absurd_ones_are_refused()
    {
        using TempDirectory temp = new();
        string runPath = string.Join(':', Enumerable.Range(0, 2000).Select(i => $"/opt/directory{i}"));
        Assert.Equal(runPath, ElfFile.Read(temp.Write("long", new ElfBuilder { RunPath = runPath }.Build())).File?.RunPath);
        Assert.NotNull(ElfFile.Read(temp.Write("absurd", new ElfBuilder { Needed = [new string('x', 5000)] }.Build())).Problem);
        Assert.NotNull(
            ElfFile.Read(temp.Write("many", new ElfBuilder { Needed = [.. Enumerable.Repeat("liba.so", 5000)] }.Build())).Problem);
        Assert.NotNull(ElfFile.Read(temp.Write("interpreter", new ElfBuilder { Interpreter = new string('x', 5000) }.Build())).Problem);
    }

    [Fact]
    public void Other_files_give_a_problem()
    {
        using TempDirectory temp = new();
        Assert.NotNull(ElfFile.Read(temp.Write("empty", "")).Problem);
        Assert.NotNull(ElfFile.Read(temp.Write("short", "\u007fELF")).Problem);
        Assert.NotNull(ElfFile.Read(temp.Write("text", "just a text that is long enough to be more than a header")).Problem);
        Assert.NotNull(ElfFile.Read(temp["missing"]).Problem);
        Assert.NotNull(ElfFile.Read(temp.Path).Problem);
        Assert.NotNull(ElfFile.Read("/dev/zero").Problem);
    }

    [Fact]
    public void A_fifo_does_not_block()
    {
        using TempDirectory temp = new();
        Assert.Equal(0, Tools.Run("/usr/bin/mkfifo", [temp["fifo"]]).Exit);
        Assert.NotNull(ElfFile.Read(temp["fifo"]).Problem);
        Assert.Single(ExecutableClosure.Find(temp["fifo"], new ClosureOptions()).Missing);
    }

    [Fact]
    public void Every_truncation_is_survived()
    {
        using TempDirectory temp = new();
        byte[] whole = Sample(true, false);
        for (int length = 0; length < whole.Length; length++) Survives(temp, whole[..length]);
    }

    [Fact]
    public void Changed_bytes_never_throw_or_hang()
    {
        using TempDirectory temp = new();
        Gen<(int At, byte Value)> change = Gen.Choose(0, 600).Zip(Gen.OneOf(Gen.Elements<byte>(0, 1, 2, 3, 0x7f, 0x80, 0xff),
            Gen.Choose(0, 255).Select(b => (byte)b))).Select(p => (p.Item1, p.Item2));
        Gen<(bool Wide, bool Big, (int At, byte Value)[] Changes)> hostile =
            from wide in Gen.Elements(true, false)
            from big in Gen.Elements(true, false)
            from changes in Gen.ArrayOf(change)
            select (wide, big, changes);

        TimeSpan used = ProcessorTime.Of(
            () => Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(hostile.ToArbitrary(), file =>
        {
            byte[] bytes = Sample(file.Wide, file.Big);
            foreach ((int at, byte value) in file.Changes) bytes[at % bytes.Length] = value;
            Survives(temp, bytes);
        })));
        Assert.True(used < TimeSpan.FromMinutes(1), $"It took {used}.");
    }

    [Fact]
    public void Programs_that_ask_for_absurdly_many_lookups_are_cut_short()
    {
        using TempDirectory temp = new();
        string[] names = [.. Enumerable.Range(0, 4000).Select(i => $"no{i}.so")];
        string variants = string.Join(':', Enumerable.Range(1, 150).Select(i => temp.Path + string.Concat(Enumerable.Repeat("/.", i))));
        string program = temp.Write("program", new ElfBuilder { Interpreter = Loader(temp), Needed = names, RunPath = variants }.Build());

        TimeSpan used = ProcessorTime.Of(() => Assert.Contains(ExecutableClosure.Find(program, new ClosureOptions()).Warnings,
            w => w.Kind == ClosureWarningKind.SearchCutShort));
        Assert.True(used < TimeSpan.FromSeconds(20), $"It took {used}.");
    }

    private static string Loader(TempDirectory temp) => temp.Write("ld.so", new ElfBuilder { SharedName = "ld.so" }.Build());

    private static byte[] Sample(bool wide, bool big) => new ElfBuilder
    {
        Wide = wide,
        Big = big,
        Interpreter = "/lib64/ld-linux-x86-64.so.2",
        Needed = ["libc.so.6", "$ORIGIN/x.so"],
        RPath = "/a:$LIB:$ORIGIN",
        RunPath = "/tmp",
        SharedName = "s",
    }.Build();

    private static void Survives(TempDirectory temp, byte[] bytes)
    {
        string path = temp.Write("hostile", bytes);
        ElfReading reading = ElfFile.Read(path);
        Assert.True(reading.File is null != reading.Problem is null);
        Closure closure = ExecutableClosure.Find(path, new ClosureOptions { WorkingDirectory = temp.Path });
        Assert.Equal(path, closure.Entries[0].RealPath);
    }
}
