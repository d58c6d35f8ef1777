using FsCheck;
using FsCheck.Fluent;
using Landlock.Previews;

namespace Landlock.Tests.Previews;

/// <summary>A difference, applied to the old text, gives the new one.</summary>
public sealed class UnifiedDiffTests
{
    [Fact]
    public void A_difference_leads_from_one_text_to_the_other()
    {
        Gen<string> text = Gen.ArrayOf(Gen.Elements("a", "b", "c", "")).SelectMany(lines => Gen.Elements("", "\n")
            .Select(end => string.Join('\n', lines) + (lines.Length > 0 ? end : "")));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(text.Two().ToArbitrary(), pair =>
            Applied(pair.Item1, UnifiedDiff.Of(pair.Item1, pair.Item2)) == pair.Item2));
    }

    [Fact]
    public void Texts_that_differ_in_too_much_are_replaced_as_a_whole()
    {
        string old = string.Concat(Enumerable.Range(0, 5000).Select(i => $"old "
            + $"{i}\n")), now = old.Replace("old", "new", StringComparison.Ordinal);
        Assert.Equal(now, Applied(old, UnifiedDiff.Of(old, now)));
    }

    private static string Applied(string old, string patch)
    {
        List<string> lines = Lines(old), result = [];
        int at = 0;
        List<string> steps = [.. patch.Split('\n')];
        for (int i = 0; i < steps.Count; i++)
        {
            string step = steps[i];
            if (step.StartsWith("@@", StringComparison.Ordinal))
            {
                string[] from = step.Split(' ')[1][1..].Split(',');
                int start = int.Parse(from[0], System.Globalization.CultureInfo.InvariantCulture);
                int begin = from.Length > 1 && from[1] == "0" ? start : start - 1;
                while (at < begin) result.Add(lines[at++]);
                continue;
            }

            bool ends = i + 1 < steps.Count && steps[i + 1].StartsWith('\\');
            string line = step.Length == 0 ? "" : step[1..] + (ends ? "" : "\n");
            if (step.StartsWith(' ') || step.StartsWith('-')) Assert.Equal(lines[at++], line);
            if (step.StartsWith(' ') || step.StartsWith('+')) result.Add(line);
        }

        while (at < lines.Count) result.Add(lines[at++]);
        return string.Concat(result);
    }

    private static List<string> Lines(string text)
    {
        List<string> lines = [.. text.Split('\n').Select(line => line + "\n")];
        lines[^1] = lines[^1][..^1];
        if (lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        return lines;
    }
}
