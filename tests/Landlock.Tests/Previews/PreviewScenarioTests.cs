using System.Text.Json;
using Landlock.Tests.Cli;

namespace Landlock.Tests.Previews;

/// <summary>
/// Real programs in a preview: nothing is changed, what is listed is the difference between before and what the program saw at its end,
/// applying it gives just that, to the byte, the mode and the nanosecond, and dropping it leaves all as it was.
/// </summary>
public sealed class PreviewScenarioTests
{
    private static readonly bool s_soak = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") == "1";

    private static readonly Dictionary<string, Scenario> s_scenarios = new(StringComparer.Ordinal)
    {
        ["entries of every kind"] = new(
            "mkdir -p sub old deep/er; echo one > a; echo two > b; echo three > sub/c; ln a hard; touch old/1 old/2; truncate -s "
                + "10M sparse; "
            + "ln -s a link; echo x > $'new\\nline'; echo y > $'\\xff'; echo 4 > deep/er/f; mkfifo -m 600 pipe; echo swap > swap; "
            + "mkdir swop",
            "echo more >> a; rm b; mv sub/c sub/d; mkdir -p n/m; echo 1 > n/m/x; ln -s ../x n/l; rm -r old; mkdir old; touch old/3; "
            + "chmod 700 sub; truncate -s 20M sparse; mkfifo p; touch -d 2001-01-01 n/m; ln n/m/x n/y; ln -sf b link; mv deep deeper; "
            + "rm $'\\xff'; echo z >> $'new\\nline'; chmod 640 pipe; rm swap; mkdir swap; touch swap/in; rmdir swop; echo file > swop; "
            + "cp --sparse=always sparse sparse2; mkdir gone; rmdir gone"),
        ["git rebase"] = new(
            "git init -q -b main .; git config user.email a@b.example; git config user.name n; "
            + "for i in 1 2 3; do echo $i > f$i; git add .; git commit -qm $i; done; git checkout -qb x HEAD~1; echo z > z; git add .; "
            + "git commit -qm z",
            "export HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1; git rebase -q main; git gc -q")
        { Needs = "/usr/bin/git" },
        ["configure, make and install"] = new(
            "printf '#!/bin/sh\\necho \"#define ANSWER 42\" > config.h; sed s,@CC@,cc, Makefile.in > Makefile\\n' > configure; "
            + "chmod +x configure; printf 'all: prog\\nprog: prog.c config.h\\n\\t@CC@ -o prog prog.c\\ninstall: prog\\n"
            + "\\tinstall -D -m 755 prog $(DESTDIR)/usr/bin/prog\\n\\tln -sf prog $(DESTDIR)/usr/bin/other\\n' > Makefile.in; "
            + "printf '#include \"config.h\"\\nint main(void) { return ANSWER - 42; }\\n' > prog.c",
            "export TMPDIR=$PWD; ./configure && make -s && make -s install DESTDIR=$PWD/dest && ./dest/usr/bin/other")
        { Needs = "/usr/bin/cc" },
        ["python's venv"] = new("mkdir src", s_soak
            ? "python3 -m venv v && cat > setup.py <<< 'from setuptools import setup; setup(name=\"t\", version=\"1\", py_modules=[])' && "
                + "v/bin/pip install -q --no-index --no-build-isolation --disable-pip-version-check . || v/bin/pip list"
            : "python3 -m venv --without-pip v && v/bin/python -c 'import "
                + "json'")
        { Needs = "/usr/bin/python3", Options = ["--private-temp"] },
        ["npm install"] = new(
            "mkdir b; echo '{\"name\":\"a\",\"version\":\"1.0.0\",\"dependencies\":{\"b\":\"file:b\"}}' > package.json; "
            + "echo '{\"name\":\"b\",\"version\":\"1.0.0\",\"bin\":{\"b\":\"x.js\"}}' > b/package.json; echo '#!/usr/bin/env node' "
            + "> b/x.js",
            "HOME=$PWD npm install --offline --no-audit --cache $PWD/.c")
        { Needs = "/usr/bin/npm", Options = ["--preset", "Node"] },
        ["an agent's session"] = new(
            "mkdir -p src docs; for i in $(seq 20); do seq $i 100 > src/$i.txt; done; echo '# Title' > docs/readme.md",
            "sed -i s/50/fifty/ src/*.txt; mkdir -p tests; for i in 1 2 3; do mv src/$i.txt tests/; done; rm src/19.txt; "
            + "cat >> docs/readme.md <<< 'more'; cp -a src backup; rm -rf backup/1*; chmod -R go-r tests; echo done > src/20.txt"),
    };

    public static TheoryData<string, Who> Scenarios
    {
        get
        {
            TheoryData<string, Who> data = [];
            foreach ((string name, Scenario scenario) in s_scenarios)
                foreach (Who who in CliRun.Everyone)
                    if (scenario.Needs is null || File.Exists(scenario.Needs)) data.Add(name, who);
            return data;
        }
    }

    [PreviewTheory]
    [MemberData(nameof(Scenarios))]
    public void What_is_previewed_is_listed_applied_and_dropped_exactly(string name, Who who)
    {
        Scenario scenario = s_scenarios[name];
        using PreviewWorld world = new(who);
        world.Do(scenario.Before);
        byte[] before = world.Snapshot();
        CliRun run = world.Run($"cd '{world.Tree}'; {{ set -e; {scenario.Command}\n}} >&2 || exit; {world.Tar}", scenario.Options);
        Assert.True(run.ExitCode == 0, run.Error);
        byte[] inside = run.OutputBytes;
        Same(before, world.Snapshot());

        Listed(before, inside, world);
        world.Preview("drop", "last").Ran();
        Same(before, world.Snapshot());
        Assert.Empty(Directory.GetFileSystemEntries(world.Previews));

        run = world.Run($"cd '{world.Tree}'; {{ set -e; {scenario.Command}\n}} >&2 || exit; {world.Tar}", scenario.Options);
        world.ApplyAll();
        Same(run.OutputBytes, world.Snapshot());
    }

    private static void Listed(byte[] before, byte[] inside, PreviewWorld world)
    {
        SortedDictionary<string, (string Content, string Mode, string Time)> old = PreviewWorld.Entries(before), now =
            PreviewWorld.Entries(inside);
        SortedSet<string> expected = new(StringComparer.Ordinal), found = new(StringComparer.Ordinal);
        foreach ((string path, (string Content, string Mode, string Time) entry) in now)
        {
            if (!old.TryGetValue(path, out (string Content, string Mode, string Time) was)) expected.Add($"+{path}");
            else if (was.Content.Split(' ')[0] != entry.Content.Split(' ')[0] && !IsLink(was.Content, entry.Content))
                expected.UnionWith([$"-{path}", $"+{path}"]);
            else if (was.Content != entry.Content || was.Mode != entry.Mode
                || (was.Time != entry.Time && !entry.Content.StartsWith("Directory", StringComparison.Ordinal)))
                expected.Add($"~{path}");
        }

        expected.UnionWith(old.Keys.Where(path => !now.ContainsKey(path)).Select(path => $"-{path}"));
        foreach (JsonElement change in world.Changes())
        {
            string path = Path.GetRelativePath(world.Tree, change.GetProperty("path").GetString()!);
            if (change.TryGetProperty("pathBytes", out JsonElement bytes))
                path = PosixText.Decode(bytes.GetBytesFromBase64())[(world.Tree.Length + 1)..];
            // What is no text is so in the archive's reader.
            path = path == "." ? "" : string.Concat(path.Select(letter => char.IsSurrogate(letter) ? '\uFFFD' : letter));
            string? oldPath = change.GetProperty("oldPath").GetString();
            bool isAfter = change.GetProperty("after").ValueKind != JsonValueKind.Null;
            bool isBefore = change.GetProperty("before").ValueKind != JsonValueKind.Null;
            switch (change.GetProperty("change").GetString())
            {
                case "moved":
                    found.UnionWith([$"+{path}", $"-{Path.GetRelativePath(world.Tree, oldPath!)}"]);
                    break;
                default:
                    found.Add((isAfter, isBefore) switch { (true, true) => "~", (true, false) => "+", _ => "-" } + path);
                    break;
            }

            Assert.Equal(JsonValueKind.Null, change.GetProperty("conflict").ValueKind);
        }

        // tar(1) writes the first name of a file with several, and links to that for the others, whichever was changed.
        Assert.Equal(expected.Where(word => !IsOther(word)), found.Where(word => !IsOther(word)));
        bool IsOther(string word) => old.TryGetValue(word[1..], out (string Content, string Mode, string Time) entry)
            && entry.Content.StartsWith("HardLink", StringComparison.Ordinal);
    }

    // A file with two names is in the archive once, and a link to it.
    private static bool IsLink(string one, string other) =>
        one.StartsWith("HardLink", StringComparison.Ordinal) || other.StartsWith("HardLink", StringComparison.Ordinal);

    private static void Same(byte[] expected, byte[] actual)
    {
        if (expected.AsSpan().SequenceEqual(actual)) return;
        Assert.Equal(PreviewWorld.Entries(expected), PreviewWorld.Entries(actual));
        Assert.Fail("the archives differ, and none of their entries does");
    }

    private sealed record Scenario(string Before, string Command)
    {
        public string? Needs { get; init; }

        public string[] Options { get; init; } = [];
    }
}
