using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies.Converting;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>A command line or the settings of another tool, converted.</summary>
/// <param name="Ruleset">The ruleset it asks for.</param>
/// <param name="Command">The command and its arguments; empty if there is none.</param>
/// <param name="Notes">What a ruleset does not say, and what the other tool does differently.</param>
public sealed record ConvertedPolicy(Ruleset Ruleset, ImmutableArray<string> Command, ImmutableArray<string> Notes);

/// <summary>
/// Converts command lines and settings of other tools into rulesets, one way. Paths are not looked at, but for where symbolic links in
/// settings lead now, since those hide and show directories within one another.
/// </summary>
public static class PolicyConvert
{
    /// <summary>Converts a command line of landrun, with or without the name of the program before it.</summary>
    /// <exception cref="PolicyException">It is none.</exception>
    public static ConvertedPolicy FromLandrun(IEnumerable<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        CommandLine line = CommandLine.Of(arguments, "landrun");
        return Noted(line, LandrunConverter.Convert(line));
    }

    /// <summary>
    /// Converts the Landlock options of a command line of setpriv (util-linux), with or without the name of the program before it.
    /// </summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="abi">
    /// The ABI of the kernel that setpriv would run on, which says what "fs", "net" and "scope" without rights mean.
    /// </param>
    /// <exception cref="PolicyException">It is none, or restricts nothing.</exception>
    public static ConvertedPolicy FromSetpriv(IEnumerable<string> arguments, int abi = AbiTable.Newest)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        CommandLine line = CommandLine.Of(arguments, "setpriv");
        return Noted(line, SetprivConverter.Convert(line, abi));
    }

    /// <summary>
    /// Converts a command line of the kernel's sample sandboxer (samples/landlock/sandboxer.c): its variables, the program, the command.
    /// </summary>
    /// <exception cref="PolicyException">It is none.</exception>
    public static ConvertedPolicy FromSandboxer(IEnumerable<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        CommandLine line = CommandLine.Of(arguments, "sandboxer");
        return Noted(line, SandboxerConverter.Convert(line), SandboxerConverter.IsVariable);
    }

    /// <summary>Converts the settings of Anthropic's sandbox-runtime (srt), which are JSON.</summary>
    /// <param name="text">The settings.</param>
    /// <param name="home">Absolute path of the home directory, which ~ stands for.</param>
    /// <param name="workingDirectory">
    /// Absolute path of the directory that relative paths start from; the rules keep such paths as they are.
    /// </param>
    /// <exception cref="PolicyException">They are none; the message says line and column.</exception>
    public static ConvertedPolicy FromSrt(string text, string home, string workingDirectory)
    {
        Demand(text, home, workingDirectory);
        return SrtConverter.Convert(text, home, workingDirectory, PosixFile.RealPlace);
    }

    /// <summary>Converts the settings.json of Claude Code: its sandbox, and the rules for paths in its permissions.</summary>
    /// <inheritdoc cref="FromSrt"/>
    public static ConvertedPolicy FromClaudeCode(string text, string home, string workingDirectory)
    {
        Demand(text, home, workingDirectory);
        return ClaudeCodeConverter.Convert(text, home, workingDirectory, PosixFile.RealPlace);
    }

    /// <summary>Converts a profile of firejail.</summary>
    /// <param name="text">The profile.</param>
    /// <param name="home">Absolute path of the home directory, which ~ and ${HOME} stand for.</param>
    /// <exception cref="PolicyException">It is none; the message says the line.</exception>
    public static ConvertedPolicy FromFirejail(string text, string home)
    {
        Demand(text, home, "/");
        return FirejailConverter.Convert(text, home, PosixFile.RealPlace);
    }

    private static void Demand(string text, string home, string workingDirectory)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (string path in (string[])[home, workingDirectory])
            if (path is null || !path.StartsWith('/')) throw new ArgumentException($"'{path}' is no absolute path.", nameof(home));
    }

    private static ConvertedPolicy Noted(CommandLine line, ConvertedPolicy converted, Func<string, bool>? isPart = null)
    {
        string[] before = [.. line.Skipped.Where(word => isPart?.Invoke(word) != true).Select(ShellText.Word)];
        return before.Length == 0 ? converted : converted with
        {
            Notes = [$"{string.Join(' ', before)}: what stands before the program is no part of the ruleset", .. converted.Notes],
        };
    }
}
