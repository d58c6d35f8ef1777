using System.Text.RegularExpressions;
using Landlock.Abi;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Rulesets;

/// <summary>What a text of an exception means: a path, a pattern, or the set of secrets.</summary>
public sealed class ExceptionPatternTests : IDisposable
{
    private const AccessFs Read = AccessFs.ReadFile | AccessFs.ReadDir;
    private readonly Scratch _scratch = new();

    public ExceptionPatternTests() => _scratch.Do("mkdir -p repo/app/deep repo/.git/hooks repo/pem.d other; "
        + "touch repo/.env repo/app/.env repo/app/deep/.ENV repo/app/.envrc repo/key.pem repo/app/cert.PEM repo/pem.d/x repo/'a*b' "
        + "repo/axb repo/app/'[x]' other/.env; ln -s ../../other/.env repo/app/link.pem; ln -s nowhere repo/dangling.pem; "
        + "ln -s app repo/dir");

    private string Repo => _scratch["repo"];

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("*.pem", "key.pem", true)]
    [InlineData("*.pem", "KEY.PEM", true)]
    [InlineData("*.pem", ".pem", true)]
    [InlineData("*.pem", "key.pem.txt", false)]
    [InlineData("id_*", "id_", true)]
    [InlineData("a*b*c", "aXbYbZc", true)]
    [InlineData("a*b*c", "abcb", false)]
    [InlineData("?", "a", true)]
    [InlineData("?", "\U0001F511", true)]
    [InlineData("?", "", false)]
    [InlineData("[abc]x", "Bx", true)]
    [InlineData("[!abc]x", "dx", true)]
    [InlineData("[!abc]x", "ax", false)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[a-c]x", "-x", false)]
    [InlineData("[a-]x", "-x", true)]
    [InlineData("[]]x", "]x", true)]
    [InlineData("[*]x", "*x", true)]
    [InlineData("[*]x", "ax", false)]
    [InlineData("[x*", "[xy", true)]
    [InlineData("[x]", "[x]", true)]
    [InlineData("**", "x", true)]
    public void A_part_means_names(string part, string name, bool matches) =>
        Assert.Equal(matches, ExceptionText.Matches(part, name));

    [Theory]
    [InlineData("a/b", "a/b")]
    [InlineData("/a//b/", "/a/b")]
    [InlineData("a[*]b", "a*b")]
    [InlineData("[[]x[?]", "[x?")]
    [InlineData("a[", "a[")]
    [InlineData("!x", "!x")]
    public void Without_a_wildcard_it_is_a_path(string text, string path) => Assert.Equal(path, ExceptionText.Parse(text).Path);

    [Theory]
    [InlineData("*.pem", null, "** *.pem")]
    [InlineData("**/.env", null, "** .env")]
    [InlineData("**/a/*.key", null, "** a *.key")]
    [InlineData("a/*.pem", "a", "*.pem")]
    [InlineData("./*.pem", ".", "*.pem")]
    [InlineData("../a[*]/*.pem", "../a*", "*.pem")]
    [InlineData("*/x", ".", "* x")]
    [InlineData("/srv/**/.env", "/srv", "** .env")]
    [InlineData("/*", "/", "*")]
    public void A_pattern_begins_somewhere(string text, string? start, string parts)
    {
        ExceptionText read = ExceptionText.Parse(text);
        Assert.Equal((null, start, parts), (read.Path, read.Start, string.Join(' ', read.Parts)));
    }

    [Theory]
    [InlineData("!*.pem", "a pattern cannot take back what another one leaves out")]
    [InlineData("a**b/x", "** stands for directories, and must stand between slashes, as in **/.env.")]
    [InlineData("**", "it leaves out everything. Leave out the rule instead.")]
    [InlineData("/**", "it leaves out everything")]
    [InlineData("*/../x", "'..' can only stand before what is a pattern.")]
    public void What_no_pattern_can_say_is_refused(string text, string why)
    {
        RulesetException e = Assert.Throws<RulesetException>(() => ExceptionText.Parse(text));
        Assert.Equal(RulesetProblem.InvalidException, e.Problem);
        Assert.StartsWith($"The exception '{text}' is no pattern: {why}", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a*b")]
    [InlineData("[x]/**/?")]
    [InlineData("Secrets")]
    [InlineData("plain/name")]
    public void A_path_of_any_characters_can_be_written(string path) =>
        Assert.Equal(path, ExceptionText.Parse(PathRule.ExceptionOf(path)).Path!.Replace("./", "", StringComparison.Ordinal));

    [Fact]
    public void A_pattern_means_what_is_there()
    {
        Assert.Equal([".env", "app/.env", "app/deep/.ENV"], Left("**/.env"));
        Assert.Equal([".env", "app/.env", "app/.envrc", "app/deep/.ENV"], Left(".env*"));
        Assert.Equal([".env"], Left($"{Repo}/.en?"));
        Assert.Equal(["app/.env", "app/deep/.ENV"], Left($"{Repo}/app/**/.env"));
        Assert.Equal(["app/.env"], Left("repo/*/.env"));
        Assert.Equal([".git/hooks"], Left("**/.git/h*"));
        Assert.Equal(["a*b"], Left("repo/a[*]b"));
        Assert.Equal(["a*b", "axb"], Left("a*b"));
        // Called like that, or meant by it.
        Assert.Equal(["app/[x]", "pem.d/x"], Left("**/[x]"));
        Assert.Empty(Left("**/none*"));
        // What is left out is not looked through; links are not followed, and one that leads out of everything is nothing.
        Assert.Equal(["a*b", "app", "axb"], Left("repo/a*"));
        Assert.Equal(["app/cert.PEM", "key.pem"], Left("*.pem"));
        // A link to what is allowed stands for that.
        PathRule[] both = [.. PathRule.Excepting([new PathRule(Repo, Read), new PathRule(_scratch["other"], Read)], ["*.pem"])];
        Assert.Equal([$"{Repo}/app/link.pem"], both[1].Except.AsEnumerable());
        Assert.Equal([$"{Repo}/app/cert.PEM", $"{Repo}/key.pem"], both[0].Except.AsEnumerable());
    }

    [Fact]
    public void What_a_pattern_comes_to_is_told()
    {
        Assert.Equal($"except **/.env: 3 entries now ('{Repo}/.env', '{Repo}/app/.env', '{Repo}/app/deep/.ENV'); one that is made later "
            + "is allowed, but in the directories around these.", Note("**/.env"));
        Assert.Equal($"except {Repo}/*.pem: 1 entry now ('{Repo}/key.pem'); one that is made later is allowed, but in the directories "
            + "around it.", Note($"{Repo}/*.pem"));
        Assert.Equal("except *.none: 0 entries now; one that is made later is allowed.", Note("*.none"));
        Assert.Contains(" and 1 more); ", Note(".env*"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_for_nothing_that_is_allowed_is_refused()
    {
        Assert.Equal($"The pattern 'other/*.pem' begins in '{_scratch["other"]}', which is beneath none of the allowed paths ({Repo}). "
            + "Correct it, or write **/ in front for every allowed directory.", Refused("other/*.pem").Message);
        Assert.Contains("'**/.env' is excepted, but no path is allowed that it could be excepted from",
            Assert.Throws<RulesetException>(() => PathRule.Excepting([], ["**/.env"]).ToArray()).Message, StringComparison.Ordinal);
        Assert.Equal("The exception 'Secrts' is beneath none of the allowed paths; did you mean the set 'Secrets'?",
            Refused("Secrts").Message);
        Assert.Contains("starts from no directory that is known here", Assert.Throws<RulesetException>(
            () => PathRule.Excepting([new PathRule(Repo, Read)], ["a/*.pem"]).ToArray()).Message, StringComparison.Ordinal);
        // Around what is allowed it may begin.
        Assert.Equal(["app/.env"], Left($"{_scratch.Path}/*/app/.env"));
    }

    [SandboxFact]
    public void A_directory_that_may_hold_anything_and_cannot_be_listed_is_refused()
    {
        _scratch.Do("mkdir repo/hidden repo/closed; chmod 0711 repo/hidden; chmod 0700 repo/closed");
        if (Posix.geteuid() != 0) return; // Another user's directories are needed, and root made these.
        string[] options = ["--read-only", "/usr", "--read-only", Repo, "--except", "**/.env"];
        CliRun run = CliRun.Of([.. options, "true"]);
        Assert.Equal(125, run.ExitCode);
        Assert.Contains($"the directory '{Repo}/hidden' must be listed for the patterns of the exceptions, and cannot be (Permission "
            + "denied). Except the directory itself as well", run.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Permission denied", CliRun.Of([.. options, "--except", $"{Repo}/hidden", "cat", $"{Repo}/.env"]).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_tree_is_looked_through_in_no_time()
    {
        for (int i = 0; i < 100; i++)
        {
            Directory.CreateDirectory($"{Repo}/many/{i}/src");
            for (int j = 0; j < 100; j++) File.WriteAllBytes($"{Repo}/many/{i}/src/{j}.txt", []);
        }

        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(3, Left("**/.env", "*.key", "**/node_modules/**/x").Length);
        Assert.InRange(watch.ElapsedMilliseconds, 0, 2000);
    }

    [Fact]
    public void Names_of_any_bytes_are_meant()
    {
        _scratch.Do("mkdir -p raw; : > \"$(printf 'raw/\\377.env')\"");
        Assert.Equal([$"{_scratch["raw"]}/\uDCFF.env"],
            PathRule.Excepting([new PathRule(_scratch["raw"], Read)], ["*.env"]).Single().Except.AsEnumerable());
    }

    [Fact]
    public void Every_place_of_the_secrets_is_in_the_documentation_and_the_other_way_round()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs/secrets.md"));
        string[] written = [.. Regex.Matches(text, "^\\| (?<places>`[^|]+) \\|", RegexOptions.Multiline)
            .SelectMany(row => Regex.Matches(row.Groups["places"].Value, "`([^`]+)`")).Select(place => place.Groups[1].Value)];
        string[] known = [.. SecretPlaces.AtHome, .. SecretPlaces.OfMachine,
            .. SecretPlaces.OfVariables.Where(place => !place.StartsWith("$XDG_C", StringComparison.Ordinal)
                && !place.StartsWith("$XDG_D", StringComparison.Ordinal))];
        Assert.Equal(known.Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
        Assert.Equal(known.Length, known.Distinct().Count());
    }

    [Fact]
    public void What_Base_leaves_out_is_secret() =>
        Assert.All(Preset.Find("Base").Document.PathBeneath.SelectMany(entry => entry.Except),
            place => Assert.Contains(place.Text, SecretPlaces.OfMachine));

    private string[] Left(params string[] texts) =>
        [.. PathRule.Excepting([new PathRule(Repo, Read)], texts, _scratch.Path).Single().Except
            .Select(path => RulesetResolver.Absolute(path, _scratch.Path)[(Repo.Length + 1)..])];

    private string Note(string text) => RuleExceptions.Of([new PathRule(Repo, Read)], [text], _scratch.Path).Notes.Single();

    private RulesetException Refused(string text) =>
        Assert.Throws<RulesetException>(() => PathRule.Excepting([new PathRule(Repo, Read)], [text], _scratch.Path).ToArray());
}
