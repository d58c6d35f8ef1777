using System.Text.RegularExpressions;
using Landlock.Abi;
using Landlock.Access;

namespace Landlock.Denials;

/// <summary>Makes sense of what programs say about a denial, where nothing was traced: "cat: /etc/shadow: Permission denied".</summary>
internal static partial class DenialText
{
    private const RegexOptions Plain = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    /// <summary>The denial that a message speaks of; null if it speaks of none, or of one that the sandbox would allow.</summary>
    /// <param name="message">The message, of one line or several.</param>
    /// <param name="evaluator">What the sandbox allows.</param>
    public static AccessVerdict? Explain(string message, AccessEvaluator evaluator)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(evaluator);
        foreach (string line in message.Split('\n'))
        {
            if (PathIn(line) is not { } path) continue;
            AccessVerdict? denied = Questions(line, path, evaluator).FirstOrDefault(verdict => !verdict.Allowed);
            if (denied is not null) return denied;
        }

        return null;
    }

    /// <summary>The path that a line says was denied; null if it says no such thing.</summary>
    public static string? PathIn(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (DotNet().Match(line) is { Success: true } exception) return exception.Groups["path"].Value;
        if (Starting().Match(line) is { Success: true } starting) return starting.Groups["path"].Value;
        if (After().Match(line) is { Success: true } after) return after.Groups["path"].Value;
        if (Before().Match(line) is not { Success: true } before) return null;
        string said = before.Groups["said"].Value;
        if (Quoted().Match(said) is { Success: true } quoted) return quoted.Groups["path"].Value;
        // "sh: 1: cannot create /srv/new": the last part, and of a sentence its last word.
        string part = said[(said.LastIndexOf(": ", StringComparison.Ordinal) is var colon and >= 0 ? colon + 2 : 0)..].Trim();
        string path = Sentence().IsMatch(part) ? part[(part.LastIndexOf(' ') + 1)..] : part;
        return path.Length == 0 ? null : path;
    }

    // The right that was missing is seldom said; what is asked first is what the words make likely.
    private static IEnumerable<AccessVerdict> Questions(string line, string path, AccessEvaluator evaluator)
    {
        if (Starting().IsMatch(line))
        {
            yield return evaluator.CheckOpen(path, OpenModes.Execute);
            yield break;
        }

        if (Writing().IsMatch(line))
        {
            yield return line.Contains("mkdir", StringComparison.Ordinal) || line.Contains("directory", StringComparison.Ordinal)
                ? evaluator.CheckCreate(path, AccessFs.MakeDir)
                : Removing().IsMatch(line) ? evaluator.CheckRemove(path) : evaluator.CheckOpen(path, OpenModes.Write | OpenModes.Create);
            yield break;
        }

        yield return evaluator.CheckOpen(path, OpenModes.Read);
        yield return evaluator.CheckOpen(path, OpenModes.Execute);
        yield return evaluator.CheckOpen(path, OpenModes.Write | OpenModes.Create);
    }

    // .NET's Process.Start.
    [GeneratedRegex("trying to start process '(?<path>.+)' with working directory '.*'\\. Permission denied", Plain)]
    private static partial Regex Starting();

    [GeneratedRegex("Access to the path '(?<path>.+)' is denied", Plain)]
    private static partial Regex DotNet();

    [GeneratedRegex("(Permission denied|Operation not permitted): ['\"](?<path>[^'\"]+)['\"]", Plain)]
    private static partial Regex After();

    [GeneratedRegex("(?<said>.+): (Permission denied|Operation not permitted)", Plain)]
    private static partial Regex Before();

    [GeneratedRegex("['\"\u2018](?<path>[^'\"\u2018\u2019]+)['\"\u2019]$", Plain)]
    private static partial Regex Quoted();

    [GeneratedRegex("^(cannot|can't|could not|couldn't|failed|unable|error) ", Plain | RegexOptions.IgnoreCase)]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\b(create|creating|touch|write|writing|mkdir|remove|rmdir|rm|unlink|delete|rename|move)\b",
        Plain | RegexOptions.IgnoreCase)]
    private static partial Regex Writing();

    [GeneratedRegex(@"\b(remove|rmdir|rm|unlink|delete|rename|move)\b", Plain | RegexOptions.IgnoreCase)]
    private static partial Regex Removing();
}
