using System.Collections.Immutable;
using Landlock.Abi;

namespace Landlock.Policies;

/// <summary>Differences of policies in JSON (docs/json.md).</summary>
internal static class DifferencesJson
{
    /// <summary>The document.</summary>
    public static byte[] Write(string first, string second, ImmutableArray<PolicyDifference> differences) =>
        JsonReport.Document("differences", json =>
        {
            JsonReport.Text(json, "first", first);
            JsonReport.Text(json, "second", second);
            JsonReport.Objects(json, "differences", differences, difference =>
            {
                json.WriteString("only", difference.IsOfFirst ? "first" : "second");
                json.WriteString("about", JsonReport.Word(difference.Kind));
                JsonReport.Texts(json, "access", AbiTable.Names(difference.Access).Concat(AbiTable.Names(difference.Net))
                    .Concat(AbiTable.Names(difference.Scope)));
                JsonReport.Text(json, "path", difference.Path);
                JsonReport.Texts(json, "without", difference.Without);
                JsonReport.Text(json, "host", difference.Host?.Host);
                if ((difference.Port ?? difference.Host?.Port) is { } port)
                {
                    json.WriteNumber("firstPort", port.First);
                    json.WriteNumber("lastPort", port.Last);
                }
            });
        });
}
