using System.Text.Json;
using Landlock.Kernel;

namespace Landlock.Tests.Cli;

/// <summary>`landlocked support`.</summary>
public sealed class SupportTests
{
    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Json_tells_what_the_library_finds(Who who)
    {
        LandlockSupport support = LandlockSupport.Detect();
        CliRun run = CliRun.Of(who, "support", "--json");
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(support.Abi, root.GetProperty("abi").GetInt32());
        Assert.Equal("Available", root.GetProperty("state").GetString());
        Assert.Equal(support.Kernel, root.GetProperty("kernel").GetString());
        Assert.Equal(support.Advice, root.GetProperty("advice").GetString());
        Assert.Equal(support.Errata.Select(erratum => erratum.Number), root.GetProperty("errata").EnumerateArray().Select(number => number.GetInt32()));
        Assert.Equal(Abi.Names(support.AccessFs), Words(root.GetProperty("rights").GetProperty("fs")));
        Assert.Equal(Abi.Names(support.AccessNet), Words(root.GetProperty("rights").GetProperty("net")));
        Assert.Equal(Abi.Names(support.Scopes), Words(root.GetProperty("rights").GetProperty("scope")));
        KnownSocket[] sockets = [.. root.GetProperty("sockets").EnumerateArray().Select(socket => new KnownSocket(socket.GetProperty("path").GetString()!, socket.GetProperty("service").GetString()!))];
        Assert.Equal(support.Protections, root.GetProperty("protections").EnumerateArray().Select(part => new ProtectionSupport(part.GetProperty("name").GetString()!, part.GetProperty("landlock").GetString()!, part.GetProperty("seccomp").GetString()!)));
        bool? bypass = root.GetProperty("tcpFastOpenBypass").ValueKind == JsonValueKind.Null ? null : root.GetProperty("tcpFastOpenBypass").GetBoolean();
        Assert.Equal(
            (support with { TcpFastOpenBypass = bypass, Sockets = [.. sockets] }).ResidualHoles.Select(hole => (hole.Name, hole.Description, hole.ClosedByAbi)),
            root.GetProperty("residualHoles").EnumerateArray().Select(hole => (
                hole.GetProperty("name").GetString()!,
                hole.GetProperty("description").GetString()!,
                hole.GetProperty("closedByAbi").ValueKind == JsonValueKind.Null ? (int?)null : hole.GetProperty("closedByAbi").GetInt32())));
    }

    [CliFact]
    public void The_table_names_every_right_and_hole()
    {
        LandlockSupport support = LandlockSupport.Detect();
        CliRun run = CliRun.Of("support");
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith(support.Advice + "\n", run.Output, StringComparison.Ordinal);
        Assert.All(Abi.Rights, right => Assert.Contains(
            $"  {right.Name,-22}{(right.Abi <= support.Abi ? "yes" : $"no: needs ABI {right.Abi}, Linux {Abi.Release(right.Abi)}")}\n", run.Output, StringComparison.Ordinal));
        Assert.All(support.Protections, part => Assert.Contains($"\n  {part.Name,-27} ", run.Output, StringComparison.Ordinal));
        Assert.All(support.ResidualHoles, hole => Assert.Contains($"  {hole.Name}: {hole.Description}", run.Output, StringComparison.Ordinal));
    }

    [CliFact(abi: 4)]
    public void A_sandbox_can_ask_too()
    {
        CliRun run = CliRun.Of("--read-only", "/usr", "--", CliRun.Landlocked, "support", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("tcpFastOpenBypass").ValueKind);
    }

    private static IEnumerable<string> Words(JsonElement array) => array.EnumerateArray().Select(word => word.GetString()!);
}
