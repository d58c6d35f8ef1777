using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Previews;

/// <summary>A directory with files, and a place that previews of it are kept in.</summary>
internal sealed class PreviewWorld : IDisposable
{
    private readonly Scratch _scratch = new();
    private string? _elsewhere;

    public PreviewWorld(Who who)
    {
        Who = who;
        _scratch.Do("mkdir tree state; chmod 700 tree state");
        if (who == Who.Ordinary) _scratch.Do("chown 65534:65534 tree state 2>/dev/null || :");
    }

    public Who Who { get; }

    /// <summary>A program that starts what is run, such as unshare(1).</summary>
    public string[] Wrapper { get; init; } = [];

    /// <summary>The directory that commands may change.</summary>
    public string Tree => _scratch["tree"];

    /// <summary>Where previews are kept.</summary>
    public string Previews => $"{State}/landlockps/previews";

    public string this[string name] => $"{Tree}/{name}";

    private string State => _elsewhere ?? _scratch["state"];

    private Setup Setup => new()
    {
        Who = Who,
        Directory = Tree,
        Wrapper = Wrapper,
        Environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", $"XDG_STATE_HOME={State}", $"HOME={_scratch["state"]}"],
    };

    /// <summary>Does something in the directory, without a sandbox.</summary>
    public string Do(string script)
    {
        CliRun run = CliRun.Program(Setup, "/bin/bash", "-euc", $"umask 022; {script}");
        Assert.True(run.ExitCode == 0, $"{script}: {run}");
        return run.Output;
    }

    /// <summary>Runs a script in a preview.</summary>
    public CliRun Run(string script, params string[] options) => CliRun.Of(Setup, ["--preview", "--read-write-execute", Tree,
        "--read-only", "/usr", "--read-only", "/etc", .. options, "--", "bash", "-c", script]);

    /// <summary>Runs `landlocked preview`.</summary>
    public CliRun Preview(params string[] words) => CliRun.Of(Setup, ["preview", .. words]);

    /// <summary>Runs `landlocked`.</summary>
    public CliRun Landlocked(params string[] words) => CliRun.Of(Setup, words);

    /// <summary>Applies the last preview, with what needs force; nothing is left.</summary>
    public void ApplyAll()
    {
        Preview("apply", "--force", "last").Ran();
        Preview("list").Ran();
        Assert.Empty(Directory.GetFileSystemEntries(Previews));
    }

    /// <summary>Keeps previews beneath another directory.</summary>
    public void MovePreviews(string directory)
    {
        _elsewhere = Path.Combine(directory, $"landlocked-{Guid.NewGuid():N}");
        Do($"mkdir -m 700 {_elsewhere}");
    }

    /// <summary>The changes of a preview, the last one without a name.</summary>
    public List<JsonElement> Changes(string name = "last")
    {
        CliRun shown = Preview("show", "--json", name);
        Assert.True(shown.ExitCode == 0, shown.ToString());
        return [.. JsonDocument.Parse(shown.OutputBytes).RootElement.GetProperty("changes").EnumerateArray()];
    }

    /// <summary>The same as "kind name".</summary>
    public string[] Names(string preview = "last") => [.. Changes(preview).Select(change =>
        $"{change.GetProperty("change").GetString()} {Path.GetRelativePath(Tree, change.GetProperty("path").GetString()!)}")];

    /// <summary>All of the directory with all that belongs to it, as tar(1) sees it.</summary>
    public byte[] Snapshot() => CliRun.Program(Setup with { Who = Posix.geteuid() == 0 ? Who.Root : Who }, ["/bin/bash", "-c", Tar])
        .OutputBytes;

    /// <summary>The command that writes the same inside, to standard output.</summary>
    public string Tar => $"tar --sort=name --format=pax --pax-option=delete=atime,delete=ctime --xattrs --acls --numeric-owner -cf "
        + $"- -C '{Tree}' .";

    /// <summary>The entries of a snapshot: what each is, in words that differ if anything does.</summary>
    public static SortedDictionary<string, (string Content, string Mode, string Time)> Entries(byte[] tar)
    {
        SortedDictionary<string, (string, string, string)> entries = new(StringComparer.Ordinal);
        using TarReader reader = new(new MemoryStream(tar));
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            string name = entry.Name.TrimEnd('/')[1..].TrimStart('/');
            string content = entry.DataStream is { } data ? Convert.ToHexString(SHA256.HashData(data)) : "";
            string extra = entry is PaxTarEntry pax ? string.Join(' ', pax.ExtendedAttributes
                .Where(pair => pair.Key.StartsWith("SCHILY", StringComparison.Ordinal)).Select(pair => $"{pair}")) : "";
            entries[name] = ($"{entry.EntryType} {content} {entry.LinkName}", $"{entry.Mode} {entry.Uid}:{entry.Gid} {extra}",
                $"{entry.ModificationTime:O}");
        }

        return entries;
    }

    public void Dispose()
    {
        if (_elsewhere is not null) Do($"rm -rf {_elsewhere}");
        _scratch.Dispose();
    }
}
