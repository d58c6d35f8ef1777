using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Needs;

public sealed class ExecutableClosureTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly string _shell;

    public ExecutableClosureTests() =>
        _shell = _temp.Write("bin/shell", new ElfBuilder { Dynamic = false, Type = ElfFile.TypeExecutable }.Build());

    public void Dispose() => _temp.Dispose();

    private ClosureOptions Options =>
        new() { WorkingDirectory = _temp.Path, Path = "/nowhere:" + _temp["bin"], Host = System.Runtime.InteropServices.Architecture.X64 };

    [Fact]
    public void A_script_needs_itself_and_its_interpreter()
    {
        string script = _temp.Write("script", $"#!{_shell} -e\n");
        Closure closure = ExecutableClosure.Find("script", Options);
        Assert.Equal([new(script, script, ClosureKind.Program, null), new(_shell, _shell, ClosureKind.Interpreter, script)],
            closure.Entries);
        Assert.All(closure.Entries, e => Assert.True(e.NeedsExecute));
        Assert.Empty(closure.Missing);
    }

    [Fact]
    public void Names_may_hold_spaces_newlines_and_any_bytes()
    {
        foreach (byte[] name in (byte[][])[[0x66, 0xff, 0xfe], "a b\nc"u8.ToArray(), "\u00fc\u4e16"u8.ToArray(), [0xe4, 0xb8]])
        {
            string script = _temp.WriteRaw(name, "#!bin/shell\n");
            Closure closure = ExecutableClosure.Find(script, Options);
            Assert.Equal([script, _shell], closure.Entries.Select(e => e.RealPath));
            string relative = PosixText.Decode(name);
            Assert.Equal([script, _shell], ExecutableClosure.Find(relative, Options).Entries.Select(e => e.RealPath));
        }

        string odd = _temp.WriteRaw([0xff], $"#!{_shell}\n");
        string script2 = _temp.Write("script2", [.. "#!"u8, .. PosixText.Encode(odd), (byte)'\n']);
        Assert.Equal([script2, odd, _shell], ExecutableClosure.Find(script2, Options).Entries.Select(e => e.RealPath));
    }

    [Fact]
    public void Five_scripts_in_a_row_are_the_limit()
    {
        _temp.Write("s1", $"#!{_shell}\n");
        for (int i = 2; i <= 6; i++) _temp.Write($"s{i}", $"#!{_temp[$"s{i - 1}"]}\n");
        Closure five = ExecutableClosure.Find("s5", Options);
        Assert.Equal(6, five.Entries.Count);
        Assert.DoesNotContain(five.Warnings, w => w.Kind == ClosureWarningKind.TooManyInterpreters);
        Assert.Contains(ExecutableClosure.Find("s6", Options).Warnings, w => w.Kind == ClosureWarningKind.TooManyInterpreters);

        if (!File.Exists("/bin/true")) return;
        _temp.Write("s1", "#!/bin/true\n");
        Assert.Equal(0, Tools.Run(_temp["s5"], []).Exit);
        Assert.ThrowsAny<Exception>(() => Tools.Run(_temp["s6"], []));
    }

    [Fact]
    public void Env_and_what_it_starts_are_both_needed()
    {
        string env = _temp.Write("bin/env", new ElfBuilder { Dynamic = false }.Build());
        string tool = _temp.Write("bin/tool", $"#!{_shell}\n");
        string script = _temp.Write("script", $"#!{env} -S -i PATH={_temp["bin"]} tool --flag\n");
        Closure closure = ExecutableClosure.Find(script, Options with { Path = null });
        Assert.Equal([script, env, tool, _shell], closure.Entries.Select(e => e.RealPath));
        Assert.Equal([null, script, env, tool], closure.Entries.Select(e => e.RequiredBy));
        Assert.Empty(closure.Missing);

        string lost = _temp.Write("lost", $"#!{env} nonesuch\n");
        Assert.Equal([new MissingFile("nonesuch", ClosureKind.Interpreter, env)], ExecutableClosure.Find(lost, Options).Missing);
        string unknown = _temp.Write("unknown", $"#!{env} -S ${{HOME}}/x\n");
        Assert.Contains(ExecutableClosure.Find(unknown, Options).Warnings, w => w.Kind == ClosureWarningKind.UnknownEnvCommand);
        string endless = _temp.Write("endless", $"#!{env} -i\n");
        Assert.Equal([endless, env], ExecutableClosure.Find(endless, Options).Entries.Select(e => e.RealPath));
    }

    [Fact]
    public void A_file_that_is_no_program_is_never_granted_as_an_interpreter()
    {
        string secret = _temp.Write("secret", "private", executable: false);
        string text = _temp.Write("text", "private");
        string env = _temp.Write("bin/env", new ElfBuilder { Dynamic = false }.Build());
        foreach (string line in (string[])[secret, text, $"{env} {text}", $"{env} {secret}", _temp.Path, _temp["none"]])
        {
            string script = _temp.Write("script", $"#!{line}\n");
            Closure closure = ExecutableClosure.Find(script, Options);
            Assert.DoesNotContain(closure.Entries, e => e.RealPath == secret || e.RealPath == text);
            Assert.Single(closure.Missing);
        }
    }

    [Theory]
    [InlineData("echo hello\n", nameof(ClosureWarningKind.NoShebang))]
    [InlineData("", nameof(ClosureWarningKind.NoShebang))]
    [InlineData("#!\n", nameof(ClosureWarningKind.NoShebang))]
    [InlineData("MZ\0\0", nameof(ClosureWarningKind.UnknownFormat))]
    [InlineData("\u007fELF\u0001", nameof(ClosureWarningKind.DamagedElf))]
    public void Other_formats_are_reported(string content, string warning)
    {
        string path = _temp.Write("file", content);
        Closure closure = ExecutableClosure.Find(path, Options);
        Assert.Equal(path, Assert.Single(closure.Entries).RealPath);
        Assert.Equal(warning, Assert.Single(closure.Warnings).Kind.ToString());
    }

    [Fact]
    public void Modes_and_architectures_are_reported()
    {
        TempDirectory.SetMode(_shell, 0x9ED);
        Assert.Contains(ExecutableClosure.Find(_shell, Options).Warnings, w => w.Kind == ClosureWarningKind.SetUserId);
        TempDirectory.SetMode(_shell, 0x1A4);
        Assert.Contains(ExecutableClosure.Find(_shell, Options).Warnings, w => w.Kind == ClosureWarningKind.NotExecutable);
        TempDirectory.SetMode(_shell, 0x1ED);
        Assert.Contains(ExecutableClosure.Find(_shell, Options with { Host = System.Runtime.InteropServices.Architecture.Arm64 }).Warnings,
            w => w.Kind == ClosureWarningKind.ForeignArchitecture);
        Assert.Equal(ClosureWarningKind.StaticallyLinked, Assert.Single(ExecutableClosure.Find(_shell, Options).Warnings).Kind);
        Assert.Equal([new MissingFile("none", ClosureKind.Program, null)], ExecutableClosure.Find("none", Options).Missing);
        Assert.Empty(ExecutableClosure.Find("bin", Options).Entries);
    }

    [Fact]
    public void Each_file_comes_once_with_its_strongest_need()
    {
        if (Oracle.Loader is null) return;
        string script = _temp.Write("script", "#!/usr/bin/env sh\n");
        Closure closure = ExecutableClosure.Find(script, new ClosureOptions { Path = "/usr/bin:/bin" });
        Assert.Equal(closure.Entries.Count, closure.Entries.Select(e => e.RealPath).Distinct().Count());
        Assert.Single(closure.Entries, e => e.Kind == ClosureKind.Loader);
        Assert.Equal(2, closure.Entries.Count(e => e.Kind == ClosureKind.Interpreter));
        Assert.All(closure.Entries, e => Assert.Equal(e.Kind <= ClosureKind.Loader, e.NeedsExecute));
    }
}
