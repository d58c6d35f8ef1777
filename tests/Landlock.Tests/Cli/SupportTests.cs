using System.Text.Json;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Cli;

/// <summary>`landlocked support`.</summary>
public sealed class SupportTests
{
    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Json_tells_what_the_library_finds(Who who)
    {
        LandlockSupport support = RunningKernel.Support;
        CliRun run = CliRun.Of(who, "support", "--json");
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(support.Abi, root.GetProperty("abi").GetInt32());
        Assert.Equal(support.KernelAbi, root.GetProperty("kernelAbi").GetInt32());
        Assert.Equal("Available", root.GetProperty("state").GetString());
        Assert.Equal(support.Kernel, root.GetProperty("kernel").GetString());
        Assert.Equal(support.Advice, root.GetProperty("advice").GetString());
        Assert.Equal(support.Errata.Select(erratum => erratum.Number),
            root.GetProperty("errata").EnumerateArray().Select(number => number.GetInt32()));
        Assert.Equal(AbiTable.Names(support.AccessFs), Words(root.GetProperty("rights").GetProperty("fs")));
        Assert.Equal(AbiTable.Names(support.AccessNet), Words(root.GetProperty("rights").GetProperty("net")));
        Assert.Equal(AbiTable.Names(support.Scopes), Words(root.GetProperty("rights").GetProperty("scope")));
        KnownSocket[] sockets = [.. root.GetProperty("sockets").EnumerateArray()
            .Select(socket => new KnownSocket(socket.GetProperty("path").GetString()!, socket.GetProperty("service").GetString()!))];
        Assert.Equal(support.Protections,
            root.GetProperty("protections").EnumerateArray().Select(part => new ProtectionSupport(part.GetProperty("name").GetString()!,
                part.GetProperty("landlock").GetString()!, part.GetProperty("seccomp").GetString()!)));
        bool? bypass = root.GetProperty("tcpFastOpenBypass").ValueKind == JsonValueKind.Null ? null
            : root.GetProperty("tcpFastOpenBypass").GetBoolean();
        Assert.Equal(
            (support with { TcpFastOpenBypass = bypass, Sockets = [.. sockets] }).ResidualHoles
                .Select(hole => (hole.Name, hole.Description, hole.ClosedByAbi)),
            root.GetProperty("residualHoles").EnumerateArray().Select(hole => (
                hole.GetProperty("name").GetString()!,
                hole.GetProperty("description").GetString()!,
                hole.GetProperty("closedByAbi").ValueKind == JsonValueKind.Null ? (int?)null
                    : hole.GetProperty("closedByAbi").GetInt32())));
    }

    [CliFact]
    public void The_table_names_every_right_and_hole()
    {
        LandlockSupport support = RunningKernel.Support;
        CliRun run = CliRun.Of("support");
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith(support.Advice + "\n", run.Output, StringComparison.Ordinal);
        Assert.All(AbiTable.Rights, right => Assert.Contains(
            $"  {right.Name,-22}{(right.Abi <= support.Abi ? "yes" : $"no: needs ABI {right.Abi}, Linux {AbiTable.Release(right.Abi)}")}\n",
            run.Output, StringComparison.Ordinal));
        Assert.All(support.Protections, part => Assert.Contains($"\n  {part.Name,-27} ", run.Output, StringComparison.Ordinal));
        Assert.All(support.ResidualHoles,
            hole => Assert.Contains($"  {hole.Name}: {hole.Description}", run.Output, StringComparison.Ordinal));
    }

    [CliFact(abi: 4)]
    public void A_sandbox_can_ask_too()
    {
        CliRun run = CliRun.Of("--read-only", "/usr", "--", CliRun.Landlocked, "support", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("tcpFastOpenBypass").ValueKind);
        Assert.StartsWith("this is inside a sandbox already", document.RootElement.GetProperty("previewObstacle").GetString(),
            StringComparison.Ordinal);
    }

    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void The_table_says_whether_a_preview_can_be_had(Who who)
    {
        using JsonDocument document = JsonDocument.Parse(CliRun.Of(who, "support", "--json").Output);
        string expected = document.RootElement.GetProperty("previewObstacle").GetString() is { } obstacle ? $"cannot be had: {obstacle}"
            : "nothing known is in the way";
        Assert.Contains($"\nPreviews (--preview)\n  {expected}\n", CliRun.Of(who, "support").Output, StringComparison.Ordinal);
    }

    [CliFact]
    public void A_kernel_that_is_newer_than_we_know_is_told_as_it_is()
    {
        // A kernel of the next years: everything is this one's but the answer to the question for the version.
        using TempDirectory folder = new();
        TempDirectory.SetMode(folder.Path, 0x1ED);
        (int exit, string said) = Tools.Run("gcc", ["-O1", "-o", folder["newer"], Path.Combine(Repository.Root, "tests/Kernels/newer.c")],
            folder[""]);
        Assert.True(exit == 0, said);
        CliRun run = CliRun.Program(new Setup(), folder["newer"], "99", CliRun.Landlocked, "support");
        Assert.Equal(("", 0), (run.Error, run.ExitCode));
        Assert.StartsWith("Landlock ABI 99 is available; this version knows ABI 11, and uses what that has.\n", run.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("no: needs", run.Output, StringComparison.Ordinal);
        CliRun json = CliRun.Program(new Setup(), folder["newer"], "99", CliRun.Landlocked, "support", "--json");
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.Equal((AbiTable.Newest, 99),
            (document.RootElement.GetProperty("abi").GetInt32(), document.RootElement.GetProperty("kernelAbi").GetInt32()));
        // Nothing is missing there, and what would be enforced is what we know.
        CliRun plan = CliRun.Program(new Setup(), folder["newer"], "99", CliRun.Landlocked, "--strict", "--unix-socket", "/tmp",
            "--bind-udp", "5000", "--dry-run", "--verbose", "true");
        Assert.Equal(("", 0), (plan.Error, plan.ExitCode));
        Assert.Contains("resolve_unix", plan.Output, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Words(JsonElement array) => array.EnumerateArray().Select(word => word.GetString()!);
}
