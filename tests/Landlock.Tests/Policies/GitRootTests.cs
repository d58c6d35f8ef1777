using Landlock.Policies;
using Landlock.Sandboxes.Needs;
using Landlock.Tests.Cli;

namespace Landlock.Tests.Policies;

/// <summary>Which repository ${git_root} is, with real ones.</summary>
public sealed class GitRootTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public GitRootTests() => _scratch.Do("""
        export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
        git init -q repo; mkdir -p repo/src/deep repo/other 'repo/sp ace'; touch repo/a repo/src/deep/f 'repo/sp ace/g' repo/zz
        git -C repo add .; git -C repo -c user.name=n -c user.email=e commit -qm m
        """);

    public void Dispose() => _scratch.Dispose();

    [GitTheory]
    [InlineData("repo", "repo")]
    [InlineData("repo/src", "repo")]
    [InlineData("repo/src/deep", "repo")]
    [InlineData("repo/sp ace", "repo")]
    [InlineData("repo/other", null)]
    [InlineData(".", null)]
    public void It_is_the_one_that_keeps_files_beneath_the_working_directory(string directory, string? root)
    {
        foreach (string version in (string[])["2", "3", "4"])
        {
            _scratch.Do($"git -C repo update-index --index-version {version}");
            Assert.Equal(root is null ? null : _scratch[root], Find(directory).Value);
        }
    }

    [GitFact]
    public void It_is_told_where_it_is_above_and_why_it_is_none()
    {
        Assert.Equal(($"{_scratch["repo"]}", null), Find("repo"));
        Assert.Equal((_scratch["repo"], $"git_root is '{_scratch["repo"]}', above the working directory"), Find("repo/src"));
        Assert.Equal((null,
            $"the repository of '{_scratch["repo"]}' is not taken for git_root, since it keeps no file beneath '{_scratch["repo/other"]}'"),
            Find("repo/other"));
        Assert.Equal(
            (null, $"the repository of '{_scratch["repo"]}' is not taken for git_root, since that directory is never opened as a whole"),
            Find("repo/src", home: "repo"));
        Assert.Equal(
            (null, $"the repository of '{_scratch["repo"]}' is not taken for git_root, since that directory is never opened as a whole"),
            Find("repo", home: "repo/src"));
        Assert.Equal((null,
            $"the repository of '{_scratch["repo"]}' is not taken for git_root, since '{_scratch["repo/src"]}' belongs to another user"),
            Find("repo/src", owner: path => path.EndsWith("/src", StringComparison.Ordinal) ? 1u : 0));
    }

    [GitFact]
    public void Whoever_takes_a_repository_away_opens_none_further_up()
    {
        _scratch.Do("git init -q repo/agent; mkdir repo/agent/.hidden; mv repo/agent/.git repo/agent/.hidden/git");
        Assert.Null(Find("repo/agent").Value);
        _scratch.Do("mkdir -p repo/agent/src; touch repo/agent/src/f");
        Assert.Null(Find("repo/agent/src").Value);
    }

    [GitFact]
    public void Linked_worktrees_submodules_and_other_hashes_are_repositories()
    {
        _scratch.Do("git -C repo worktree add -q ../tree; git init -q --object-format=sha256 big; mkdir big/in; touch big/0 big/in/f "
            + "big/z; git -C big add .");
        Assert.Equal(_scratch["tree"], Find("tree/src").Value);
        Assert.Equal(_scratch["big"], Find("big/in").Value);
        _scratch.Do("ln -s repo/src link");
        Assert.Equal(_scratch["repo"], Find("link").Value);
    }

    [GitFact]
    public void Its_own_files_are_where_a_worktree_or_a_submodule_has_them()
    {
        Assert.Equal((_scratch["repo/.git"], _scratch["repo/.git"]), Own("repo/src"));
        _scratch.Do("git -C repo worktree add -q ../tree; git -C repo -c protocol.file.allow=always submodule -q add ./ sub 2>/dev/null || "
            + "git -C repo -c protocol.file.allow=always submodule add -q \"$PWD/repo\" sub");
        Assert.Equal((_scratch["repo/.git/worktrees/tree"], _scratch["repo/.git"]), Own("tree/src"));
        Assert.Equal((_scratch["repo/.git/modules/sub"], _scratch["repo/.git/modules/sub"]), Own("repo/sub"));
    }

    [GitFact]
    public void A_file_that_the_other_end_does_not_know_leads_nowhere()
    {
        _scratch.Do("""
            git -C repo worktree add -q ../tree; git init -q victim
            git -C victim worktree add -q --orphan ../theirs 2>/dev/null || mkdir -p victim/.git/worktrees/theirs
            mkdir -p own/a own/b own/c own/fake/worktrees/x secret
            echo "gitdir: $PWD/victim/.git" >own/a/.git
            echo "gitdir: $PWD/victim/.git/worktrees/theirs" >own/b/.git
            echo "gitdir: $PWD/own/fake/worktrees/x" >own/c/.git
            echo "$PWD/own/c/.git" >own/fake/worktrees/x/gitdir
            echo "$PWD/secret" >own/fake/worktrees/x/commondir
            """);
        foreach (string place in (string[])["own/a", "own/b", "own/c"]) Assert.Equal((null, null), Own(place));
        // What it can arrange is what is its own.
        _scratch.Do("echo ../.. >own/fake/worktrees/x/commondir");
        Assert.Equal((_scratch["own/fake/worktrees/x"], _scratch["own/fake"]), Own("own/c"));
    }

    [Fact]
    public void A_users_name_leads_nowhere_else()
    {
        string? User(string? name) =>
            new BuiltinVariables(new BuiltinSources { WorkingDirectory = "/", Environment = variable => variable == "USER" ? name : null })
                .Find("user")!.Value.SingleOrDefault();
        Assert.Equal(["joe", "j.o-e_1", null, null, null, null], ((string?[])["joe", "j.o-e_1", "..", "a/b", "", null]).Select(User));
    }

    [GitFact]
    public void A_damaged_index_keeps_nothing()
    {
        byte[] index = File.ReadAllBytes(_scratch["repo/.git/index"]);
        Random random = new(1);
        for (int i = 0; i < 2000; i++)
        {
            byte[] damaged = index[..random.Next(index.Length)];
            for (int n = random.Next(4); n > 0 && damaged.Length > 0; n--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            GitIndex.Holds(damaged, "nowhere/at/all"u8);
        }

        File.WriteAllBytes(_scratch["repo/.git/index"], index[..20]);
        Assert.Null(Find("repo/src").Value);
    }

    private (string? Own, string? Common) Own(string directory)
    {
        BuiltinVariables variables = new(new BuiltinSources
        {
            WorkingDirectory = _scratch[directory],
            Environment = name => name == "HOME" ? "/home/nobody" : null,
        });
        return (variables.Find("git_dir")!.Value.SingleOrDefault(), variables.Find("git_common_dir")!.Value.SingleOrDefault());
    }

    private (string? Value, string? Remark) Find(string directory, string? home = null, Func<string, uint?>? owner = null)
    {
        BuiltinSources sources = new()
        {
            WorkingDirectory = _scratch[directory].Replace("/.", "", StringComparison.Ordinal),
            Environment = name => name == "HOME" ? home is null ? "/home/nobody" : _scratch[home] : null,
        };
        BuiltinVariables variables = new(owner is null ? sources : sources with { Owner = owner });
        return (variables.Find("git_root")!.Value.SingleOrDefault(), variables.Remark("git_root")?.Message);
    }
}

/// <summary>A test that needs git.</summary>
public sealed class GitFactAttribute : FactAttribute
{
    public GitFactAttribute() => Skip = GitTheoryAttribute.Missing;
}

/// <inheritdoc/>
public sealed class GitTheoryAttribute : TheoryAttribute
{
    internal static readonly string? Missing =
        CommandLookup.Find("git", "/usr/local/bin:/usr/bin:/bin", "/").Status == CommandStatus.Found ? null : "git is not installed.";

    public GitTheoryAttribute() => Skip = Missing;
}
