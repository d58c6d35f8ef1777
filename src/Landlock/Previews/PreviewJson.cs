using System.Text.Json;

namespace Landlock.Previews;

/// <summary>Previews and their changes as JSON (docs/json.md).</summary>
internal static class PreviewJson
{
    /// <summary>Previews.</summary>
    public static byte[] Write(IEnumerable<Preview> previews) => JsonReport.Document("previews", json =>
        JsonReport.Objects(json, "previews", previews, preview => Head(json, preview)));

    /// <summary>The changes of one.</summary>
    public static byte[] Write(Preview preview, IEnumerable<PreviewChange> changes) => JsonReport.Document("changes", json =>
    {
        json.WriteStartObject("preview");
        Head(json, preview);
        json.WriteEndObject();
        JsonReport.Objects(json, "changes", changes, change => Change(json, change));
    });

    /// <summary>What became of changes.</summary>
    public static byte[] Write(Preview preview, IEnumerable<PreviewResult> results) => JsonReport.Document("applied", json =>
    {
        json.WriteString("preview", preview.Name);
        JsonReport.Objects(json, "results", results, result =>
        {
            json.WriteBoolean("applied", result.IsApplied);
            JsonReport.Text(json, "reason", result.Reason);
            Change(json, result.Change);
        });
    });

    private static void Head(Utf8JsonWriter json, Preview preview)
    {
        json.WriteString("name", preview.Name);
        json.WriteString("state", JsonReport.Word(preview.State));
        json.WriteString("started", preview.Started.ToUniversalTime());
        JsonReport.Text(json, "workingDirectory", preview.WorkingDirectory);
        JsonReport.Texts(json, "command", preview.Command);
        JsonReport.Texts(json, "covered", preview.Covered);
        JsonReport.Text(json, "place", preview.Place);
    }

    private static void Change(Utf8JsonWriter json, PreviewChange change)
    {
        json.WriteString("change", JsonReport.Word(change.Kind));
        JsonReport.Text(json, "path", change.Path);
        JsonReport.Text(json, "oldPath", change.OldPath);
        Entry(json, "before", change.Before);
        Entry(json, "after", change.After);
        JsonReport.Text(json, "conflict", change.Conflict);
        JsonReport.Text(json, "needsForce", change.NeedsForce);
        JsonReport.Text(json, "note", change.Note);
        JsonReport.Text(json, "program", change.Program);
    }

    private static void Entry(Utf8JsonWriter json, string property, PreviewEntry? entry)
    {
        if (entry is null)
        {
            json.WriteNull(property);
            return;
        }

        json.WriteStartObject(property);
        json.WriteString("kind", JsonReport.Word(entry.Kind));
        json.WriteNumber("size", entry.Size);
        json.WriteString("lastWriteTime", entry.LastWriteTime.ToUniversalTime());
        json.WriteString("mode", entry.ModeString);
        json.WriteNumber("owner", entry.Owner);
        json.WriteNumber("group", entry.Group);
        JsonReport.Text(json, "target", entry.Target);
        json.WriteEndObject();
    }
}
