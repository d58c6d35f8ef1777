using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Landlock.Documents.Toml;

namespace Landlock.Tests.Documents.Toml;

/// <summary>The JSON in which the suite says what a document means: every plain value is an object of "type" and "value".</summary>
internal static partial class TaggedJson
{
    public static void AssertEqual(JsonElement expected, TomlNode actual, string path)
    {
        if (expected.ValueKind == JsonValueKind.Array)
        {
            TomlArray array = Assert.IsType<TomlArray>(actual);
            Assert.Equal(expected.GetArrayLength(), array.Count);
            for (int i = 0; i < array.Count; i++) AssertEqual(expected[i], array[i], $"{path}[{i}]");
        }
        else if (IsScalar(expected, out string type, out string value))
        {
            Assert.Equal($"{path} {type} {Normalize(type, value)}", $"{path} {TypeOf(actual.Kind)} {ValueOf(actual)}");
        }
        else
        {
            TomlTable table = Assert.IsType<TomlTable>(actual);
            Assert.Equal(expected.EnumerateObject().Select(property => property.Name).Order(), table.Select(entry => entry.Key).Order());
            foreach (JsonProperty property in expected.EnumerateObject())
                AssertEqual(property.Value, table.Find(property.Name)!.Value, $"{path}.{property.Name}");
        }
    }

    private static bool IsScalar(JsonElement expected, out string type, out string value)
    {
        (type, value) = ("", "");
        if (!expected.TryGetProperty("type", out JsonElement typed) || typed.ValueKind != JsonValueKind.String) return false;
        (type, value) = (typed.GetString()!, expected.GetProperty("value").GetString()!);
        return true;
    }

    private static string TypeOf(TomlKind kind) => kind switch
    {
        TomlKind.String => "string",
        TomlKind.Integer => "integer",
        TomlKind.Float => "float",
        TomlKind.Boolean => "bool",
        TomlKind.OffsetDateTime => "datetime",
        TomlKind.LocalDateTime => "datetime-local",
        TomlKind.LocalDate => "date-local",
        TomlKind.LocalTime => "time-local",
        _ => kind.ToString(),
    };

    private static string ValueOf(TomlNode node) => node switch
    {
        TomlString text => text.Value,
        TomlInteger number => number.Value.ToString(CultureInfo.InvariantCulture),
        TomlFloat number => number.Value.ToString("R", CultureInfo.InvariantCulture),
        TomlBoolean truth => truth.Value ? "true" : "false",
        TomlDateTime time => time.ToString(),
        _ => "a container",
    };

    private static string Normalize(string type, string value) => type switch
    {
        "float" => ParseFloat(value).ToString("R", CultureInfo.InvariantCulture),
        "datetime" or "datetime-local" or "time-local" => ZerosAtEndOfFraction().Replace(value, "$1"),
        _ => value,
    };

    private static double ParseFloat(string value) => value switch
    {
        "nan" => double.NaN,
        "inf" or "+inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        _ => double.Parse(value, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"(\.[0-9]*[1-9])0+(?![0-9])")]
    private static partial Regex ZerosAtEndOfFraction();
}
