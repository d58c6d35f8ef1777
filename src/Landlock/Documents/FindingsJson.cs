namespace Landlock.Documents;

/// <summary>Findings for programs.</summary>
internal static class FindingsJson
{
    /// <summary>The document, of kind "findings".</summary>
    public static byte[] Write(IEnumerable<PolicyFinding> findings) => JsonReport.Document("findings", json =>
        JsonReport.Objects(json, "findings", findings, finding =>
        {
            json.WriteString("severity", JsonReport.Word(finding.Severity));
            JsonReport.Text(json, "file", finding.Location.Source);
            json.WriteNumber("line", finding.Location.Line);
            json.WriteNumber("column", finding.Location.Column);
            JsonReport.Text(json, "message", finding.Message);
        }));
}
