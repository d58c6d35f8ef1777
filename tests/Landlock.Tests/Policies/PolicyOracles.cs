using System.Text;
using System.Text.Json;
using Landlock.Documents;
using Landlock.Documents.Reading;

namespace Landlock.Tests.Policies;

/// <summary>What others say about JSON documents.</summary>
internal static class PolicyOracles
{
    /// <summary>The oracle is the JSON reader of .NET, which knows nothing of duplicate keys.</summary>
    public static void CheckJson(byte[] text)
    {
        byte[] body = text.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? text[3..] : text;
        bool isJson = true;
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 128 });
            Strings(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            isJson = false;
        }

        string? problem = null;
        try
        {
            JsonSource.Read(text);
        }
        catch (SourceException e)
        {
            problem = e.Problem;
        }

        if (problem is null) Assert.True(isJson, "It is read, but is no JSON.");
        else if (!problem.Contains("is already defined", StringComparison.Ordinal)
            && !problem.Contains("levels deep", StringComparison.Ordinal)) Assert.False(isJson, $"It is JSON, but refused: {problem}");
    }

    /// <summary>Upstream says that its schema and its parser agree but for names, templates, groups without abi, and nulls.</summary>
    public static void CheckSchema(byte[] text, PolicyReading strict)
    {
        if (SharedData.MissingReason is not null || text.AsSpan().IndexOf("null"u8) >= 0 || text is [0xEF, ..]) return;
        string? problem;
        try
        {
            problem = JsonSchema.OfUpstream.Problem(Encoding.UTF8.GetString(text));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            problem = e.Message;
        }

        if (strict.Document is not null) Assert.Null(problem);
        else if (problem is null)
            Assert.Contains(strict.Findings,
                finding => Array.Exists(SchemaDoesNotSay, part => finding.Message.Contains(part, StringComparison.Ordinal)));
    }

    private static readonly string[] SchemaDoesNotSay =
        [
            "variable name", "unclosed variable reference", "needs 'abi'", "NUL", "is already defined", "levels deep", "surrogate",
            "not part of valid UTF-8", "a number with a fraction",
        ];

    // The oracle looks at text only when it is asked for.
    private static void Strings(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray()) Strings(item);
                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    _ = property.Name;
                    Strings(property.Value);
                }

                break;
        }
    }
}
