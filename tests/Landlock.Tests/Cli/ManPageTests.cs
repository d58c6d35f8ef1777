using System.Diagnostics;
using System.Text.RegularExpressions;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Cli;

/// <summary>The manual page, which is made from the tables of --help.</summary>
public sealed class ManPageTests
{
    private static string Page => CliRun.Of("help", "--man").Output;

    [Fact]
    public void It_has_every_option_and_subcommand_of_the_help()
    {
        string page = Page.Replace(@"\-", "-", StringComparison.Ordinal);
        string help = CliRun.Of("--help").Output;
        string[] options = [.. Regex.Matches(help, @"^  (?:--[a-z-]+, )*(--[a-z-]+)", RegexOptions.Multiline)
            .Select(match => match.Groups[1].Value)];
        Assert.True(options.Length > 50);
        Assert.All(options, option => Assert.Contains(option, page, StringComparison.Ordinal));
        Assert.Contains(".SS policy diff\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_is_no_request() => Assert.All(Page.TrimEnd('\n').Split('\n'), line =>
    {
        Assert.Matches(@"^(\.(TH|SH|SS|SY|YS|TP|BR)( |$)|[^.'])", line);
        Assert.DoesNotMatch(
            @"(?<!\\)-|\\(?!-|e|\(aq|\(ti|\(ha|\(ga|&|fB|fI|fR)", line.StartsWith(".TH", StringComparison.Ordinal) ? "" : line);
    });

    [Groff]
    public void Man_shows_it_without_a_warning()
    {
        using Scratch scratch = new();
        scratch.File("landlocked.1", Page);
        (string shown, string warnings) = Groff(scratch["landlocked.1"]);
        Assert.Equal("", warnings);
        // As it is typed: a dash is a dash.
        Assert.Contains("       --read-only PATH\n              read, list and execute\n", shown, StringComparison.Ordinal);
        Assert.Contains("'**/.env' or Secrets", Regex.Replace(shown, " +", " "), StringComparison.Ordinal);
    }

    [Mandoc]
    public void Mandoc_misses_the_date_alone_which_nobody_knows_at_a_build()
    {
        using Scratch scratch = new();
        scratch.File("landlocked.1", Page);
        (string found, _) = Run("mandoc", "-T", "lint", "-W", "style", scratch["landlocked.1"]);
        string page = PosixText.Printable(scratch["landlocked.1"]);
        Assert.Equal($"mandoc: {page}:1:18: WARNING: missing date, using \"\": TH\n", found);
    }

    private static (string Shown, string Warnings) Groff(string file) => Run("groff", "-man", "-ww", "-Tutf8", "-P-cbou", file);

    private static (string Output, string Error) Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output, error.Result);
    }

    private sealed class MandocAttribute : FactAttribute
    {
        public MandocAttribute() => Skip = Tools.Has("mandoc") ? null : "mandoc is not installed.";
    }

    private sealed class GroffAttribute : FactAttribute
    {
        public GroffAttribute() => Skip = Tools.Has("groff") ? null : "groff is not installed.";
    }
}
