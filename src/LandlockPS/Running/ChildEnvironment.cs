using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Management.Automation;
using Landlock.Sandboxes;
using LandlockPS.Engine;

namespace LandlockPS.Running;

/// <summary>The environment of a sandboxed command.</summary>
internal static class ChildEnvironment
{
    /// <summary>The whole block; null = pass on the present one.</summary>
    /// <exception cref="LaunchException">A name cannot be one.</exception>
    public static ImmutableArray<string>? Compose(IDictionary changes, EnvironmentSelection inherited)
    {
        inherited.Demand();
        if (inherited.IsEverything && changes.Count == 0) return null;
        SortedDictionary<string, string> block = Inherited(inherited);
        if (inherited.Clean) block.TryAdd("PATH", CleanEnvironment.DefaultPath);
        foreach (DictionaryEntry change in changes)
        {
            string name = change.Key.ToString() ?? "";
            if (name.Length == 0 || name.Contains('=') || name.Contains('\0'))
                throw new LaunchException(LaunchProblem.SetupFailed, name, $"'{PosixText.Printable(name)}' cannot be the name of an environment variable; nothing was run.");
            if (Unwrapped.From(change.Value) is not null) block[name] = (string)LanguagePrimitives.ConvertTo(change.Value, typeof(string), CultureInfo.InvariantCulture);
            else block.Remove(name);
        }

        return Entries(block);
    }

    /// <summary>A block with some variables set on top.</summary>
    public static ImmutableArray<string> With(ImmutableArray<string>? block, params (string Name, string Value)[] variables) =>
    [
        .. (block ?? Entries(Inherited(new EnvironmentSelection()))).Where(entry => !variables.Any(variable => entry.StartsWith(variable.Name + "=", StringComparison.Ordinal))),
        .. variables.Select(variable => $"{variable.Name}={variable.Value}"),
    ];

    private static SortedDictionary<string, string> Inherited(EnvironmentSelection selection)
    {
        SortedDictionary<string, string> block = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
        {
            string name = (string)entry.Key;
            if (selection.Keeps(name)) block[name] = (string?)entry.Value ?? "";
        }

        return block;
    }

    private static ImmutableArray<string> Entries(SortedDictionary<string, string> block) => [.. block.Select(entry => $"{entry.Key}={entry.Value}")];
}
