using System.Text.Json;

namespace Landlock.Tests.Policies;

/// <summary>As much of JSON Schema (draft-07) as upstream's schema uses; a keyword that is not known here fails the test.</summary>
internal sealed class JsonSchema(JsonElement root)
{
    public static JsonSchema OfUpstream { get; } =
        new(JsonDocument.Parse(File.ReadAllText(SharedData.At("landlockconfig/schema/landlockconfig.json"))).RootElement);

    /// <summary>Why a document is not valid; null if it is.</summary>
    public string? Problem(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return Problem(root, document.RootElement, "$");
    }

    private string? Problem(JsonElement schema, JsonElement value, string path)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (Check(schema, keyword, value, path) is { } problem) return problem;
        }

        return null;
    }

    private string? Check(JsonElement schema, JsonProperty keyword, JsonElement value, string path) => keyword.Name switch
    {
        "$schema" or "title" or "description" or "definitions" => null,
        "$ref" => Problem(Resolve(keyword.Value.GetString()!), value, path),
        "type" when keyword.Value.ValueKind == JsonValueKind.Array =>
            keyword.Value.EnumerateArray().Any(type => IsOf(type.GetString()!, value)) ? null : $"{path} is none of {keyword.Value}",
        "type" => IsOf(keyword.Value.GetString()!, value) ? null : $"{path} is no {keyword.Value}",
        "enum" => keyword.Value.EnumerateArray().Any(item => item.GetString() == value.GetString()) ? null : $"{path} cannot be {value}",
        "minimum" => value.GetDecimal() >= keyword.Value.GetDecimal() ? null : $"{path} is less than {keyword.Value}",
        "maximum" => value.GetDecimal() <= keyword.Value.GetDecimal() ? null : $"{path} is more than {keyword.Value}",
        "minItems" => value.GetArrayLength() >= keyword.Value.GetInt32() ? null : $"{path} has too few items",
        "minProperties" => value.EnumerateObject().Count() >= keyword.Value.GetInt32() ? null : $"{path} has too few properties",
        "items" => value.EnumerateArray().Select((item, i) => Problem(keyword.Value, item, $"{path}[{i}]"))
            .FirstOrDefault(problem => problem is not null),
        "required" => keyword.Value.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _))
            .Select(name => $"{path} lacks {name}").FirstOrDefault(),
        "properties" => keyword.Value.EnumerateObject().Select(property => value.TryGetProperty(property.Name, out JsonElement item)
            ? Problem(property.Value, item, $"{path}.{property.Name}")
            : null).FirstOrDefault(problem => problem is not null),
        "additionalProperties" when keyword.Value.ValueKind == JsonValueKind.Object => value.EnumerateObject()
            .Select(property => Problem(keyword.Value, property.Value, $"{path}.{property.Name}"))
            .FirstOrDefault(problem => problem is not null),
        "additionalProperties" =>
            value.EnumerateObject().Where(property => !schema.GetProperty("properties").TryGetProperty(property.Name, out _))
                .Select(property => $"{path} has {property.Name}").FirstOrDefault(),
        "anyOf" =>
            keyword.Value.EnumerateArray().Any(choice => Problem(choice, value, path) is null) ? null : $"{path} is none of the choices",
        _ => throw new NotSupportedException(keyword.Name),
    };

    private JsonElement Resolve(string reference)
    {
        JsonElement element = root;
        foreach (string part in reference.Split('/').Skip(1)) element = element.GetProperty(part);
        return element;
    }

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "string" => value.ValueKind == JsonValueKind.String,
        "integer" => value.ValueKind == JsonValueKind.Number && !value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E'),
        _ => throw new NotSupportedException(type),
    };
}
