using System.Collections;
using System.Globalization;
using System.Management.Automation;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies;
using LandlockPS.Engine;

namespace LandlockPS.Policies;

/// <summary>Values for the variables of policies: the session's own (home, cwd ...), and those that the user gives.</summary>
internal static class SessionVariables
{
    /// <summary>The built-in variables as the session sees them.</summary>
    public static PolicyVariables BuiltIn(PSCmdlet cmdlet) => new()
    {
        Builtins = new BuiltinVariables(new BuiltinSources
        {
            WorkingDirectory = CurrentDirectory.Of(cmdlet.SessionState.Path),
            Environment = Environment.GetEnvironmentVariable,
            UserId = CurrentUser.Id,
            PowerShellHome = cmdlet.GetVariableValue("PSHOME") as string,
        }),
    };

    /// <summary>The same for a sandbox that may have the session's own already, as that of a profile has; they are computed once.</summary>
    /// <exception cref="PolicyException">A name or value cannot be one.</exception>
    public static PolicyVariables Over(PSCmdlet cmdlet, IDictionary? given, PolicyVariables present) =>
        given is { Count: > 0 } || present.Builtins is null ? From(cmdlet, given) : present;

    /// <summary>Those, and what -Variable gives. Values are taken as they are written; $null asks for the built-in value.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="given">Names with one value or several.</param>
    /// <param name="strict">Without the session's own, as upstream has it.</param>
    /// <exception cref="PolicyException">A name or value cannot be one.</exception>
    public static PolicyVariables From(PSCmdlet cmdlet, IDictionary? given, bool strict = false)
    {
        PolicyVariables variables = strict ? PolicyVariables.None : BuiltIn(cmdlet);
        if (given is null) return variables;
        foreach (DictionaryEntry entry in given)
        {
            string name = entry.Key.ToString() ?? "";
            variables = Unwrapped.From(entry.Value) is null ? variables.WithBuiltin(name) : variables.With(name, [.. Texts(entry.Value)]);
        }

        return variables;
    }

    private static IEnumerable<string> Texts(object? value)
    {
        switch (Unwrapped.From(value))
        {
            case null:
                break;
            case string text:
                yield return text;
                break;
            case FileSystemInfo item:
                yield return item.FullName;
                break;
            case IEnumerable many and not IDictionary:
                foreach (object? item in many)
                    foreach (string text in Texts(item)) yield return text;
                break;
            case object other:
                yield return (string)LanguagePrimitives.ConvertTo(other, typeof(string), CultureInfo.InvariantCulture);
                break;
        }
    }
}
