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
    /// <summary>The environment of this process.</summary>
    public static ImmutableArray<string> Present => LaunchContext.Entries();

    /// <summary>PATH of this process, as PowerShell searches it: "~" is the home directory.</summary>
    public static string SearchPath => string.Join(':', (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(AtHome));

    private static string AtHome(string directory) =>
        Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? PosixText.AtHome(directory, home) : directory;

    /// <summary>What a dictionary asks for: variables to set, and with $null to remove.</summary>
    public static ImmutableArray<EnvironmentChange> Changes(IDictionary variables) =>
    [
        .. variables.Cast<DictionaryEntry>().Select(entry => new EnvironmentChange(
            entry.Key.ToString() ?? "",
            Unwrapped.From(entry.Value) is null ? null
                : (string)LanguagePrimitives.ConvertTo(entry.Value, typeof(string), CultureInfo.InvariantCulture))),
    ];

    /// <summary>A block with some variables set on top.</summary>
    public static ImmutableArray<string> With(ImmutableArray<string>? block, params (string Name, string Value)[] variables) =>
        EnvironmentSelection.With(block ?? Present, variables);
}
