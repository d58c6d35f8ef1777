using System.Text.Json;
using Landlock.Abi;
using Landlock.Rulesets;
using Landlock.Sandboxes.Running;

namespace Landlock.Sandboxes;

/// <summary>A plan for programs: what <see cref="PlanDescription"/> tells people.</summary>
internal static class PlanJson
{
    /// <summary>The document, of kind "plan".</summary>
    public static byte[] Write(LaunchPlan plan) => JsonReport.Document("plan", json =>
    {
        JsonReport.Texts(json, "command", plan.Arguments);
        Place(json, "program", plan.Program, plan.ProgramFound?.RealPath);
        if (plan.Start.WorkingDirectory is { } directory) Place(json, "directory", directory, plan.DirectoryFound?.RealPath);
        else json.WriteNull("directory");
        Environment(json, plan);
        JsonReport.Text(json, "sandbox", plan.Names);
        json.WriteStartArray("descriptors");
        foreach (int number in (int[])[0, 1, 2, .. plan.Start.KeepDescriptors]) json.WriteNumberValue(number);
        json.WriteEndArray();
        JsonReport.Objects(json, "limits", plan.Start.Limits, limit =>
        {
            json.WriteString("name", LimitOptions.Name(limit.Resource));
            if (limit.Soft == ulong.MaxValue) json.WriteNull("value");
            else json.WriteNumber("value", limit.Soft);
        });
        Supervision(json, plan.Start);
        JsonReport.Objects(json, "layers", plan.Layers, layer => Layer(json, plan, layer));
        Sockets(json, plan);
        JsonReport.Texts(json, "refused", plan.Filter is null ? [] : PlanDescription.Refused(plan));
        JsonReport.Objects(json, "protections", plan.Protections, status =>
        {
            json.WriteString("name", status.Name);
            json.WriteString("state", JsonReport.Word(status.State));
            json.WriteStartArray("by");
            foreach (ProtectionMeans means in (ProtectionMeans[])[ProtectionMeans.Landlock, ProtectionMeans.Seccomp])
                if ((status.By & means) != 0) json.WriteStringValue(JsonReport.Word(means));
            json.WriteEndArray();
            json.WriteString("reason", status.Reason);
        });
        JsonReport.Objects(json, "findings", plan.Findings, finding =>
        {
            json.WriteString("severity", JsonReport.Word(finding.Severity));
            JsonReport.Text(json, "place", finding.Place);
            JsonReport.Text(json, "message", finding.Message);
            JsonReport.Text(json, "advice", finding.Advice);
        });
    });

    private static void Place(Utf8JsonWriter json, string property, string path, string? real)
    {
        json.WriteStartObject(property);
        JsonReport.Text(json, "path", path);
        JsonReport.Text(json, "realPath", real);
        json.WriteEndObject();
    }

    // Names only: values may be secret, and descriptions end up in logs.
    private static void Environment(Utf8JsonWriter json, LaunchPlan plan)
    {
        string[] told = plan.Names is null ? [] : [ToldFile.Variable];
        json.WriteStartObject("environment");
        json.WriteBoolean("inherited", plan.Start.Environment is null);
        JsonReport.Texts(json, "names", (plan.Start.Environment ?? plan.Start.Variables)
            .Select(EnvironmentSelection.NameOf).Except(told).Concat(told));
        json.WriteEndObject();
    }

    private static void Supervision(Utf8JsonWriter json, CommandStart start)
    {
        if (start.Supervision is not { } options)
        {
            json.WriteNull("supervision");
            return;
        }

        json.WriteStartObject("supervision");
        if (options.Timeout is { } timeout)
        {
            json.WriteNumber("timeoutSeconds", timeout.TotalSeconds);
            json.WriteNumber("graceSeconds", options.Grace.TotalSeconds);
        }

        if (options.TotalMemory is { } memory) json.WriteNumber("totalMemory", memory);
        if (options.TotalProcesses is { } processes) json.WriteNumber("totalProcesses", processes);
        json.WriteBoolean("endsWithParent", options.EndWithParent);
        json.WriteBoolean("privateTemp", options.PrivateTemp);
        json.WriteBoolean("preview", options.Preview);
        JsonReport.Texts(json, "preserve", options.Preserve);
        json.WriteEndObject();
    }

    private static void Layer(Utf8JsonWriter json, LaunchPlan plan, ResolvedLayer layer)
    {
        JsonReport.Text(json, "name", layer.Status.Name);
        json.WriteNumber("abi", layer.Status.EffectiveAbi);
        json.WriteString("enforcement", JsonReport.Word(layer.Status.Enforcement));
        JsonReport.Texts(json, "handledFs", AbiTable.Names(layer.HandledFs));
        JsonReport.Texts(json, "handledNet", AbiTable.Names(layer.HandledNet));
        JsonReport.Texts(json, "filteredNet", AbiTable.Names(layer.FilteredNet));
        JsonReport.Texts(json, "scoped", AbiTable.Names(layer.Scopes));
        JsonReport.Texts(json, "logging", AbiTable.InMask(RightKind.Flag, (ulong)layer.RestrictFlags).Select(flag => flag.Name));
        JsonReport.Objects(json, "paths", layer.PathRules, rule =>
        {
            JsonReport.Texts(json, "access", AbiTable.Names(rule.Access));
            JsonReport.Text(json, "path", rule.Path);
            JsonReport.Text(json, "realPath", rule.RealPath);
            JsonReport.Text(json, "origin", PlanDescription.Origin(plan, layer, rule));
        });
        IEnumerable<(AccessNet Access, PortRange Port, string Origin)> ports = [
            .. layer.NetRules.Select(rule => (rule.Access, rule.Port, PlanDescription.Origin(plan, layer, rule))),
            .. layer.OpenPorts.Select(port => (AccessNet.ConnectTcp, port, PlanDescription.User))];
        JsonReport.Objects(json, "ports", ports, rule =>
        {
            JsonReport.Texts(json, "access", AbiTable.Names(rule.Access));
            Port(json, rule.Port);
            JsonReport.Text(json, "origin", rule.Origin);
        });
        JsonReport.Objects(json, "hosts", layer.HostRules, rule =>
        {
            json.WriteString("host", rule.Host);
            Port(json, rule.Port);
            JsonReport.Text(json, "origin", PlanDescription.User);
        });
        JsonReport.Objects(json, "skipped", layer.Status.SkippedRules, rule =>
        {
            JsonReport.Text(json, "rule", rule.Rule);
            JsonReport.Text(json, "reason", rule.Reason);
        });
    }

    private static void Port(Utf8JsonWriter json, PortRange port)
    {
        json.WriteNumber("first", port.First);
        json.WriteNumber("last", port.Last);
    }

    // What the filter lets be made; which ports those reach is up to the layers.
    private static void Sockets(Utf8JsonWriter json, LaunchPlan plan)
    {
        json.WriteStartObject("sockets");
        json.WriteBoolean("unix", plan.Filter?.Unix ?? true);
        json.WriteBoolean("tcp", plan.Filter?.Network?.Tcp ?? true);
        json.WriteBoolean("udp", plan.Filter?.Network?.Udp ?? true);
        json.WriteBoolean("interfaces", plan.Filter?.Network?.Interfaces ?? true);
        json.WriteBoolean("others", plan.Filter?.Network is null);
        JsonReport.Texts(json, "reachable", plan.Sockets.Select(socket => socket.Socket.Path));
        json.WriteEndObject();
    }
}
