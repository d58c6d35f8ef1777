using System.Management.Automation.Host;

namespace LandlockPS.Shell;

/// <summary>Whether commands are typed in this PowerShell, by how it was started (about_Pwsh).</summary>
internal static class TypedCommands
{
    // Names that take a value, and those after which nothing is typed, in lower case: each as far as pwsh demands it.
    private static readonly (string Name, int Least)[] WithValue =
    [
        ("workingdirectory", 2), ("wd", 2), ("executionpolicy", 2), ("ep", 2), ("configurationname", 6), ("configurationfile", 14),
        ("settingsfile", 8), ("custompipename", 2), ("inputformat", 2), ("outputformat", 1), ("windowstyle", 1),
    ];

    private static readonly (string Name, int Least)[] Ending =
    [
        ("file", 1), ("command", 1), ("commandwithargs", 8), ("cwa", 3), ("encodedcommand", 1), ("ec", 2), ("servermode", 1),
        ("sshservermode", 4), ("noninteractive", 4),
    ];

    /// <summary>Whether a prompt comes, now or when the scripts of the start are over.</summary>
    /// <param name="host">The host.</param>
    /// <param name="arguments">The arguments of this process, without its program.</param>
    public static bool Come(PSHost host, IReadOnlyList<string> arguments)
    {
        if (host.Name != "ConsoleHost") return host.Name is not ("ServerRemoteHost" or "Default Host");
        for (int i = 0; i < arguments.Count; i++)
        {
            string word = arguments[i];
            // As a .NET tool, it is an argument of dotnet.
            if (i == 0 && word.EndsWith("/pwsh.dll", StringComparison.Ordinal)) continue;
            if (!word.StartsWith('-')) return false;
            string name = word.TrimStart('-').ToLowerInvariant();
            if (Is(name, ("noexit", 3))) return true;
            if (Array.Exists(Ending, known => Is(name, known))) return false;
            if (Array.Exists(WithValue, known => Is(name, known))) i++;
        }

        return true;
    }

    private static bool Is(string name, (string Name, int Least) known) =>
        name.Length >= known.Least && known.Name.StartsWith(name, StringComparison.Ordinal);
}
