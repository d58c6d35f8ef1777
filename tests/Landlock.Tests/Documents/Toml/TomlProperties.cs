using System.Text;
using Landlock.Documents.Toml;

namespace Landlock.Tests.Documents.Toml;

/// <summary>What holds for every text, whoever made it.</summary>
internal static class TomlProperties
{
    private static readonly TomlTable Sample = new(("parent", TomlArray.OfStrings(["/tmp", "a\n[b]"])), ("sub", new TomlTable(("x", new TomlFloat(0.5)))));

    /// <summary>Reads a text, and fails unless it is a document that can be written, read and added to, or a proper error.</summary>
    /// <returns>The problem of a text that is no document.</returns>
    public static string? Check(byte[] text)
    {
        TomlTable document;
        try
        {
            document = TomlReader.Read(text);
        }
        catch (TomlException error)
        {
            Assert.InRange(error.Line, 1, 1 + text.Count(b => b == '\n'));
            Assert.InRange(error.Column, 1, text.Length + 1);
            Assert.InRange(error.Problem.Length, 1, 2000);
            Assert.DoesNotContain(error.Problem, char.IsControl);
            return error.Problem;
        }

        string written = TomlWriter.Write(document);
        TomlTable again = TomlReader.Read(Encoding.UTF8.GetBytes(written));
        Assert.True(document.ContentEquals(again), "The written document reads otherwise.");
        Assert.Equal(written, TomlWriter.Write(again));
        CheckAppend(text, document, Sample);
        return null;
    }

    public static void CheckAppend(byte[] text, TomlTable document, TomlTable element)
    {
        string key = document.LastOrDefault(entry => entry.Value is TomlArray { HasHeaders: true })?.Key ?? "no such key";

        byte[] longer = TomlEditor.AppendTables(text, key, [element]);

        Assert.True(longer.AsSpan().StartsWith(text), "The old text was changed.");
        TomlArray old = document.Find(key)?.Value as TomlArray ?? new TomlArray([]);
        IEnumerable<TomlEntry> expected = document.Where(entry => entry.Key != key).Append(new TomlEntry(key, new TomlArray([.. old, element])));
        TomlTable actual = TomlReader.Read(longer);
        Assert.True(new TomlTable(expected).ContentEquals(new TomlTable(actual.OrderBy(entry => entry.Key == key))), "The longer text is not the old document with the element.");
    }
}
