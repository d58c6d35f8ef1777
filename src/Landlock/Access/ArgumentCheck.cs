using Landlock.Linux;

namespace Landlock.Access;

/// <summary>Guesses what a command that failed was denied, from its arguments alone: nothing was traced.</summary>
internal static class ArgumentCheck
{
    /// <summary>
    /// The first argument that names something which the sandbox does not let be read, or a new file that it does not let be made; null if
    /// there is none. That it is denied is certain, that the command failed for it is not.
    /// </summary>
    /// <param name="arguments">The arguments, without the command's own name.</param>
    /// <param name="directory">Absolute directory that the command started in.</param>
    /// <param name="evaluator">What the sandbox allows.</param>
    /// <exception cref="KernelException">The filesystem cannot be looked at.</exception>
    public static AccessVerdict? FirstDenied(IEnumerable<string> arguments, string directory, AccessEvaluator evaluator)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(evaluator);
        string[] paths = [.. arguments.SelectMany(Paths)];
        return paths.Select(path => Reading(Absolute(path), evaluator)).FirstOrDefault(verdict => verdict is not null)
            // Any word could be the name of a new file; only with a directory in front it looks like one.
            ?? paths.Where(path => path.Contains('/', StringComparison.Ordinal)).Select(path => Making(Absolute(path), evaluator))
                .FirstOrDefault(verdict => verdict is not null);

        string Absolute(string path) => Rulesets.RulesetResolver.Absolute(path, directory);
    }

    // "file", "--file=file", "if=file"; an option's own name is none.
    private static IEnumerable<string> Paths(string argument)
    {
        int value = argument.IndexOf('=', StringComparison.Ordinal) + 1;
        if (!argument.StartsWith('-') && argument.Length > 0) yield return argument;
        if (value > 0 && value < argument.Length) yield return argument[value..];
    }

    private static AccessVerdict? Reading(string path, AccessEvaluator evaluator) =>
        PosixFile.Inspect(path) is PathKind.File or PathKind.Directory
            && evaluator.CheckOpen(path, OpenModes.Read) is { Allowed: false } denied
            ? denied : null;

    private static AccessVerdict? Making(string path, AccessEvaluator evaluator) =>
        PosixFile.Inspect(path) == PathKind.Missing && path.LastIndexOf('/') is > 0 and var slash
            && PosixFile.Inspect(path[..slash]) == PathKind.Directory
        && evaluator.CheckOpen(path, OpenModes.Write | OpenModes.Create) is { Allowed: false } denied ? denied : null;
}
