using System.Text;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Running;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Sandboxes.Running;

/// <summary>What a sandbox is told of itself, as bytes and back.</summary>
public sealed class ToldSandboxTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void What_is_written_is_read()
    {
        ToldSandbox told = Whole();
        ToldSandbox read = ToldSandbox.Read(told.Write())!;
        Assert.Equal((told.Names, told.Started, told.LacksOuter), (read.Names, read.Started, read.LacksOuter));
        Assert.Equal(told.Command.AsEnumerable(), read.Command);
        Assert.Equal(told.Write(), read.Write());
        ResolvedLayer first = read.Layers[0];
        Assert.Equal(("a b%\n", 7), (first.Status.Name, first.KernelAbi));
        Assert.Equal((AccessFs.Execute | AccessFs.ReadFile, AccessNet.BindTcp, AccessNet.ConnectSendUdp, Scope.Signal),
            (first.HandledFs, first.HandledNet, first.FilteredNet, first.Scopes));
        Assert.Equal("/a\udcff b", first.PathRules[0].Path);
        Assert.Equal(new ResolvedNetRule(new PortRange(1, 65535), AccessNet.BindTcp, false), first.NetRules[0]);
        Assert.Null(read.Layers[1].Status.Name);
        Assert.Empty(read.Layers[1].PathRules);
    }

    [Fact]
    public void What_was_not_written_so_is_not_read()
    {
        string text = Encoding.Latin1.GetString(Whole().Write());
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length - 1; i++)
        {
            // Any line once too often, or with a word more; and all but rules and layers when they are missing.
            string line = lines[i];
            if (!line.StartsWith("command", StringComparison.Ordinal))
                Assert.Null(Read(string.Join('\n', [.. lines[..i], line + " x y z x y z", .. lines[(i + 1)..]])));
            if (line.StartsWith("path", StringComparison.Ordinal) || line.StartsWith("port", StringComparison.Ordinal) || line == "outer"
                || line.StartsWith("layer", StringComparison.Ordinal))
            {
                continue;
            }
            Assert.Null(Read(string.Join('\n', [.. lines[..i], line, .. lines[i..]])));
            Assert.Null(Read(string.Join('\n', [.. lines[..i], .. lines[(i + 1)..]])));
        }

        foreach (string bad in (string[])["", "\n", "landlockps 3\n", "\0", "landlockps 2\n", new string(' ', 100_000),
            text + "path 1 1 0 0 = relative\n", text + "path -1 1 0 0 = /\n", text + "path 1 1 0 0 ! /\n", text + "port 1 2 1\n",
            text + "port 1 0 65536\n", text + "layer 0 1 1 1 1\n", text + "unknown\n", text + "path 18446744073709551616 1 0 0 = /\n"])
        {
            Assert.Null(Read(bad));
        }

        // However it is damaged, it is read or it is not.
        Random random = new(1);
        byte[] whole = Whole().Write();
        for (int i = 0; i < 2000; i++)
        {
            byte[] damaged = [.. whole];
            for (int k = random.Next(1, 8); k > 0; k--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            _ = ToldSandbox.Read(damaged[..random.Next(damaged.Length)])?.Bound(_ => null);
        }
    }

    [Fact]
    public void A_rule_holds_for_the_object_that_it_was_made_for()
    {
        string kept = _temp.Write("kept", "", executable: false), replaced = _temp.Write("replaced", "", executable: false);
        string gone = _temp.Write("gone", "", executable: false), link = _temp.Write("link", "", executable: false);
        ToldSandbox told = new()
        {
            Names = "x",
            Started = DateTimeOffset.UnixEpoch,
            Layers = [Layer(null) with { PathRules = [.. ((string[])[kept, replaced, gone, link]).Select(Rule)] }],
        };
        File.Move(_temp.Write("new", "", executable: false), replaced, overwrite: true);
        File.Delete(gone);
        File.Move(link, _temp["elsewhere"]);
        File.CreateSymbolicLink(link, _temp["elsewhere"]);
        Assert.Equal([kept], ToldSandbox.Read(told.Write())!.Bound(_ => null)[0].PathRules.Select(rule => rule.Path));
    }

    [Fact]
    public void A_directory_for_temporary_files_is_known_by_its_variable()
    {
        string made = _temp["landlockps-0123456789ab/t"], plan = _temp[$"landlockps-{ScratchDirectory.Unnamed}/t"];
        Directory.CreateDirectory(made);
        ToldSandbox told = new()
        {
            Names = "x",
            Started = DateTimeOffset.UnixEpoch,
            Layers = [Layer(null) with { PathRules = [new ResolvedPathRule(plan, AccessFs.ReadFile, AccessFs.ReadFile, true, false)] }],
        };
        Assert.Equal([made], ToldSandbox.Read(told.Write())!.Bound(_ => made)[0].PathRules.Select(rule => rule.Path));
        foreach (string? other in (string?[])[null, "", "/t", "/tmp", plan, made[..^2], "/tmp/landlockps-0123456789ab/t"])
            Assert.Empty(told.Bound(_ => other)[0].PathRules);
    }

    private static ToldSandbox? Read(string text) => ToldSandbox.Read(Encoding.Latin1.GetBytes(text));

    private static ResolvedPathRule Rule(string path) =>
        new(path, AccessFs.ReadFile, AccessFs.ReadFile, Optional: true, Quiet: false) { Found = PosixFile.Find(path) };

    private static ResolvedLayer Layer(string? name) => new()
    {
        Status = new RestrictionStatus { Name = name, Enforcement = Enforcement.FullyEnforced, KernelAbi = 7, EffectiveAbi = 7 },
        HandledFs = AccessFs.Execute | AccessFs.ReadFile,
        HandledNet = AccessNet.BindTcp,
        FilteredNet = AccessNet.ConnectSendUdp,
        Scopes = Scope.Signal,
    };

    private static ToldSandbox Whole() => new()
    {
        Names = "outer>in ner",
        Command = ["/bin/sh", "-c", "echo\n% ", "", "\udcff"],
        Started = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000),
        LacksOuter = true,
        Layers =
        [
            Layer("a b%\n") with
            {
                PathRules =
                [
                    new ResolvedPathRule("/a\udcff b", AccessFs.ReadFile, AccessFs.ReadFile, true, false), Rule("/usr"), Rule("/proc/self"),
                ],
                NetRules = [new ResolvedNetRule(new PortRange(1, 65535), AccessNet.BindTcp, false)],
            },
            Layer(null),
        ],
    };
}
