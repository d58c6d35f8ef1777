using System.Globalization;
using System.Text;

namespace Landlock.Previews;

/// <summary>
/// The lines that two texts differ in, with three around, as diff -u writes them. By Myers, "An O(ND) Difference Algorithm and Its
/// Variations" (1986); texts that differ in too much are replaced as a whole between their common ends.
/// </summary>
internal static class UnifiedDiff
{
    private const int Context = 3;
    private const int MostDifferences = 2000;

    /// <summary>The hunks; empty if the texts are the same.</summary>
    public static string Of(string before, string after)
    {
        string[] old = Lines(before), now = Lines(after);
        List<(char Sign, int Old, int New)> script = Script(old, now);
        StringBuilder text = new();
        for (int at = 0; at < script.Count;)
        {
            int first = script.FindIndex(at, static step => step.Sign != ' ');
            if (first < 0) break;
            int last = first;
            for (int i = first; i < script.Count && i - last <= 2 * Context; i++)
                if (script[i].Sign != ' ') last = i;
            int begin = Math.Max(at, first - Context), end = Math.Min(script.Count, last + Context + 1);
            Hunk(text, script.GetRange(begin, end - begin), old, now);
            at = end;
        }

        return text.ToString();
    }

    private static void Hunk(StringBuilder text, List<(char Sign, int Old, int New)> steps, string[] old, string[] now)
    {
        int removed = steps.Count(static step => step.Sign != '+'), added = steps.Count(static step => step.Sign != '-');
        text.Append(CultureInfo.InvariantCulture, $"@@ -{Range(steps[0].Old, removed)} +{Range(steps[0].New, added)} @@\n");
        foreach ((char sign, int oldLine, int newLine) in steps)
        {
            string line = sign == '+' ? now[newLine] : old[oldLine];
            text.Append(sign).Append(line);
            if (!line.EndsWith('\n')) text.Append("\n\\ No newline at end of file\n");
        }
    }

    private static string Range(int start, int count) => count == 1 ? $"{start + 1}" : $"{(count == 0 ? start : start + 1)},{count}";

    private static string[] Lines(string text)
    {
        List<string> lines = [];
        for (int start = 0; start < text.Length;)
        {
            int end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end + 1;
            lines.Add(text[start..end]);
            start = end;
        }

        return [.. lines];
    }

    // Each line that stays, goes or comes, with the lines that come next on both sides.
    private static List<(char Sign, int Old, int New)> Script(string[] old, string[] now)
    {
        int head = 0;
        while (head < old.Length && head < now.Length && old[head] == now[head]) head++;
        int tail = 0;
        while (tail < old.Length - head && tail < now.Length - head && old[^(tail + 1)] == now[^(tail + 1)]) tail++;
        List<(char, int, int)> script = [];
        for (int i = 0; i < head; i++) script.Add((' ', i, i));
        script.AddRange(Middle(old, now, head, old.Length - tail, now.Length - tail));
        for (int i = tail; i > 0; i--) script.Add((' ', old.Length - i, now.Length - i));
        return script;
    }

    private static List<(char, int, int)> Middle(string[] old, string[] now, int head, int oldEnd, int newEnd)
    {
        int n = oldEnd - head, m = newEnd - head, most = Math.Min(n + m, MostDifferences);
        int[] furthest = new int[(2 * most) + 3];
        List<int[]> trace = [];
        for (int d = 0; d <= most; d++)
        {
            trace.Add(furthest.AsSpan(most - d, (2 * d) + 3).ToArray());
            for (int k = -d; k <= d; k += 2)
            {
                bool down = k == -d || (k != d && furthest[most + k] < furthest[most + k + 2]);
                int x = down ? furthest[most + k + 2] : furthest[most + k] + 1;
                int y = x - k;
                while (x < n && y < m && old[head + x] == now[head + y]) (x, y) = (x + 1, y + 1);
                furthest[most + k + 1] = x;
                if (x >= n && y >= m) return Back(trace, head, n, m);
            }
        }

        return
        [
            .. Enumerable.Range(head, n).Select(i => ('-', i, head)), .. Enumerable.Range(head, m).Select(i => ('+', oldEnd, i)),
        ];
    }

    private static List<(char, int, int)> Back(List<int[]> trace, int head, int x, int y)
    {
        List<(char, int, int)> steps = [];
        for (int d = trace.Count - 1; d > 0; d--)
        {
            // What was reached with one difference less; index 0 stands for the diagonal -d-1.
            int[] before = trace[d];
            int k = x - y;
            bool down = k == -d || (k != d && before[k + d] < before[k + d + 2]);
            int from = down ? k + 1 : k - 1;
            int fromX = before[from + d + 1], fromY = fromX - from;
            // After the step comes the diagonal, so it is walked back first.
            while (x > (down ? fromX : fromX + 1))
            {
                x--;
                y--;
                steps.Add((' ', head + x, head + y));
            }

            if (down) steps.Add(('+', head + fromX, head + fromY));
            else steps.Add(('-', head + fromX, head + fromY));
            (x, y) = (fromX, fromY);
        }

        while (x > 0 && y > 0)
        {
            x--;
            y--;
            steps.Add((' ', head + x, head + y));
        }

        steps.Reverse();
        return steps;
    }
}
