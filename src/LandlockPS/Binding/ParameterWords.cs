using System.Management.Automation;
using Landlock.Sandboxes.Options;

namespace LandlockPS.Binding;

/// <summary>The words of the cmdlets, and what those of the command line are here that have no parameter of their name.</summary>
internal static class ParameterWords
{
    private static readonly Dictionary<string, string> OfLandlocked = new(StringComparer.OrdinalIgnoreCase)
    {
        ["strict"] = "write -Compatibility HardRequirement.",
        ["dryrun"] = "write -WhatIf.",
        ["access"] = "rules for single rights are made by Add-LandlockPathRule -Access.",
        ["keepfd"] = "PowerShell passes on no descriptors; landlocked does.",
    };

    /// <summary>What an option of landlocked or of another tool is here; null for none, or one that has a parameter of its name.</summary>
    public static string? Elsewhere(string word) => OfLandlocked.GetValueOrDefault(word.Replace("-", "", StringComparison.Ordinal))
        ?? (ForeignOptions.OfCmdlets(word) is { } foreign ? $"it is an option of {foreign.Tool}; here write {foreign.Parameter}." : null);

    /// <summary>The names and aliases of a cmdlet's parameters that people write.</summary>
    public static IEnumerable<string> Of(CommandInfo command) => command.Parameters.Values
        .Where(parameter => !parameter.Attributes.OfType<ParameterAttribute>().Any(attribute => attribute.DontShow))
        .SelectMany(parameter => parameter.Aliases.Where(alias => alias.Length > 2).Prepend(parameter.Name));
}
