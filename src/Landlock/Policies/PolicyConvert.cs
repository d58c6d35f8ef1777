using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies.Converting;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>A command line of another tool, converted.</summary>
/// <param name="Ruleset">The ruleset it asks for.</param>
/// <param name="Command">The command and its arguments; empty if there is none.</param>
/// <param name="Notes">What a ruleset does not say, and what the other tool does differently.</param>
public sealed record ConvertedPolicy(Ruleset Ruleset, ImmutableArray<string> Command, ImmutableArray<string> Notes);

/// <summary>Converts command lines of other tools into rulesets, one way. Paths are not looked at.</summary>
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

    private static ConvertedPolicy Noted(CommandLine line, ConvertedPolicy converted) => line.Skipped.IsEmpty
        ? converted
        : converted with
        {
            Notes = [$"{string.Join(' ', line.Skipped.Select(ShellText.Word))}: what stands before the program is no part of the ruleset",
                .. converted.Notes],
        };
}
