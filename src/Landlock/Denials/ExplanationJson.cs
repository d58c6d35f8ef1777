using System.Text.Json;
using Landlock.Linux;

namespace Landlock.Denials;

/// <summary>Explanations for programs.</summary>
internal static class ExplanationJson
{
    /// <summary>The document, of kind "explanation".</summary>
    public static byte[] Write(ExplanationReport report) => JsonOutput.Document("explanation", json =>
    {
        JsonOutput.Objects(json, "denials", report.Denials, denial => Write(json, denial));
        JsonOutput.Texts(json, "notes", report.Notes);
    });

    /// <summary>One denial as a line, of kind "denial".</summary>
    public static byte[] Line(DenialExplanation denial) => JsonOutput.Line(json =>
    {
        JsonOutput.Head(json, "denial");
        Write(json, denial);
    });

    private static void Write(Utf8JsonWriter json, DenialExplanation denial)
    {
        json.WriteString("cause", denial.Cause == DenialCause.Sandbox ? "sandbox" : "elsewhere");
        json.WriteString("operation", denial.Operation);
        JsonOutput.Text(json, "path", denial.Path);
        if (denial.Other is { } other) JsonOutput.Text(json, "other", other);
        JsonOutput.Texts(json, "paths", denial.Paths);
        JsonOutput.Texts(json, "missing", denial.Missing);
        JsonOutput.Objects(json, "layers", denial.Layers, layer =>
        {
            json.WriteNumber("layer", layer.Layer);
            JsonOutput.Text(json, "name", layer.LayerName);
            JsonOutput.Text(json, "place", layer.Place);
            JsonOutput.Texts(json, "missing", layer.Missing);
        });
        json.WriteString("error", ErrnoText.Name(denial.Error));
        json.WriteNumber("errno", (int)denial.Error);
        json.WriteNumber("count", denial.Count);
        JsonOutput.Texts(json, "programs", denial.Programs);
        json.WriteBoolean("beforeFailure", denial.BeforeFailure);
        json.WriteBoolean("isProbe", denial.IsProbe);
        JsonOutput.Text(json, "parameter", denial.Parameter);
        JsonOutput.Text(json, "option", denial.Option);
        JsonOutput.Text(json, "toml", denial.Toml);
        JsonOutput.Text(json, "note", denial.Note);
        JsonOutput.Text(json, "summary", denial.Summary);
    }
}
