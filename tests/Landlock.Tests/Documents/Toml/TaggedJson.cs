using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Landlock.Documents.Reading;

namespace Landlock.Tests.Documents.Toml;

/// <summary>The JSON in which the suite says what a document means: every plain value is an object of "type" and "value".</summary>
internal static partial class TaggedJson
{
    public static void AssertEqual(JsonElement expected, SourceNode actual, string path)
    {
        if (expected.ValueKind == JsonValueKind.Array)
        {
            Assert.Equal(SourceKind.Array, actual.Kind);
            Assert.Equal(expected.GetArrayLength(), actual.Count);
            int i = 0;
            foreach (SourceNode item in actual.Items) AssertEqual(expected[i], item, $"{path}[{i++}]");
        }
        else if (IsScalar(expected, out string type, out string value))
        {
            Assert.Equal($"{path} {Kind(type)} {Normalize(type, value)}", $"{path} {actual.Kind} {Normalize(type, ValueOf(actual))}");
        }
        else
        {
            Assert.Equal(SourceKind.Table, actual.Kind);
            Assert.Equal(expected.EnumerateObject().Select(property => property.Name).Order(), Keys(actual).Order());
            foreach (JsonProperty property in expected.EnumerateObject())
                AssertEqual(property.Value, actual.Find(Encoding.UTF8.GetBytes(property.Name))!.Value, $"{path}.{property.Name}");
        }
    }

    public static List<string> Keys(SourceNode table)
    {
        List<string> keys = [];
        foreach (SourceNode entry in table.Items) keys.Add(entry.Key);
        return keys;
    }

    private static bool IsScalar(JsonElement expected, out string type, out string value)
    {
        (type, value) = ("", "");
        if (!expected.TryGetProperty("type", out JsonElement typed) || typed.ValueKind != JsonValueKind.String) return false;
        (type, value) = (typed.GetString()!, expected.GetProperty("value").GetString()!);
        return true;
    }

    private static SourceKind Kind(string type) => type switch
    {
        "string" => SourceKind.String,
        "integer" => SourceKind.Integer,
        "float" => SourceKind.Float,
        "bool" => SourceKind.Boolean,
        _ => SourceKind.Date,
    };

    private static string ValueOf(SourceNode node) =>
        node.Kind == SourceKind.Integer ? node.Integer.ToString(CultureInfo.InvariantCulture) : node.Text;

    // No document has a float or a date; they are only known to be one, and lie in the tree as they are written.
    private static string Normalize(string type, string value) => type switch
    {
        "float" => ParseFloat(value.Replace("_", "", StringComparison.Ordinal)).ToString("R", CultureInfo.InvariantCulture),
        "datetime" or "datetime-local" or "time-local" =>
            Time(value.ToUpperInvariant().Replace(' ', 'T').Replace("+00:00", "Z", StringComparison.Ordinal)),
        _ => value,
    };

    private static string Time(string value) => ZerosAtEndOfFraction().Replace(WithoutSeconds().Replace(value, "$1$2:00"), "$1");

    private static double ParseFloat(string value) => value switch
    {
        "nan" or "+nan" or "-nan" => double.NaN,
        "inf" or "+inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        _ => double.Parse(value, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"((?:\.[0-9]*[1-9])|(?<=[0-9])(?=\.0))\.?0+(?![0-9])")]
    private static partial Regex ZerosAtEndOfFraction();

    [GeneratedRegex(@"(^|T)([0-9]{2}:[0-9]{2})(?!:)(?=$|Z|[+-])")]
    private static partial Regex WithoutSeconds();
}
