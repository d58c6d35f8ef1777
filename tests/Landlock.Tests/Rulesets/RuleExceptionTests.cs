using System.Text;
using Landlock.Abi;
using Landlock.Access;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Tests.Cli;

namespace Landlock.Tests.Rulesets;

/// <summary>Rules with exceptions, on real directories.</summary>
public sealed class RuleExceptionTests : IDisposable
{
    private const AccessFs Read = AccessFs.ReadFile | AccessFs.ReadDir;
    private readonly Scratch _scratch = new();

    public RuleExceptionTests() => _scratch.Do("mkdir -p home/.ssh/keys home/docs/deep home/docs/private; touch home/.ssh/id "
        + "home/docs/file home/docs/private/x home/rc; ln -s .ssh home/link; mkfifo home/fifo");

    private string Home => _scratch["home"];

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Everything_beside_an_exception_gets_a_rule()
    {
        ResolvedLayer layer = Resolve(Rule(Home, Read, $"{Home}/.ssh", $"{Home}/docs/private"));
        Assert.Equal(
            [$"{Home}/fifo {AccessFs.ReadFile}", $"{Home}/rc {AccessFs.ReadFile}", $"{Home}/docs/deep {Read}",
                $"{Home}/docs/file {AccessFs.ReadFile}"],
            layer.PathRules.Select(rule => $"{rule.Path} {rule.Access}"));
        Assert.All(layer.PathRules, rule => Assert.True(rule.Optional));
        Assert.Equal(
            $"'{Home}' is allowed without '{Home}/.ssh', '{Home}/docs/private', by 4 rules for what is beside them now: '{Home}', "
                + $"'{Home}/docs' cannot be listed, and what is made there later is not allowed.",
            Assert.Single(layer.Notes));
    }

    [Fact]
    public void An_exception_is_where_a_link_leads_and_one_in_another_is_no_news()
    {
        string[] direct = [.. Resolve(Rule(Home, Read, $"{Home}/.ssh")).PathRules.Select(rule => rule.Path)];
        Assert.Equal(direct, Resolve(Rule(Home, Read, $"{Home}/link")).PathRules.Select(rule => rule.Path));
        Assert.Equal(direct, Resolve(Rule(Home, Read, $"{Home}/.ssh/keys", $"{Home}/.ssh")).PathRules.Select(rule => rule.Path));
        Assert.Equal(direct, Resolve(Rule(Home, Read, $"{Home}/docs/../.ssh")).PathRules.Select(rule => rule.Path));
    }

    [Fact]
    public void A_file_right_only_needs_no_rule_for_a_file_that_has_none()
    {
        Assert.Equal([$"{Home}/docs"], Resolve(Rule(Home, AccessFs.ReadDir, $"{Home}/.ssh")).PathRules.Select(rule => rule.Path));
    }

    [Fact]
    public void What_is_missing_is_refused_and_where_the_rule_is_optional_kept_out_before_it_comes()
    {
        RulesetException e = Refused(Rule(Home, Read, $"{Home}/.gnupg/private"), RulesetProblem.PathNotFound);
        Assert.Equal($"The exception '{Home}/.gnupg/private' does not exist. Correct it, or mark the rule as optional: then it is denied "
            + "if it comes to exist.", e.Message);
        ResolvedLayer layer = Resolve(Rule(Home, Read, $"{Home}/.gnupg/private") with { Optional = true });
        _scratch.Do("mkdir -p home/.gnupg/private; touch home/.gnupg/private/key");
        AccessEvaluator evaluator = new([layer], "/");
        Assert.False(evaluator.IsAllowed($"{Home}/.gnupg/private/key", AccessFs.ReadFile));
        Assert.True(evaluator.IsAllowed($"{Home}/docs/file", AccessFs.ReadFile));
        _scratch.Do("ln -s nowhere home/dangling");
        Assert.Contains("a symbolic link that leads nowhere yet",
            Refused(Rule(Home, Read, $"{Home}/dangling") with { Optional = true }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_elsewhere_is_refused()
    {
        Assert.Equal(
            $"The exception '{Home}/.ssh' is not beneath '{Home}/docs', so this rule does not allow it anyway. Leave out the exception.",
            Refused(Rule($"{Home}/docs", Read, $"{Home}/.ssh")).Message);
        Assert.Contains("leaves nothing of the rule", Refused(Rule($"{Home}/docs", Read, Home)).Message, StringComparison.Ordinal);
        Assert.Contains("but it is no directory", Refused(Rule($"{Home}/rc", Read, $"{Home}/rc/x")).Message, StringComparison.Ordinal);
        _scratch.Do("mkdir out; ln -s ../out home/away");
        Assert.Contains($"(which is '{_scratch["out"]}') is not beneath '{Home}'", Refused(Rule(Home, Read, $"{Home}/away")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Rights_over_entries_are_given_beside_the_way_and_not_on_it()
    {
        AccessFs write = Read | AccessFs.WriteFile | AccessFs.MakeReg | AccessFs.RemoveFile | AccessFs.Refer;
        AccessFs file = AccessFs.ReadFile | AccessFs.WriteFile;
        ResolvedLayer layer = Resolve(Rule(Home, write, $"{Home}/docs/private"));
        Assert.Equal(
            [$"{Home}/.ssh {write}", $"{Home}/fifo {file}", $"{Home}/rc {file}", $"{Home}/docs/deep {write}", $"{Home}/docs/file {file}"],
            layer.PathRules.Select(rule => $"{rule.Path} {rule.Access}"));
        Assert.Equal($"'{Home}' is allowed without '{Home}/docs/private', by 5 rules for what is beside it now: in '{Home}', "
            + $"'{Home}/docs' nothing can be made, removed or renamed, and what others make there is not allowed; '{Home}', "
            + $"'{Home}/docs' cannot be listed.", Assert.Single(layer.Notes));
        Assert.EndsWith($"in '{Home}' nothing can be made, removed or renamed, and what others make there is not allowed.",
            Assert.Single(Resolve(Rule(Home, write, $"{Home}/rc")).Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_around_files_that_are_excepted_can_be_listed()
    {
        ResolvedLayer layer = Resolve(Rule(Home, Read, $"{Home}/rc", $"{Home}/docs/file"));
        Assert.Equal(
            [$"{Home} {AccessFs.ReadDir}", $"{Home}/.ssh {Read}", $"{Home}/fifo {AccessFs.ReadFile}", $"{Home}/docs {AccessFs.ReadDir}",
                $"{Home}/docs/deep {Read}", $"{Home}/docs/private {Read}"],
            layer.PathRules.Select(rule => $"{rule.Path} {rule.Access}"));
        Assert.EndsWith($"what is made in '{Home}', '{Home}/docs' later is not allowed.", Assert.Single(layer.Notes),
            StringComparison.Ordinal);
        // One directory among them, or what may come as one, and no directory around it can.
        layer = Resolve(Rule(Home, Read, $"{Home}/rc", $"{Home}/.ssh/keys", $"{Home}/docs/file"));
        Assert.Equal([$"{Home}/docs"], layer.PathRules.Where(rule => rule.Access == AccessFs.ReadDir).Select(rule => rule.Path));
        Assert.EndsWith($": '{Home}', '{Home}/.ssh' cannot be listed, and what is made in '{Home}', '{Home}/.ssh', '{Home}/docs' later is "
            + "not allowed.", Assert.Single(layer.Notes), StringComparison.Ordinal);
        layer = Resolve(Rule(Home, Read, $"{Home}/docs/none") with { Optional = true });
        Assert.DoesNotContain(layer.PathRules, rule => rule.Access == AccessFs.ReadDir);
    }

    [Fact]
    public void Where_links_could_be_exchanged_those_that_lead_to_an_exception_are_kept()
    {
        _scratch.Do("mkdir out; ln -s ../../out home/docs/away; ln -s docs home/d");
        AccessFs write = Read | AccessFs.MakeSym | AccessFs.RemoveFile;
        Assert.Equal([$"{Home}/.ssh", $"{Home}/fifo", $"{Home}/rc", $"{Home}/docs/deep", $"{Home}/docs/file", $"{Home}/docs/private"],
            Resolve(Rule(Home, write, $"{Home}/d/away")).PathRules.Where(rule => rule.Access != AccessFs.ReadDir)
                .Select(rule => rule.Path));
        // Both the link and what it leads to; the rule for either is given the exception.
        PathRule[] rules = [.. PathRule.Excepting([new PathRule(Home, write), new PathRule(_scratch.Path, Read)], [$"{Home}/d/away"])];
        Assert.All(rules, rule => Assert.Equal([$"{Home}/d/away"], rule.Except.AsEnumerable()));
        AccessEvaluator evaluator = new([Resolve(rules)], "/");
        Assert.False(evaluator.IsAllowed(_scratch["out"], AccessFs.ReadDir));
        foreach (string directory in (string[])[Home, $"{Home}/docs"])
            Assert.False(evaluator.IsAllowed(directory, AccessFs.RemoveFile) || evaluator.IsAllowed(directory, AccessFs.MakeSym));
        Assert.True(evaluator.IsAllowed($"{Home}/docs/deep", write));
        Assert.Contains($"The exception '{Home}/d' would not hold: the rule for '{Home}' allows make_sym there",
            Refused(Rule(Home, write, $"{Home}/d/away"), new PathRule(Home, AccessFs.MakeSym)).Message, StringComparison.Ordinal);
        Assert.NotEmpty(Resolve(Rule(Home, write, $"{Home}/d/away"), new PathRule(_scratch.Path, AccessFs.Execute)).PathRules);
    }

    [Fact]
    public void Another_rule_that_allows_it_again_is_named()
    {
        PathRule rule = Rule(Home, Read, $"{Home}/.ssh");
        Assert.Contains($"the rule for '{_scratch.Path}' allows read_file there. Give that rule the same exception",
            Refused(rule, new PathRule(_scratch.Path, AccessFs.ReadFile)).Message, StringComparison.Ordinal);
        Assert.Contains($"the rule for '{Home}/.ssh/keys' allows read_dir beneath it",
            Refused(rule, new PathRule($"{Home}/.ssh/keys", AccessFs.ReadDir)).Message, StringComparison.Ordinal);
        // A way around by a link is no way around; other rights are another matter, and two rules may share exceptions.
        Assert.Contains($"the rule for '{Home}/link' allows", Refused(rule, new PathRule($"{Home}/link", AccessFs.ReadFile)).Message,
            StringComparison.Ordinal);
        Assert.NotEmpty(Resolve(rule, new PathRule(_scratch.Path, AccessFs.Execute)).PathRules);
        Assert.NotEmpty(Resolve(rule, Rule(_scratch.Path, Read, $"{Home}/.ssh")).PathRules);
        Assert.NotEmpty(Resolve(rule, new PathRule($"{Home}/docs", Read | AccessFs.MakeReg)).PathRules);
        Assert.Contains("the rule for '" + Home, Refused(rule, Rule(Home, Read, $"{Home}/docs")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_and_an_exception_may_name_the_same_directory_differently()
    {
        _scratch.Do("ln -s home alias; ln -s alias again");
        string alias = _scratch["alias"], again = _scratch["again"];
        string[] direct = [.. Resolve(Rule(Home, Read, $"{Home}/.ssh")).PathRules.Select(rule => rule.Path)];
        foreach ((string rule, string exception)
            in new[] { (alias, $"{Home}/.ssh"), (Home, $"{again}/.ssh"), (again, $"{alias}/link"), ($"{again}/docs/..", $"{alias}/.ssh") })
        {
            PathRule[] excepting =
                [.. PathRule.Excepting([new PathRule(rule, Read), new PathRule(_scratch["out"], Read) { Optional = true }], [exception])];
            Assert.Empty(excepting[1].Except);
            Assert.Equal(direct, Resolve(excepting).PathRules.Select(one => one.Path));
        }

        // The same for what is relative, and for an exception that is not there yet.
        Assert.Equal(["home/.ssh"],
            Assert.Single(PathRule.Excepting([new PathRule("alias", Read)], ["home/.ssh"], _scratch.Path)).Except.AsEnumerable());
        Assert.Equal([$"{Home}/.none/x"],
            Assert.Single(PathRule.Excepting([new PathRule(alias, Read)], [$"{Home}/.none/x"])).Except.AsEnumerable());
        RulesetException e =
            Assert.Throws<RulesetException>(() => PathRule.Excepting([new PathRule($"{Home}/docs", Read)], [$"{alias}/.ssh"]).ToArray());
        Assert.Equal($"The exception '{alias}/.ssh' (which is '{Home}/.ssh') is beneath none of the allowed paths ({Home}/docs). Correct "
            + "it, or leave it out: what no rule allows is denied anyway.", e.Message);
    }

    [Fact]
    public void A_policy_may_name_the_same_directory_differently()
    {
        _scratch.Do("ln -s home alias");
        string text = $"abi = 7\n[[landlockps.path_beneath]]\nallowed_access = [\"read_file\"]\nparent = [\"{_scratch["alias"]}\"]\n"
            + $"except = [\"{Home}/.ssh\"]\n";
        Ruleset ruleset = Policy.From(PolicyDocument.ReadToml(Encoding.UTF8.GetBytes(text), "test")).Resolve().Ruleset;
        Assert.Equal([$"{Home}/.ssh"], Assert.Single(ruleset.PathRules).Except.AsEnumerable());
        Assert.DoesNotContain(RulesetResolver.Resolve(ruleset, RunningKernel.Support, "/", PosixFile.Inspect).PathRules,
            rule => PathRule.IsBeneath(rule.Path, $"{Home}/.ssh"));
    }

    [Fact]
    public void A_file_with_another_name_that_is_allowed_is_named()
    {
        _scratch.Do("ln home/.ssh/id home/docs/copy; mkdir out; ln home/.ssh/id home/.ssh/keys/again");
        RulesetException e = Refused(Rule(Home, Read, $"{Home}/.ssh"));
        string file = e.Target!;
        Assert.StartsWith($"{Home}/.ssh/", file, StringComparison.Ordinal);
        Assert.Equal($"The exception '{Home}/.ssh' would not hold: '{file}' is the same file as '{Home}/docs/copy' (a hard link), for "
            + $"which the rule for '{Home}' allows read_file. Except that name as well, or copy the file.", e.Message);
        // Both names excepted; the other name outside; no right on files; all names beneath the exceptions.
        Assert.NotEmpty(Resolve(Rule(Home, Read, $"{Home}/.ssh", $"{Home}/docs/copy")).PathRules);
        Assert.NotEmpty(Resolve(Rule(Home, AccessFs.ReadDir, $"{Home}/.ssh")).PathRules);
        _scratch.Do("mv home/docs/copy out/copy");
        Assert.NotEmpty(Resolve(Rule(Home, Read, $"{Home}/.ssh")).PathRules);
        // Another rule allows that name: a directory, and the file itself.
        Assert.Contains($"'{_scratch["out"]}/copy' (a hard link), for which the rule for '{_scratch["out"]}' allows read_file",
            Refused(Rule(Home, Read, $"{Home}/.ssh"), new PathRule(_scratch["out"], AccessFs.ReadFile)).Message, StringComparison.Ordinal);
        Assert.Contains($"the rule for '{_scratch["out"]}/copy' allows read_file",
            Refused(Rule(Home, Read, $"{Home}/.ssh"), new PathRule($"{_scratch["out"]}/copy", AccessFs.ReadFile)).Message,
            StringComparison.Ordinal);
        Assert.NotEmpty(Resolve(Rule(Home, Read, $"{Home}/.ssh"), new PathRule(_scratch["out"], AccessFs.Execute)).PathRules);
        _scratch.Do("rm out/copy");
        Assert.NotEmpty(Resolve(Rule(Home, Read, $"{Home}/.ssh"), new PathRule(_scratch["out"], AccessFs.ReadFile)).PathRules);
    }

    [Fact]
    public void Several_files_with_other_names_are_counted()
    {
        _scratch.Do("for i in 1 2 3; do echo $i > home/.ssh/$i; ln home/.ssh/$i home/docs/$i; done");
        Assert.Contains("(a hard link), and so have 2 more, for which", Refused(Rule(Home, Read, $"{Home}/.ssh")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_entries_are_refused()
    {
        Directory.CreateDirectory(_scratch["many/out"]);
        for (int i = 0; i <= 5000; i++) File.WriteAllBytes($"{_scratch["many"]}/{i}", []);
        Assert.Contains("are more than 5000 files and directories", Refused(Rule(_scratch["many"], Read, _scratch["many/out"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_names_of_entries_may_be_any_bytes()
    {
        _scratch.Do("mkdir -p \"$(printf 'raw/\\377out')\" \"$(printf 'raw/\\376in')\" raw/'a b'");
        Assert.Equal([$"{_scratch["raw"]}/a b", $"{_scratch["raw"]}/\uDCFEin"],
            Resolve(Rule(_scratch["raw"], Read, $"{_scratch["raw"]}/\uDCFFout")).PathRules.Select(rule => rule.Path));
    }

    [Fact]
    public void Policies_say_it_in_our_own_table()
    {
        Ruleset ruleset = Read("""
            abi = 7
            [[variable]]
            name = "keys"
            literal = [".ssh", ".gnupg"]
            [[landlockps.path_beneath]]
            allowed_access = ["read_file"]
            parent = ["/home/a", "/home/b"]
            except = ["/home/a/${keys}", "/home/b/x"]
            """);
        Assert.Equal(["/home/a except /home/a/.gnupg, /home/a/.ssh", "/home/b except /home/b/x"],
            ruleset.PathRules.Select(rule => $"{rule.Path} except {string.Join(", ", rule.Except)}"));
        Assert.Contains("the exception '/etc' is beneath none of the paths of its rule", Problem("parent = ['/home']\nexcept = ['/etc']"),
            StringComparison.Ordinal);
        Assert.Contains("the variable 'none' has no value", Problem("parent = ['/home']\nexcept = ['/home/${none}']"),
            StringComparison.Ordinal);

        static Ruleset Read(string text) => Policy.From(PolicyDocument.ReadToml(Encoding.UTF8.GetBytes(text), "test")).Resolve().Ruleset;
        static string Problem(string rule) => Assert.Throws<PolicyException>(() => Read(
            $"abi = 7\n[[variable]]\nname = 'none'\n[[landlockps.path_beneath]]\nallowed_access = ['read_file']\n{rule}\n")).Message;
    }

    private static PathRule Rule(string path, AccessFs access, params string[] except) => new(path, access) { Except = [.. except] };

    private static ResolvedLayer Resolve(params PathRule[] rules) =>
        RulesetResolver.Resolve(Ruleset.DenyAll(7).With(rules, []), RunningKernel.Support, "/", PosixFile.Inspect);

    private static RulesetException Refused(PathRule rule, PathRule other) => Assert.Throws<RulesetException>(() => Resolve(rule, other));

    private static RulesetException Refused(PathRule rule, RulesetProblem problem = RulesetProblem.InvalidException)
    {
        RulesetException e = Assert.Throws<RulesetException>(() => Resolve(rule));
        Assert.Equal(problem, e.Problem);
        return e;
    }
}
