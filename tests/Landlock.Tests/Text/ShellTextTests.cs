using System.Diagnostics;
using Landlock.Abi;
using Landlock.Access;
using Landlock.Rulesets;

namespace Landlock.Tests.Text;

public sealed class ShellTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("/usr/lib_x-1.2:a=b@c%d+e,f", "/usr/lib_x-1.2:a=b@c%d+e,f")]
    [InlineData("", "''")]
    [InlineData("two words", "'two words'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("back\\slash", "'back\\slash'")]
    [InlineData("$HOME", "'$HOME'")]
    [InlineData("a=b", "'a=b'")]
    [InlineData("--env=b", "--env=b")]
    [InlineData("if", "'if'")]
    [InlineData("\u2019", "'\u2019'")]
    [InlineData("new\nline7", "$'new\\012line7'")]
    [InlineData("it's\ta\\tab", "$'it\\'s\\011a\\\\tab'")]
    [InlineData("\u001b[0m", "$'\\033[0m'")]
    [InlineData("\u200B", "$'\\342\\200\\213'")]
    public void Words_are_quoted_for_a_shell(string text, string word) => Assert.Equal(word, ShellText.Word(text));

    [Fact]
    public void Bytes_that_are_no_text_are_escaped() => Assert.Equal("$'\\377\\376'", ShellText.Word("\udcff\udcfe"));

    [Fact]
    public void A_shell_reads_back_each_name()
    {
        string[] words = [.. NastyNames.All.Select(ShellText.Word)];
        Assert.DoesNotContain(words, NastyNames.ActsOnTerminal);
        // Of names that are seen for what they are, every shell; sh may be one that knows no $'...'.
        string[] literal = [.. NastyNames.All.Where(name => !ShellText.Word(name).StartsWith('$'))];
        ReadsBack("sh", literal, literal.Select(ShellText.Word));
        ReadsBack("bash", NastyNames.All, words);
        // Where a command begins none is an assignment or a reserved word. (A job is one to bash however it is quoted.)
        string[] names = ["if", "time", "!", "{", "a=b", "A_1+=x", "=ls", "#", "*", "?", "~", "-rf", "$HOME", "a;b", "e\u001B[2Kf"];
        byte[] called = Run("bash",
            $"PATH=/nowhere; command_not_found_handle() {{ printf '%s\\0' \"$1\"; }}\n{string.Join('\n', names.Select(ShellText.Word))}\n");
        Assert.Equal(names, PosixText.Decode(called).Split('\0')[..^1]);
    }

    [Fact]
    public void The_option_that_would_allow_an_access_is_the_name_and_nothing_else()
    {
        string[] paths = [.. NastyNames.All.Select(name => $"/srv/{name.TrimStart('/')}")];
        // Without a dot for the directory itself.
        paths = [.. paths.Select(path => new PathRule(path, AccessFs.ReadFile).Path)];
        AccessFix[] fixes = [.. paths.Select(
            path => AccessFix.For([1], new PathRule(path, AccessFs.ReadFile), isDirectory: false, AbiTable.AllFs(6), AccessFs.None))];
        Assert.DoesNotContain(fixes, fix => NastyNames.ActsOnTerminal(
            fix.Option + fix.Parameter + fix.ClassParameter + fix.Toml!.Replace("\n", "", StringComparison.Ordinal)));
        ReadsBack("bash", [.. paths.SelectMany(path => new[] { "--read-data", path })], fixes.Select(fix => fix.Option));
        AccessFix[] exact = [.. paths.Select(path => AccessFix.For([1], new PathRule(path, AccessFs.MakeReg | AccessFs.RemoveFile),
            isDirectory: true, AbiTable.AllFs(6), AccessFs.None))];
        ReadsBack("bash", [.. paths.SelectMany(path => new[] { "--access", $"make_reg,remove_file:{path}" })],
            exact.Select(fix => fix.Option.Replace("remove_file,make_reg", "make_reg,remove_file", StringComparison.Ordinal)));
    }

    private static void ReadsBack(string shell, string[] names, IEnumerable<string> words)
    {
        string script = $"printf '%s\\0' {string.Join(' ', words)}\n";
        byte[] output = Run(shell, script);
        Assert.Equal(names, PosixText.Decode(output).Split('\0')[..^1]);
        Assert.Empty(Run(shell, script, "-n"));
    }

    private static byte[] Run(string shell, string script, params string[] options)
    {
        ProcessStartInfo start = new(shell) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string option in options) start.ArgumentList.Add(option);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using MemoryStream output = new();
        Task copy = process.StandardOutput.BaseStream.CopyToAsync(output);
        process.StandardInput.BaseStream.Write(PosixText.Encode(script));
        process.StandardInput.Close();
        process.WaitForExit();
        copy.Wait();
        Assert.Equal("", errors.Result);
        return output.ToArray();
    }
}
