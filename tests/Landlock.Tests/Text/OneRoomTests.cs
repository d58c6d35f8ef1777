using System.Text.RegularExpressions;

namespace Landlock.Tests.Text;

/// <summary>
/// Text for PowerShell, for a shell and for a terminal is made in src/Landlock/Text alone, and no script is made of names.
/// </summary>
public sealed partial class OneRoomTests
{
    // Scripts that are put together of constants, of this module's own path as the room writes it, or of a script block,
    // which is a script already.
    private static readonly string[] OfConstants =
    [
        "Binding/BlockArguments.cs", "Engine/NativePipeline.cs", "Running/SandboxedServer.cs", "Shell/ShellSession.cs",
        "Completion/CompletionCommand.cs",
    ];

    [Fact]
    public void Quotes_are_doubled_or_escaped_nowhere_else() => AssertNone(HandMadeQuote(), Sources());

    [Fact]
    public void No_script_is_made_of_names() => AssertNone(MadeScript(), Sources().Where(file => !OfConstants.Any(file.EndsWith)));

    // The rule for names of profiles is another program's.
    [Fact]
    public void What_cannot_be_shown_is_known_in_one_place() =>
    AssertNone(CharacterClass(), Sources().Where(file => !file.EndsWith("/Profiles/Profile.cs", StringComparison.Ordinal)));

    private static IEnumerable<string> Sources() =>
        new[] { "*.cs", "*.psm1", "*.ps1xml" }.SelectMany(
            pattern => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), pattern, SearchOption.AllDirectories)
                .Concat(Directory.EnumerateFiles(Repository.Root, pattern)))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)
                && !file.Contains("/src/Landlock/Text/", StringComparison.Ordinal));

    private static void AssertNone(Regex pattern, IEnumerable<string> files)
    {
        string[] found = [.. files.SelectMany(
            file => File.ReadLines(file).Select((line, i) => (Line: line, Place: $"{Path.GetRelativePath(Repository.Root, file)}:{i + 1}")))
            .Where(item => pattern.IsMatch(item.Line)).Select(item => $"{item.Place}: {item.Line.Trim()}")];
        Assert.True(found.Length == 0, $"Use PowerShellText, ShellText or PosixText.Printable:\n{string.Join('\n', found)}");
    }

    // Replace("'", ...), Replace('\'', ...), -replace "'", and the engine's own helper, which prints every character as it stands.
    [GeneratedRegex("""Replace\(\s*("'"|'\\''|"\\"")|-replace\s+["']{1,2}['"]|EscapeSingleQuotedStringContent"""
        + """|EscapeFormatStringContent|QuoteArgument""")]
    private static partial Regex HandMadeQuote();

    [GeneratedRegex("""(ScriptBlock\.Create|OwnBlock)\(\s*(\$|@\$|[^)"]*\+)|NewScriptBlock\(\s*\$|AddScript\(\s*\$|InvokeScript\(\s*\$"""
        + """|\[scriptblock\]::Create\(|Invoke-Expression|ExpandString""")]
    private static partial Regex MadeScript();

    [GeneratedRegex("""char\.IsControl|UnicodeCategory\.""")]
    private static partial Regex CharacterClass();
}
