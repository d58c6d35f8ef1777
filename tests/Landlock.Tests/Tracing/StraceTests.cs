using System.Text.RegularExpressions;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Tests.Cli;
using Landlock.Tracing;

namespace Landlock.Tests.Tracing;

/// <summary>Needs strace and a program.</summary>
public sealed class StraceTheoryAttribute : TheoryAttribute
{
    public StraceTheoryAttribute()
    {
        if (PosixFile.Stat("/usr/bin/strace") is null)
            Skip = "strace, to compare with, is not installed (Debian, Ubuntu: apt-get install strace)";
    }
}

/// <summary>
/// The same runs as strace records them. Programs are not the same twice, down to the libraries that a runtime loads: so each tool looks
/// more than once, and what one has seen every time, the other must have seen.
/// </summary>
public sealed partial class StraceTests
{
    private const string Calls = "open,openat,openat2,creat,execve,execveat,unlink,unlinkat,rmdir,rename,renameat,renameat2,link,linkat,"
        + "symlink,symlinkat,mkdir,mkdirat";
    private const AccessFs Opening = AccessFs.ReadFile | AccessFs.ReadDir | AccessFs.WriteFile | AccessFs.Truncate;

    [StraceTheory]
    [TracedProgram("gcc")]
    [TracedProgram("git")]
    [TracedProgram("python3")]
    [TracedProgram("pwsh")]
    public void The_same_accesses_are_recorded(string program, string script)
    {
        string found = TracedProgramAttribute.Find(program)!;
        using Scratch scratch = new();
        if (program.EndsWith("git", StringComparison.Ordinal))
            scratch.Do("git init -q -b main work; cd work; for i in $(seq 40); do mkdir d$i; echo $i > d$i/f; done; git add .; git -c "
                + "user.name=a -c user.email=a@b commit -qm x; git clone -q --bare . ../origin.git");
        Setup setup = new()
        {
            Who = Who.Root,
            Directory = scratch.Path,
            Environment = [$"PATH={Path.GetDirectoryName(found)}:/usr/bin:/bin", "LANG=C", $"DOTNET_ROOT={Built.DotnetRoot}",
                $"HOME={scratch.Path}", "DOTNET_TieredPGO=0"],
        };
        // What a program keeps for its next run, is there before the first one that counts.
        Assert.Equal(0, CliRun.Program(setup, "/bin/sh", "-c", script).ExitCode);
        List<HashSet<string>> ours = [], theirs = [];
        string[] missed = [], added = [];
        // A runtime that compiles in the background does not open the same files each time, less so on a busy machine.
        for (int round = 0; round < 6; round++)
        {
            ours.Add(Ours(setup, scratch, script));
            theirs.Add(Theirs(setup, scratch, script));
            missed = OnlyIn(theirs, ours);
            added = OnlyIn(ours, theirs);
            if (round > 0 && missed.Length + added.Length == 0) break;
        }

        Assert.True(ours[0].Count > 20, $"{ours[0].Count} accesses");
        Assert.True(missed.Length == 0, $"strace saw every time, and the tracer never: {string.Join("; ", missed)}");
        Assert.True(added.Length == 0, $"the tracer saw every time, and strace never: {string.Join("; ", added)}");
    }

    private static string[] OnlyIn(List<HashSet<string>> some, List<HashSet<string>> others) =>
        [.. some.Aggregate((IEnumerable<string>)some[0], (all, one) => all.Intersect(one)).Except(others.SelectMany(one => one))];

    private static HashSet<string> Ours(Setup setup, Scratch scratch, string script)
    {
        CliRun run = CliRun.Of(setup, "trace", "--json-file", scratch["report"], "--", "/bin/sh", "-c", script);
        Assert.True(run.ExitCode == 0, run.ToString());
        return
        [
            .. TraceReport.Read(File.ReadAllBytes(scratch["report"])).Records
                .Where(record => record.Error == Errno.None
                    && record.Operation is "open" or "execute" or "unlink" or "rmdir" or "rename" or "mkdir" or "symlink" or "link")
                .Where(record => record.Error == Errno.None && !record.Path.EndsWith("/report", StringComparison.Ordinal))
                .Where(record => record.Operation != "execute" || !record.Path.Contains("/ld-linux", StringComparison.Ordinal))
                .Select(record => Entry(record.Operation, record.Path, record.Access & Opening)),
        ];
    }

    private static HashSet<string> Theirs(Setup setup, Scratch scratch, string script)
    {
        CliRun run = CliRun.Program(setup, "/usr/bin/strace", "-f", "-y", "-qq", "-s", "4096", "-e", $"trace={Calls}", "-o",
            scratch["strace"], "/bin/sh", "-c", script);
        Assert.True(run.ExitCode == 0, run.ToString());
        HashSet<string> entries = [];
        Dictionary<string, string> unfinished = [];
        foreach (string raw in File.ReadLines(scratch["strace"]))
        {
            string line = raw;
            if (Unfinished().Match(line) is { Success: true } begin)
            {
                unfinished[begin.Groups["pid"].Value] = begin.Groups["text"].Value;
                continue;
            }

            if (Resumed().Match(line) is { Success: true } end && unfinished.Remove(end.Groups["pid"].Value, out string? text))
                line = $"{end.Groups["pid"].Value} {text}{end.Groups["text"].Value}";
            Add(entries, line);
        }

        return entries;
    }

    private static void Add(HashSet<string> entries, string line)
    {
        if (Opened().Match(line) is { Success: true } opened)
        {
            string path = opened.Groups["path"].Value, flags = opened.Groups["flags"].Value;
            if (!path.StartsWith('/') || path.EndsWith("(deleted)", StringComparison.Ordinal)
                || path.StartsWith("/memfd:", StringComparison.Ordinal) || flags.Contains("O_PATH", StringComparison.Ordinal))
            {
                return;
            }
            AccessFs access = AccessFs.None;
            if (!flags.Contains("O_WRONLY", StringComparison.Ordinal))
                access |= flags.Contains("O_DIRECTORY", StringComparison.Ordinal) || Directory.Exists(path) ? AccessFs.ReadDir
                    : AccessFs.ReadFile;
            if (!flags.Contains("O_RDONLY", StringComparison.Ordinal)) access |= AccessFs.WriteFile;
            if (flags.Contains("O_TRUNC", StringComparison.Ordinal)) access |= AccessFs.Truncate;
            entries.Add(Entry("open", path, access));
        }
        else if (Named().Match(line) is { Success: true } named)
        {
            string call = named.Groups["call"].Value.Replace("at2", "", StringComparison.Ordinal);
            if (call.EndsWith("at", StringComparison.Ordinal)) call = call[..^2];
            if (call == "unlink" && line.Contains("AT_REMOVEDIR", StringComparison.Ordinal)) call = "rmdir";
            // Which file a relative or linked name means, is for descriptors to say; here the last part of each name has to do.
            foreach (Match name
                in Quoted().Matches(named.Groups["arguments"].Value).Take(call == "execve" ? 1 : 2).Skip(call is "symlink" ? 1 : 0))
                entries.Add(Entry(call == "execve" ? "execute" : call, name.Groups[1].Value, AccessFs.None));
        }
    }

    // Names with random parts, and numbers of processes, are not the same twice.
    private static string Entry(string operation, string path, AccessFs access)
    {
        string shown = Random().Replace(path, "RANDOM");
        if (operation is "open") return $"open {ProcessNumber().Replace(shown, "/proc/N")} {access}";
        return operation == "execute" ? $"execute {Path.GetFileName(PosixFile.RealPath(path) ?? shown)}"
            : $"{operation} {Path.GetFileName(shown.TrimEnd('/'))}";
    }

    [GeneratedRegex(@"^(?<pid>\d+) +(?<text>.*) <unfinished \.\.\.>$")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^(?<pid>\d+) +<\.\.\. \w+ resumed>(?<text>.*)$")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^\d+ +(open|openat|creat)\(.*(?<flags>O_(RDONLY|WRONLY|RDWR)[A-Z_|]*).* = \d+<(?<path>.*)>$")]
    private static partial Regex Opened();

    [GeneratedRegex(@"^\d+ +(?<call>execve|unlink|unlinkat|rmdir|rename|renameat|renameat2|link|linkat|symlink|symlinkat|mkdir"
        + @"|mkdirat)\((?<arguments>.*)\) += 0$")]
    private static partial Regex Named();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<=/cc)\w{6}(?=\.)|(?<=tmp_(pack|idx|obj|rev)_)\w{6}|(?<=\.git/t)t?\w{5,6}$|(?<=/t)\w{6}$"
        + @"|(?<=__pycache__/.*\.pyc\.)\d+|(?<=(clr-debug-pipe|dotnet-diagnostic|CoreFxPipe_PSHost)[-.])[\w.-]+")]
    private static partial Regex Random();

    [GeneratedRegex(@"^/proc/\d+(/task/\d+)?")]
    private static partial Regex ProcessNumber();
}
