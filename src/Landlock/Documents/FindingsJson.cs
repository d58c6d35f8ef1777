namespace Landlock.Documents;

/// <summary>Findings for programs.</summary>
internal static class FindingsJson
{
    /// <summary>The document, of kind "findings".</summary>
    public static byte[] Write(IEnumerable<PolicyFinding> findings) => JsonOutput.Document("findings", json =>
        JsonOutput.Objects(json, "findings", findings, finding =>
        {
            json.WriteString("severity", finding.Severity.ToString().ToLowerInvariant());
            JsonOutput.Text(json, "file", finding.Location.Source);
            json.WriteNumber("line", finding.Location.Line);
            json.WriteNumber("column", finding.Location.Column);
            JsonOutput.Text(json, "message", finding.Message);
        }));
}
