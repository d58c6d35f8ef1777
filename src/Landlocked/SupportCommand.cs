using Landlock.Abi;
using Landlock.Linux;
using Landlock.Sandboxes.Previewing;

namespace Landlocked;

/// <summary>`landlocked support`: what the running kernel can enforce.</summary>
internal static class SupportCommand
{
    private static readonly (RightKind Kind, string Name, string Json)[] Kinds =
    [
        (RightKind.Fs, "Files", "fs"),
        (RightKind.Net, "Network", "net"),
        (RightKind.Scope, "Scopes", "scope"),
        (RightKind.Flag, "Flags", "flags"),
    ];

    /// <summary>Prints the report; 0 if Landlock can be used.</summary>
    public static int Run(string[] arguments)
    {
        Query query = Query.Read(arguments);
        if (query.Help) return Output.Print(Help.Lines("support"));
        if (query.Words is [{ } word, ..])
            throw new UsageException($"support takes no argument but --json, not '{PosixText.Printable(word)}'");

        LandlockSupport support = RunningKernel.Support;
        support = support with
        {
            TcpFastOpenBypass = FastOpenProbe.Run(),
            PreviewObstacle = PreviewSupport.WhyNot(),
            Sockets = KnownSockets.Find(StartRecord.EnvironmentVariable),
        };
        int written = query.Json ? Output.Print(Json(support)) : Output.Print(Table(support));
        return written != 0 ? written : support.IsAvailable ? 0 : ExitCodes.NotAvailable;
    }

    private static IEnumerable<string> Table(LandlockSupport support)
    {
        yield return support.Advice;
        yield return "";
        yield return $"Kernel            {support.Kernel}";
        yield return $"Security modules  {(support.SecurityModules.Length == 0 ? "unknown" : support.SecurityModules)}";
        if (support.Errata.Length > 0) yield return "Errata fixed";
        foreach (Erratum erratum in support.Errata) yield return $"  {erratum.Number}  {erratum.Fixes}";
        foreach ((RightKind kind, string name, _) in Kinds)
        {
            yield return "";
            yield return name;
            foreach (Right right in AbiTable.Rights)
            {
                if (right.Kind != kind) continue;
                string since = $"ABI {right.Abi}, Linux {AbiTable.Release(right.Abi)}";
                yield return $"  {right.Name,-22}{(right.Abi <= support.Abi ? "yes" : $"no: needs {since}")}";
            }
        }

        yield return "";
        yield return "Protections, and who keeps them";
        foreach (ProtectionSupport part in support.Protections)
        {
            string[] halves = [.. part.Landlock.Length > 0 ? [$"Landlock: {part.Landlock}"] : Array.Empty<string>(),
                .. part.Seccomp.Length > 0 ? [$"seccomp: {part.Seccomp}"] : Array.Empty<string>()];
            yield return $"  {part.Name,-27} {string.Join("; ", halves)}";
        }

        yield return "";
        yield return "Hosts (--connect-host)";
        yield return support.HostObstacle is { } obstacle ? $"  cannot be kept: {obstacle}" : "  can be kept";
        yield return "";
        yield return "Previews (--preview)";
        yield return support.PreviewObstacle is { } reason ? $"  cannot be had: {reason}" : "  nothing known is in the way";
        yield return "";
        yield return "What a sandbox leaves open on this kernel";
        foreach (ResidualHole hole in support.ResidualHoles)
            yield return $"  {hole.Name}: {hole.Description}"
                + $"{(hole.ClosedByAbi is { } abi ? $" (closed by ABI {abi}, Linux {AbiTable.Release(abi)})" : "")}";
    }

    private static byte[] Json(LandlockSupport support) => JsonReport.Document("support", json =>
    {
        json.WriteNumber("abi", support.Abi);
        json.WriteNumber("kernelAbi", support.KernelAbi);
        json.WriteString("state", support.State.ToString());
        json.WriteString("advice", support.Advice);
        json.WriteString("kernel", support.Kernel);
        json.WriteString("securityModules", support.SecurityModules);
        json.WriteStartArray("errata");
        foreach (Erratum erratum in support.Errata) json.WriteNumberValue(erratum.Number);
        json.WriteEndArray();
        json.WriteStartObject("rights");
        foreach ((RightKind kind, _, string name) in Kinds)
        {
            json.WriteStartArray(name);
            foreach (Right right in AbiTable.Rights)
                if (right.Kind == kind && right.Abi <= support.Abi) json.WriteStringValue(right.Name);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        if (support.TcpFastOpenBypass is { } bypass) json.WriteBoolean("tcpFastOpenBypass", bypass);
        else json.WriteNull("tcpFastOpenBypass");
        JsonReport.Text(json, "hostObstacle", support.HostObstacle);
        JsonReport.Text(json, "previewObstacle", support.PreviewObstacle);
        json.WriteStartArray("protections");
        foreach (ProtectionSupport part in support.Protections)
        {
            json.WriteStartObject();
            json.WriteString("name", part.Name);
            json.WriteString("landlock", part.Landlock);
            json.WriteString("seccomp", part.Seccomp);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("sockets");
        foreach (KnownSocket socket in support.Sockets ?? [])
        {
            json.WriteStartObject();
            json.WriteString("path", socket.Path);
            json.WriteString("service", socket.Service);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("residualHoles");
        foreach (ResidualHole hole in support.ResidualHoles)
        {
            json.WriteStartObject();
            json.WriteString("name", hole.Name);
            json.WriteString("description", hole.Description);
            if (hole.ClosedByAbi is { } abi) json.WriteNumber("closedByAbi", abi);
            else json.WriteNull("closedByAbi");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
