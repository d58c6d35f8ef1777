using System.Text.Json;
using Landlock.Linux;

namespace Landlock.Denials;

/// <summary>Explanations for programs.</summary>
internal static class ExplanationJson
{
    /// <summary>The document, of kind "explanation".</summary>
    public static byte[] Write(ExplanationReport report) => JsonReport.Document("explanation", json =>
    {
        JsonReport.Objects(json, "denials", report.Denials, denial => Write(json, denial));
        JsonReport.Texts(json, "notes", report.Notes);
    });

    /// <summary>One denial as a line, of kind "denial".</summary>
    public static byte[] Line(DenialExplanation denial) => JsonReport.Line(json =>
    {
        JsonReport.Head(json, "denial");
        Write(json, denial);
    });

    private static void Write(Utf8JsonWriter json, DenialExplanation denial)
    {
        json.WriteString("cause", denial.Cause == DenialCause.Sandbox ? "sandbox" : "elsewhere");
        json.WriteString("operation", denial.Operation);
        JsonReport.Text(json, "path", denial.Path);
        if (denial.Other is { } other) JsonReport.Text(json, "other", other);
        JsonReport.Texts(json, "paths", denial.Paths);
        JsonReport.Texts(json, "missing", denial.Missing);
        JsonReport.Objects(json, "layers", denial.Layers, layer =>
        {
            json.WriteNumber("layer", layer.Layer);
            JsonReport.Text(json, "name", layer.LayerName);
            JsonReport.Text(json, "place", layer.Place);
            JsonReport.Texts(json, "missing", layer.Missing);
        });
        json.WriteString("error", ErrnoText.Name(denial.Error));
        json.WriteNumber("errno", (int)denial.Error);
        json.WriteNumber("count", denial.Count);
        JsonReport.Texts(json, "programs", denial.Programs);
        json.WriteBoolean("beforeFailure", denial.BeforeFailure);
        json.WriteBoolean("isProbe", denial.IsProbe);
        JsonReport.Text(json, "host", denial.Host);
        JsonReport.Text(json, "parameter", denial.Parameter);
        JsonReport.Text(json, "option", denial.Option);
        JsonReport.Text(json, "toml", denial.Toml);
        JsonReport.Text(json, "note", denial.Note);
        JsonReport.Text(json, "summary", denial.Summary);
    }
}
